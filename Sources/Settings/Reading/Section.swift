internal import Events
internal import Time

/// A mapping of the configuration while it is read: values are asked for by their keys, and what nobody asked for is a
/// mistake.
struct Section {
  /// Dotted; empty for the whole.
  let name: String
  /// The same, with the numbers of items in lists: `inboxes[0]`.
  let placeName: String
  let place: Place
  let reading: Reading
  /// Whether it stands below a key whose values no message may quote.
  let isSecret: Bool
  /// Whether something else than a mapping stands in its place, which is reported.
  let isRefused: Bool
  let entries: [YAMLEntry]
  private let indexes: [String: Int]
  /// The keys that were asked for.
  private(set) var asked: [String] = []

  /// Takes a value as a mapping; anything else is reported, and read as one without keys.
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
          expected, hint: node.missesSpace ? Message(HintMessage.spaceBehindColon) : nil,
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

  /// The first key below a section, as an example; the table of keys is made without any value, and so never asks for it.
  private static func example(of name: String) -> String? {
    Configuration.knownKeys.first { $0.hasPrefix(name + ".") }.map { String($0.dropFirst(name.count + 1)) }
  }

  /// A key's whole name.
  func path(of key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

  private func entry(_ key: String) -> YAMLEntry? { indexes[key].map { entries[$0] } }

  /// Where a key's value stands; where it is not there, the section.
  func place(of key: String) -> Place { entry(key)?.value.place ?? place }

  /// Whether the file has a value for a key.
  func has(_ key: String) -> Bool { entry(key).map { !$0.value.isNull } ?? false }

  /// Whether the file does not have a key, not even with `null`.
  func isMissing(_ key: String) -> Bool { entry(key) == nil }

  /// Whether a missing key's default says nothing: the section is no mapping, or a misspelt key may be meant to be this.
  func isDoubtful(_ key: String) -> Bool {
    guard !isRefused else { return true }
    // In a mapping of very many keys nothing is to be guessed, and looking would take long.
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

  /// A key's value as it stands in the file; nil where the file does not have the key.
  mutating func take(_ key: String, _ form: KeyForm) -> YAMLNode? {
    asked.append(key)
    let path = path(of: key)
    reading.register(KeyRow(path: path, form: form))
    guard let node = entry(key)?.value else { return nil }
    if !node.isNull { reading.note(path, at: placeName.isEmpty ? key : "\(placeName).\(key)", node.place) }
    return node
  }

  /// The same with what its references stand for.
  mutating func takeResolved(_ key: String, _ form: KeyForm, isSecret isSecretKind: Bool = false) -> YAMLNode? {
    take(key, form).map { resolved($0, key, isSecret: isSecretKind) }
  }

  private func resolved(_ node: YAMLNode, _ key: String, isSecret isSecretKind: Bool) -> YAMLNode {
    reading.resolved(node, of: path(of: key), isSecret: isSecretKind || isSecret(key))
  }

  /// A value of a kind; nil where it is none, which is reported.
  func value<Value>(of node: YAMLNode, _ key: String, as kind: ValueKind<Value>) -> Value? {
    var kind = kind
    kind.isSecret = kind.isSecret || isSecret(key)
    let path = path(of: key)
    if case .scalar(let scalar) = node.content, !scalar.origins.isEmpty,
      reading.mayBeUnseen(path), (try? kind.read(scalar.text)) == nil
    {
      // What the daemon has there is not known here.
      reading.noteUnseen(path)
      return nil
    }
    return kind.value(of: node, named: path, log: reading.log)
  }

  /// Reads a setting that always has a value; without one in the file it stays as it is.
  ///
  /// - Returns: Whether the value is what the file means: false where there is a mistake in it, which is reported.
  @discardableResult
  mutating func read<Value>(_ key: String, as kind: ValueKind<Value>, into value: inout Value) -> Bool {
    guard let node = takeResolved(key, .one(kind.form), isSecret: kind.isSecret), !node.isNull else {
      return !isDoubtful(key)
    }
    guard let found = self.value(of: node, key, as: kind) else { return false }
    value = found
    return true
  }

  /// Reads a setting that can be none: `null`, and an empty text, as an unset variable leaves it.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - kind: What its value is.
  ///   - value: Gets the value.
  ///   - text: The value where the file does not have the key, with references in it.
  /// - Returns: Whether the value is what the file means: false where there is a mistake in it, which is reported.
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
      // Each of the rules has been read already, so this is about their number.
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
    // Where one is missing, its mistake has been reported.
    return found.count == nodes.count ? found : nil
  }

  /// Reads a mapping below this one.
  mutating func section(_ key: String, _ body: (inout Section) -> Void) {
    let node = take(key, .section)
    section(key, node, body)
  }

  /// Reads a mapping below this one that has been taken.
  func section(_ key: String, _ node: YAMLNode?, _ body: (inout Section) -> Void) {
    Section.read(
      node, name: path(of: key), placeName: placeName.isEmpty ? key : "\(placeName).\(key)", place: place,
      isSecret: isSecret(key), isRefused: isDoubtful(key), reading: reading, body)
  }

  /// Reads a mapping, and reports the keys in it that the body does not ask for.
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
  /// Nothing, or a text that is empty, as an unset variable leaves it.
  var isEmpty: Bool {
    guard case .scalar(let scalar) = content else { return false }
    return isNull || scalar.text.isEmpty
  }
}
