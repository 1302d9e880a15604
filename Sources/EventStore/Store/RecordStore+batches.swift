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
    try await nextBatch(isPutOff: false) { () throws(CatalogError) in
      try compose(maxEvents: maxEvents, maxBytes: maxBytes, onlyFull: onlyFull)
    }
  }

  /// The next batch of events that were put off, one at a time: those that have waited longest.
  ///
  /// - Parameters:
  ///   - maxEvents: How many events at most.
  ///   - maxBytes: How many bytes of records at most; a larger record makes a batch by itself.
  /// - Returns: Nil where there is none, or one is in hand.
  /// - Throws: `StoreError`.
  package func nextPutOffBatch(maxEvents: Int, maxBytes: Int) async throws(StoreError) -> PendingBatch? {
    try await nextBatch(isPutOff: true) { () throws(CatalogError) in
      try composePutOff(maxEvents: maxEvents, maxBytes: maxBytes)
    }
  }

  private func nextBatch(
    isPutOff: Bool, composing: () throws(CatalogError) -> Void
  ) async throws(StoreError) -> PendingBatch? {
    try checkFolders()
    // What is being composed is older than what is left.
    while isComposing { await waitForAnother() }
    isComposing = true
    defer {
      isComposing = false
      wakeThoseWhoWait()
    }
    if isPutOff, !batchesInHand.isDisjoint(with: batchesOfPutOff) { return nil }
    if areBatchesOnDisk, let batch = try composedBatch(isPutOff: isPutOff) { return batch }
    try StoreError.wrapping(composing)
    if !areBatchesOnDisk {
      // The tree does not tell which events went together, and after a power cut they must go with the same batchId.
      let state = state
      try await journalThread.run { () throws(FileFailure) in try state.sync(Catalog.logName) }
      areBatchesOnDisk = true
    }
    return try composedBatch(isPutOff: isPutOff)
  }

  private func composedBatch(isPutOff: Bool) throws(StoreError) -> PendingBatch? {
    try StoreError.wrapping { () throws(CatalogError) in
      var next = try catalog.batch(after: 0)
      while let batch = next, batchesInHand.contains(batch) || batchesOfPutOff.contains(batch) != isPutOff {
        next = try catalog.batch(after: batch)
      }
      guard let number = next else { return nil }
      let events = try catalog.events(inBatch: number)
      batchesInHand.insert(number)
      return PendingBatch(number: number, events: events, isPutOff: isPutOff)
    }
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

  private func composePutOff(maxEvents: Int, maxBytes: Int) throws(CatalogError) {
    let waiting = try catalog.eventsPutOff(limit: maxEvents)
    guard !waiting.isEmpty else { return }
    areBatchesOnDisk = false
    try catalog.connection.transaction { () throws(CatalogError) in
      var bytes = 0
      for row in waiting {
        bytes += row.bytes
        guard bytes == row.bytes || bytes <= maxBytes else { break }
        try catalog.compose(nextBatch, ofPutOff: row.sequence)
      }
    }
    batchesOfPutOff.insert(nextBatch)
    nextBatch += 1
  }

  /// Gives a batch back, and lets all others go before what is still pending of it.
  ///
  /// - Parameter batch: The batch.
  /// - Throws: `StoreError`.
  package func putOff(_ batch: PendingBatch) throws(StoreError) {
    try StoreError.wrapping { () throws(CatalogError) in try catalog.putOff(batch.number, place: nextBatch) }
    nextBatch += 1
    batchesInHand.remove(batch.number)
    batchesOfPutOff.remove(batch.number)
  }

  /// Gives a batch back.
  ///
  /// - Parameters:
  ///   - batch: The batch.
  ///   - dissolving: Whether what is still pending of it may go into other batches; otherwise it stays a batch.
  /// - Throws: `StoreError`.
  package func release(_ batch: PendingBatch, dissolving: Bool) throws(StoreError) {
    if dissolving {
      try StoreError.wrapping { () throws(CatalogError) in
        // Most have none left, and an update that changes nothing locks the catalog all the same.
        if try catalog.hasEvents(inBatch: batch.number) { try catalog.dissolve(batch.number) }
      }
      batchesOfPutOff.remove(batch.number)
    }
    batchesInHand.remove(batch.number)
  }
}
