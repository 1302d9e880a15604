internal import Concurrency
package import DurableFiles
package import EventStore
package import Logging
package import Time

/// The folder `retry/`: brings files that are due the way of a drop once more, and tidies sidecars that have lost their file.
///
/// It works on a thread of its own.
package actor RetryQueue {
  private let thread: SerialThread
  nonisolated package var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private let store: RecordStore
  private let folder: RetryFolder
  private var sidecars: SidecarTidying

  /// Opens the queue.
  ///
  /// - Parameters:
  ///   - inboxes: How files are read, by the name of the inbox that they came from; the first is for those of none.
  ///   - settle: How long a file that has changed must be left alone.
  ///   - store: Where events go.
  ///   - clock: What time it is.
  ///   - logger: What is told to the operator.
  /// - Throws: `StorageError`.
  package init(
    inboxes: [InboxOptions], settle: Duration, store: RecordStore, clock: any WallClock, logger: Logger
  ) throws(StorageError) {
    thread = SerialThread(name: "retry")
    self.store = store
    folder = RetryFolder(inboxes: inboxes, settle: settle, store: store, clock: clock, logger: logger)
    sidecars = SidecarTidying(retry: store.folders.retry, failed: store.folders.failed, clock: clock)
    do {
      // Before any inbox reads a file of several again, whose parts must be found here, not made once more.
      try folder.recover()
    } catch {
      throw .files(error)
    }
  }

  /// Tries all files that are due.
  ///
  /// - Parameter isStopping: Asked between files; what is under way is finished.
  /// - Returns: What was done.
  /// - Throws: `StorageError`; what was claimed has been put back then, as far as that could be done.
  package func work(
    until isStopping: @escaping @Sendable () -> Bool = { false }
  ) async throws(StorageError) -> WorkSummary {
    defer { folder.tellNewlyLeft() }
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

  /// The files that were moved away, and whose reports wait for the inbox that asks for them.
  package var filesWithLonelyReports: Set<FileName> { sidecars.filesWithLonelyReports }

  /// Removes such reports before their time, for who knows that no inbox will ask for them.
  ///
  /// - Parameter files: The files.
  /// - Throws: `StorageError`.
  package func removeLonelyReports(of files: Set<FileName>) throws(StorageError) {
    try StorageError.wrappingFiles { () throws(FileFailure) in try sidecars.removeLonely(of: files) }
  }
}
