/// Resolves the escapes of a string (RFC 8259, section 7).
enum Unescaper {
  /// Appends the string's characters in UTF-8.
  ///
  /// - Parameters:
  ///   - body: the string without its quotes.
  ///   - output: receives the characters.
  /// - Returns: false, with nothing appended, at a lone surrogate or an invalid escape.
  static func append(_ body: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) -> Bool {
    let countBefore = output.count
    output.reserveCapacity(countBefore + body.count)
    var index = 0
    while index < body.count {
      let plainEnd = body[index...].firstIndex(of: .backslash) ?? body.count
      output.append(contentsOf: UnsafeBufferPointer(rebasing: body[index..<plainEnd]))
      guard plainEnd < body.count else { return true }
      guard let next = appendEscape(at: plainEnd, of: body, to: &output) else {
        output.removeSubrange(countBefore...)
        return false
      }
      index = next
    }
    return true
  }

  /// Appends what the escape at `index`, a backslash, stands for; returns the place after it.
  private static func appendEscape(
    at index: Int, of body: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]
  ) -> Int? {
    guard index + 1 < body.count else { return nil }
    switch body[index + 1] {
    case .quote: output.append(.quote)
    case .backslash: output.append(.backslash)
    case .slash: output.append(.slash)
    case UInt8(ascii: "b"): output.append(0x08)
    case UInt8(ascii: "f"): output.append(0x0C)
    case UInt8(ascii: "n"): output.append(.lineFeed)
    case UInt8(ascii: "r"): output.append(.carriageReturn)
    case UInt8(ascii: "t"): output.append(.tab)
    case UInt8(ascii: "u"): return appendUnicodeEscape(at: index, of: body, to: &output)
    default: return nil
    }
    return index + 2
  }

  private static func appendUnicodeEscape(
    at index: Int, of body: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]
  ) -> Int? {
    guard let first = codeUnit(at: index, of: body) else { return nil }
    var value = UInt32(first)
    var next = index + 6
    if UTF16.isLeadSurrogate(first) {
      guard let second = codeUnit(at: next, of: body), UTF16.isTrailSurrogate(second) else { return nil }
      value = 0x1_0000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
      next += 6
    }
    // A lone trail surrogate is not a scalar.
    guard let scalar = Unicode.Scalar(value) else { return nil }
    output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    return next
  }

  /// The UTF-16 code unit of the `\uXXXX` at `index`.
  private static func codeUnit(at index: Int, of body: UnsafeBufferPointer<UInt8>) -> UInt16? {
    guard index + 6 <= body.count, body[index] == .backslash, body[index + 1] == UInt8(ascii: "u") else { return nil }
    var value: UInt16 = 0
    for place in (index + 2)..<(index + 6) {
      guard let digit = body[place].hexValue else { return nil }
      value = value << 4 | UInt16(digit)
    }
    return value
  }
}
