package import Catalog
package import EventStore
package import Failures
package import Time

/// Where pending events come from, and where their outcome is recorded: the store, or a stand-in for it.
package protocol Outbox: Sendable {
  /// The oldest batch that is not being sent; nil if there is none, or no full one if only full ones are wanted.
  func nextBatch(maxEvents: Int, maxBytes: Int, onlyFull: Bool) async throws -> PendingBatch?

  /// Events that are not being sent, oldest first: all that are in batches, and a limited number of others.
  func waiting(limit: Int, newestFirst: Bool) async throws -> [PendingEvent]

  /// One event to send alone, which goes back to its place when it is released; nil if it is not available.
  func single(_ event: PendingEvent) async throws -> PendingBatch?

  /// Puts back what was set aside because no webhook could accept it, at its old place in the order.
  func takeBackUndelivered() async throws -> Int

  /// Puts these back, wherever they were set aside, as if they had not been refused.
  func giveBack(_ events: [PendingEvent]) async throws -> Int

  /// The records without their newlines; nil for one that no longer exists.
  func records(of events: [PendingEvent]) async throws -> [[UInt8]?]

  /// Records, on disk, that these events were acknowledged.
  func acknowledge(_ events: [PendingEvent], batchId: String, status: Int) async throws

  /// Moves the files of these events to `retry/` or `failed/`.
  func fail(_ failures: [ForwardFailure]) async throws -> [FailedPlace: Int]

  /// Records a failed attempt with each of these events.
  func remember(_ attempt: FailedAttempt, of events: [PendingEvent]) async throws

  /// Removes events whose records no longer exist, or are damaged.
  ///
  /// - Returns: How many were damaged, and are in `failed/` now.
  func forget(_ events: [PendingEvent]) async throws -> Int

  /// Gives a batch back; if dissolved, what is still pending of it may go into other batches.
  func release(_ batch: PendingBatch, dissolving: Bool) async throws

  /// A single value that was kept; nil if there is none.
  func note(_ name: String) async throws -> String?

  /// Keeps a single value beyond the end of the process.
  func setNote(_ name: String, _ value: String) async throws

  /// How many events are pending, and since when the oldest is.
  func pending() async throws -> (count: Int, oldest: Timestamp?)
}

extension RecordStore: Outbox {}
