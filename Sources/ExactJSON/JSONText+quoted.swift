extension JSONText {
  /// Appends a JSON string with its quotes, also escaping characters that are invisible or control a terminal.
  ///
  /// Escaped are `"`, `\`, the controls below 0x20, in their short form if there is one (RFC 8259, section 7), and
  /// whatever is not `isVisible`. The output is always valid: bytes that are not UTF-8 become U+FFFD, as with
  /// `String(decoding:as:)`.
  ///
  /// - Parameters:
  ///   - string: The characters, in UTF-8.
  ///   - output: Receives the string.
  package static func appendQuoted(_ string: some Collection<UInt8>, to output: inout [UInt8]) {
    append(string, escapingInvisible: true, to: &output)
  }

  /// Appends a JSON string with its quotes, escaping only what must be escaped (RFC 8259, section 7).
  ///
  /// For other people's data that is only passed on, such as the `data` of an event.
  ///
  /// - Parameters:
  ///   - string: The characters, in UTF-8.
  ///   - output: Receives the string.
  package static func appendQuotedVerbatim(_ string: some Collection<UInt8>, to output: inout [UInt8]) {
    append(string, escapingInvisible: false, to: &output)
  }

  private static func append(
    _ string: some Collection<UInt8>, escapingInvisible: Bool, to output: inout [UInt8]
  ) {
    let appended: Void? = string.withContiguousStorageIfAvailable {
      appendQuoted(bytes: $0, escapingInvisible: escapingInvisible, to: &output)
    }
    if appended == nil {
      ContiguousArray(string).withUnsafeBufferPointer {
        appendQuoted(bytes: $0, escapingInvisible: escapingInvisible, to: &output)
      }
    }
  }

  private static func appendQuoted(
    bytes: UnsafeBufferPointer<UInt8>, escapingInvisible: Bool, to output: inout [UInt8]
  ) {
    output.reserveCapacity(output.count + bytes.count + 2)
    output.append(.quote)
    var runStart = 0
    var index = 0
    // Characters that need no escape are copied in runs.
    func endRun(_ output: inout [UInt8], before index: Int, skipping length: Int) -> Int {
      output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart..<index]))
      runStart = index + length
      return runStart
    }
    while index < bytes.count {
      let byte = bytes[index]
      if byte.isPlain, byte != 0x7F || !escapingInvisible {
        index += 1
      } else if byte < 0x80 {
        index = endRun(&output, before: index, skipping: 1)
        appendEscape(of: byte, to: &output)
      } else {
        switch UTF8Sequence(at: index, in: bytes) {
        case .scalar(let scalar, let length) where escapingInvisible && !scalar.isVisible:
          index = endRun(&output, before: index, skipping: length)
          for unit in UTF16.encode(scalar) ?? .init() { appendEscape(unit: unit, to: &output) }
        case .scalar(_, let length): index += length
        case .illFormed(let length):
          index = endRun(&output, before: index, skipping: length)
          output.append(contentsOf: UTF8.encodedReplacementCharacter)
        case .cutOff:
          index = endRun(&output, before: index, skipping: bytes.count - index)
          output.append(contentsOf: UTF8.encodedReplacementCharacter)
        }
      }
    }
    _ = endRun(&output, before: index, skipping: 0)
    output.append(.quote)
  }

  private static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
    let short: UInt8
    switch byte {
    case .quote, .backslash: short = byte
    case 0x08: short = UInt8(ascii: "b")
    case .tab: short = UInt8(ascii: "t")
    case .lineFeed: short = UInt8(ascii: "n")
    case 0x0C: short = UInt8(ascii: "f")
    case .carriageReturn: short = UInt8(ascii: "r")
    default: return appendEscape(unit: UInt16(byte), to: &output)
    }
    output.append(.backslash)
    output.append(short)
  }

  /// `\u` and four digits.
  private static func appendEscape(unit: UInt16, to output: inout [UInt8]) {
    let digits: StaticString = "0123456789abcdef"
    output.append(.backslash)
    output.append(UInt8(ascii: "u"))
    digits.withUTF8Buffer { digits in
      for shift: UInt16 in [12, 8, 4, 0] { output.append(digits[Int(unit >> shift & 0x0F)]) }
    }
  }
}
