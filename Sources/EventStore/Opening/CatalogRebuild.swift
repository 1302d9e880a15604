package import Catalog
package import DurableFiles
internal import Failures
package import Logging
internal import SystemPackage
package import Time

/// Rebuilds the catalog from the tree: `eventdrop reindex`.
package enum CatalogRebuild {
  private static let newName = FileName("catalog.new.sqlite")
  /// Marks a catalog that was found damaged while in use, and is to be rebuilt by the next start.
  static let damageMark = FileName("catalog.damaged")

  /// Builds a new catalog beside the old one, and replaces that once the new one is complete and on disk.
  ///
  /// No daemon may work on the tree. If this is stopped half-way, the old catalog still exists, or none, which the next
  /// start builds.
  ///
  /// - Parameters:
  ///   - options: Where everything is.
  ///   - files: The system calls.
  ///   - clock: The clock.
  ///   - logger: For other messages.
  ///   - begin: Called once with the apparent number of records.
  ///   - didRead: Called with the number of records read.
  /// - Throws: `StorageError`.
  package static func run(
    _ options: StoreOptions, files: any FileOperations = SystemFiles(), clock: any WallClock, logger: Logger,
    begin: (Int) -> Void = { _ in }, didRead: @escaping (Int) -> Void = { _ in }
  ) throws(StorageError) {
    let state: Folder
    let tree: PartitionTree
    let failures: [FailureFolder]
    let barrier: Barrier
    let ticket: Barrier.Ticket
    let hasEarlier: Bool
    do throws(FileFailure) {
      state = try Folder.opening(options.layout.state, makingWithMode: options.layout.folderMode, files: files)
      tree = PartitionTree(
        try Folder.opening(options.layout.processed, makingWithMode: options.layout.folderMode, files: files),
        mode: options.layout.folderMode)
      failures = [
        FailureFolder(
          .retry, try Folder.opening(options.layout.retry, makingWithMode: options.layout.folderMode, files: files),
          options.layout),
        FailureFolder(
          .failed, try Folder.opening(options.layout.failed, makingWithMode: options.layout.folderMode, files: files),
          options.layout),
      ]
      hasEarlier = try state.status(of: Catalog.fileName) != nil
      try remove(newName, in: state)
      barrier = try Barrier(of: state)
      ticket = try barrier.begin()
      begin(try countRecords(in: tree))
    } catch {
      throw .files(error)
    }
    try build(
      at: options.layout.state.appending(newName.description).string, tree, failures, options, clock, logger,
      hasEarlier: hasEarlier, didRead)
    do throws(FileFailure) {
      // Nothing else has brought it to disk.
      try barrier.wait(for: ticket)
      // The old log must not end up beside the new database, so it goes first, and its database before it.
      try remove(Catalog.fileName, in: state)
      _ = try state.rename(newName, to: state, as: Catalog.fileName)
      try state.remove(damageMark)
      try state.sync()
    } catch {
      throw .files(error)
    }
  }

  private static func build(
    at path: String, _ tree: PartitionTree, _ failures: [FailureFolder], _ options: StoreOptions,
    _ clock: any WallClock, _ logger: Logger, hasEarlier: Bool, _ didRead: @escaping (Int) -> Void
  ) throws(StorageError) {
    let catalog: Catalog
    do {
      catalog = try Catalog(path: path, isNew: true)
    } catch {
      throw .catalog(error)
    }
    try Reconciliation(
      catalog: catalog, tree: tree, options: options, clock: clock, logger: logger, failures: failures, firstFree: 1,
      isNew: true,
      didRead: didRead
    ).run()
    try StorageError.wrapping { () throws(CatalogError) in
      try catalog.finishBuilding()
      if hasEarlier { try keepMissing(of: options.layout.catalogPath, in: catalog, logger) }
    }
  }

  /// Keeps the events that are pending in the old catalog but have no record in the tree, and the newest time seen:
  /// they are recorded nowhere else.
  private static func keepMissing(
    of path: String, in catalog: Catalog, _ logger: Logger
  ) throws(CatalogError) {
    let earlier: Catalog
    do {
      earlier = try Catalog(path: path, isReadOnly: true, isOfAnyVersion: true)
    } catch {
      return warnOfForgetting(error, logger)
    }
    var missing = 0
    var sequence = try catalog.lastSequence()
    /// An error of the new catalog, not of the old one.
    var own: CatalogError?
    try catalog.transaction { () throws(CatalogError) in
      do throws(CatalogError) {
        try earlier.forEachOwedEvent { event, date throws(CatalogError) in
          do throws(CatalogError) {
            guard try catalog.event(event.eventId) == nil else { return }
            var row = event
            sequence += 1
            row.sequence = sequence
            row.state = .missing
            row.partition = try catalog.openPartition(date)
            try catalog.put([row])
            missing += 1
          } catch {
            own = error
            throw error
          }
        }
      } catch {
        if let own { throw own }
        // It is being replaced because it cannot be read: what it still contains is all there is.
        warnOfForgetting(error, logger)
      }
    }
    // If the old one cannot say, the newest partition does.
    if let seen = (try? earlier.newestSeen()) ?? nil, try catalog.newestSeen().map({ seen > $0 }) ?? true {
      try catalog.setNewestSeen(seen)
    }
    if missing > 0 { logger.report(missing: missing) }
  }

  private static func warnOfForgetting(_ error: CatalogError, _ logger: Logger) {
    logger.warning(
      "the earlier catalog cannot be read to its end: pending events without a record may be forgotten",
      metadata: [
        "error": "\(error)", "advice": "if a partition or a record was moved away, move it back and restart",
      ])
  }

  /// Makes the next start rebuild the catalog.
  ///
  /// - Throws: `FileFailure`.
  static func markDamaged(in state: Folder, mode: UInt32) throws(FileFailure) {
    try UnnamedFile(in: state, mode: mode).publish(replacing: damageMark)
    try state.sync()
  }

  /// Removes a database, with its log.
  static func remove(_ name: FileName, in state: Folder) throws(FileFailure) {
    for ending in ["", "-wal", "-shm"] {
      guard let name = name.appending(ending) else { continue }
      try state.remove(name)
    }
  }

  private static func countRecords(in tree: PartitionTree) throws(FileFailure) -> Int {
    var count = 0
    for date in try tree.dates() {
      try tree.partition(date)?.forEachEntry { name, _ in
        if name.recordKey != nil { count += 1 }
      }
    }
    return count
  }
}
