internal import DurableFiles
package import EventStore
package import Logging
internal import Schedules
package import Settings

/// `eventdrop prune`: retention, when a person asks for it.
package enum Pruning {
  /// Prunes now.
  ///
  /// It works while a daemon runs: both only rename whole partitions, and share the catalog.
  ///
  /// - Parameters:
  ///   - configuration: What is kept for how long.
  ///   - isConfirmed: Whether the person has said `--yes`.
  ///   - isRehearsal: Whether only to tell what would go.
  ///   - logger: What is told besides.
  /// - Returns: What went, and why what did not.
  /// - Throws: `DaemonError`.
  package static func run(
    _ configuration: Configuration, isConfirmed: Bool, isRehearsal: Bool, logger: Logger
  ) async throws(DaemonError) -> PruneReport {
    ProcessLimits.setMask(forFolderMode: configuration.folders.mode)
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
      let store = try RecordStore(
        configuration.storeOptions, clock: SystemClock(), logger: logger, isSharing: lock == nil)
      return try await store.prune(isConfirmed: isConfirmed, isRehearsal: isRehearsal)
    } catch {
      throw .store(error)
    }
  }
}
