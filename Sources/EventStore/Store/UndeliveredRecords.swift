internal import Catalog
internal import Concurrency
internal import DurableFiles
internal import Events
internal import Failures
internal import Logging
internal import SystemPackage
internal import Time

/// Records that a failed forward moved away, and that come back as what they were.
///
/// Each is the same writing, in its old place in the order. Any other file is processed as a drop.
final class UndeliveredRecords {
  private let catalog: Catalog
  private let partitions: Partitions
  private let failures: Failures
  private let batches: Batches
  private let locks: EventLocks
  private let clock: any WallClock
  private let pending: PendingSignal
  /// Records that are back in their partitions, but could not be entered in the catalog yet.
  private var returned: [ReturnedRecords] = []

  init(
    _ catalog: Catalog, _ partitions: Partitions, _ failures: Failures, _ batches: Batches, _ locks: EventLocks,
    clock: any WallClock, pending: PendingSignal
  ) {
    self.catalog = catalog
    self.partitions = partitions
    self.failures = failures
    self.batches = batches
    self.locks = locks
    self.clock = clock
    self.pending = pending
  }

  /// Puts back the records for which the webhook was unreachable; see `RecordStore.takeBackUndelivered`.
  func takeBackAll() async throws(StorageError) -> Int {
    try enterReturned()
    guard failures.mayExist else { return 0 }
    let rows = try StorageError.wrapping { () throws(CatalogError) in
      try catalog.failures(in: .retry, of: .unreachable)
    }
    return try await takeBack(rows, isCharged: true)
  }

  /// Puts back one file of `retry/`; see `RecordStore.takeBackUndelivered`.
  func takeBack(_ name: FileName) async throws(StorageError) -> Bool {
    let row = try StorageError.wrapping { () throws(CatalogError) in try catalog.failure(in: .retry, name) }
    guard let row, row.reason == .unreachable else { return false }
    return try await takeBack([row], isCharged: true) == 1
  }

  /// Puts these events back; see `RecordStore.giveBack`.
  func giveBack(_ events: [PendingEvent]) async throws(StorageError) -> Int {
    var rows: [FailureRow] = []
    for event in events {
      rows += try StorageError.wrapping { () throws(CatalogError) in try catalog.failures(ofEvent: event.eventId) }
        .filter { $0.reason == .rejected }
    }
    return try await takeBack(rows, isCharged: false)
  }

  private func takeBack(_ rows: [FailureRow], isCharged: Bool) async throws(StorageError) -> Int {
    guard !rows.isEmpty else { return 0 }
    await locks.waitUntilReleased(rows.compactMap(\.eventId))
    let (records, failure) = move(rows, isCharged: isCharged)
    // What was moved is in the tree: the catalog is updated now, or at the next opportunity.
    if !records.moved.isEmpty { returned.append(records) }
    if let failure { throw failure }
    try enterReturned()
    return records.moved.count
  }

  /// Moves files into the partitions of their records.
  ///
  /// - Returns: Those that were moved, and why the rest was not, if anything failed.
  private func move(_ rows: [FailureRow], isCharged: Bool) -> (ReturnedRecords, StorageError?) {
    var records = ReturnedRecords(isCharged: isCharged)
    do throws(StorageError) {
      for row in rows {
        guard let (event, partition) = try move(row, isCharged: isCharged) else { continue }
        records.append(row, event, partition)
      }
    } catch {
      return (records, error)
    }
    return (records, nil)
  }

  /// Enters in the catalog the records that are back in their partitions, if that is still to be done.
  ///
  /// - Throws: `StorageError`; they are then entered at the next opportunity.
  func enterReturned() throws(StorageError) {
    while let first = returned.first {
      try enter(first)
      returned.removeFirst()
    }
  }

  /// Moves a file into the partition of its record, if it is still that record.
  private func move(_ row: FailureRow, isCharged: Bool) throws(StorageError) -> (EventRow, Folder)? {
    guard let eventId = row.eventId,
      let event = try StorageError.wrapping({ () throws(CatalogError) in try catalog.event(eventId) }),
      event.state == .gone
    else { return nil }
    let partition = try StorageError.wrappingFiles { () throws(FileFailure) in
      try failures.takeBack(row, as: event, isCharged: isCharged) { () throws(FileFailure) in
        try partitions.folder(ofPartition: event.partition)
      }
    }
    return partition.map { (event, $0) }
  }

  /// Brings the names to disk, and then updates the catalog (I3).
  private func enter(_ records: ReturnedRecords) throws(StorageError) {
    let rows = records.moved.map(\.row)
    try StorageError.wrappingFiles { () throws(FileFailure) in
      for partition in records.partitions { try partition.sync() }
      try failures.syncNames(of: rows)
    }
    try StorageError.wrapping { () throws(CatalogError) in
      try catalog.transaction { () throws(CatalogError) in
        for (row, event) in records.moved {
          try catalog.setBack(sequence: event.sequence, failedOf: row.reason, isCharged: records.isCharged)
          let back = Rewriting(time: clock.now(), failedOf: row.reason)
          if records.isCharged { try catalog.putRewriting(back, ofEvent: event.eventId) }
        }
      }
    }
    try failures.forget(rows)
    // They are older than batches composed since.
    try batches.dissolve()
    pending.raise()
  }
}

/// Records that were moved back into their partitions together.
private struct ReturnedRecords {
  private(set) var moved: [(row: FailureRow, event: EventRow)] = []
  private(set) var partitions: [Folder] = []
  /// Whether the failed attempt counts.
  let isCharged: Bool

  init(isCharged: Bool) { self.isCharged = isCharged }

  mutating func append(_ row: FailureRow, _ event: EventRow, _ partition: Folder) {
    moved.append((row, event))
    if !partitions.contains(where: { $0.path == partition.path }) { partitions.append(partition) }
  }
}
