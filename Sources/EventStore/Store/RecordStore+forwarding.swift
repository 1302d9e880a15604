package import Catalog
package import DurableFiles
internal import Events
package import Failures
package import Time

// The forwarder's operations on the store.
extension RecordStore {
  // MARK: Pending events

  /// The number of pending events, and when the oldest was stored.
  ///
  /// - Throws: `StorageError`.
  package func pending() throws(StorageError) -> (count: Int, oldest: Timestamp?) {
    try StorageError.wrapping { () throws(CatalogError) in try catalog.pending() }
  }

  /// The number of pending events without a record, which nothing can be forwarded of.
  ///
  /// - Throws: `StorageError`.
  package func missing() throws(StorageError) -> Int {
    try StorageError.wrapping { () throws(CatalogError) in try catalog.missingCount() }
  }

  /// The oldest batch that is not being sent: one composed before, or a new one of the oldest events.
  ///
  /// - Parameters:
  ///   - maxEvents: The largest number of events.
  ///   - maxBytes: The largest size of records in bytes; a larger record is a batch by itself.
  ///   - onlyFull: Whether to wait for more if it would not be full.
  /// - Returns: Nil if there is none.
  /// - Throws: `StorageError`.
  package func nextBatch(maxEvents: Int, maxBytes: Int, onlyFull: Bool) async throws(StorageError) -> PendingBatch? {
    try folders.check()
    try parts.undelivered.enterReturned()
    return try await parts.batches.next(maxEvents: maxEvents, maxBytes: maxBytes, onlyFull: onlyFull)
  }

  /// Pending events that are not being sent, oldest first: all of those in batches, and some of the others.
  ///
  /// - Parameters:
  ///   - limit: How many of those that are in no batch.
  ///   - newestFirst: Whether these are the newest of them rather than the oldest.
  /// - Returns: The events.
  /// - Throws: `StorageError`.
  package func waiting(limit: Int, newestFirst: Bool) throws(StorageError) -> [PendingEvent] {
    try parts.batches.waiting(limit: limit, newestFirst: newestFirst)
  }

  /// Sends one pending event alone; released, it is where it was.
  ///
  /// It keeps its place in the catalog meanwhile: alone it has the same batchId whatever batch it is in.
  ///
  /// - Returns: Nil if it is no longer pending, or is being sent.
  /// - Throws: `StorageError`.
  package func single(_ event: PendingEvent) throws(StorageError) -> PendingBatch? {
    try parts.batches.single(event)
  }

  /// Gives a batch back.
  ///
  /// - Parameters:
  ///   - batch: The batch.
  ///   - dissolving: Whether its events that are still pending may go into other batches; otherwise it stays a batch.
  /// - Throws: `StorageError`.
  package func release(_ batch: PendingBatch, dissolving: Bool) throws(StorageError) {
    try parts.batches.release(batch, dissolving: dissolving)
  }

  /// The records of these events, without their newlines; nil for a record that has been moved away or is damaged.
  ///
  /// - Throws: `StorageError`.
  package func records(of events: [PendingEvent]) throws(StorageError) -> [[UInt8]?] {
    try parts.outgoing.read(events)
  }

  // MARK: Outcomes

  /// Records that n8n has taken these events: in the journals of their partitions, on disk, then in the catalog.
  ///
  /// An event whose record was rewritten since it was sent is skipped; the new writing is itself pending.
  ///
  /// - Parameters:
  ///   - events: The events.
  ///   - batchId: The batch that they were sent in.
  ///   - status: The status of the answer.
  /// - Throws: `StorageError`: the events are then still pending.
  package func acknowledge(_ events: [PendingEvent], batchId: String, status: Int) async throws(StorageError) {
    try await parts.acknowledgements.note(events, batchId: batchId, status: status)
  }

  /// Moves the records of events that could not be forwarded to `retry/`, or to `failed/` if they were refused too
  /// often.
  ///
  /// - Returns: How many went where.
  /// - Throws: `StorageError`: the rest is then still pending.
  package func fail(_ failures: [ForwardFailure]) async throws(StorageError) -> [FailedPlace: Int] {
    try folders.check()
    return try await parts.outgoing.fail(failures)
  }

  /// Takes events without a record to send out of their batch: they are missing until they come back, are dropped
  /// again, or a person gives them up.
  ///
  /// A damaged record is moved to `failed/` for a person.
  ///
  /// - Returns: How many records were damaged.
  /// - Throws: `StorageError`.
  @discardableResult
  package func forget(_ events: [PendingEvent]) async throws(StorageError) -> Int {
    try await parts.outgoing.forget(events)
  }

  /// Puts back, ahead of time, the records for which the webhook was unreachable.
  ///
  /// - Returns: How many.
  /// - Throws: `StorageError`.
  package func takeBackUndelivered() async throws(StorageError) -> Int { try await parts.undelivered.takeBackAll() }

  /// Puts back one file of `retry/`.
  ///
  /// - Returns: Whether it was a record for which the webhook was unreachable, and is pending again.
  /// - Throws: `StorageError`.
  package func takeBackUndelivered(_ name: FileName) async throws(StorageError) -> Bool {
    try await parts.undelivered.takeBack(name)
  }

  /// Puts these events back, wherever a failed forward has moved them, as if it had not.
  ///
  /// - Returns: How many.
  /// - Throws: `StorageError`.
  package func giveBack(_ events: [PendingEvent]) async throws(StorageError) -> Int {
    try await parts.undelivered.giveBack(events)
  }

  /// Remembers an attempt for each of these events, for queries about them: the latest twenty per event, until they are
  /// older than the retention of records.
  ///
  /// - Throws: `StorageError`.
  package func remember(_ attempt: FailedAttempt, of events: [PendingEvent]) throws(StorageError) {
    try StorageError.wrapping { () throws(CatalogError) in
      try catalog.transaction { () throws(CatalogError) in
        try catalog.putAttempt(attempt, ofEvents: events.map(\.eventId))
      }
    }
  }
}
