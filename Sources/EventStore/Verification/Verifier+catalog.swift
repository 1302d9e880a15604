internal import DurableFiles
internal import Events
internal import Time

/// What the catalog tells otherwise than the tree.
extension Verifier {
  /// Looks again at what the catalog tells otherwise, and tells what stays so.
  mutating func settleDoubts() throws {
    guard let catalog else { return }
    for _ in 0..<looks where !doubts.isEmpty {
      pause()
      for (date, doubtful) in doubts {
        let lasting = try look(at: doubtful, of: date, catalog) { _, _, _, _ in }
        doubts[date] = lasting.isEmpty ? nil : lasting
      }
    }
    for (date, doubtful) in doubts.sorted(by: { $0.key < $1.key }) {
      _ = try look(at: doubtful, of: date, catalog) { verifier, path, row, difference throws in
        try verifier.settle(row, difference, at: path, of: date, catalog)
      }
    }
  }

  /// - Returns: What still differs.
  private mutating func look(
    at doubtful: [Doubt], of date: CalendarDate, _ catalog: Catalog,
    _ differs: (inout Verifier, _ path: String, EventRow, Difference) throws -> Void
  ) throws -> [Doubt] {
    guard let partition = try tree.partition(date) else { return [] }
    let number = try catalog.partition(date)?.id
    let acknowledged = try readJournal(of: partition, telling: false)
    return try doubtful.filter { doubt in
      switch doubt {
      case .record(let key):
        let record = try? RecordOnDisk(key, in: partition, number: number ?? 0, acknowledged, using: &document)
        guard let row = record?.row, let difference = Self.difference(row, try catalog.event(row.eventId)) else {
          return false
        }
        try differs(&self, partition.pathText(of: FileName(key + ".json")), row, difference)
      case .row(let eventId):
        let name = EventKey(eventId: eventId).recordName
        guard let row = try catalog.event(eventId), row.partition == number, row.state != .gone else { return false }
        if case .bytes = try partition.recordFile(name) { return false }
        try differs(&self, partition.pathText(of: name), row, .hasNoRecord)
      }
      return true
    }
  }

  private mutating func settle(
    _ row: EventRow, _ difference: Difference, at path: String, of date: CalendarDate, _ catalog: Catalog
  ) throws {
    switch difference {
    case .twoRecords(let number):
      let other = try catalog.date(ofPartition: number)
      found(
        .twoRecords, path,
        "the same eventId has a record in the partition \(other.map { "\($0)" } ?? "?"), which counts. Compare the two,"
          + " and move this one away")
    case .hasNoRecord where row.state.isOwed:
      if isForgettingMissing {
        try catalog.setState(.gone, ofSequence: row.sequence)
      } else if isMending, row.state == .pending {
        try catalog.setState(.missing, ofSequence: row.sequence)
      }
      found(
        .missingRecord, path,
        isForgettingMissing
          ? "the event '\(row.eventId)' was pending; it is let go"
          : "the event '\(row.eventId)' is pending and its record is not there. Move the record back, or drop the event"
            + " again; 'eventdrop verify --forget-missing' lets it go", isMended: isForgettingMissing)
    case .hasNoRecord:
      if isMending { try catalog.setState(.gone, ofSequence: row.sequence) }
      found(
        .catalog, path,
        "the catalog knows a record that is not there; the next drop of '\(row.eventId)' is processed",
        isMended: isMending)
    case .isMissing:
      if isMending { try mend(row, of: date, catalog) }
      found(
        .catalog, path, "the catalog does not know this record; 'eventdrop verify --repair' tells it",
        isMended: isMending)
    case .isOtherwise(let what):
      if isMending { try mend(row, of: date, catalog) }
      found(
        .catalog, path, "the catalog has it otherwise (\(what)); 'eventdrop verify --repair' mends that",
        isMended: isMending)
    }
  }

  enum Difference: Equatable {
    case isMissing
    case isOtherwise(String)
    case twoRecords(inPartition: Int64)
    case hasNoRecord
  }

  static func difference(_ row: EventRow, _ known: EventRow?) -> Difference? {
    guard let known, known.state != .gone else { return .isMissing }
    if known.partition != row.partition {
      return known.updatedAt >= row.updatedAt ? .twoRecords(inPartition: known.partition) : .isMissing
    }
    if !known.eventType.utf8.elementsEqual(row.eventType.utf8) { return .isOtherwise("eventType '\(known.eventType)'") }
    if known.updatedAt != row.updatedAt { return .isOtherwise("updatedAt \(known.updatedAt)") }
    if known.createdAt != row.createdAt { return .isOtherwise("createdAt \(known.createdAt)") }
    if known.bytes != row.bytes { return .isOtherwise("\(known.bytes) bytes") }
    if known.state == .missing { return .isOtherwise("missing") }
    if known.state != row.state {
      return .isOtherwise(
        known.state == .pending
          ? "pending, where the journal says that it was acknowledged"
          : "forwarded, where the journal has no acknowledgement")
    }
    return nil
  }

  private mutating func mend(_ row: EventRow, of date: CalendarDate, _ catalog: Catalog) throws {
    guard let known = try catalog.partition(date) else { return }
    var row = row
    row.partition = known.id
    if let earlier = try catalog.event(row.eventId), earlier.state != .gone, earlier.partition == known.id {
      row.sequence = earlier.sequence
      row.attempts = earlier.attempts
      row.firstFailedAt = earlier.firstFailedAt
    } else {
      row.sequence = nextSequence
      nextSequence += 1
    }
    try catalog.put([row])
  }

  mutating func verifyRows(of row: PartitionRow, _ date: CalendarDate, in partition: Folder) throws {
    guard let catalog else { return }
    try catalog.forEachEvent(inPartition: row.id) { event in
      let name = EventKey(eventId: event.eventId).recordName
      // What else has its name is no record, and one that is missing may have something in its place.
      let status = try? partition.status(of: name)
      guard status?.kind != .regular || event.state == .missing else { return }
      doubts[date, default: []].append(.row(eventId: event.eventId))
    }
  }

  mutating func verifyPartitionsThatAreGone() throws {
    guard let catalog else { return }
    let there = Set(try tree.dates())
    for row in try catalog.partitions() where !there.contains(row.date) {
      guard try lasts({ try tree.partition(row.date) == nil && catalog.partition(row.date) != nil }) else { continue }
      let path = tree.folder.pathText(of: FileName(row.date.description))
      let owed = try catalog.pendingCount(inPartition: row.id)
      if owed > 0, !isForgettingMissing {
        if isMending { _ = try catalog.losePartition(row.id) }
        found(
          .missingRecord, path,
          "the partition is not there, and \(owed) of its events are pending. Mount or move it back;"
            + " 'eventdrop verify --forget-missing' lets them go")
        continue
      }
      if isMending || isForgettingMissing {
        while try catalog.connection.transaction({ () throws(CatalogError) in
          try catalog.forgetEvents(ofPartition: row.id, limit: 10_000)
        }) {}
      }
      found(
        .catalog, path,
        owed > 0
          ? "the partition is not there, and \(owed) of its events were pending; they are let go"
          : "the catalog knows a partition that is not there", isMended: isMending || isForgettingMissing)
    }
  }
}
