/// A piece of a JSON Schema, with its members in their given order.
indirect enum SchemaJSON {
  case text(String)
  case number(Int)
  case flag(Bool)
  case null
  case list([SchemaJSON])
  case object([(String, SchemaJSON)])

  /// Formatted for people, two spaces per level.
  func text(indentation: String = "") -> String {
    let inner = indentation + "  "
    switch self {
    case .text(let text): return text.quotedAsJSON
    case .number(let number): return "\(number)"
    case .flag(let flag): return flag ? "true" : "false"
    case .null: return "null"
    case .list(let items):
      let texts = items.map { $0.text(indentation: inner) }
      guard texts.contains(where: { $0.contains("\n") }) else { return "[" + texts.joined(separator: ", ") + "]" }
      return "[\n" + texts.map { inner + $0 }.joined(separator: ",\n") + "\n\(indentation)]"
    case .object(let members):
      guard !members.isEmpty else { return "{}" }
      let texts = members.map { "\(inner)\($0.0.quotedAsJSON): \($0.1.text(indentation: inner))" }
      return "{\n" + texts.joined(separator: ",\n") + "\n\(indentation)}"
    }
  }
}
