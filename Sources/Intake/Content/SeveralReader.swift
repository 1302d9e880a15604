internal import Events

extension ContentError {
  /// The same, with what has become of the events before it.
  func after(events: Int) -> ContentError {
    guard case .drop(var failure) = self, events > 0 else { return self }
    failure.message = Message(
      ContentMessage.afterStored, ["why": .message(failure.message), "events": .integer(events)])
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

  /// Events of up to so many bytes are read though they are too large, and become files of their own.
  static let leastLimit = 8 << 20

  /// How many bytes are read of an event: all that it may have, and what a record has more.
  static func limit(of mapping: EventMapping) -> Int { max(leastLimit, mapping.maxEventSize + (1 << 16)) }

  /// Why an event of this size is not read.
  static func failure(ofOversized index: Int, size: Int, _ mapping: EventMapping) -> DropFailure {
    DropFailure(
      stage: .validate, reason: .tooLarge,
      message: Message(
        DropMessage.tooLargeToRead,
        ["index": .integer(index), "bytes": .integer(size), "limit": .integer(mapping.maxEventSize)]))
  }
}
