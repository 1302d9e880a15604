internal import EventStore
internal import Events

/// An event that waits to be stored.
struct WaitingEvent {
  var submission: Submission
  /// The file that it stands in.
  var drop: OpenDrop
  /// The bytes of its own file, should it need one: an event of a file of several.
  var part: (index: Int, bytes: ArraySlice<UInt8>)?

  /// Whether its file is a record that was dropped: no other has a time at which it was recorded first.
  var isRecord: Bool { part == nil && submission.event.createdAt != nil }
}

/// The portion that is being filled.
struct FillingPortion {
  var events: [WaitingEvent] = []
  /// How many bytes are kept in memory for it.
  var bytes = 0
  /// How many files were taken up for it.
  var drops = 0
  /// A portion is stored early where what it keeps in memory is so large.
  static let bytesLimit = 4 << 20

  /// Asks whether it is to be stored.
  ///
  /// - Parameter size: How many events, or files, are stored at once, at most.
  /// - Returns: Whether it has as many, or takes as much memory as it may.
  func isFull(_ size: Int) -> Bool { events.count >= size || drops >= size || bytes >= Self.bytesLimit }
}

/// A portion that the store has in hand.
struct StoringPortion {
  var events: [WaitingEvent]
  /// How many bytes are kept in memory for it.
  var bytes: Int
  var started: Duration
  var outcomes: Task<Result<[CommitOutcome], StorageError>, Never>
  /// So many are in hand at a time.
  static let limit = 3
  /// Nor are they more where so many bytes of them are kept: each event has its record beside it by then.
  static let bytesLimit = 8 << 20
}

extension RandomAccessCollection where Index == Int {
  /// Its elements in their order, so many at a time; its first index is 0.
  func portions(of size: Int) -> some Sequence<SubSequence> {
    stride(from: 0, to: count, by: size).lazy.map { self[$0..<Swift.min($0 + size, count)] }
  }
}
