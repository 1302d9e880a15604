package import DurableFiles
internal import ExactJSON

/// Text that stays on its line: nothing that a sender wrote may end a log line or control a terminal.
package enum LogText {
  /// A value for a line that people read: unchanged if that is unambiguous, otherwise in double quotes with escapes.
  package static func value(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy { isHarmless($0) && !" =\"\\".unicodeScalars.contains($0) }
    if isPlain, !text.isEmpty { return text }
    return "\"" + escaped(text, alsoQuotes: true) + "\""
  }

  /// A text with its control characters escaped, and nothing else.
  package static func escaped(_ text: String) -> String {
    guard !text.unicodeScalars.allSatisfy(isHarmless) else { return text }
    return escaped(text, alsoQuotes: false)
  }

  /// Bytes of unknown encoding, such as a file's name, as text.
  ///
  /// Valid UTF-8 is that text; otherwise each byte that is not part of a character is written as `\xFF`, and a
  /// backslash as two.
  package static func text(of bytes: some Collection<UInt8>) -> String { SpelledBytes.text(of: bytes) }

  /// A file's name, whatever its bytes.
  package static func text(of name: FileName) -> String { text(of: name.bytes) }

  /// Whether a scalar neither ends a line, nor controls a terminal, nor changes the direction of what follows it, and
  /// is visible.
  package static func isHarmless(_ scalar: Unicode.Scalar) -> Bool { scalar.isVisible }

  private static func escaped(_ text: String, alsoQuotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\"" where alsoQuotes, "\\" where alsoQuotes: result += "\\\(scalar)"
      case _ where isHarmless(scalar): result.unicodeScalars.append(scalar)
      default: result += "\\u{" + hexadecimal(scalar.value, digits: 1) + "}"
      }
    }
    return result
  }

  private static func hexadecimal(_ number: UInt32, digits: Int) -> String {
    let text = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }

  /// A JSON string (RFC 8259, section 7) that also escapes those of these characters that JSON allows.
  package static func appendQuoted(_ text: String, to bytes: inout [UInt8]) {
    JSONText.appendQuoted(text.utf8, to: &bytes)
  }
}
