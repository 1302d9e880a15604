internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Events
package import Fleet
internal import Glibc
package import Logging
package import Maintenance
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
  ///   - report: Called with each finding.
  ///   - didRead: Called with the number of records read since the last call.
  /// - Returns: What was seen; nil if nothing is stored yet.
  /// - Throws: `DaemonError`.
  package static func verify(
    _ configuration: Configuration, fleet: FleetOptions? = nil, isMending: Bool, isForgettingMissing: Bool = false,
    logger: Logger,
    report: @escaping (Finding) -> Void,
    didRead: @escaping (Int) -> Void
  ) throws(DaemonError) -> VerificationSummary? {
    // A command that only looks keeps nobody from starting.
    let lock = try isMending ? StateLock.takeAlone(configuration) : nil
    defer { withExtendedLifetime(lock) {} }
    let files = configuration.patientFiles(asksInboxes: true)
    // A folder is asked for records, and for claims.
    var silent: Set<String> = []
    func find(_ finding: Finding) {
      if finding.kind == .silentFolder { silent.insert(finding.path) }
      report(finding)
    }
    do throws(StorageError) {
      var summary = VerificationSummary()
      let isThere = isMending ? true : try Verifier.isAnythingThere(configuration.store.layout, files: files)
      if isThere {
        summary = try compare(
          configuration, files, isMending: isMending, isForgettingMissing: isForgettingMissing, find: find,
          didRead: didRead)
      }
      try count(&summary, configuration, files, isLocked: lock != nil, besides: silent, find: find)
      if isThere, let fleet {
        summary.findings += try FleetComparison(configuration.store.layout, fleet, files).run(report: find)
      }
      return isThere || summary.claimed + summary.findings > 0 ? summary : nil
    } catch {
      throw .store(error)
    }
  }

  /// Compares tree, journals and catalog, as far as their folders answer; what is to be mended must be there as a whole.
  private static func compare(
    _ configuration: Configuration, _ files: PatientFiles, isMending: Bool, isForgettingMissing: Bool,
    find: @escaping (Finding) -> Void, didRead: @escaping (Int) -> Void
  ) throws(StorageError) -> VerificationSummary {
    let store = configuration.store
    var summary = VerificationSummary()
    do throws(StorageError) {
      var verifier = try Verifier(
        store.layout, files: files, isMending: isMending, isForgettingMissing: isForgettingMissing,
        isShared: { !isMending && isHeld(store.layout.state, files) }, pause: { usleep(200_000) }, report: find,
        didRead: didRead
      )
      defer { summary = verifier.summary }
      try verifier.run()
    } catch {
      guard !isMending, case .files(let failure) = error, failure.errno == .timedOut else { throw error }
      summary.findings += 1
      find(Finding(silent: store.layout.processed, failure))
    }
    return summary
  }

  /// Counts claimed files; while no daemon is working, nothing ends that, and each inbox's claims are a finding.
  ///
  /// So is a folder that does not answer.
  private static func count(
    _ summary: inout VerificationSummary, _ configuration: Configuration, _ files: PatientFiles, isLocked: Bool,
    besides silent: Set<String>, find: (Finding) -> Void
  ) throws(StorageError) {
    let claims = try StorageError.wrappingFiles { () throws(FileFailure) in
      try Claims(configuration, files: files).all()
    }
    summary.claimed = claims.groups.reduce(0) { $0 + $1.group.count }
    for (path, failure) in claims.silent where !silent.contains(path.string) {
      summary.findings += 1
      find(Finding(silent: path, failure))
    }
    guard isLocked || !isHeld(configuration.store.layout.state, files) else { return }
    for (path, group) in claims.groups {
      summary.findings += 1
      find(
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
  private static func isHeld(_ state: FilePath, _ files: PatientFiles) -> Bool {
    do throws(FileFailure) {
      guard let folder = try Folder.openingIfThere(state, files: files) else { return false }
      return FileLock.isHeld(FileName("lock"), in: folder)
    } catch {
      return true
    }
  }
}
