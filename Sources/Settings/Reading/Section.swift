internal import Schedules

/// A mapping of the configuration while it is read: values are asked for by their keys, and what nobody asked for is a
/// mistake.
struct Section {
  /// Dotted; empty for the whole.
  let name: String
  let place: Place
  let reading: Reading
  private let entries: [YAMLEntry]
  private let indexes: [String: Int]
  private var asked: [String] = []

  /// Takes a value as a mapping; anything else is reported, and read as one without keys.
  private init(_ node: YAMLNode?, name: String, place: Place, reading: Reading) {
    self.name = name
    self.place = node?.place ?? place
    self.reading = reading
    switch node?.content {
    case .mapping(let found): entries = found
    case .list, .scalar:
      entries = []
      if let node, !node.isNull {
        let what =
          name.isEmpty
          ? "a configuration is keys and values, such as 'timezone: UTC'" : "\(name): expected keys and values"
        reading.log.report("\(what), not \(node.kindName)", at: node.place)
      }
    case .refused, nil: entries = []
    }
    indexes = Dictionary(entries.enumerated().map { ($1.key, $0) }) { first, _ in first }
  }

  /// A key's whole name.
  func path(of key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

  private func entry(_ key: String) -> YAMLEntry? { indexes[key].map { entries[$0] } }

  /// Where a key's value stands; where it is not there, the section.
  func place(of key: String) -> Place { entry(key)?.value.place ?? place }

  /// Whether the file has a value for a key.
  func has(_ key: String) -> Bool { entry(key).map { !$0.value.isNull } ?? false }

  /// Whether a key's value is a mapping.
  func isMapping(_ key: String) -> Bool {
    guard case .mapping = entry(key)?.value.content else { return false }
    return true
  }

  /// Whether the file does not have a key, not even with `null`.
  func isMissing(_ key: String) -> Bool { entry(key) == nil }

  /// Reports a mistake in a key's value.
  func report(_ message: String, in key: String) {
    reading.log.report("\(path(of: key)): \(message)", at: place(of: key))
  }

  /// Reports a mistake in the mapping as a whole.
  func report(_ message: String) {
    reading.log.report(name.isEmpty ? message : "\(name): \(message)", at: place)
  }

  /// A key's value; nil where the file does not have the key.
  mutating func take(_ key: String) -> YAMLNode? {
    asked.append(key)
    let path = path(of: key)
    reading.knownKeys.append(path)
    guard let node = entry(key)?.value else { return nil }
    if !node.isNull { reading.givenKeys.insert(path) }
    return node
  }

  /// Reads a setting that always has a value; without one in the file it stays as it is.
  ///
  /// - Returns: False where there is a mistake in it, which is reported.
  @discardableResult
  mutating func read<Value>(_ key: String, as kind: ValueKind<Value>, into value: inout Value) -> Bool {
    guard let node = take(key), !node.isNull else { return true }
    guard let found = kind.value(of: node, named: path(of: key), log: reading.log) else { return false }
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
  /// - Returns: False where there is a mistake in it, which is reported.
  @discardableResult
  mutating func read<Value>(
    _ key: String, as kind: ValueKind<Value>, into value: inout Value?, otherwise text: String? = nil
  ) -> Bool {
    guard let node = take(key) ?? text.map({ standIn($0) }) else { return true }
    guard !node.isEmpty else {
      value = nil
      return true
    }
    guard let found = kind.value(of: node, named: path(of: key), log: reading.log) else { return false }
    value = found
    return true
  }

  /// Reads a setting that is a list; a single value is a list of one.
  mutating func read<Value>(
    _ key: String, asListOf kind: ValueKind<Value>, atLeast minimum: Int = 1, into values: inout [Value]
  ) {
    guard let node = take(key), !node.isNull else { return }
    if let found = self.values(of: node, key, asListOf: kind, atLeast: minimum) { values = found }
  }

  /// Reads a schedule: one rule, or a list of them.
  mutating func read(_ key: String, into schedule: inout Schedule) {
    guard let node = take(key), !node.isNull else { return }
    guard let rules = values(of: node, key, asListOf: .scheduleRule, atLeast: 1) else { return }
    do {
      schedule = try Schedule(rules)
    } catch {
      // Each of the rules has been read already, so this is about their number.
      report("these rules make no schedule together: \(error)", in: key)
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
      report("expected \(kind.expectation), or a list of these, not a mapping", in: key)
      return nil
    case .refused: return nil
    }
    guard nodes.count >= minimum else {
      report("this list must not be empty; expected \(kind.expectation)", in: key)
      return nil
    }
    let found = nodes.compactMap { kind.value(of: $0, named: path(of: key), log: reading.log) }
    // Where one is missing, its mistake has been reported.
    return found.count == nodes.count ? found : nil
  }

  /// Reads a mapping below this one.
  mutating func section(_ key: String, _ body: (inout Section) -> Void) {
    Section.read(take(key), name: path(of: key), place: place, reading: reading, body)
  }

  /// Reads a mapping, and reports the keys in it that the body does not ask for.
  static func read(
    _ node: YAMLNode?, name: String, place: Place, reading: Reading, _ body: (inout Section) -> Void
  ) {
    var section = Section(node, name: name, place: place, reading: reading)
    body(&section)
    section.reportUnknownKeys()
  }

  private func standIn(_ text: String) -> YAMLNode {
    reading.replacingReferences(
      in: YAMLNode(place: place, content: .scalar(YAMLScalar(text: text, isPlain: false))))
  }

  private func reportUnknownKeys() {
    for entry in entries where !asked.contains(entry.key) {
      // To look for what was meant takes time, which is not spent on what will not be shown.
      guard !reading.log.isFull else { return }
      reading.log.report("unknown key \(quoted(entry.key))\(suggestion(for: entry.key))", at: entry.keyPlace)
    }
  }

  private func suggestion(for key: String) -> String {
    if let meant = nearestWord(to: key, among: asked) { return "; did you mean '\(meant)'?" }
    // A key of that name in another section.
    if let elsewhere = Configuration.knownKeys.first(where: { $0 == key || $0.hasSuffix("." + key) }) {
      return "; did you mean '\(elsewhere)'?"
    }
    return "; there are \(asked.joined(separator: ", "))"
  }
}

extension YAMLNode {
  /// Nothing, or a text that is empty, as an unset variable leaves it.
  var isEmpty: Bool {
    guard case .scalar(let scalar) = content else { return false }
    return isNull || scalar.text.isEmpty
  }
}
