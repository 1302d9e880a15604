internal import Events

extension ContentError {
  /// The same, with what happened to the events before it.
  func after(events: Int) -> ContentError {
    guard case .drop(var failure) = self, events > 0 else { return self }
    failure.message = Message(
      ContentMessage.afterStored, ["why": .message(failure.message), "events": .integer(events)])
    return .drop(failure)
  }
}

/// Reads a file of several events part by part, so that a file of any size takes the memory of one part.
protocol SeveralReader: AnyObject {
  /// The next part; nil at the end.
  ///
  /// - Throws: `ContentError`; the events before it are complete, and those after it cannot be read.
  func next() throws(ContentError) -> SeveralPart?
}

/// A part of a file of several events.
enum SeveralPart {
  /// Events: the bytes that contain them, the place of each, and the index of the first, from 1.
  case events(in: [UInt8], [Range<Int>], firstIndex: Int)
  /// An event too large to be kept in memory.
  case oversized(index: Int, size: Int)

  /// Events of up to this many bytes are read even if they are too large, and become separate files.
  static let leastLimit = 8 << 20

  /// How many bytes of an event are read: its maximum, and what a record adds.
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
