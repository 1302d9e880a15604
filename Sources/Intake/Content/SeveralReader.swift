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
  /// The next events: the bytes that hold them, where each stands in these, and the index of the first, from 1; nil at the end.
  ///
  /// - Throws: `ContentError`; the events before are whole, and those behind cannot be had.
  func next() throws(ContentError) -> (bytes: [UInt8], ranges: [Range<Int>], firstIndex: Int)?
}
