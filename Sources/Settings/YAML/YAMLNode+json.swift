extension YAMLNode {
  /// The same value as JSON (RFC 8259).
  ///
  /// Plain words mean what they do in the JSON schema of YAML 1.2 (section 10.2); text from a variable or a file is
  /// always a string, so that it cannot become anything else.
  var json: String {
    switch content {
    case .scalar(let scalar):
      if isNull { return "null" }
      return scalar.isPlain && scalar.text.isJSONLiteral ? scalar.text : scalar.text.quotedAsJSON
    case .list(let items): return "[" + items.map(\.json).joined(separator: ",") + "]"
    case .mapping(let entries):
      return "{" + entries.map { "\($0.key.quotedAsJSON):\($0.value.json)" }.joined(separator: ",") + "}"
    case .refused: return "null"
    }
  }
}

extension String {
  fileprivate var isJSONLiteral: Bool { self == "true" || self == "false" || isJSONNumber }

  /// RFC 8259, section 6.
  private var isJSONNumber: Bool {
    var rest = utf8[...]
    func digits() -> Int {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      rest = rest[digits.endIndex...]
      return digits.count
    }
    if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
    let startsWithZero = rest.first == UInt8(ascii: "0")
    let count = digits()
    guard count == 1 || (count > 1 && !startsWithZero) else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      guard digits() > 0 else { return false }
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest.removeFirst()
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
      guard digits() > 0 else { return false }
    }
    return rest.isEmpty
  }

  /// This text as a JSON string.
  var quotedAsJSON: String {
    var result = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"", "\\":
        result.unicodeScalars.append("\\")
        result.unicodeScalars.append(scalar)
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
