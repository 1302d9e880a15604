/// Variables as systemd reads them from a file (systemd.exec(5), EnvironmentFile=).
///
/// Empty lines, lines that begin with `#` or `;`, and lines without `=` are skipped. A value extends to the end of the
/// line, without surrounding white space; in single or double quotes it includes that, and may span several lines. A
/// `\` at the end of a line continues it on the next; outside quotes it takes the next character literally, inside
/// double quotes only `"`, `\`, `` ` `` and `$`.
package enum EnvironmentFile {
  /// The bytes are not UTF-8, or begin with a byte order mark: systemd leaves out a variable, or does not start.
  package struct NotPlainText: Error {}

  private enum State {
    case beforeKey, key, beforeValue, value, valueEscape, single, double, doubleEscape, comment, commentEscape
  }

  /// Reads a file's bytes; what is set twice has its last value.
  package static func variables(_ bytes: [UInt8]) throws(NotPlainText) -> [String: String] {
    guard let text = String(validating: bytes, as: UTF8.self)?.unicodeScalars, text.first != "\u{FEFF}",
      !bytes.contains(0)
    else { throw NotPlainText() }
    var variables: [String: String] = [:]
    var state = State.beforeKey
    var key: [UInt8] = []
    var value: [UInt8] = []
    /// The length of the value without trailing white space.
    var end = 0
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
    func isNewline(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
    func finish() {
      while let last = key.last, isSpace(last) { key.removeLast() }
      if isName(key) {
        variables[String(decoding: key, as: UTF8.self)] = String(decoding: value[..<end], as: UTF8.self)
      }
      key = []
      value = []
      end = 0
      state = .beforeKey
    }
    func add(_ byte: UInt8) {
      value.append(byte)
      end = value.count
    }
    for byte in bytes {
      switch state {
      case .beforeKey where byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";"): state = .comment
      case .beforeKey where isSpace(byte): break
      case .beforeKey:
        key = [byte]
        state = .key
      case .key where isNewline(byte):
        key = []
        state = .beforeKey
      case .key where byte == UInt8(ascii: "="): state = .beforeValue
      case .key: key.append(byte)
      case .beforeValue where isNewline(byte): finish()
      case .beforeValue where isSpace(byte): break
      case .beforeValue, .value:
        switch byte {
        case UInt8(ascii: "'") where state == .beforeValue: state = .single
        case UInt8(ascii: "\"") where state == .beforeValue: state = .double
        case UInt8(ascii: "\\"): state = .valueEscape
        case _ where isNewline(byte): finish()
        case _ where isSpace(byte): value.append(byte)
        default:
          add(byte)
          state = .value
        }
      case .valueEscape:
        state = .value
        if !isNewline(byte) { add(byte) }
      case .single:
        if byte == UInt8(ascii: "'") { state = .beforeValue } else { add(byte) }
      case .double where byte == UInt8(ascii: "\""): state = .beforeValue
      case .double where byte == UInt8(ascii: "\\"): state = .doubleEscape
      case .double: add(byte)
      case .doubleEscape:
        state = .double
        if "\"\\`$".utf8.contains(byte) {
          add(byte)
        } else if byte != 0x0A {
          add(UInt8(ascii: "\\"))
          add(byte)
        }
      case .comment where byte == UInt8(ascii: "\\"): state = .commentEscape
      case .comment where isNewline(byte): state = .beforeKey
      case .comment: break
      case .commentEscape: state = .comment
      }
    }
    switch state {
    case .beforeKey, .key, .comment, .commentEscape: break
    default: finish()
    }
    return variables
  }

  private static func isName(_ key: [UInt8]) -> Bool {
    guard let first = key.first, !(0x30...0x39).contains(first) else { return false }
    return key.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "_")
    }
  }
}
