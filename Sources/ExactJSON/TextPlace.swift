/// A place in a text, as people find it in an editor and programs in the bytes.
package struct TextPlace: Hashable, Sendable {
  /// The line, from 1.
  ///
  /// LF, CR LF and a lone CR end a line; the line ending belongs to it.
  package var line: Int
  /// The column, from 1, in Unicode scalars.
  ///
  /// In bytes that are not UTF-8, whatever `String(decoding:as:)` would show as one U+FFFD counts as one.
  package var column: Int
  /// The number of bytes before the place.
  package var offset: Int

  /// Finds the place of a byte, in time proportional to its offset.
  ///
  /// An offset inside a scalar has that scalar's column; one outside the bytes is clamped to them.
  package init(offset: Int, in bytes: Span<UInt8>) {
    let place = min(max(offset, 0), bytes.count)
    self.offset = place
    (line, column) = bytes.withUnsafeBufferPointer { buffer in
      var line = 1
      var lineStart = 0
      for index in 0..<place {
        let byte = buffer[index]
        let beforeLineFeed = index + 1 < buffer.count && buffer[index + 1] == .lineFeed
        guard byte == .lineFeed || (byte == .carriageReturn && !beforeLineFeed) else { continue }
        line += 1
        lineStart = index + 1
      }
      return (line, 1 + Self.scalars(from: lineStart, to: place, in: buffer))
    }
  }

  /// How many scalars end at or before `end`.
  private static func scalars(from start: Int, to end: Int, in buffer: UnsafeBufferPointer<UInt8>) -> Int {
    var count = 0
    var index = start
    while index < end {
      switch UTF8Sequence(at: index, in: buffer) {
      case .scalar(_, let length), .illFormed(let length): index += length
      case .cutOff: index = buffer.count
      }
      // The scalar that contains the place is not before it.
      if index <= end { count += 1 }
    }
    return count
  }
}
