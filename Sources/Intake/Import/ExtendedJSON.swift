internal import ExactJSON
internal import Time

/// Converts MongoDB's Extended JSON (version 2, relaxed or canonical) to plain JSON, without losing a digit.
///
/// A 64-bit integer, a double and a decimal become their digits, a date a text of RFC 3339, an ObjectId and a UUID
/// their text. A value that is not a JSON number (NaN, Infinity) remains a text. Other types (`$binary`,
/// `$regularExpression`, …) are kept as they are, and so is a date that RFC 3339 cannot express: one outside the years
/// 0001 to 9999.
enum ExtendedJSON {
  /// Appends a value as plain JSON.
  static func append(_ value: JSONValue, of bytes: Span<UInt8>, to output: inout [UInt8]) {
    switch value.kind {
    case .object:
      var members: [JSONMember] = []
      JSONText.members(of: value, in: bytes, into: &members)
      if members.count == 1 {
        switch plainForm(of: members[0], of: bytes) {
        case .text(let text): return JSONText.appendQuotedVerbatim(text.utf8, to: &output)
        case .number(let digits):
          output += digits.utf8
          return
        case .noDate: return copy(value.range, of: bytes, to: &output)
        case nil: break
        }
      }
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

  /// A date in any form: `$date`, a text, or milliseconds since 1970; nil if it is invalid.
  static func time(_ value: JSONValue, of bytes: Span<UInt8>) -> Timestamp? {
    var plain: [UInt8] = []
    append(value, of: bytes, to: &plain)
    let text = String(decoding: plain, as: UTF8.self)
    if let milliseconds = Int64(text) {
      let time = Timestamp(milliseconds: milliseconds)
      return Timestamp.writable.contains(time) ? time : nil
    }
    return text.hasPrefix("\"") ? time(String(text.dropFirst().dropLast())) : nil
  }

  /// A time of RFC 3339, or as written by earlier versions of mongoexport, with an offset such as `+0000`.
  private static func time(_ text: String) -> Timestamp? {
    if let time = Timestamp(rfc3339: text) { return time }
    let digits = text.utf8.suffix(4)
    guard digits.count == 4, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Timestamp(rfc3339: "\(text.dropLast(2)):\(text.suffix(2))")
  }

  /// What an object with one member stands for.
  private enum PlainForm {
    case text(String)
    case number(String)
    /// A date whose year has no four-digit form.
    case noDate
  }

  /// - Returns: Nil if the member is not one that stands for a type.
  private static func plainForm(of member: JSONMember, of bytes: Span<UInt8>) -> PlainForm? {
    guard let name = JSONText.string(member.name, in: bytes), name.hasPrefix("$") else { return nil }
    let text =
      member.value.kind == .string
      ? JSONText.string(member.value.withoutQuotes, in: bytes) : nil
    switch name {
    case "$oid", "$uuid", "$symbol": return text.map { .text($0) }
    case "$numberInt", "$numberLong", "$numberDouble", "$numberDecimal":
      return text.map { isNumber($0) ? .number($0) : .text($0) }
    case "$date":
      if let text { return time(text) == nil ? .noDate : .text(text) }
      var digits: [UInt8] = []
      append(member.value, of: bytes, to: &digits)
      guard let milliseconds = Int64(String(decoding: digits, as: UTF8.self)),
        Timestamp.writable.contains(Timestamp(milliseconds: milliseconds))
      else { return .noDate }
      return .text(Timestamp(milliseconds: milliseconds).rfc3339)
    default: return nil
    }
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
