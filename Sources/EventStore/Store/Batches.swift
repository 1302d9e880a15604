internal import Catalog
internal import Concurrency
internal import DurableFiles

/// Pending events grouped for sending: a batch is on disk before it is sent, and stays together until it is released
/// (I13).
final class Batches {
  private let catalog: Catalog
  private let state: Folder
  private let disk: StoreDisk
  private var book: BatchBook
  /// What is being composed is older than the rest.
  private let composing = Turnstile()

  /// - Throws: `StorageError`.
  init(_ catalog: Catalog, in state: Folder, _ disk: StoreDisk) throws(StorageError) {
    self.catalog = catalog
    self.state = state
    self.disk = disk
    book = BatchBook(next: try StorageError.wrapping { () throws(CatalogError) in try catalog.lastBatch() + 1 })
  }

  /// See `RecordStore.nextBatch`.
  func next(maxEvents: Int, maxBytes: Int, onlyFull: Bool) async throws(StorageError) -> PendingBatch? {
    let ticket = composing.enter()
    defer { composing.leave(ticket) }
    await composing.wait(for: ticket)
    if book.isOnDisk, let batch = try composed() { return batch }
    try compose(maxEvents: maxEvents, maxBytes: maxBytes, onlyFull: onlyFull)
    // The tree does not record which events went together, and after a power cut they must go with the same batchId.
    if !book.isOnDisk {
      try await disk.syncCatalog(in: state)
      book.didReachDisk()
    }
    return try composed()
  }

  private func composed() throws(StorageError) -> PendingBatch? {
    try StorageError.wrapping { () throws(CatalogError) in
      var next = try catalog.batch(after: 0)
      while let batch = next {
        // If its only event is being sent alone, there is nothing to send yet.
        let events = book.isInHand(batch) ? [] : book.notInHand(try catalog.events(inBatch: batch))
        if !events.isEmpty {
          book.take(batch)
          return PendingBatch(number: batch, events: events)
        }
        next = try catalog.batch(after: batch)
      }
      return nil
    }
  }

  private func compose(maxEvents: Int, maxBytes: Int, onlyFull: Bool) throws(StorageError) {
    try StorageError.wrapping { () throws(CatalogError) in
      let waiting = try catalog.eventsToCompose(limit: BatchBook.batchesAtATime * maxEvents + 1)
      let batches = BatchBook.divide(waiting, maxEvents: maxEvents, maxBytes: maxBytes, onlyFull: onlyFull)
      guard !batches.isEmpty else { return }
      let first = book.willCompose(batches.count)
      try catalog.transaction { () throws(CatalogError) in
        for (number, sequences) in zip(first..., batches) { try catalog.compose(number, of: sequences) }
      }
    }
  }

  /// See `RecordStore.waiting`.
  func waiting(limit: Int, newestFirst: Bool) throws(StorageError) -> [PendingEvent] {
    try StorageError.wrapping { () throws(CatalogError) in
      var found = try catalog.eventsInNoBatch(limit: limit, newestFirst: newestFirst)
      var next = try catalog.batch(after: 0)
      while let batch = next {
        if !book.isInHand(batch) { found += try catalog.events(inBatch: batch) }
        next = try catalog.batch(after: batch)
      }
      return book.notInHand(found).sorted { $0.sequence < $1.sequence }
    }
  }

  /// See `RecordStore.single`.
  func single(_ event: PendingEvent) throws(StorageError) -> PendingBatch? {
    let isFree = try StorageError.wrapping { () throws(CatalogError) in
      guard try catalog.event(atSequence: event.sequence)?.state == .pending else { return false }
      return try catalog.batch(ofSequence: event.sequence).map { !book.isInHand($0) } ?? true
    }
    guard isFree, !book.isInHand(single: event.sequence) else { return nil }
    return book.take(single: event)
  }

  /// Takes pending events out of their batches, so that they are sent oldest first, whatever was grouped before.
  ///
  /// - Parameter batch: Only batches composed after it, and none that is being sent.
  /// - Throws: `StorageError`.
  func dissolve(after batch: Int64 = 0) throws(StorageError) {
    try StorageError.wrapping { () throws(CatalogError) in try catalog.dissolveAll(after: batch, but: book.inHand) }
  }

  /// See `RecordStore.release`.
  func release(_ batch: PendingBatch, dissolving: Bool) throws(StorageError) {
    if book.giveBack(single: batch.number) { return }
    if dissolving, try hasEvents(batch) {
      try StorageError.wrapping { () throws(CatalogError) in try catalog.dissolve(batch.number) }
      // What is left of it is older than batches composed after it.
      try dissolve(after: batch.number)
    }
    book.giveBack(batch.number)
  }

  private func hasEvents(_ batch: PendingBatch) throws(StorageError) -> Bool {
    // Most have none left, and an update that changes nothing still locks the catalog.
    try StorageError.wrapping { () throws(CatalogError) in try catalog.hasEvents(inBatch: batch.number) }
  }
}
