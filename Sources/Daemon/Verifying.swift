internal import DurableFiles
package import EventStore
internal import Glibc
package import Logging
internal import Schedules
package import Settings
internal import SystemPackage

/// `eventdrop verify` and `eventdrop reindex`.
package enum Verifying {
  /// Compares tree, journals and catalog.
  ///
  /// - Parameters:
  ///   - configuration: Where they are.
  ///   - isMending: Whether the catalog is mended; refused while a daemon works on the tree.
  ///   - logger: What is told besides.
  ///   - tell: Called with each finding.
  ///   - didRead: Called with the number of records read since it was called last.
  /// - Returns: What was seen.
  /// - Throws: `DaemonError`.
  package static func verify(
    _ configuration: Configuration, isMending: Bool, logger: Logger, tell: @escaping (Finding) -> Void,
    didRead: @escaping (Int) -> Void
  ) throws(DaemonError) -> VerificationSummary {
    let lock = try lock(configuration, isNeeded: isMending)
    defer { withExtendedLifetime(lock) {} }
    do {
      var verifier = try Verifier(
        configuration.storeOptions, isMending: isMending, isShared: lock == nil, pause: { usleep(200_000) }, tell: tell,
        didRead: didRead)
      return try verifier.run()
    } catch {
      throw .store(error)
    }
  }

  /// Builds the catalog anew from the tree; refused while a daemon works on it.
  ///
  /// - Throws: `DaemonError`.
  package static func reindex(
    _ configuration: Configuration, logger: Logger, begin: (Int) -> Void, didRead: @escaping (Int) -> Void
  ) throws(DaemonError) {
    let lock = try lock(configuration, isNeeded: true)
    defer { withExtendedLifetime(lock) {} }
    do {
      try CatalogRebuild.run(
        configuration.storeOptions, clock: SystemClock(), logger: logger, begin: begin, didRead: didRead)
    } catch {
      throw .store(error)
    }
  }

  /// - Returns: Nil where a daemon has the lock, and it is not needed.
  private static func lock(_ configuration: Configuration, isNeeded: Bool) throws(DaemonError) -> FileLock? {
    do {
      return try StateLock.take(configuration)
    } catch {
      switch error {
      case .held(let process):
        guard isNeeded else { return nil }
        throw .locked(by: process, state: configuration.folders.state.string)
      case .failed(let failure): throw .store(.files(failure))
      }
    }
  }
}
