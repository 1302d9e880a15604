internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Events
internal import Failures
package import Logging
package import Maintenance
package import Settings
internal import SystemPackage
internal import Time

/// `eventdrop prune`: retention, when a person asks for it.
package enum Pruning {
  /// Prunes now.
  ///
  /// It works while a daemon is running: both only rename whole partitions, and share the catalog.
  ///
  /// - Parameters:
  ///   - configuration: What to keep for how long.
  ///   - isConfirmed: Whether the person has said `--yes`.
  ///   - isRehearsal: Whether only to report what would go.
  ///   - logger: What else is reported.
  ///   - report: Called with the number of steps done, and of all steps.
  /// - Returns: What was pruned, and why the rest was not.
  /// - Throws: `DaemonError`.
  package static func run(
    _ configuration: Configuration, isConfirmed: Bool, isRehearsal: Bool, logger: Logger,
    report: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
  ) async throws(DaemonError) -> PruneReport {
    do {
      guard !isRehearsal else {
        return try PruneRehearsal.run(configuration.store, files: configuration.patientFiles())
      }
    } catch {
      throw .store(error)
    }
    ProcessLimits.setMask(forFolderMode: configuration.store.layout.folderMode)
    let store = try open(configuration, logger)
    do {
      return try await prune(
        store, archive: ArchiveCommand(configuration.retention), configuration.store.layout.processed,
        isConfirmed: isConfirmed,
        logger: logger, report: report)
    } catch {
      throw .store(error)
    }
  }

  /// Opens the store, up to date.
  ///
  /// Nothing has to wait for the pruning itself: the lock is held only while the catalog is compared with the tree, if
  /// no daemon keeps it up to date.
  private static func open(_ configuration: Configuration, _ logger: Logger) throws(DaemonError) -> RecordStore {
    try configuration.expectAnswers()
    let lock: FileLock?
    do {
      lock = try StateLock.take(configuration)
    } catch {
      switch error {
      case .held: lock = nil
      case .failed(let failure): throw .store(.files(failure))
      }
    }
    defer { withExtendedLifetime(lock) {} }
    do {
      return try RecordStore(
        configuration.store, clock: SystemClock(), logger: logger, isSharing: lock == nil)
    } catch {
      throw .store(error)
    }
  }

  /// Prunes what is old enough, each partition only after `retention.archive` has taken it.
  ///
  /// - Parameters:
  ///   - store: The partitions.
  ///   - archive: The command; nil: nothing is archived.
  ///   - processed: Where the partitions are.
  ///   - isConfirmed: Whether a person has said `--yes`.
  ///   - logger: Reports commands that fail.
  ///   - isStopping: Asked between slices of work, and while the archive command runs, which is then ended.
  ///   - whenLate: Called once for a partition whose archive command has not ended for long.
  ///   - report: Called with the number of steps done, and of all steps.
  /// - Returns: What was pruned, and why the rest was not.
  /// - Throws: `StorageError`.
  static func prune(
    _ store: RecordStore, archive: ArchiveCommand?, _ processed: FilePath, isConfirmed: Bool,
    logger: Logger, until isStopping: @escaping @Sendable () -> Bool = { false },
    whenLate: @escaping @Sendable (CalendarDate) -> Void = { _ in },
    report: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws(StorageError) -> PruneReport {
    let discarded = try DiscardFolder(store.options.layout).prune(
      olderThan: store.options.keep, at: SystemClock().now())
    if discarded > 0 { logger.notice("discarded files were removed", metadata: ["files": "\(discarded)"]) }
    guard let archive else {
      return try await store.prune(isConfirmed: isConfirmed, isRehearsal: false, until: isStopping, report: report)
    }
    let plan = try await store.prune(isConfirmed: isConfirmed, isRehearsal: true)
    guard isConfirmed || plan.refusal == nil else {
      return try await store.prune(isConfirmed: false, isRehearsal: false)
    }
    var taken: Set<CalendarDate> = []
    for date in plan.pruned where !isStopping() {
      do throws(ChildFailure) {
        try await archive.run(on: processed.appending(date.description).string, until: isStopping) {
          logger.warning(
            "the command of retention.archive has not ended for long; its partition waits for it, and all else goes on",
            metadata: ["partition": "\(date)", "advice": "\(Message(StatusMessage.lookAtArchive))"])
          whenLate(date)
        }
        taken.insert(date)
      } catch {
        logger.error(
          "a partition was not archived and stays; see what retention.archive says, and run eventdrop prune",
          metadata: ["partition": "\(date)", "error": "\(error)"])
      }
    }
    return try await store.prune(
      isConfirmed: isConfirmed, isRehearsal: false, only: taken, until: isStopping, report: report)
  }
}
