/// Reads a file of several events part by part, so that a file of any size takes the memory of a part.
protocol SeveralReader: AnyObject {
  /// What comes next; nil at the end.
  ///
  /// - Throws: `ContentError`; the events before are whole, and those behind cannot be had.
  func next() throws(ContentError) -> SeveralPart?
}

/// A part of a file of several events.
enum SeveralPart {
  /// Events: the bytes that hold them, where each stands in these, and the index of the first, from 1.
  case events(in: [UInt8], [Range<Int>], firstIndex: Int)
  /// An event that has more bytes than are kept in memory of one.
  case oversized(index: Int, size: Int)
}
