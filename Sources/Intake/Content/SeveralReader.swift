internal import Events

extension ContentError {
  /// The same, with what has become of the events before it.
  func after(events: Int) -> ContentError {
    guard case .drop(var failure) = self, events > 0 else { return self }
    let count = events == 1 ? "The event before that is stored" : "The \(events) events before that are stored"
    failure.message += ". \(count)"
    return .drop(failure)
  }
}

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

  /// Why an event of this size is not read.
  static func failure(ofOversized index: Int, size: Int) -> DropFailure {
    DropFailure(
      stage: .validate, reason: .tooLarge,
      message: "event \(index) has \(size) bytes, more than is read of one (\(LineReader.limit >> 20) MiB)")
  }
}
