package import Catalog
internal import Concurrency
package import DurableFiles
package import EventStore
package import Logging
package import Time

/// The folder `retry/`: processes files that are due like drops, and removes sidecars that have lost their file.
///
/// It works on its own thread.
package actor RetryQueue {
  private let thread: SerialThread
  nonisolated package var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private let store: RecordStore
  private let folder: RetryFolder
  private var sidecars: SidecarTidying

  /// Opens the queue.
  ///
  /// - Parameters:
  ///   - inboxes: How files are read, by the name of their inbox; the first is for files without one.
  ///   - settle: How long a changed file must have been quiet.
  ///   - store: Where events are stored.
  ///   - clock: The clock.
  ///   - logger: For messages to the operator.
  /// - Throws: `StorageError`.
  package init(
    inboxes: [InboxOptions], settle: Duration, store: RecordStore, clock: any WallClock, logger: Logger
  ) throws(StorageError) {
    thread = SerialThread(name: "retry")
    self.store = store
    folder = RetryFolder(inboxes: inboxes, settle: settle, store: store, clock: clock, logger: logger)
    sidecars = SidecarTidying(retry: store.folders.retry, failed: store.folders.failed, clock: clock)
    do {
      // Before any inbox reads a file of several again, whose parts must be found here, not created again.
      try folder.recover()
    } catch {
      throw .files(error)
    }
  }

  /// Tries all files that are due.
  ///
  /// - Parameter isStopping: Called between files; work in progress is finished.
  /// - Returns: What was done.
  /// - Throws: `StorageError`; claimed files have been put back, as far as possible.
  package func work(
    until isStopping: @escaping @Sendable () -> Bool = { false }
  ) async throws(StorageError) -> WorkSummary {
    defer { folder.logNewlyLeft() }
    try store.folders.check()
    do throws(FileFailure) {
      try folder.recoverAgain()
      try sidecars.tidy(until: isStopping)
    } catch {
      throw .files(error)
    }
    guard store.fleetPresence.trouble == nil else { return WorkSummary() }
    return try await folder.work(until: isStopping)
  }

  /// The files that were moved away, but whose reports are kept for the inbox that needs them.
  package var filesWithLonelyReports: Set<FileName> { sidecars.filesWithLonelyReports }

  /// Removes such reports early, if the caller knows that no inbox will need them.
  ///
  /// - Parameter files: The files.
  /// - Throws: `StorageError`.
  package func removeLonelyReports(of files: Set<FileName>) throws(StorageError) {
    try StorageError.wrappingFiles { () throws(FileFailure) in try sidecars.removeLonely(of: files) }
  }
}
