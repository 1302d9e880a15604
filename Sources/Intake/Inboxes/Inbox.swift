package import Catalog
internal import Concurrency
package import DurableFiles
package import EventStore
internal import Events
package import Logging
internal import Synchronization
internal import SystemPackage
package import Time

/// One inbox, with its sub-folders if it is recursive.
///
/// It works on its own thread.
package actor Inbox {
  private let queue: SerialQueue
  nonisolated package var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

  package nonisolated let options: InboxOptions
  /// What the last look has found but not taken.
  private nonisolated let lastLook = Mutex(WaitingFiles())
  private let store: RecordStore
  private let clock: any WallClock
  private let logger: Logger
  private let arrived: (@Sendable () -> Void)?
  private var root: InboxFolder
  private let subfolders: Subfolders
  private var report: WaitingReport
  /// Since when the inbox's folder has not responded.
  private var unreachableSince: Timestamp?

  /// Opens an inbox, and creates its folder if it is missing.
  ///
  /// - Parameters:
  ///   - options: The inbox.
  ///   - store: Where its events are stored.
  ///   - clock: The clock.
  ///   - logger: For messages to the operator.
  ///   - arrived: Called soon after something has arrived, if the kernel reports it; nil: not wanted.
  /// - Throws: `StorageError`.
  package init(
    _ options: InboxOptions, store: RecordStore, clock: any WallClock, logger: Logger,
    arrived: (@Sendable () -> Void)? = nil
  ) throws(StorageError) {
    queue = SerialQueue(name: "inbox")
    // The counters exist from the start, at 0: what has never been seen cannot be missed.
    _ = IntakeMeter(inbox: options.name)
    self.options = options
    self.store = store
    self.clock = clock
    self.logger = logger
    self.arrived = arrived
    subfolders = Subfolders(options, store: store, clock: clock, logger: logger, arrived: arrived)
    report = WaitingReport(
      inbox: options.name, state: store.folders.state, mode: store.options.layout.folderMode, logger: logger)
    do {
      let folder = try Folder.opening(
        options.path, makingWithMode: store.options.layout.folderMode, files: store.folders.state.files)
      root = Self.root(options, folder, store: store, clock: clock, logger: logger, arrived: arrived)
    } catch {
      throw .files(error)
    }
  }

  /// What the last look has found but not taken, by reason; it touches no file.
  package nonisolated var waiting: WaitingFiles { lastLook.withLock { $0 } }

  /// Which of these files may still be in the inbox, whatever they wait for.
  ///
  /// - Parameter files: Their names, without a path.
  /// - Returns: Those; all of them if sub-folders contain files.
  package func mayHold(_ files: Set<FileName>) -> Set<FileName> {
    if !subfolders.isEmpty, waiting.count > 0 { return files }
    return files.filter { root.folder.mayHold($0) }
  }

  private static func root(
    _ options: InboxOptions, _ folder: Folder, store: RecordStore, clock: any WallClock, logger: Logger,
    arrived: (@Sendable () -> Void)?
  ) -> InboxFolder {
    let claims = ClaimFolder(
      of: folder, in: store.folders.state, at: ["claims", options.name], mode: store.options.layout.folderMode,
      marker: options.marker, logger: logger)
    return InboxFolder(
      options, folder, path: [], claims: claims, store: store, clock: clock, logger: logger,
      arrived: arrived, hasOwnLook: { options.recursive && !$0.hasPrefix(".") })
  }

  /// Switches to the folder that is now at the inbox's path, if it is another one: created again after a move, or
  /// mounted over.
  private func turnToFolderInPlace() throws(FileFailure) {
    let there = try Folder(at: options.path, files: store.folders.state.files)
    let status = try there.status()
    // An open folder that no longer responds is not the one that does.
    if let own = try? root.folder.status(), status.isSameFile(as: own) { return }
    root = Self.root(options, there, store: store, clock: clock, logger: logger, arrived: arrived)
    subfolders.removeAll()
    logger.notice(
      "another folder lies in the inbox's place, and is looked at from now on",
      metadata: ["inbox": "\(options.name)", "folder": "\(options.path)"])
  }

  /// Works until nothing more is ready, folder by folder.
  ///
  /// - Parameter isStopping: Called between portions; work in progress is finished.
  /// - Returns: What was done.
  /// - Throws: `StorageError`; claimed files have been put back, as far as possible.
  package func work(
    until isStopping: @escaping @Sendable () -> Bool = { false }
  ) async throws(StorageError) -> WorkSummary {
    lastLook.withLock { $0.lookingSince = clock.now() }
    defer { publish() }
    try store.folders.check()
    do {
      try turnToFolderInPlace()
      unreachableSince = nil
    } catch {
      unreachableSince = unreachableSince ?? clock.now()
      throw .files(error)
    }
    var total: WorkSummary
    do throws(StorageError) {
      total = try await root.work(until: isStopping)
    } catch {
      if !root.isReachable { unreachableSince = unreachableSince ?? clock.now() }
      throw error
    }
    if options.recursive { total += try await subfolders.work(in: root, until: isStopping) }
    return total
  }

  /// Publishes what the look has found but not taken.
  private func publish() {
    var waiting = WaitingFiles()
    if let unreachableSince {
      waiting.add(.notReachable, modified: unreachableSince, name: options.path.string)
    } else {
      waiting += root.waiting
      waiting += subfolders.waiting
      for folder in [root] + subfolders.all {
        waiting.claimed = ClaimCensus.sum(waiting.claimed, folder.claims.countLocal(of: options.name))
      }
    }
    waiting.lookedAt = clock.now()
    lastLook.withLock { $0 = waiting }
    report.take(waiting, isOneClock: root.source.isLocal, clock)
  }
}
