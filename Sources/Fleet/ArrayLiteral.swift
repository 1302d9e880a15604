internal import Digests

/// A list in PostgreSQL's format (section 8.15.2): text in quotes, with special characters escaped.
enum ArrayLiteral {
  static func text(_ elements: some Sequence<String>) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "{")]
    for element in elements {
      if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(UInt8(ascii: "\""))
      for byte in element.utf8 {
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
        bytes.append(byte)
      }
      bytes.append(UInt8(ascii: "\""))
    }
    bytes.append(UInt8(ascii: "}"))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Bytes as `bytea`, in its hexadecimal form.
  static func bytes(_ elements: some Sequence<[UInt8]>) -> String {
    text(elements.lazy.map { "\\x" + String(decoding: Digests.hexadecimal($0), as: UTF8.self) })
  }
}
