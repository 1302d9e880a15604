internal import Events
internal import Time

/// A mapping of the configuration while it is read: values are read by key, and a key that nobody reads is a mistake.
struct Section {
  /// Dotted; empty for the whole configuration.
  let name: String
  /// The same, with the numbers of list items: `inboxes[0]`.
  let placeName: String
  let place: Place
  let reading: Reading
  /// Whether it is below a key whose values no message may quote.
  let isSecret: Bool
  /// Whether it is not a mapping, which is reported.
  let isRefused: Bool
  let entries: [YAMLEntry]
  private let indexes: [String: Int]
  /// The keys that were read.
  private(set) var asked: [String] = []

  /// Takes a value as a mapping; anything else is reported, and read as an empty one.
  private init(_ node: YAMLNode?, name: String, placeName: String, place: Place, isSecret: Bool, reading: Reading) {
    self.name = name
    self.placeName = placeName
    self.place = node?.place ?? place
    self.isSecret = isSecret
    self.reading = reading
    var isRefused = false
    switch node?.content {
    case .mapping(let found): entries = found
    case .list, .scalar:
      entries = []
      if let node, !node.isNull {
        isRefused = true
        let expected =
          name.isEmpty
          ? Message.expected(.configuration, found: node.found)
          : .expected(.keys, ["example": .text(Self.example(of: name) ?? "")], found: node.found)
        reading.log.report(
          expected, hint: node.spaceHint,
          key: name.isEmpty ? nil : name, at: node.place)
      }
    case .refused:
      entries = []
      isRefused = true
    case nil: entries = []
    }
    self.isRefused = isRefused
    indexes = Dictionary(entries.enumerated().map { ($1.key, $0) }) { first, _ in first }
  }

  /// The first key below a section, as an example; the table of keys is built without any value, and so never needs it.
  private static func example(of name: String) -> String? {
    Configuration.knownKeys.first { $0.hasPrefix(name + ".") }.map { String($0.dropFirst(name.count + 1)) }
  }

  /// A key's full name.
  func path(of key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

  private func entry(_ key: String) -> YAMLEntry? { indexes[key].map { entries[$0] } }

  /// The place of a key's value, or of the section if there is none.
  func place(of key: String) -> Place { entry(key)?.value.place ?? place }

  /// Whether the file has a value for a key.
  func has(_ key: String) -> Bool { entry(key).map { !$0.value.isNull } ?? false }

  /// Whether the file lacks a key, even with `null`.
  func isMissing(_ key: String) -> Bool { entry(key) == nil }

  /// Whether a missing key's default is unreliable: the section is not a mapping, or a misspelt key may have been meant
  /// as this one.
  func isDoubtful(_ key: String) -> Bool {
    guard !isRefused else { return true }
    // In a mapping of very many keys there is nothing to guess, and a search would take long.
    guard isMissing(key), (1...200).contains(entries.count) else { return false }
    return entries.contains {
      !Configuration.knownKeySet.contains(path(of: $0.key)) && nearestWord(to: $0.key, among: [key]) != nil
    }
  }

  private func isSecret(_ key: String) -> Bool { isSecret || SecretPlaces.contains(key) }

  /// Reports a mistake in a key's value.
  func report(_ message: Message, hint: Message? = nil, in key: String) {
    reading.log.report(message, hint: hint, key: path(of: key), at: place(of: key))
  }

  /// The same by its code.
  func report(
    _ code: ConfigurationMessage, _ arguments: KeyValuePairs<String, Message.Value> = [:], in key: String
  ) {
    report(Message(code, arguments), in: key)
  }

  /// Reports a mistake in the mapping as a whole.
  func report(_ code: ConfigurationMessage, _ arguments: KeyValuePairs<String, Message.Value> = [:]) {
    reading.log.report(Message(code, arguments), key: name.isEmpty ? nil : name, at: place)
  }

  /// A key's value as written in the file; nil if the file lacks the key.
  mutating func take(_ key: String, _ form: KeyForm) -> YAMLNode? {
    asked.append(key)
    let path = path(of: key)
    reading.register(KeyRow(path: path, form: form))
    guard let node = entry(key)?.value else { return nil }
    if !node.isNull { reading.note(path, at: placeName.isEmpty ? key : "\(placeName).\(key)", node.place) }
    return node
  }

  /// The same with its references replaced.
  mutating func takeResolved(_ key: String, _ form: KeyForm, isSecret isSecretKind: Bool = false) -> YAMLNode? {
    take(key, form).map { resolved($0, key, isSecret: isSecretKind) }
  }

  private func resolved(_ node: YAMLNode, _ key: String, isSecret isSecretKind: Bool) -> YAMLNode {
    reading.resolved(node, of: path(of: key), isSecret: isSecretKind || isSecret(key))
  }

  /// A value of a kind; nil if it is invalid, which is reported.
  func value<Value>(of node: YAMLNode, _ key: String, as kind: ValueKind<Value>) -> Value? {
    var kind = kind
    kind.isSecret = kind.isSecret || isSecret(key)
    let path = path(of: key)
    if case .scalar(let scalar) = node.content, !scalar.origins.isEmpty,
      reading.mayBeUnseen(path), (try? kind.read(scalar.text)) == nil
    {
      // The daemon's value is unknown here.
      reading.noteUnseen(path)
      return nil
    }
    guard let value = kind.value(of: node, named: path, log: reading.log) else { return nil }
    if case .scalar(let scalar) = node.content {
      for message in kind.doubts.compactMap({ $0.warning(of: scalar, isSecret: kind.isSecret) }) {
        reading.doubts.report(message, key: path, at: node.place)
      }
    }
    return value
  }

  /// Reads a setting that always has a value; if the file has none, it is left unchanged.
  ///
  /// - Returns: Whether the value is what the file means: false if it contains a mistake, which is reported.
  @discardableResult
  mutating func read<Value>(_ key: String, as kind: ValueKind<Value>, into value: inout Value) -> Bool {
    guard let node = takeResolved(key, .one(kind.form), isSecret: kind.isSecret), !node.isNull else {
      return !isDoubtful(key)
    }
    guard let found = self.value(of: node, key, as: kind) else { return false }
    value = found
    return true
  }

  /// Reads an optional setting, which can be `null`, or an empty text from an unset variable.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - kind: The kind of its value.
  ///   - value: Receives the value.
  ///   - text: The value if the file lacks the key, with references in it.
  /// - Returns: Whether the value is what the file means: false if it contains a mistake, which is reported.
  @discardableResult
  mutating func read<Value>(
    _ key: String, as kind: ValueKind<Value>, into value: inout Value?, otherwise text: String? = nil
  ) -> Bool {
    let taken = takeResolved(key, .one(kind.form, canBeNone: true), isSecret: kind.isSecret)
    guard let node = taken ?? text.map({ resolved(standIn($0), key, isSecret: kind.isSecret) }) else {
      return !isDoubtful(key)
    }
    guard !node.isEmpty else {
      value = nil
      return taken != nil || !isDoubtful(key)
    }
    guard let found = self.value(of: node, key, as: kind) else { return false }
    value = found
    return true
  }

  /// Reads a setting that is a list; a single value is a list of one.
  ///
  /// - Returns: Whether the values are what the file means.
  @discardableResult
  mutating func read<Value>(
    _ key: String, asListOf kind: ValueKind<Value>, atLeast minimum: Int = 1, into values: inout [Value]
  ) -> Bool {
    guard let node = takeResolved(key, .list(kind.form, atLeast: minimum), isSecret: kind.isSecret), !node.isNull
    else { return !isDoubtful(key) }
    guard let found = self.values(of: node, key, asListOf: kind, atLeast: minimum) else { return false }
    values = found
    return true
  }

  /// Reads a schedule: one rule, or a list of them.
  mutating func read(_ key: String, into schedule: inout Schedule) {
    let kind = ValueKind.scheduleRule
    guard let node = takeResolved(key, .list(kind.form, atLeast: 1)), !node.isNull else { return }
    guard let rules = values(of: node, key, asListOf: kind, atLeast: 1) else { return }
    do {
      schedule = try Schedule(rules)
    } catch {
      // Each rule has been read already, so this is about their number.
      report(error.message, hint: error.hint, in: key)
    }
  }

  private func values<Value>(
    of node: YAMLNode, _ key: String, asListOf kind: ValueKind<Value>, atLeast minimum: Int
  ) -> [Value]? {
    let nodes: [YAMLNode]
    switch node.content {
    case .list(let items): nodes = items
    case .scalar: nodes = [node]
    case .mapping:
      report(kind.expectation.found(.mappingForList), in: key)
      return nil
    case .refused: return nil
    }
    guard nodes.count >= minimum else {
      report(Message(ConfigurationMessage.emptyList), hint: kind.expectation, in: key)
      return nil
    }
    let found = nodes.compactMap { value(of: $0, key, as: kind) }
    // If one is missing, its mistake has been reported.
    return found.count == nodes.count ? found : nil
  }

  /// Reads a mapping below this one.
  mutating func section(_ key: String, _ body: (inout Section) -> Void) {
    let node = take(key, .section)
    section(key, node, body)
  }

  /// Reads a mapping below this one that has been taken already.
  func section(_ key: String, _ node: YAMLNode?, _ body: (inout Section) -> Void) {
    Section.read(
      node, name: path(of: key), placeName: placeName.isEmpty ? key : "\(placeName).\(key)", place: place,
      isSecret: isSecret(key), isRefused: isDoubtful(key), reading: reading, body)
  }

  /// Reads a mapping, and reports its keys that the body does not read.
  static func read(
    _ node: YAMLNode?, name: String, placeName: String, place: Place, isSecret: Bool = false, isRefused: Bool = false,
    reading: Reading, _ body: (inout Section) -> Void
  ) {
    let content = node ?? (isRefused ? YAMLNode(place: place, content: .refused) : nil)
    var section = Section(
      content, name: name, placeName: placeName, place: place, isSecret: isSecret, reading: reading)
    body(&section)
    section.reportUnknownKeys()
  }

  private func standIn(_ text: String) -> YAMLNode {
    YAMLNode(place: place, content: .scalar(YAMLScalar(text: text, isPlain: false)))
  }
}

extension YAMLNode {
  /// Null, or an empty text from an unset variable.
  var isEmpty: Bool {
    guard case .scalar(let scalar) = content else { return false }
    return isNull || scalar.text.isEmpty
  }
}
