/// Steps through the tokens of a text that a scan has found valid, without checking it again.
///
/// Any other text is divided into tokens in some way that covers everything except white space.
struct TokenCursor {
  private let reader: TokenReader
  private var index: Int

  /// A cursor before the first token in `range`, which is clamped to the buffer; nil if there is no buffer.
  init?(_ range: Range<Int>, of text: UnsafeBufferPointer<UInt8>) {
    guard let base = text.baseAddress else { return nil }
    let range = range.clamped(to: 0..<text.count)
    reader = TokenReader(base: base, end: range.upperBound)
    index = range.lowerBound
  }

  /// The next token, or nil at the end.
  @inline(__always)
  mutating func next() -> Range<Int>? {
    let start = reader.skipWhiteSpace(from: index)
    guard start < reader.end else {
      index = start
      return nil
    }
    let first = reader.base[start]
    if first == .quote {
      index = stringEnd(from: start &+ 1)
    } else {
      index = start &+ 1
      if !first.isStructural {
        while index < reader.end, !reader.base[index].endsWord { index &+= 1 }
      }
    }
    return start..<index
  }

  @inline(__always)
  private func stringEnd(from start: Int) -> Int {
    var index = start
    while true {
      index = reader.plainEnd(from: index)
      guard index < reader.end else { return reader.end }
      switch reader.base[index] {
      case .quote: return index &+ 1
      case .backslash: index = min(index &+ 2, reader.end)
      default: index &+= 1
      }
    }
  }
}

extension UInt8 {
  @inline(__always)
  fileprivate var isStructural: Bool {
    // Brackets and braces differ in one bit.
    let brace = self | 0x20
    return brace == .openBrace || brace == .closeBrace || self == .comma || self == .colon
  }

  @inline(__always)
  fileprivate var endsWord: Bool { isStructural || isJSONWhiteSpace || self == .quote }
}
