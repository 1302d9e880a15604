internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Events
internal import Failures
internal import Logging
internal import SystemPackage
internal import Time

/// The folder `retry/`: finds files that are due, and has a pipeline try them.
///
/// A file whose content or name has changed since its sidecar was written is due as soon as it has settled, with a new
/// count of attempts: somebody has repaired it, or an upload has continued. The same holds for a file without a
/// sidecar.
final class RetryFolder {
  let inboxes: [InboxOptions]
  let store: RecordStore
  let logger: Logger
  let source: SourceFolder
  /// Files that were put back untried, which makes them look as if somebody had changed them.
  var held: [FileName: Held] = [:]
  /// What was read from sidecars, by name, with the sidecar's time: most files wait for many looks.
  var known: [FileName: Known] = [:]
  /// What is here but is never tried, as far as it has been logged.
  var loggedStrangers: Set<FileName> = []

  struct Held {
    /// As it was put back.
    var status: FileStatus
    var inbox: String
    var history: FailureHistory?
    /// How long it must have been quiet.
    var quietTime: Duration
  }

  /// The parts of a sidecar that matter: there can be very many.
  struct Known {
    var sidecarChanged: Int64
    var inbox: String
    var history: FailureHistory
    var nextAttemptAt: Timestamp?
    var droppedAs: DropName?
    /// The event that could not be forwarded, if the file is a record.
    var record: EventID?
  }

  /// - Parameters:
  ///   - inboxes: How files are read, by the name of their inbox; the first is for files without one.
  ///   - settle: How long a changed file must have been quiet.
  ///   - store: Where events are stored.
  ///   - clock: The clock.
  ///   - logger: For messages to the operator.
  init(inboxes: [InboxOptions], settle: Duration, store: RecordStore, clock: any WallClock, logger: Logger) {
    self.inboxes = inboxes
    self.store = store
    self.logger = logger
    let claims = ClaimFolder(
      of: store.folders.retry.folder, in: store.folders.state, at: [FailureFolder.triedName.description],
      mode: store.options.layout.folderMode,
      logger: logger)
    source = SourceFolder(store.folders.retry.folder, claims: claims, settle: settle, clock: clock)
  }

  var retry: FailureFolder { store.folders.retry }
  var clock: any WallClock { source.clock }

  /// Puts back what an earlier run had claimed.
  ///
  /// - Throws: `FileFailure`.
  func recover() throws(FileFailure) {
    for claim in try source.claims.claimed() { try source.claims.putBack(claim.name, claim) }
    try source.claims.putBackAllInPlace()
    source.hasRecovered = true
  }

  /// Puts back what could not be put back before, as far as now possible.
  ///
  /// - Throws: `FileFailure`.
  func recoverAgain() throws(FileFailure) {
    guard !source.hasRecovered else { return }
    source.hasRecovered = true
    for claim in try source.claims.claimed() { _ = source.putBack(claim.name, claim) }
    try source.claims.putBackAllInPlace()
  }

  /// Tries all files that are due.
  ///
  /// - Parameter isStopping: Called between files; work in progress is finished.
  /// - Returns: What was done.
  /// - Throws: `StorageError`; claimed files have been put back, as far as possible.
  func work(until isStopping: @escaping @Sendable () -> Bool) async throws(StorageError) -> WorkSummary {
    var total = WorkSummary()
    source.hasLeftForRoom = false
    source.shortages.beginLook()
    let look = try await look(until: isStopping)
    total.failed += try await setOddAside(look.odd, until: isStopping)
    for (name, files) in look.due {
      guard let inbox = inbox(named: name) else { continue }
      let oldestFirst = files.sorted { ($0.status.modified, $0.name) < ($1.status.modified, $1.name) }
      for next in oldestFirst.portions(of: inbox.portion) {
        guard !isStopping() else { break }
        total += try await retry(next, as: inbox, until: isStopping)
      }
    }
    if source.hasLeftForRoom, try store.folders.room().isUsedUp { throw store.folders.lackOfRoom }
    // Those that wait for their next attempt are not waited for.
    total.unsettled = look.settling + held.values.count { $0.quietTime > .zero }
    return total
  }

  private func retry(
    _ files: ArraySlice<DueFile>, as inbox: InboxOptions, until isStopping: @escaping @Sendable () -> Bool
  ) async throws(StorageError) -> WorkSummary {
    // Records that could not be forwarded are ours, whatever the inbox's mapping finds in them.
    let records = Set(files.compactMap(\.record))
    let store = store
    var pipeline = DropPipeline(
      store: store, options: inbox, logger: logger, tally: IntakeTally(retriesOf: inbox.name),
      isOnRecord: { records.contains($0.eventId) || store.isOnRecord($0) }, until: isStopping)
    var due = try DueFiles(files, of: inbox, in: self)
    let done = try await pipeline.run(&due)
    if done.drops > 0 {
      var metadata = done.metadata
      metadata["inbox"] = "\(inbox.name)"
      logger.info("files tried again", metadata: metadata)
    }
    return done
  }

  func inbox(named name: String?) -> InboxOptions? {
    inboxes.first { $0.name == name } ?? inboxes.first
  }
}
