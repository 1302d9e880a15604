internal import DurableFiles
package import EventStore
internal import Events
package import Fleet
internal import Glibc
package import Logging
internal import Operations
package import Settings
internal import SystemPackage
internal import Time

/// `eventdrop verify` and `eventdrop reindex`.
package enum Verifying {
  /// Compares tree, journals and catalog.
  ///
  /// - Parameters:
  ///   - configuration: Where they are.
  ///   - fleet: The identities to compare as well; nil for none.
  ///   - isMending: Whether to repair the catalog; refused while a daemon works on the tree.
  ///   - isForgettingMissing: Whether to give up pending events whose records are missing.
  ///   - logger: What else is reported.
  ///   - tell: Called with each finding.
  ///   - didRead: Called with the number of records read since the last call.
  /// - Returns: What was seen; nil if nothing is stored yet.
  /// - Throws: `DaemonError`.
  package static func verify(
    _ configuration: Configuration, fleet: FleetOptions? = nil, isMending: Bool, isForgettingMissing: Bool = false,
    logger: Logger,
    tell: @escaping (Finding) -> Void,
    didRead: @escaping (Int) -> Void
  ) throws(DaemonError) -> VerificationSummary? {
    // A command that only looks keeps nobody from starting.
    let lock = try isMending ? StateLock.takeAlone(configuration) : nil
    defer { withExtendedLifetime(lock) {} }
    do throws(StorageError) {
      var summary = VerificationSummary()
      let isThere = isMending ? true : try Verifier.isAnythingThere(configuration.store)
      if isThere {
        var verifier = try Verifier(
          configuration.store, isMending: isMending,
          isForgettingMissing: isForgettingMissing, isShared: { !isMending && isHeld(configuration.store.state) },
          pause: { usleep(200_000) }, tell: tell, didRead: didRead)
        summary = try verifier.run()
      }
      if isThere, let fleet {
        summary.findings += try FleetComparison(configuration.store, fleet).run(tell: tell)
      }
      try count(&summary, configuration, isLocked: lock != nil, tell: tell)
      return isThere || summary.claimed > 0 ? summary : nil
    } catch {
      throw .store(error)
    }
  }

  /// Counts claimed files; while no daemon is working, nothing ends that, and each inbox's claims are a finding.
  private static func count(
    _ summary: inout VerificationSummary, _ configuration: Configuration, isLocked: Bool, tell: (Finding) -> Void
  ) throws(StorageError) {
    let found = try StorageError.wrappingFiles { () throws(FileFailure) in try Claims(configuration).all() }
    summary.claimed = found.reduce(0) { $0 + $1.group.count }
    guard isLocked || !isHeld(configuration.store.state) else { return }
    for (path, group) in found {
      summary.findings += 1
      tell(
        Finding(
          kind: .claimedFile, path: path.string,
          message: Message(
            FindingMessage.claimed,
            ["what": .message(group.message), "end": .message(ClaimedGroup.end(isRunning: false))])))
    }
  }

  /// Rebuilds the catalog from the tree; refused while a daemon works on it.
  ///
  /// - Throws: `DaemonError`.
  package static func reindex(
    _ configuration: Configuration, logger: Logger, begin: (Int) -> Void, didRead: @escaping (Int) -> Void
  ) throws(DaemonError) {
    let lock = try StateLock.takeAlone(configuration)
    defer { withExtendedLifetime(lock) {} }
    do {
      try CatalogRebuild.run(
        configuration.store, clock: SystemClock(), logger: logger, begin: begin, didRead: didRead)
    } catch {
      throw .store(error)
    }
  }

  /// Whether a daemon works there, or may do so as far as can be told.
  private static func isHeld(_ state: FilePath) -> Bool {
    do throws(FileFailure) {
      guard let folder = try Folder.openingIfThere(state, files: SystemFiles()) else { return false }
      return FileLock.isHeld(FileName("lock"), in: folder)
    } catch {
      return true
    }
  }
}
