internal import Catalog
internal import DurableFiles
internal import Events
internal import Time

/// Differences between the catalog and the tree.
extension Verifier {
  /// Checks the differences again, and reports those that remain.
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
    let acknowledged = try readJournal(of: partition, reporting: false)
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
        Message(FindingMessage.twoRecords, ["partition": .text(other.map { "\($0)" } ?? "?")]))
    case .hasNoRecord where row.state.isOwed:
      if isForgettingMissing {
        try catalog.setState(.gone, ofSequence: row.sequence)
      } else if isMending, row.state == .pending {
        try catalog.setState(.missing, ofSequence: row.sequence)
      }
      found(
        .missingRecord, path,
        Message(isForgettingMissing ? FindingMessage.forgotten : .missing, ["eventId": .text(row.eventId.text)]),
        isMended: isForgettingMissing)
    case .hasNoRecord:
      if isMending { try catalog.setState(.gone, ofSequence: row.sequence) }
      found(
        .catalog, path, Message(FindingMessage.goneRecord, ["eventId": .text(row.eventId.text)]), isMended: isMending)
    case .isMissing:
      if isMending { try mend(row, of: date, catalog) }
      found(
        .catalog, path, Message(FindingMessage.unknownRecord), isMended: isMending)
    case .isOtherwise(let what):
      if isMending { try mend(row, of: date, catalog) }
      found(
        .catalog, path, Message(FindingMessage.otherwise, ["what": .message(what)]), isMended: isMending)
    }
  }

  enum Difference: Equatable {
    case isMissing
    case isOtherwise(Message)
    case twoRecords(inPartition: Int64)
    case hasNoRecord
  }

  static func difference(_ row: EventRow, _ known: EventRow?) -> Difference? {
    guard let known, known.state != .gone else { return .isMissing }
    if known.partition != row.partition {
      return known.updatedAt >= row.updatedAt ? .twoRecords(inPartition: known.partition) : .isMissing
    }
    if !known.eventType.utf8.elementsEqual(row.eventType.utf8) {
      return .isOtherwise(Message(said: "eventType '\(known.eventType)'"))
    }
    if known.updatedAt != row.updatedAt { return .isOtherwise(Message(said: "updatedAt \(known.updatedAt)")) }
    if known.createdAt != row.createdAt { return .isOtherwise(Message(said: "createdAt \(known.createdAt)")) }
    if known.bytes != row.bytes { return .isOtherwise(Message(said: "bytes \(known.bytes)")) }
    if known.state == .missing { return .isOtherwise(Message(CommandMessage.missing)) }
    if known.state != row.state {
      return .isOtherwise(Message(known.state == .pending ? FindingMessage.pendingThere : .forwardedThere))
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
      // Anything else of that name is not a record, and a missing one may have something in its place.
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
          .missingRecord, path, Message(FindingMessage.partitionMissing, ["count": .integer(owed)]))
        continue
      }
      if isMending || isForgettingMissing {
        while try catalog.transaction({ () throws(CatalogError) in
          try catalog.forgetEvents(ofPartition: row.id, limit: 10_000)
        }) {}
      }
      found(
        .catalog, path,
        owed > 0
          ? Message(FindingMessage.partitionForgotten, ["count": .integer(owed)])
          : Message(FindingMessage.partitionGone),
        isMended: isMending || isForgettingMissing)
    }
  }
}
