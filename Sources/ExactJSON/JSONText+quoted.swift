extension JSONText {
  /// Appends a JSON string, quotes included, that escapes only what must be escaped (RFC 8259, section 7): `"`, `\`,
  /// and the controls below 0x20, these in the short form where there is one.
  ///
  /// What is appended is always valid: bytes that are not UTF-8 become U+FFFD, as `String(decoding:as:)` does it.
  ///
  /// - Parameters:
  ///   - string: the characters, in UTF-8.
  ///   - output: gets the string.
  package static func appendQuoted(_ string: some Collection<UInt8>, to output: inout [UInt8]) {
    let appended: Void? = string.withContiguousStorageIfAvailable { appendQuoted(bytes: $0, to: &output) }
    if appended == nil {
      ContiguousArray(string).withUnsafeBufferPointer { appendQuoted(bytes: $0, to: &output) }
    }
  }

  private static func appendQuoted(bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    output.reserveCapacity(output.count + bytes.count + 2)
    output.append(.quote)
    var runStart = 0
    var index = 0
    // What stands for itself is copied in runs.
    func endRun(_ output: inout [UInt8], before index: Int, skipping length: Int) -> Int {
      output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart..<index]))
      runStart = index + length
      return runStart
    }
    while index < bytes.count {
      let byte = bytes[index]
      if byte.isPlain {
        index += 1
      } else if byte < 0x80 {
        index = endRun(&output, before: index, skipping: 1)
        appendEscape(of: byte, to: &output)
      } else {
        switch UTF8Sequence(at: index, in: bytes) {
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
    output.append(.backslash)
    switch byte {
    case .quote, .backslash: output.append(byte)
    case 0x08: output.append(UInt8(ascii: "b"))
    case .tab: output.append(UInt8(ascii: "t"))
    case .lineFeed: output.append(UInt8(ascii: "n"))
    case 0x0C: output.append(UInt8(ascii: "f"))
    case .carriageReturn: output.append(UInt8(ascii: "r"))
    default:
      let digits: StaticString = "0123456789abcdef"
      output.append(contentsOf: [UInt8(ascii: "u"), .zero, .zero])
      digits.withUTF8Buffer { output.append(contentsOf: [$0[Int(byte >> 4)], $0[Int(byte & 0x0F)]]) }
    }
  }
}
