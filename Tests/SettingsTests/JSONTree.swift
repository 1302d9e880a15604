/// A JSON value as a tree, for tests that examine the schema; YAML reads its text as well.
indirect enum JSONTree: Hashable, Sendable {
  case null
  case flag(Bool)
  case number(Double)
  case text(String)
  case list([JSONTree])
  case object([Member])

  struct Member: Hashable, Sendable {
    var name: String
    var value: JSONTree
  }

  subscript(name: String) -> JSONTree? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// As JSON, with quotes where a configuration would have them.
  var json: String {
    switch self {
    case .null: return "null"
    case .flag(let flag): return flag ? "true" : "false"
    case .number(let number): return number == number.rounded() ? "\(Int(number))" : "\(number)"
    case .text(let text): return Self.quoted(text)
    case .list(let items): return "[" + items.map(\.json).joined(separator: ", ") + "]"
    case .object(let members):
      return "{" + members.map { "\(Self.quoted($0.name)): \($0.value.json)" }.joined(separator: ", ") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// Parses JSON; nil if it is invalid.
  init?(_ text: String) {
    var rest = Substring(text).unicodeScalars
    guard let tree = Self.value(&rest) else { return nil }
    Self.skipSpace(&rest)
    guard rest.isEmpty else { return nil }
    self = tree
  }

  private init(_ tree: JSONTree) { self = tree }

  private static func skipSpace(_ rest: inout Substring.UnicodeScalarView) {
    while let first = rest.first, " \n\t\r".unicodeScalars.contains(first) { rest.removeFirst() }
  }

  private static func value(_ rest: inout Substring.UnicodeScalarView) -> JSONTree? {
    skipSpace(&rest)
    for (word, tree) in [("null", JSONTree.null), ("true", .flag(true)), ("false", .flag(false))]
    where rest.starts(with: word.unicodeScalars) {
      rest.removeFirst(word.unicodeScalars.count)
      return tree
    }
    switch rest.first {
    case "\"": return string(&rest).map { .text($0) }
    case "[":
      return members(&rest, until: "]") { rest in value(&rest) }.map { .list($0) }
    case "{":
      return members(&rest, until: "}") { rest -> Member? in
        skipSpace(&rest)
        guard let name = string(&rest) else { return nil }
        skipSpace(&rest)
        guard rest.popFirst() == ":", let value = value(&rest) else { return nil }
        return Member(name: name, value: value)
      }.map { .object($0) }
    default:
      let digits = rest.prefix { "-+.eE0123456789".unicodeScalars.contains($0) }
      rest = rest[digits.endIndex...]
      return Double(String(digits)).map { .number($0) }
    }
  }

  private static func members<Item>(
    _ rest: inout Substring.UnicodeScalarView, until end: Unicode.Scalar,
    _ read: (inout Substring.UnicodeScalarView) -> Item?
  ) -> [Item]? {
    rest.removeFirst()
    var items: [Item] = []
    skipSpace(&rest)
    if rest.first == end {
      rest.removeFirst()
      return items
    }
    while let item = read(&rest) {
      items.append(item)
      skipSpace(&rest)
      let next = rest.popFirst()
      if next == end { return items }
      guard next == "," else { return nil }
    }
    return nil
  }

  private static func string(_ rest: inout Substring.UnicodeScalarView) -> String? {
    guard rest.popFirst() == "\"" else { return nil }
    var text = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\"": return String(text)
      case "\\":
        switch rest.popFirst() {
        case "n": text.append("\n")
        case "t": text.append("\t")
        case "u":
          let digits = rest.prefix(4)
          rest.removeFirst(digits.count)
          guard let value = UInt32(String(digits), radix: 16), let scalar = Unicode.Scalar(value) else { return nil }
          text.append(scalar)
        case .some(let other): text.append(other)
        case nil: return nil
        }
      default: text.append(scalar)
      }
    }
    return nil
  }
}
