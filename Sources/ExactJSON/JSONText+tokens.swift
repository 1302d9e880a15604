extension JSONText {
  /// Whether there is no white space between or around tokens.
  ///
  /// - Parameters:
  ///   - range: the range of a value.
  ///   - bytes: the scanned text.
  /// - Returns: whether a compact copy would have the same bytes.
  package static func isCompact(_ range: Range<Int>, of bytes: Span<UInt8>) -> Bool {
    bytes.withUnsafeBufferPointer { text in
      let range = range.clamped(to: 0..<text.count)
      guard var tokens = TokenCursor(range, of: text) else { return true }
      var end = range.lowerBound
      while let token = tokens.next() {
        guard token.lowerBound == end else { return false }
        end = token.upperBound
      }
      return end == range.upperBound
    }
  }

  /// Appends a value without white space between its tokens; strings are unchanged.
  ///
  /// - Parameters:
  ///   - range: the range of a value.
  ///   - bytes: the scanned text.
  ///   - output: receives the value.
  package static func appendCompact(_ range: Range<Int>, of bytes: Span<UInt8>, to output: inout [UInt8]) {
    bytes.withUnsafeBufferPointer { text in
      let range = range.clamped(to: 0..<text.count)
      guard var tokens = TokenCursor(range, of: text) else { return }
      output.reserveCapacity(output.count + range.count)
      // Adjacent tokens are copied together.
      var run = range.lowerBound..<range.lowerBound
      while let token = tokens.next() {
        if token.lowerBound != run.upperBound {
          output.append(contentsOf: UnsafeBufferPointer(rebasing: text[run]))
          run = token
        } else {
          run = run.lowerBound..<token.upperBound
        }
      }
      output.append(contentsOf: UnsafeBufferPointer(rebasing: text[run]))
    }
  }

  /// Whether two values consist of the same tokens, byte for byte, in the same order.
  ///
  /// White space between tokens does not matter; the spelling of a string or number does.
  ///
  /// - Parameters:
  ///   - first: the range of a value in `firstBytes`.
  ///   - firstBytes: a scanned text.
  ///   - second: the range of a value in `secondBytes`.
  ///   - secondBytes: a scanned text.
  /// - Returns: whether compact copies of both would have the same bytes.
  package static func sameTokens(
    _ first: Range<Int>, of firstBytes: Span<UInt8>, _ second: Range<Int>, of secondBytes: Span<UInt8>
  ) -> Bool {
    firstBytes.withUnsafeBufferPointer { firstText in
      secondBytes.withUnsafeBufferPointer { secondText in
        let first = UnsafeBufferPointer(rebasing: firstText[first.clamped(to: 0..<firstText.count)])
        let second = UnsafeBufferPointer(rebasing: secondText[second.clamped(to: 0..<secondText.count)])
        return first.hasSameBytes(as: second) || sameTokens(first, second)
      }
    }
  }

  private static func sameTokens(_ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>) -> Bool {
    var firstTokens = TokenCursor(0..<first.count, of: first)
    var secondTokens = TokenCursor(0..<second.count, of: second)
    while let token = firstTokens?.next() {
      guard let other = secondTokens?.next() else { return false }
      let left = UnsafeBufferPointer(rebasing: first[token])
      guard left.hasSameBytes(as: UnsafeBufferPointer(rebasing: second[other])) else { return false }
    }
    return secondTokens?.next() == nil
  }
}
