internal import ExactJSON
internal import Schedules

/// Turns MongoDB's Extended JSON (version 2, relaxed or canonical) into plain JSON, losing no digit.
///
/// A 64-bit integer, a double and a decimal become their digits, a date a text of RFC 3339, an ObjectId and a UUID their text.
/// What is no JSON number (NaN, Infinity) stays a text. Other types (`$binary`, `$regularExpression`, …) stay as they are.
enum ExtendedJSON {
  /// Appends a value as plain JSON.
  static func append(_ value: JSONValue, of bytes: Span<UInt8>, to output: inout [UInt8]) {
    switch value.kind {
    case .object:
      var members: [JSONMember] = []
      JSONText.members(of: value, in: bytes, into: &members)
      if members.count == 1, appendTyped(members[0], of: bytes, to: &output) { return }
      output.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        output.append(UInt8(ascii: "\""))
        copy(member.name, of: bytes, to: &output)
        output += [UInt8(ascii: "\""), UInt8(ascii: ":")]
        append(member.value, of: bytes, to: &output)
      }
      output.append(UInt8(ascii: "}"))
    case .array:
      var elements: [JSONValue] = []
      JSONText.elements(of: value, in: bytes, into: &elements)
      output.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        append(element, of: bytes, to: &output)
      }
      output.append(UInt8(ascii: "]"))
    default: copy(value.range, of: bytes, to: &output)
    }
  }

  /// A date, however it is written: `$date`, a text, or milliseconds since 1970; nil where it is none.
  static func time(_ value: JSONValue, of bytes: Span<UInt8>) -> Timestamp? {
    var plain: [UInt8] = []
    append(value, of: bytes, to: &plain)
    let text = String(decoding: plain, as: UTF8.self)
    if let milliseconds = Int64(text) {
      let time = Timestamp(milliseconds: milliseconds)
      return Timestamp.writable.contains(time) ? time : nil
    }
    return text.hasPrefix("\"") ? Timestamp(rfc3339: String(text.dropFirst().dropLast())) : nil
  }

  /// - Returns: Whether the member is one of those that stand for a type, and was appended as what it stands for.
  private static func appendTyped(_ member: JSONMember, of bytes: Span<UInt8>, to output: inout [UInt8]) -> Bool {
    guard let name = JSONText.string(member.name, in: bytes), name.hasPrefix("$") else { return false }
    let text =
      member.value.kind == .string
      ? JSONText.string((member.value.range.lowerBound + 1)..<(member.value.range.upperBound - 1), in: bytes) : nil
    switch name {
    case "$oid", "$uuid", "$symbol":
      guard let text else { return false }
      JSONText.appendQuotedVerbatim(text.utf8, to: &output)
    case "$numberInt", "$numberLong", "$numberDouble", "$numberDecimal":
      guard let text else { return false }
      if isNumber(text) { output += text.utf8 } else { JSONText.appendQuotedVerbatim(text.utf8, to: &output) }
    case "$date":
      if let text {
        JSONText.appendQuotedVerbatim(text.utf8, to: &output)
      } else {
        var digits: [UInt8] = []
        append(member.value, of: bytes, to: &digits)
        // A date that has no text of four digits for its year stays as it is.
        guard let milliseconds = Int64(String(decoding: digits, as: UTF8.self)),
          Timestamp.writable.contains(Timestamp(milliseconds: milliseconds))
        else { return false }
        JSONText.appendQuotedVerbatim(Timestamp(milliseconds: milliseconds).rfc3339.utf8, to: &output)
      }
    default: return false
    }
    return true
  }

  private static func isNumber(_ text: String) -> Bool {
    var document = JSONDocument()
    let bytes = Array(text.utf8)
    return (try? document.scan(bytes.span)) != nil && document.root.kind == .number
      && document.root.range == 0..<bytes.count
  }

  private static func copy(_ range: Range<Int>, of bytes: Span<UInt8>, to output: inout [UInt8]) {
    bytes.extracting(range).withUnsafeBufferPointer { output.append(contentsOf: $0) }
  }
}
