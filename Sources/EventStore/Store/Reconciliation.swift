internal import DurableFiles
internal import Events
internal import ExactJSON
internal import Logging
internal import Schedules
internal import SystemPackage

/// Brings the catalog up to date with the tree, at the start.
///
/// A partition is compared name by name where it was being written to when the last run stopped without notice, or where
/// its folder has changed since; the others are known to be as the catalog has them.
struct Reconciliation {
  let catalog: Catalog
  let tree: PartitionTree
  let options: StoreOptions
  let clock: any WallClock
  let logger: Logger
  /// `retry/` and `failed/`.
  let failures: [FailureFolder]
  let firstFree: Int64
  /// Whether the catalog is being built.
  var isNew = false
  /// Told of records that were read.
  var didRead: (Int) -> Void = { _ in }

  func run() throws(StoreError) {
    do {
      var sequence = firstFree
      let dates = try tree.dates()
      let known = Dictionary(try catalog.partitions().map { ($0.date, $0) }, uniquingKeysWith: { first, _ in first })
      for row in known.values where !dates.contains(row.date) {
        // Moved away by a person, on a disk that is away, or pruned and stopped before it was forgotten.
        let missing = try catalog.losePartition(row.id)
        if missing > 0 { logger.report(missing: missing, at: tree.folder.pathText(of: FileName(row.date.description))) }
      }
      for date in dates {
        guard let partition = try tree.partition(date) else { continue }
        if let row = known[date], !row.isOpen, try partition.status().modified == row.changed {
          try readJournal(of: partition, row)
        } else {
          try compare(partition, date, &sequence)
        }
      }
      try readIdentities()
      for folder in failures { try compare(folder) }
      try observeNewest(dates)
    } catch let error as FileFailure {
      throw .files(error)
    } catch let error as CatalogError {
      throw .catalog(error)
    } catch {
      preconditionFailure("no other error can be thrown here: \(error)")
    }
  }

  // MARK: Partitions

  private func compare(_ partition: Folder, _ date: CalendarDate, _ sequence: inout Int64) throws {
    // A run that was killed before its second barrier left names that only the memory has: the drops that they stand for
    // are let go on the word of this comparison.
    if options.durability != .off { try partition.sync() }
    let changed = try partition.status().modified
    var onDisk: [String] = []
    try partition.forEachEntry { name, _ in
      if let key = name.recordKey { onDisk.append(key) }
    }
    var acknowledged: [EventID: Timestamp] = [:]
    acknowledged.reserveCapacity(onDisk.count)
    let journal = ForwardJournal(partition: partition, mode: options.fileMode)
    let end = try journal.read(from: 0) { entry in
      for eventId in entry.eventIds {
        acknowledged[eventId] = max(entry.forwardedAt, acknowledged[eventId] ?? entry.forwardedAt)
      }
    }
    try report(cut: try journal.mend(endOfLastLine: end), in: partition)

    var added = 0
    try catalog.connection.transaction { () throws(CatalogError) in
      let id = try catalog.openPartition(date)
      func put(_ row: EventRow) throws(CatalogError) {
        var row = row
        row.sequence = sequence
        if try !catalog.add(row) {
          let other = try catalog.event(row.eventId)
          if let other, other.state == .missing, other.partition == id, other.updatedAt == row.updatedAt {
            // It has come back, to its old place in the order.
            row.sequence = other.sequence
            try catalog.put([row])
            added += 1
            return
          }
          if let other, other.state != .gone, other.state != .missing, other.updatedAt >= row.updatedAt {
            let file = FileName(EventKey(eventId: row.eventId).text + ".json")
            logger.warning(
              "an event has two records; the later one counts",
              metadata: ["eventId": "\(row.eventId)", "file": "\(partition.pathText(of: file))"])
            return
          }
          try catalog.put([row])
        }
        sequence += 1
        added += 1
      }
      var pending: [EventRow] = []
      // In the order of the catalog's index, which grows at its end then, and mostly in that of the inodes; a folder has its
      // names in the order of their hashes.
      let keys = try isNew ? onDisk.sorted() : unknown(of: onDisk, id, in: partition, acknowledged).sorted()
      try RecordsAhead(of: keys, in: partition, number: id, acknowledged).forEach { key, result throws(CatalogError) in
        guard let row = row(of: key, in: partition, result) else { return }
        didRead(1)
        // The order counts for what is to be forwarded, and only that need be kept.
        if row.state == .pending { pending.append(row) } else { try put(row) }
      }
      pending.sort { ($0.updatedAt, $0.eventId) < ($1.updatedAt, $1.eventId) }
      for row in pending { try put(row) }
      try catalog.setJournal(ofPartition: id, bytes: end)
      try catalog.closePartition(id, changed: changed)
    }
    if added > 0 {
      logger.info(
        "records were taken up into the catalog",
        metadata: ["partition": "\(date)", "records": "\(added)", "inPartition": "\(onDisk.count)"])
    }
  }

  /// Notes what has become of the events that the catalog knows in a partition.
  ///
  /// - Returns: Those of the names on disk that it does not know.
  private func unknown(
    of onDisk: [String], _ id: Int64, in partition: Folder, _ acknowledged: [EventID: Timestamp]
  ) throws(CatalogError) -> Set<String> {
    var unknown = Set(onDisk)
    var gone: [Int64] = []
    var missing: [Int64] = []
    var forwarded: [(Int64, Timestamp)] = []
    try catalog.forEachEvent(inPartition: id) { row throws(CatalogError) in
      let key = EventKey(eventId: row.eventId).text
      if !unknown.contains(key) {
        guard row.state.isOwed else { return gone.append(row.sequence) }
        // A run that was stopped may have moved it there and not told the catalog.
        let isSetAside = failures.contains { folder in
          ((try? folder.name(ofRecord: row.eventId, updatedAt: row.updatedAt)) ?? nil) != nil
        }
        if isSetAside { gone.append(row.sequence) } else { missing.append(row.sequence) }
        return
      }
      // One that has come back is read: it may be an earlier writing.
      guard row.state != .missing else { return }
      unknown.remove(key)
      if row.state == .pending, let time = acknowledged[row.eventId], time >= row.updatedAt {
        forwarded.append((row.sequence, time))
      }
    }
    for sequence in gone { try catalog.setState(.gone, ofSequence: sequence) }
    for sequence in missing { try catalog.setState(.missing, ofSequence: sequence) }
    if !missing.isEmpty { logger.report(missing: missing.count, at: partition.path.string) }
    for (sequence, time) in forwarded { try catalog.setForwarded(sequence...sequence, at: time) }
    return unknown
  }

  private func row(of key: String, in partition: Folder, _ result: RecordsAhead.Result) -> EventRow? {
    switch result {
    case .success(let row): return row
    case .failure(let error):
      logger.error(
        "a file in a partition is no record and is left alone; move it away, or back into an inbox once it is mended",
        metadata: ["file": "\(partition.pathText(of: FileName(key + ".json")))", "why": "\(error)"])
      return nil
    }
  }

  private func readJournal(of partition: Folder, _ row: PartitionRow) throws {
    let journal = ForwardJournal(partition: partition, mode: options.fileMode)
    guard try partition.status(of: ForwardJournal.name)?.size ?? 0 != row.journal else { return }
    var entries: [ForwardEntry] = []
    let end = try journal.read(from: row.journal) { entries.append($0) }
    try report(cut: try journal.mend(endOfLastLine: end), in: partition)
    try catalog.connection.transaction { () throws(CatalogError) in
      for entry in entries {
        for eventId in entry.eventIds {
          guard let event = try catalog.event(eventId), event.partition == row.id, event.state == .pending,
            entry.forwardedAt >= event.updatedAt
          else { continue }
          try catalog.setForwarded(event.sequence...event.sequence, at: entry.forwardedAt)
        }
      }
      try catalog.setJournal(ofPartition: row.id, bytes: end)
    }
  }

  private func report(cut bytes: Int, in partition: Folder) throws {
    guard bytes > 0 else { return }
    logger.warning(
      "the last line of a journal was only half written and is cut off; its batch is sent again",
      metadata: ["file": "\(partition.pathText(of: ForwardJournal.name))", "bytes": "\(bytes)"])
  }

  // MARK: What is beside the partitions

  private func readIdentities() throws {
    guard let folder = try IdentityFile.folder(in: tree.folder) else { return }
    for date in try IdentityFile.dates(in: folder) where try !catalog.hasIdentities(of: date) {
      if let error = try IdentityFile.enter(date, in: folder, catalog) {
        logger.error(
          "the identities of a pruned day cannot be read; its events, dropped again, would be stored again",
          metadata: ["error": "\(error)"])
      }
    }
  }

  private func compare(_ failures: FailureFolder) throws {
    var onDisk: Set<FileName> = []
    try failures.folder.forEachEntry { name, kind in
      if !name.isSidecar, kind != .folder, !name.hasPrefix(".") { onDisk.insert(name) }
    }
    let known = try catalog.failureNames(in: failures.place)
    try catalog.connection.transaction { () throws(CatalogError) in
      for name in known.subtracting(onDisk) { try catalog.forgetFailure(in: failures.place, name) }
      for name in onDisk.subtracting(known) {
        guard let report = try? failures.report(of: name) else { continue }
        try catalog.putFailure(
          FailureRow(place: failures.place, name: name, eventId: report.failure.eventId, reason: report.failure.reason))
      }
    }
  }

  /// The clock is trusted as far as the newest partition goes, where nothing better is known.
  private func observeNewest(_ dates: [CalendarDate]) throws {
    guard try catalog.note(Retention.newestSeenNote) == nil else { return }
    let now = clock.now()
    let newest = dates.last.map { min(options.timeZone.startOfDay($0.adding(days: 1)), now) } ?? now
    try catalog.setNote(Retention.newestSeenNote, String(newest.milliseconds))
  }
}

/// No record is read that is larger than this: more than any inbox takes, and bounded all the same.
let recordSizeLimit = 1 << 30

extension Logger {
  /// Says that pending events have no record.
  ///
  /// - Parameters:
  ///   - events: How many.
  ///   - path: The folder in which their records should be; nil if these are several.
  func report(missing events: Int, at path: String? = nil) {
    var metadata: Metadata = [
      "events": "\(events)",
      "advice": "mount or move the folder back and restart; 'eventdrop verify --forget-missing' lets them go for good",
    ]
    if let path { metadata["expected"] = "\(path)" }
    error(
      "pending events have no record and are missing: they are not sent until their records are back",
      metadata: metadata)
  }
}
