internal import DurableFiles

extension RecordStore {
  /// How many batches are composed at a time, where so much is pending: they reach the disk together.
  private static let batchesAtATime = 8

  /// The oldest batch that nobody has in hand: one that was composed before, or a new one of the oldest events.
  ///
  /// - Parameters:
  ///   - maxEvents: How many events at most.
  ///   - maxBytes: How many bytes of records at most; a larger record makes a batch by itself.
  ///   - onlyFull: Whether to wait for more where it would not be full.
  /// - Returns: Nil where there is none.
  /// - Throws: `StoreError`.
  package func nextBatch(maxEvents: Int, maxBytes: Int, onlyFull: Bool) async throws(StoreError) -> PendingBatch? {
    try checkFolders()
    try enterReturned()
    // What is being composed is older than what is left.
    while isComposing { await waitForAnother() }
    isComposing = true
    defer {
      isComposing = false
      wakeThoseWhoWait()
    }
    if areBatchesOnDisk, let batch = try composedBatch() { return batch }
    try StoreError.wrapping { () throws(CatalogError) in
      try compose(maxEvents: maxEvents, maxBytes: maxBytes, onlyFull: onlyFull)
    }
    try await bringBatchesToDisk()
    return try composedBatch()
  }

  /// The tree does not tell which events went together, and after a power cut they must go with the same batchId.
  private func bringBatchesToDisk() async throws(StoreError) {
    guard !areBatchesOnDisk else { return }
    let state = state
    try await journalThread.run { () throws(FileFailure) in try state.sync(Catalog.logName) }
    areBatchesOnDisk = true
  }

  private func composedBatch() throws(StoreError) -> PendingBatch? {
    try StoreError.wrapping { () throws(CatalogError) in
      var next = try catalog.batch(after: 0)
      while let batch = next {
        // Of one whose only event is in hand, there is nothing to be had yet.
        let events = batchesInHand.contains(batch) ? [] : notInHand(try catalog.events(inBatch: batch))
        if !events.isEmpty {
          batchesInHand.insert(batch)
          return PendingBatch(number: batch, events: events)
        }
        next = try catalog.batch(after: batch)
      }
      return nil
    }
  }

  /// Those of them that nobody has in hand to send them alone.
  private func notInHand(_ events: [PendingEvent]) -> [PendingEvent] {
    guard !singlesInHand.isEmpty else { return events }
    let singles = Set(singlesInHand.values)
    return events.filter { !singles.contains($0.sequence) }
  }

  /// Composes batches of the oldest events: the first, and those behind it that are full.
  private func compose(maxEvents: Int, maxBytes: Int, onlyFull: Bool) throws(CatalogError) {
    // One more than fits tells whether the last is full.
    var waiting = try catalog.eventsToCompose(limit: Self.batchesAtATime * maxEvents + 1)[...]
    var batches: [ArraySlice<(sequence: Int64, bytes: Int)>] = []
    while !waiting.isEmpty, batches.count < Self.batchesAtATime {
      var bytes = 0
      let batch = waiting.prefix(maxEvents).prefix { row in
        bytes += row.bytes
        return bytes == row.bytes || bytes <= maxBytes
      }
      let isFull = batch.count == maxEvents || batch.count < waiting.count
      guard isFull || batches.isEmpty && !onlyFull else { break }
      batches.append(batch)
      waiting = waiting.dropFirst(batch.count)
    }
    guard !batches.isEmpty else { return }
    areBatchesOnDisk = false
    try catalog.connection.transaction { () throws(CatalogError) in
      for (number, batch) in zip(nextBatch..., batches) {
        // Between the first and the last, all that are in no batch are these.
        guard let first = batch.first, let last = batch.last else { continue }
        try catalog.compose(number, of: first.sequence...last.sequence)
      }
    }
    nextBatch += Int64(batches.count)
  }

  /// Pending events that nobody has in hand, oldest first: all of those that were put together, and some that were not.
  ///
  /// - Parameters:
  ///   - limit: How many of those that are in no batch.
  ///   - newestFirst: Whether these are the newest of them rather than the oldest.
  /// - Returns: They.
  /// - Throws: `StoreError`.
  package func waiting(limit: Int, newestFirst: Bool) throws(StoreError) -> [PendingEvent] {
    try StoreError.wrapping { () throws(CatalogError) in
      var found = try catalog.eventsInNoBatch(limit: limit, newestFirst: newestFirst)
      var next = try catalog.batch(after: 0)
      while let batch = next {
        if !batchesInHand.contains(batch) { found += try catalog.events(inBatch: batch) }
        next = try catalog.batch(after: batch)
      }
      return notInHand(found).sorted { $0.sequence < $1.sequence }
    }
  }

  /// Has one pending event sent alone; released, it is where it was.
  ///
  /// It keeps its place in the catalog meanwhile: by itself it has the same batchId whatever batch it is in.
  ///
  /// - Returns: Nil where it is pending no more, or somebody has it in hand.
  /// - Throws: `StoreError`.
  package func single(_ event: PendingEvent) throws(StoreError) -> PendingBatch? {
    let isFree = try StoreError.wrapping { () throws(CatalogError) in
      guard try catalog.event(atSequence: event.sequence)?.state == .pending else { return false }
      return try catalog.batch(ofSequence: event.sequence).map { !batchesInHand.contains($0) } ?? true
    }
    guard isFree, !singlesInHand.values.contains(event.sequence) else { return nil }
    defer { nextBatch += 1 }
    singlesInHand[nextBatch] = event.sequence
    return PendingBatch(number: nextBatch, events: [event])
  }

  /// Takes what is pending out of its batches, so that it goes out oldest first, whatever was put together before.
  ///
  /// - Parameter batch: Only what was put together after it; nobody's who has it in hand.
  /// - Throws: `StoreError`.
  func dissolveBatches(after batch: Int64 = 0) throws(StoreError) {
    try StoreError.wrapping { () throws(CatalogError) in try catalog.dissolveAll(after: batch, but: batchesInHand) }
  }

  /// Gives a batch back.
  ///
  /// - Parameters:
  ///   - batch: The batch.
  ///   - dissolving: Whether what is still pending of it may go into other batches; otherwise it stays a batch.
  /// - Throws: `StoreError`.
  package func release(_ batch: PendingBatch, dissolving: Bool) throws(StoreError) {
    if singlesInHand.removeValue(forKey: batch.number) != nil { return }
    if dissolving, try hasEvents(batch) {
      try StoreError.wrapping { () throws(CatalogError) in try catalog.dissolve(batch.number) }
      // What is left of it is older than what was put together after it.
      try dissolveBatches(after: batch.number)
    }
    batchesInHand.remove(batch.number)
  }

  private func hasEvents(_ batch: PendingBatch) throws(StoreError) -> Bool {
    // Most have none left, and an update that changes nothing locks the catalog all the same.
    try StoreError.wrapping { () throws(CatalogError) in try catalog.hasEvents(inBatch: batch.number) }
  }
}
