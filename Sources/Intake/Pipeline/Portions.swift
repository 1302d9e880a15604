internal import Catalog
internal import EventStore
internal import Events

/// An event waiting to be stored.
struct WaitingEvent {
  var submission: Submission
  /// The file that contains it.
  var drop: OpenDrop
  /// The bytes of a separate file for it, if it needs one: an event in a file of several.
  var part: (index: Int, bytes: ArraySlice<UInt8>)?

  /// Whether its file is a dropped record: only that has a time at which it was first recorded.
  var isRecord: Bool { part == nil && submission.event.createdAt != nil }
}

/// The portion being filled.
struct FillingPortion {
  var events: [WaitingEvent] = []
  /// How many bytes are kept in memory for it.
  var bytes = 0
  /// How many files were taken for it.
  var drops = 0
  /// A portion is stored early if it keeps this much in memory.
  static let bytesLimit = 4 << 20

  /// Checks whether it should be stored.
  ///
  /// - Parameter size: The largest number of events, or files, stored at once.
  /// - Returns: Whether it has reached that, or the limit of its memory.
  func isFull(_ size: Int) -> Bool { events.count >= size || drops >= size || bytes >= Self.bytesLimit }
}

/// A portion in the store.
struct StoringPortion {
  var events: [WaitingEvent]
  /// How many bytes are kept in memory for it.
  var bytes: Int
  var started: Duration
  var outcomes: Task<Result<[CommitOutcome], StorageError>, Never>
  /// At most this many are in the store at a time.
  static let limit = 3
  /// Nor more once they keep this many bytes: each event has its record beside it by then.
  static let bytesLimit = 8 << 20
}

extension RandomAccessCollection where Index == Int {
  /// Its elements in order, this many at a time; its first index is 0.
  func portions(of size: Int) -> some Sequence<SubSequence> {
    stride(from: 0, to: count, by: size).lazy.map { self[$0..<Swift.min($0 + size, count)] }
  }
}
