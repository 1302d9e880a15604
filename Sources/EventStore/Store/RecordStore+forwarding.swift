package import DurableFiles
internal import Events
package import Time

// What the forwarding asks of the store.
extension RecordStore {
  // MARK: Pending events

  /// How many events are pending, and since when the oldest of them.
  ///
  /// - Throws: `StorageError`.
  package func pending() throws(StorageError) -> (count: Int, oldest: Timestamp?) {
    try StorageError.wrapping { () throws(CatalogError) in try catalog.pending() }
  }

  /// The oldest batch that nobody has in hand: one that was composed before, or a new one of the oldest events.
  ///
  /// - Parameters:
  ///   - maxEvents: How many events at most.
  ///   - maxBytes: How many bytes of records at most; a larger record makes a batch by itself.
  ///   - onlyFull: Whether to wait for more where it would not be full.
  /// - Returns: Nil where there is none.
  /// - Throws: `StorageError`.
  package func nextBatch(maxEvents: Int, maxBytes: Int, onlyFull: Bool) async throws(StorageError) -> PendingBatch? {
    try folders.check()
    try parts.undelivered.enterReturned()
    return try await parts.batches.next(maxEvents: maxEvents, maxBytes: maxBytes, onlyFull: onlyFull)
  }

  /// Pending events that nobody has in hand, oldest first: all of those that were put together, and some that were not.
  ///
  /// - Parameters:
  ///   - limit: How many of those that are in no batch.
  ///   - newestFirst: Whether these are the newest of them rather than the oldest.
  /// - Returns: They.
  /// - Throws: `StorageError`.
  package func waiting(limit: Int, newestFirst: Bool) throws(StorageError) -> [PendingEvent] {
    try parts.batches.waiting(limit: limit, newestFirst: newestFirst)
  }

  /// Has one pending event sent alone; released, it is where it was.
  ///
  /// It keeps its place in the catalog meanwhile: by itself it has the same batchId whatever batch it is in.
  ///
  /// - Returns: Nil where it is pending no more, or somebody has it in hand.
  /// - Throws: `StorageError`.
  package func single(_ event: PendingEvent) throws(StorageError) -> PendingBatch? {
    try parts.batches.single(event)
  }

  /// Gives a batch back.
  ///
  /// - Parameters:
  ///   - batch: The batch.
  ///   - dissolving: Whether what is still pending of it may go into other batches; otherwise it stays a batch.
  /// - Throws: `StorageError`.
  package func release(_ batch: PendingBatch, dissolving: Bool) throws(StorageError) {
    try parts.batches.release(batch, dissolving: dissolving)
  }

  /// The records of these events, without their newlines; nil where a record has been moved away or is damaged.
  ///
  /// - Throws: `StorageError`.
  package func records(of events: [PendingEvent]) throws(StorageError) -> [[UInt8]?] {
    try parts.outgoing.read(events)
  }

  // MARK: What has become of them

  /// Records that n8n has taken these events: in the journals of their partitions, on disk, then in the catalog.
  ///
  /// An event whose record was written again since it was sent is passed over; the new writing is pending by itself.
  ///
  /// - Parameters:
  ///   - events: The events.
  ///   - batchId: The batch that they were sent in.
  ///   - status: The status of the answer.
  /// - Throws: `StorageError`: the events are still pending then.
  package func acknowledge(_ events: [PendingEvent], batchId: String, status: Int) async throws(StorageError) {
    try await parts.acknowledgements.note(events, batchId: batchId, status: status)
  }

  /// Moves the records of events that could not be forwarded to `retry/`, or to `failed/` where they were refused too often.
  ///
  /// - Returns: How many went where.
  /// - Throws: `StorageError`: the rest is still pending then.
  package func fail(_ failures: [ForwardFailure]) async throws(StorageError) -> [FailedPlace: Int] {
    try folders.check()
    return try await parts.outgoing.fail(failures)
  }

  /// Takes events out of their batch that have no record to be sent: they are missing until they come back, are dropped
  /// again, or a person lets them go.
  ///
  /// A record that is damaged waits for a person in `failed/`.
  ///
  /// - Returns: How many records were damaged.
  /// - Throws: `StorageError`.
  @discardableResult
  package func forget(_ events: [PendingEvent]) async throws(StorageError) -> Int {
    try await parts.outgoing.forget(events)
  }

  /// Puts back what no webhook could take, ahead of its time.
  ///
  /// - Returns: How many.
  /// - Throws: `StorageError`.
  package func takeBackUndelivered() async throws(StorageError) -> Int { try await parts.undelivered.takeBackAll() }

  /// Puts back one file of `retry/`.
  ///
  /// - Returns: Whether it was a record that no webhook could take, and is pending again.
  /// - Throws: `StorageError`.
  package func takeBackUndelivered(_ name: FileName) async throws(StorageError) -> Bool {
    try await parts.undelivered.takeBack(name)
  }

  /// Puts these events back, wherever a failed forward has set them aside, as if it had not been.
  ///
  /// - Returns: How many.
  /// - Throws: `StorageError`.
  package func giveBack(_ events: [PendingEvent]) async throws(StorageError) -> Int {
    try await parts.undelivered.giveBack(events)
  }

  /// Remembers an attempt with each of these events, for whoever asks what became of them: the latest twenty of each event,
  /// until they are older than records are kept.
  ///
  /// - Throws: `StorageError`.
  package func remember(_ attempt: FailedAttempt, of events: [PendingEvent]) throws(StorageError) {
    try StorageError.wrapping { () throws(CatalogError) in
      try catalog.connection.transaction { () throws(CatalogError) in
        try catalog.putAttempt(attempt, ofEvents: events.map(\.eventId))
      }
    }
  }
}
