package import EventStore
package import Schedules

/// Where pending events come from, and where it is told what became of them: the store, or a stand-in for it.
package protocol Outbox: Sendable {
  /// The oldest batch that nobody has in hand; nil where there is none, or none that is full where only such are wanted.
  func nextBatch(maxEvents: Int, maxBytes: Int, onlyFull: Bool) async throws -> PendingBatch?

  /// The next batch of events that were put off; nil where there is none, or one is in hand.
  func nextPutOffBatch(maxEvents: Int, maxBytes: Int) async throws -> PendingBatch?

  /// The records without their newlines; nil where one is not there any more.
  func records(of events: [PendingEvent]) async throws -> [[UInt8]?]

  /// Records, on disk, that these events were acknowledged.
  func acknowledge(_ events: [PendingEvent], batchId: String, status: Int) async throws

  /// Moves the files of these events to `retry/` or `failed/`.
  func fail(_ failures: [ForwardFailure]) async throws -> [FailedPlace: Int]

  /// Remembers an attempt in vain with each of these events.
  func remember(_ attempt: FailedAttempt, of events: [PendingEvent]) async throws

  /// Takes events out whose records are not there any more, or are damaged.
  ///
  /// - Returns: How many were damaged, and are in `failed/` now.
  func forget(_ events: [PendingEvent]) async throws -> Int

  /// Gives a batch back; dissolved, what is still pending of it may go into other batches.
  func release(_ batch: PendingBatch, dissolving: Bool) async throws

  /// Gives a batch back, and lets all others go before what is still pending of it.
  func putOff(_ batch: PendingBatch) async throws

  /// Keeps a single value beyond the end of the process.
  func setNote(_ name: String, _ value: String) async throws

  /// How many events are pending, and since when the oldest.
  func pending() async throws -> (count: Int, oldest: Timestamp?)
}

extension RecordStore: Outbox {}
