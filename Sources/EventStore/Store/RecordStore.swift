package import Catalog
internal import Concurrency
package import DurableFiles
package import Events
package import Logging
package import Time

/// The folders behind the inboxes: the records, the failed files, and the catalog of both.
///
/// It decides, and uses the catalog, on its own thread; disk operations that block run on others (`StoreDisk`). Its
/// work is done by its parts, each of which owns its state.
package actor RecordStore {
  private nonisolated let thread: SerialThread
  nonisolated package var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  package nonisolated let options: StoreOptions
  package nonisolated let clock: any WallClock
  package nonisolated let folders: StoreFolders
  private nonisolated let disk: StoreDisk
  /// Raised whenever something becomes pending.
  private nonisolated let pendingSignal = PendingSignal()
  /// Reports once that the catalog is damaged.
  private nonisolated let damage = Notice<Void>()
  /// Whether the identities shared by several machines are available; always true if this machine is on its own.
  package nonisolated let fleetPresence = FleetPresence()
  /// For maintenance, a slice at a time: what it does to the catalog, it does on the store's thread.
  package let catalog: Catalog
  let parts: StoreParts

  /// Opens the folders, and creates what is missing; then brings the catalog up to date with the tree.
  ///
  /// - Parameters:
  ///   - options: Where everything is, and how it is kept.
  ///   - files: The system calls.
  ///   - clock: The clock.
  ///   - logger: For messages to the operator.
  ///   - ledger: The identities shared by several machines; nil for a machine on its own.
  ///   - isSharing: Whether another process has this store and keeps the catalog up to date; then nothing may be
  ///     stored.
  /// - Throws: `StorageError`.
  package init(
    _ options: StoreOptions, files: any FileOperations = SystemFiles(), clock: any WallClock, logger: Logger,
    ledger: (any IdentityLedger)? = nil, isSharing: Bool = false
  ) throws(StorageError) {
    self.options = options
    self.clock = clock
    thread = SerialThread(name: "store")
    folders = try StoreFolders(options.layout, files: files)
    disk = try StoreDisk(folders.processed, options)
    let tree = PartitionTree(folders.processed, mode: options.layout.folderMode)
    let opening = CatalogOpening(
      options: options, folders: folders, tree: tree, files: files, clock: clock, logger: logger)
    (catalog, parts) = try opening.open(isSharing: isSharing) {
      [folders, disk, pendingSignal, fleetPresence] catalog throws(StorageError) in
      try StoreParts(
        options, folders, disk, catalog, tree, ledger: ledger, fleetPresence, clock: clock, logger: logger,
        pending: pendingSignal)
    }
    catalog.whenDamaged = { [damage, folders] in
      logger.error(
        "the catalog is damaged: it is built again from the tree by the next start",
        metadata: [
          "file": "\(options.layout.catalogPath)",
          "advice": "a daemon starts again by itself; look at the disk's health (dmesg)",
        ])
      // If it cannot be marked, the next start finds the damage on reading, or somebody runs reindex.
      try? CatalogRebuild.markDamaged(in: folders.state, mode: options.layout.fileMode)
      damage.give(())
    }
  }

  /// Has `action` called whenever events become pending.
  package nonisolated func whenStored(_ action: @escaping @Sendable () -> Void) { pendingSignal.set(action) }

  /// Has `action` called, once, when the catalog is found damaged: it is rebuilt when the store is next opened.
  package nonisolated func whenCatalogDamaged(_ action: @escaping @Sendable () -> Void) { damage.set(action) }

  /// Marks the catalog as containing everything stored, so that the next start need not compare it with the tree.
  ///
  /// To be called once nothing more is stored.
  package func close() { parts.partitions.close() }

  /// Returns once each of the store's threads has had a turn: one that hangs at a disk blocks it.
  package func answer() async { await disk.answer() }

  /// The partitions, for maintenance, as `catalog`.
  package var partitions: Partitions { parts.partitions }

  // MARK: Storing

  /// Stores a portion of events: their records' bytes are on disk before their names are, the names before they are in
  /// the catalog, and all of that before this returns.
  ///
  /// - Returns: The outcome of each, in order.
  /// - Throws: `StorageError`: some of the portion may then be stored, the rest is not. The drops must be kept, and the
  ///   whole portion submitted again; what was stored is then a duplicate.
  package func commit(_ portion: [Submission]) async throws(StorageError) -> [CommitOutcome] {
    let thread = thread
    let outcomes = try await parts.commits.commit(portion) { if thread.isAwaited { await Task.yield() } }
    if outcomes.contains(where: \.isStored) { pendingSignal.raise() }
    return outcomes
  }

  /// Imports events that are known to be forwarded, each into the partition of its `processedAt`.
  ///
  /// - Parameters:
  ///   - portion: The events.
  ///   - batchId: The name of the acknowledgement in the journals.
  /// - Returns: The outcome of each, in order.
  /// - Throws: `StorageError`; the portion can be submitted again.
  package func take(over portion: [ImportedEvent], batchId: String) async throws(StorageError) -> [CommitOutcome] {
    if let fleet = parts.fleet {
      try await fleet.prepare()
      // The ledger learns that they are forwarded, and of those whose entry is interrupted here, when the machine joins
      // again with the content of its tree.
      let catalog = catalog
      try StorageError.wrapping { () throws(CatalogError) in try catalog.forgetFleetCounter() }
    }
    return try await parts.importer.take(over: portion, batchId: batchId)
  }

  /// Keeps up with the identities shared by several machines; to be called every few seconds.
  ///
  /// - Throws: `StorageError`.
  package func keepUpWithFleet() async throws(StorageError) {
    try await parts.fleet?.keepUp()
  }

  /// Whether an event from this inbox with the same data is known; see `Catalog.isOnRecord`.
  package nonisolated func isOnRecord(_ claim: RecordClaim) -> Bool {
    // On its own connection: a drop is read on another thread than the store's, and such drops are rare.
    guard let catalog = try? Catalog(path: options.layout.catalogPath, isReadOnly: true) else { return false }
    return catalog.isOnRecord(claim, PartitionTree(folders.processed, mode: options.layout.folderMode))
  }
}
