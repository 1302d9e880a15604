internal import Concurrency
package import DurableFiles
package import Events
package import Logging
package import Time

/// The folders behind the inboxes: the records, the failed files, and the catalog of both.
///
/// It decides, and has the catalog, on a thread of its own; what it waits for at the disk is done on others (`StoreDisk`). What
/// it does stands in its parts, each of which owns its state.
package actor RecordStore {
  private nonisolated let thread: SerialThread
  nonisolated package var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  package nonisolated let options: StoreOptions
  package nonisolated let clock: any WallClock
  package nonisolated let folders: StoreFolders
  private nonisolated let disk: StoreDisk
  /// Raised whenever something is pending.
  private nonisolated let pendingSignal = PendingSignal()
  /// Told once that the catalog is damaged.
  private nonisolated let damage = Notice<Void>()
  /// Whether the identities that several machines share can be asked for; always where this machine stands alone.
  package nonisolated let fleetPresence = FleetPresence()
  let catalog: Catalog
  let parts: StoreParts

  /// Opens the folders, and makes what is missing; then brings the catalog up to date with the tree.
  ///
  /// - Parameters:
  ///   - options: Where everything is, and how it is kept.
  ///   - files: The system calls.
  ///   - clock: What time it is.
  ///   - logger: What is told to the operator.
  ///   - ledger: The identities that several machines share; nil for a machine that stands alone.
  ///   - isSharing: Whether another process has this store and keeps the catalog up to date; then nothing may be stored.
  /// - Throws: `StorageError`.
  package init(
    _ options: StoreOptions, files: any FileOperations = SystemFiles(), clock: any WallClock, logger: Logger,
    ledger: (any IdentityLedger)? = nil, isSharing: Bool = false
  ) throws(StorageError) {
    self.options = options
    self.clock = clock
    thread = SerialThread(name: "store")
    folders = try StoreFolders(options, files: files)
    disk = try StoreDisk(folders.processed, options)
    let tree = PartitionTree(folders.processed, mode: options.folderMode)
    let opening = CatalogOpening(
      options: options, folders: folders, tree: tree, files: files, clock: clock, logger: logger)
    (catalog, parts) = try opening.open(isSharing: isSharing) {
      [folders, disk, pendingSignal, fleetPresence] catalog throws(StorageError) in
      try StoreParts(
        options, folders, disk, catalog, tree, ledger: ledger, fleetPresence, clock: clock, logger: logger,
        pending: pendingSignal)
    }
    catalog.connection.whenDamaged = { [damage, folders] in
      logger.error(
        "the catalog is damaged: it is built again from the tree by the next start",
        metadata: [
          "file": "\(options.catalogPath)",
          "advice": "a daemon starts again by itself; look at the disk's health (dmesg)",
        ])
      // If it cannot be marked, the next start finds the damage where it reads, or is told to reindex.
      try? CatalogRebuild.markDamaged(in: folders.state, mode: options.fileMode)
      damage.tell(())
    }
  }

  /// Has `tell` called whenever events are pending that were not before.
  package nonisolated func whenStored(_ tell: @escaping @Sendable () -> Void) { pendingSignal.set(tell) }

  /// Has `tell` called, once, when the catalog is found damaged: it is built again when the store is opened again.
  package nonisolated func whenCatalogDamaged(_ tell: @escaping @Sendable () -> Void) { damage.set(tell) }

  /// Says that the catalog has all that was stored, so that the next start need not compare it with the tree.
  ///
  /// To be called once nothing is stored any more.
  package func close() { parts.partitions.close() }

  /// Comes back once each of the store's threads has had a turn: one that hangs at a disk keeps it waiting.
  package func answer() async { await disk.answer() }

  // MARK: Storing

  /// Stores a portion of events: their records' bytes are on disk before their names are, the names before the catalog
  /// knows of them, and all of that before this returns.
  ///
  /// - Returns: What became of each, in order.
  /// - Throws: `StorageError`: some of the portion may be stored then, the rest is not. The drops must be kept, and the whole
  ///   portion given again; what was stored is a duplicate then.
  package func commit(_ portion: [Submission]) async throws(StorageError) -> [CommitOutcome] {
    let thread = thread
    let outcomes = try await parts.commits.commit(portion) { if thread.isAwaited { await Task.yield() } }
    if outcomes.contains(where: \.isStored) { pendingSignal.raise() }
    return outcomes
  }

  /// Takes over events that are known as forwarded, each into the partition of its `processedAt`.
  ///
  /// - Parameters:
  ///   - portion: The events.
  ///   - batchId: How the journals name the acknowledgement.
  /// - Returns: What became of each, in order.
  /// - Throws: `StorageError`; the portion can be given again.
  package func take(over portion: [ImportedEvent], batchId: String) async throws(StorageError) -> [CommitOutcome] {
    if let fleet = parts.fleet {
      try await fleet.prepare()
      // The ledger hears that they are forwarded, and of those whose entry is cut off here, when the machine joins again with
      // what its tree holds.
      let catalog = catalog
      try StorageError.wrapping { () throws(CatalogError) in try catalog.removeNote(FleetMember.counterNote) }
    }
    return try await parts.importer.take(over: portion, batchId: batchId)
  }

  /// Looks after the identities that several machines share; to be called every few seconds.
  ///
  /// - Throws: `StorageError`.
  package func keepUpWithFleet() async throws(StorageError) {
    try await parts.fleet?.keepUp()
  }

  /// Whether an event is known from this inbox with the same data; see `Catalog.isOnRecord`.
  package nonisolated func isOnRecord(_ claim: RecordClaim) -> Bool {
    // On a connection of its own: a drop is read on another thread than the store's, and such drops are rare.
    guard let catalog = try? Catalog(path: options.catalogPath, isReadOnly: true) else { return false }
    return catalog.isOnRecord(claim, PartitionTree(folders.processed, mode: options.folderMode))
  }
}
