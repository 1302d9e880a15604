internal import ExactJSON

/// The content of a note in the catalog: a JSON object whose values are strings.
enum NoteText {
  /// Writes one; members without a value are omitted.
  static func text(of members: [(name: String, value: String?)]) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "{")]
    for case (let name, let value?) in members {
      if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
      JSONText.appendQuoted(name.utf8, to: &bytes)
      bytes.append(UInt8(ascii: ":"))
      JSONText.appendQuoted(value.utf8, to: &bytes)
    }
    bytes.append(UInt8(ascii: "}"))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Reads one.
  ///
  /// - Returns: Its members, in order; nil if it is invalid.
  static func members(of text: String) -> [(name: String, value: String)]? {
    let bytes = Array(text.utf8)
    var document = JSONDocument()
    guard (try? document.scan(bytes.span)) != nil, document.root.kind == .object else { return nil }
    return document.members.compactMap { member in
      guard member.value.kind == .string else { return nil }
      guard let name = JSONText.string(member.name, in: bytes.span),
        let value = JSONText.string(member.value.withoutQuotes, in: bytes.span)
      else { return nil }
      return (name, value)
    }
  }
}
