package import DurableFiles
internal import Events
package import Logging
package import Schedules
internal import Synchronization
package import SystemPackage
internal import Threads

/// The folders behind the inbox: the records, the failed files, and the catalog of both.
///
/// It decides, and has the catalog, on a thread of its own. The records' files are written and named on another, and each
/// kind of wait for the disk has one too: so the portions follow each other like work on a line.
package actor RecordStore {
  nonisolated let thread: SerialThread
  nonisolated package var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  package nonisolated let options: StoreOptions
  package nonisolated let clock: any WallClock
  nonisolated let logger: Logger
  package nonisolated let retry: FailureFolder
  package nonisolated let failed: FailureFolder
  package nonisolated let state: Folder
  nonisolated let processed: Folder
  let tree: PartitionTree
  let barrier: Barrier
  let writingThread = WaitingThread(name: "write")
  let barrierThread = WaitingThread(name: "barrier")
  let namesThread = WaitingThread(name: "names")
  let journalThread = WaitingThread(name: "journal")
  var catalog: Catalog
  /// The next writing of a record gets this number.
  var nextSequence: Int64
  /// The batches that the forwarding has in hand.
  var batchesInHand: Set<Int64> = []
  /// The sequences of single events that the forwarding has in hand, by the number that each is sent under.
  ///
  /// For the catalog they stay where they are: whenever the process ends, each is at its place in the order.
  var singlesInHand: [Int64: Int64] = [:]
  var nextBatch: Int64
  var isComposing = false
  /// Whether a power cut would take nothing of the batches that have been composed.
  var areBatchesOnDisk = true
  /// The partition that is open in the catalog.
  var openPartition: (date: CalendarDate, id: Int64)?
  /// How many groups of named records each day has that are not entered yet: such a day is not closed.
  var unentered: [CalendarDate: Int] = [:]
  /// Those of them whose entry has failed; they are entered before anything else is stored.
  var owedEntries: [OwedEntry] = []
  var isEnteringOwed = false
  /// Records that are back from `retry/` in their partitions, and of which the catalog could not be told yet.
  var returned: [ReturnedRecords] = []
  /// Whether there may be failed files: most look-ups can be saved where there are none.
  var hasFailures: Bool
  /// The events of the portions that are being stored.
  var writing: Set<EventID> = []
  /// These portions, in the order in which they began.
  var turns: [Int] = []
  /// The events whose acknowledgement is on its way to the journal.
  var acknowledging: Set<EventID> = []
  /// The acknowledgements that wait for the disk to be done with others, by partition.
  var nextGroups: [Int64: AcknowledgementGroup] = [:]
  /// The end of what was last begun of them.
  var lastGroup: Task<Result<Void, StoreError>, Never>?
  /// Who waits for one of these to be over.
  var waitingForAnother: [CheckedContinuation<Void, Never>] = []
  /// When the clock was last found to be right, and for how long the system had run then.
  var observation: (time: Timestamp, uptime: Duration)?
  /// What was stored a moment ago, for the forwarding.
  var recent: RecentRecords
  /// Told when something was stored.
  nonisolated let listener = Mutex<(@Sendable () -> Void)?>(nil)
  /// Told once that the catalog is damaged.
  private nonisolated let damage = Notice()
  /// Told once that another folder lies in the place of one that is open.
  private nonisolated let replacement = Mutex<(@Sendable (FilePath) -> Void)?>(nil)

  /// Opens the folders, and makes what is missing; then brings the catalog up to date with the tree.
  ///
  /// - Parameters:
  ///   - options: Where everything is, and how it is kept.
  ///   - files: The system calls.
  ///   - clock: What time it is.
  ///   - logger: What is told to the operator.
  ///   - isSharing: Whether another process has this store and keeps the catalog up to date; then nothing may be stored.
  /// - Throws: `StoreError`.
  package init(
    _ options: StoreOptions, files: any FileOperations = SystemFiles(), clock: any WallClock, logger: Logger,
    isSharing: Bool = false
  ) throws(StoreError) {
    self.options = options
    recent = RecentRecords(limit: options.recentBytes)
    self.clock = clock
    self.logger = logger
    thread = SerialThread(name: "store")
    do throws(FileFailure) {
      func open(_ path: FilePath) throws(FileFailure) -> Folder {
        try Folder.opening(path, makingWithMode: options.folderMode, files: files)
      }
      state = try open(options.state)
      processed = try open(options.processed)
      tree = PartitionTree(processed, mode: options.folderMode)
      barrier = try Barrier(of: processed)
      retry = FailureFolder(.retry, try open(options.retry), options)
      failed = FailureFolder(.failed, try open(options.failed), options)
    } catch {
      throw .files(error)
    }
    let tree = tree
    let failures = [retry, failed]
    let mustRebuild = try StoreError.wrappingFiles { [state, tree] () throws(FileFailure) in
      if try state.status(of: CatalogRebuild.damageMark) != nil { return true }
      let (catalog, dates) = (try state.status(of: CatalogRebuild.name), try tree.dates())
      return catalog == nil && !dates.isEmpty
    }
    func rebuild() throws(StoreError) {
      try CatalogRebuild.run(options, files: files, clock: clock, logger: logger)
    }
    if mustRebuild, !isSharing { try rebuild() }
    catalog = try Self.openCatalog(
      in: options, isSharing: isSharing, logger: logger, rebuild: rebuild
    ) { catalog throws(StoreError) in
      guard !isSharing else { return }
      try Reconciliation(
        catalog: catalog, tree: tree, options: options, clock: clock, logger: logger, failures: failures,
        firstFree: StoreError.wrapping { () throws(CatalogError) in try catalog.lastSequence() + 1 }
      ).run()
    }
    let catalog = catalog
    nextSequence = try StoreError.wrapping { () throws(CatalogError) in try catalog.lastSequence() + 1 }
    nextBatch = try StoreError.wrapping { () throws(CatalogError) in
      try catalog.lastBatch() + 1
    }
    hasFailures = try StoreError.wrapping { () throws(CatalogError) in try catalog.hasFailures() }
    catalog.connection.whenDamaged = { [damage, state] in
      logger.error(
        "the catalog is damaged: it is built again from the tree by the next start",
        metadata: [
          "file": "\(options.catalogPath)",
          "advice": "a daemon starts again by itself; look at the disk's health (dmesg)",
        ])
      // If it cannot be marked, the next start finds the damage where it reads, or is told to reindex.
      try? CatalogRebuild.markDamaged(in: state, mode: options.fileMode)
      damage.tell()
    }
  }

  /// Opens the catalog and brings it up to date; one that is damaged is built again first.
  private static func openCatalog(
    in options: StoreOptions, isSharing: Bool, logger: Logger, rebuild: () throws(StoreError) -> Void,
    bringUpToDate: (Catalog) throws(StoreError) -> Void
  ) throws(StoreError) -> Catalog {
    func open() throws(StoreError) -> Catalog {
      let catalog = try StoreError.wrapping { () throws(CatalogError) in
        try Catalog(path: options.catalogPath, cacheSize: options.catalogCacheBytes)
      }
      try bringUpToDate(catalog)
      // Asked again in a moment: what is damaged there is to be found where it can be mended.
      try StoreError.wrapping { () throws(CatalogError) in _ = (try catalog.lastBatch(), try catalog.hasFailures()) }
      return catalog
    }
    do {
      return try open()
    } catch {
      // That of another process is not ours to throw away.
      guard !isSharing, case .catalog(let why) = error, why.isDamage else { throw error }
      logger.warning("the catalog cannot be used and is built again from the tree", metadata: ["error": "\(why)"])
    }
    try rebuild()
    return try open()
  }

  /// Has `tell` called whenever events were stored.
  package nonisolated func whenStored(_ tell: @escaping @Sendable () -> Void) {
    listener.withLock { $0 = tell }
  }

  /// Has `tell` called, once, when another folder lies in the place of one that is open.
  package nonisolated func whenFolderReplaced(_ tell: @escaping @Sendable (FilePath) -> Void) {
    replacement.withLock { $0 = tell }
  }

  /// Has `tell` called, once, when the catalog is found damaged: it is built again when the store is opened again.
  package nonisolated func whenCatalogDamaged(_ tell: @escaping @Sendable () -> Void) {
    damage.set(tell)
  }

  /// Looks whether the folders that are open are those that lie at their paths: before each portion, so that nothing more is
  /// put where nobody looks for it.
  ///
  /// - Throws: `StoreError.folderReplaced`, or `.files` if that cannot be told.
  package nonisolated func checkFolders() throws(StoreError) {
    for folder in [processed, retry.folder, failed.folder, state] {
      guard try !StoreError.wrappingFiles({ () throws(FileFailure) in try folder.isInPlace() }) else { continue }
      let tell = replacement.withLock { replacement in
        defer { replacement = nil }
        return replacement
      }
      tell?(folder.path)
      throw .folderReplaced(folder.path)
    }
  }

  /// Says that the catalog has all that was stored, so that the next start need not compare it with the tree.
  ///
  /// To be called once nothing is stored any more.
  package func close() {
    guard let openPartition else { return }
    self.openPartition = nil
    closeInCatalog(openPartition.date, openPartition.id)
  }

  /// Says that the catalog has all records of a day, if it has: else it is closed when the last is entered, or compared at
  /// the next start.
  func closeInCatalog(_ date: CalendarDate, _ id: Int64) {
    guard unentered[date] == nil else { return }
    do {
      guard let changed = try tree.partition(date)?.status().modified else { return }
      try catalog.closePartition(id, changed: changed)
    } catch {
      logger.warning("the next start will compare the last partition with the catalog", metadata: ["error": "\(error)"])
    }
  }
}

/// Who wants to be told of something, once.
private final class Notice: Sendable {
  private let listener = Mutex<(@Sendable () -> Void)?>(nil)

  func set(_ tell: @escaping @Sendable () -> Void) { listener.withLock { $0 = tell } }

  func tell() {
    let tell = listener.withLock { listener in
      defer { listener = nil }
      return listener
    }
    tell?()
  }
}

extension StoreError {
  /// Runs `body`, its errors as the store's.
  static func wrapping<Result>(_ body: () throws(CatalogError) -> Result) throws(StoreError) -> Result {
    do {
      return try body()
    } catch {
      throw .catalog(error)
    }
  }

  /// Runs `body`, its errors as the store's.
  package static func wrappingFiles<Result>(_ body: () throws(FileFailure) -> Result) throws(StoreError) -> Result {
    do {
      return try body()
    } catch {
      throw .files(error)
    }
  }
}
