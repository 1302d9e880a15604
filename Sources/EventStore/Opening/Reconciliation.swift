internal import Catalog
internal import DurableFiles
internal import Events
internal import ExactJSON
internal import Failures
internal import Logging
internal import SystemPackage
internal import Time

/// Brings the catalog up to date with the tree, at the start.
///
/// A partition is compared record by record if it was open for writing when the last run was killed, if its folder has
/// changed since, or if the catalog knows that a record of it is missing; the others are known to match the catalog.
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
  /// Called with the number of records read.
  var didRead: (Int) -> Void = { _ in }

  func run() throws(StorageError) {
    do {
      var sequence = firstFree
      let dates = try tree.dates()
      let known = Dictionary(try catalog.partitions().map { ($0.date, $0) }, uniquingKeysWith: { first, _ in first })
      for row in known.values where !dates.contains(row.date) {
        // Moved away by a person, on a disk that is offline, or pruned but not forgotten before a stop.
        let missing = try catalog.losePartition(row.id)
        if missing > 0 { logger.report(missing: missing, at: tree.folder.pathText(of: FileName(row.date.description))) }
      }
      for date in dates {
        guard let partition = try tree.partition(date) else { continue }
        if let row = known[date], try isAsKnown(partition, row) {
          try readJournal(of: partition, row)
        } else {
          try compare(partition, date, &sequence)
        }
      }
      try readIdentities()
      for folder in failures { try folder.reconcile(with: catalog) }
      try observeNewest(dates)
    } catch let error as FileFailure {
      throw .files(error)
    } catch let error as CatalogError {
      throw .catalog(error)
    } catch let error as StorageError {
      throw error
    } catch {
      preconditionFailure("no other error can be thrown here: \(error)")
    }
  }

  // MARK: Partitions

  /// Whether the catalog has all of a partition, as far as can be known without reading its records.
  private func isAsKnown(_ partition: Folder, _ row: PartitionRow) throws -> Bool {
    guard !row.isOpen, try partition.status().modified == row.changed else { return false }
    // A folder that has come back has its old times.
    return try catalog.missingCount(inPartition: row.id) == 0
  }

  private func compare(_ partition: Folder, _ date: CalendarDate, _ sequence: inout Int64) throws {
    // A run killed before its second barrier left names that exist only in memory: their drops are removed because of
    // this comparison.
    if options.durability != .off { try partition.sync() }
    let changed = try partition.status().modified
    var onDisk: [String] = []
    try partition.forEachEntry { name, _ in
      if let key = name.recordKey { onDisk.append(key) }
    }
    let journal = ForwardJournal(partition: partition, mode: options.layout.fileMode)
    let (acknowledged, end) = try journal.acknowledged()
    let journalSize = try mend(journal, endOfLastLine: end)

    var added = 0
    var lack: FileFailure?
    try catalog.transaction { () throws(CatalogError) in
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
          if let other, other.partition != id, other.state != .gone, other.state != .missing,
            other.updatedAt >= row.updatedAt
          {
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
      if !isNew { try settle(onDisk, id, in: partition, acknowledged) }
      // In the order of the catalog's index, which then grows at its end, and mostly in that of the inodes; a folder
      // has its names in the order of their hashes. Each is read: only the record itself shows which writing it is.
      try RecordsAhead(of: onDisk.sorted(), in: partition, number: id, acknowledged).forEach {
        key, result throws(CatalogError) in
        if case .failure(.cannotBeRead(let failure)) = result, failure.isOfTheMachine { return lack = failure }
        guard let row = row(of: key, in: partition, result) else { return }
        didRead(1)
        if !isNew, try isKnown(row) { return }
        // The order matters for what is to be forwarded, and only that has to be kept.
        if row.state == .pending { pending.append(row) } else { try put(row) }
      }
      pending.sort { ($0.updatedAt, $0.eventId) < ($1.updatedAt, $1.eventId) }
      for row in pending { try put(row) }
      // What could not be read may be a record: the partition counts as compared only once all of it was.
      guard lack == nil else { return }
      try catalog.setJournal(ofPartition: id, bytes: journalSize)
      try catalog.closePartition(id, changed: changed)
    }
    if let lack { throw lack }
    if added > 0 {
      logger.info(
        "records were taken up into the catalog",
        metadata: ["partition": "\(date)", "records": "\(added)", "inPartition": "\(onDisk.count)"])
    }
  }

  /// Settles the events that the catalog knows in a partition: which no longer have a record there, and which are
  /// acknowledged.
  private func settle(
    _ onDisk: [String], _ id: Int64, in partition: Folder, _ acknowledged: [EventID: Timestamp]
  ) throws(CatalogError) {
    let onDisk = Set(onDisk)
    var gone: [Int64] = []
    var missing: [Int64] = []
    var forwarded: [(Int64, Timestamp)] = []
    try catalog.forEachEvent(inPartition: id) { row throws(CatalogError) in
      if !onDisk.contains(EventKey(eventId: row.eventId).text) {
        // What was unconfirmed was withdrawn: another machine has it.
        guard row.state.isOwed, row.state != .unconfirmed else { return gone.append(row.sequence) }
        // A run may have moved it there and been stopped before it updated the catalog.
        let isSetAside = failures.contains { folder in
          ((try? folder.name(ofRecord: row.eventId, updatedAt: row.updatedAt)) ?? nil) != nil
        }
        if isSetAside { gone.append(row.sequence) } else { missing.append(row.sequence) }
      } else if row.state == .pending, let time = acknowledged[row.eventId], time >= row.updatedAt {
        forwarded.append((row.sequence, time))
      }
    }
    for sequence in gone { try catalog.setState(.gone, ofSequence: sequence) }
    for sequence in missing { try catalog.setState(.missing, ofSequence: sequence) }
    if !missing.isEmpty { logger.report(missing: missing.count, at: partition.path.string) }
    for (sequence, time) in forwarded { try catalog.setForwarded(sequence...sequence, at: time) }
  }

  /// Whether the catalog has this writing of a record in its place.
  private func isKnown(_ row: EventRow) throws(CatalogError) -> Bool {
    guard let known = try catalog.event(row.eventId), known.partition == row.partition else { return false }
    return known.updatedAt == row.updatedAt && [.pending, .forwarded, .unconfirmed].contains(known.state)
  }

  private func row(of key: String, in partition: Folder, _ result: RecordsAhead.Result) -> EventRow? {
    switch result {
    case .success(let row): return row
    case .failure(let error):
      logger.error(
        "a file in a partition is not a record and is left alone; move it away, or back into an inbox once it is mended",
        metadata: ["file": "\(partition.pathText(of: FileName(key + ".json")))", "error": "\(error)"])
      return nil
    }
  }

  private func readJournal(of partition: Folder, _ row: PartitionRow) throws {
    let journal = ForwardJournal(partition: partition, mode: options.layout.fileMode)
    guard try partition.status(of: ForwardJournal.name)?.size ?? 0 != row.journal else { return }
    var entries: [ForwardEntry] = []
    let end = try journal.read(from: row.journal) { entries.append($0) }
    let size = try mend(journal, endOfLastLine: end)
    try catalog.transaction { () throws(CatalogError) in
      for entry in entries {
        for eventId in entry.eventIds {
          guard let event = try catalog.event(eventId), event.partition == row.id, event.state == .pending,
            entry.forwardedAt >= event.updatedAt
          else { continue }
          try catalog.setForwarded(event.sequence...event.sequence, at: entry.forwardedAt)
        }
      }
      try catalog.setJournal(ofPartition: row.id, bytes: size)
    }
  }

  /// - Returns: The journal's present size.
  private func mend(_ journal: ForwardJournal, endOfLastLine end: Int) throws -> Int {
    let (cut, size) = try journal.mend(endOfLastLine: end)
    if cut > 0 {
      logger.warning(
        "the last line of a journal was only half written and is cut off; its batch is sent again",
        metadata: ["file": "\(journal.partition.pathText(of: ForwardJournal.name))", "bytes": "\(cut)"])
    }
    return size
  }

  // MARK: Beside the partitions

  private func readIdentities() throws {
    guard let folder = try IdentityFile.folder(in: tree.folder) else { return }
    for date in try IdentityFile.dates(in: folder) {
      // A restored file may contain what the day's present one did not.
      guard try IdentityFile.mark(date, in: folder) != catalog.note(IdentityFile.noteName(of: date)) else { continue }
      if let error = try IdentityFile.enter(date, in: folder, catalog) {
        logger.error(
          "the identities of a pruned day cannot be read; its events, dropped again, would be stored again",
          metadata: ["error": "\(error)"])
      }
    }
  }

  /// The clock is trusted up to the newest partition, if nothing better is known.
  private func observeNewest(_ dates: [CalendarDate]) throws {
    guard try catalog.newestSeen() == nil else { return }
    let now = clock.now()
    let newest = dates.last.map { min(options.layout.timeZone.startOfDay($0.adding(days: 1)), now) } ?? now
    try catalog.setNewestSeen(newest)
  }
}

extension Logger {
  /// Reports that pending events have no record.
  ///
  /// - Parameters:
  ///   - events: How many.
  ///   - path: The folder in which their records should be; nil if there are several.
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
