internal import Catalog
internal import Concurrency
internal import Failures
internal import Logging
internal import Time

/// The parts of the store: each owns its state, and all of them work on the store's thread.
struct StoreParts {
  let partitions: Partitions
  let commits: CommitPipeline
  let batches: Batches
  let acknowledgements: Acknowledgements
  let outgoing: OutgoingRecords
  let undelivered: UndeliveredRecords
  let failures: Failures
  let observedClock: ObservedClock
  let importer: Importer
  /// This machine as one of several; nil if it is on its own.
  let fleet: FleetMember?

  /// Builds the parts.
  ///
  /// - Throws: `StorageError`.
  init(
    _ options: StoreOptions, _ folders: StoreFolders, _ disk: StoreDisk, _ catalog: Catalog, _ tree: PartitionTree,
    ledger: (any IdentityLedger)?, _ presence: FleetPresence, clock: any WallClock, logger: Logger,
    pending: PendingSignal
  ) throws(StorageError) {
    let locks = EventLocks()
    partitions = Partitions(tree, catalog, logger: logger)
    failures = try Failures(
      FailureFolders(retry: folders.retry, failed: folders.failed, state: folders.state), catalog, options.retryPolicy,
      fileMode: options.layout.fileMode, clock: clock)
    batches = try Batches(catalog, in: folders.state, disk)
    let rows = try RecordRows(catalog, recentBytes: options.recentBytes, pending: pending)
    let damaged = DamagedRecords(failures, logger: logger)
    let known = KnownEvents(options, catalog, partitions, rows, batches, damaged, pending: pending)
    if let ledger {
      let records = SharedRecords(
        catalog: catalog, partitions: partitions, batches: batches, failures: failures, logger: logger,
        pending: pending)
      fleet = try FleetMember(
        ledger, catalog, records, presence,
        // A record that is kept for ever keeps its identity.
        keepIdentities: options.keep.map { max($0, options.keepIdentities) }, clock: clock, logger: logger)
    } else {
      fleet = nil
    }
    let identities: any Identities = fleet ?? OwnIdentities()
    commits = CommitPipeline(
      options, clock: clock, folders, disk, catalog, partitions, rows, known,
      EventCopies(failures, catalog, clock: clock), locks, identities)
    acknowledgements = Acknowledgements(catalog, partitions, disk, locks, clock: clock)
    outgoing = OutgoingRecords(catalog, partitions, rows, failures, damaged, locks, logger: logger)
    undelivered = UndeliveredRecords(
      catalog, partitions, failures, batches, locks, clock: clock, pending: pending)
    observedClock = ObservedClock(catalog, clock: clock)
    importer = Importer(
      options: options, clock: clock, disk: disk, catalog: catalog, partitions: partitions, rows: rows, known: known,
      identities: identities)
  }
}
