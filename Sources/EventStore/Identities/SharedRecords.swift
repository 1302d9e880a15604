internal import Catalog
internal import DurableFiles
internal import Events
internal import ExactJSON
internal import Failures
internal import Logging
internal import Time

/// Records in the tree of whose events another machine may have a record.
struct SharedRecords {
  let catalog: Catalog
  let partitions: Partitions
  let batches: Batches
  let failures: Failures
  let logger: Logger
  let pending: PendingSignal

  /// The form in the ledger of the event of a row, from its record; nil if that does not exist.
  ///
  /// - Throws: `StorageError`.
  func claim(of row: EventRow) throws(StorageError) -> IdentityClaim? {
    if row.state == .gone { return try claim(ofAway: row) }
    return try StorageError.wrappingFiles { () throws(FileFailure) in
      guard let partition = try partitions.folder(ofPartition: row.partition),
        case .bytes(let bytes) = try partition.recordFile(EventKey(eventId: row.eventId).recordName)
      else { return nil }
      return claim(of: row, record: bytes)
    }
  }

  /// The same for a record that a failed forward has set aside: it comes back by itself, as the same writing.
  private func claim(ofAway row: EventRow) throws(StorageError) -> IdentityClaim? {
    try failures.firstCopy(of: row.eventId) { claim(of: row, record: $0) }
  }

  private func claim(of row: EventRow, record bytes: [UInt8]) -> IdentityClaim? {
    var document = JSONDocument()
    guard let record = try? ProcessedEvent(bytes.span, using: &document), record.eventId == row.eventId else {
      return nil
    }
    return IdentityClaim(
      eventId: row.eventId, eventType: record.eventType, dataDigest: JSONText.digest(of: record.data, in: bytes.span),
      inbox: row.inbox)
  }

  /// Marks rows as this machine's: they are pending.
  ///
  /// - Throws: `StorageError`.
  func confirm(_ rows: [EventRow], counter: Int64) throws(StorageError) {
    guard !rows.isEmpty else { return }
    try StorageError.wrapping { () throws(CatalogError) in
      try catalog.transaction { () throws(CatalogError) in
        for row in rows { try catalog.setState(.pending, ofSequence: row.sequence) }
        try catalog.setFleetCounter(counter)
      }
    }
    // They are older than the batches composed since.
    try batches.dissolve()
    pending.raise()
  }

  /// Forgets an unconfirmed row if its record does not exist: one that cannot be read may exist.
  ///
  /// - Throws: `StorageError`.
  func loseIfGone(_ row: EventRow) throws(StorageError) {
    let isGone = try StorageError.wrappingFiles { () throws(FileFailure) in
      guard let partition = try partitions.folder(ofPartition: row.partition) else { return false }
      return try partition.status(of: EventKey(eventId: row.eventId).recordName) == nil
    }
    if isGone { try lose(row) }
  }

  private func lose(_ row: EventRow) throws(StorageError) {
    try StorageError.wrapping { () throws(CatalogError) in try catalog.setState(.gone, ofSequence: row.sequence) }
  }

  /// Removes a record from the tree because another machine has the same one.
  ///
  /// - Throws: `StorageError`.
  func withdraw(_ row: EventRow, becauseOf node: String) throws(StorageError) {
    try StorageError.wrappingFiles { () throws(FileFailure) in
      guard let partition = try partitions.folder(ofPartition: row.partition) else { return }
      try partition.remove(EventKey(eventId: row.eventId).recordName)
    }
    try lose(row)
    logger.notice(
      "a record that was never confirmed was taken back: another machine has it",
      metadata: ["eventId": "\(row.eventId)", "node": "\(node)"])
  }

  /// Moves a record to `failed/` because another machine has a different record of its event.
  ///
  /// - Throws: `StorageError`.
  func setAside(_ row: EventRow, becauseOf node: String) throws(StorageError) {
    let name = EventKey(eventId: row.eventId).recordName
    let failure = DropFailure(
      stage: .identity, reason: .conflict, message: .conflict(row.eventId, node: node), eventId: row.eventId,
      eventType: row.eventType)
    let partition = try StorageError.wrappingFiles { () throws(FileFailure) in
      try partitions.folder(ofPartition: row.partition)
    }
    if let partition, let moved = try failures.leaveToPerson(name, in: partition, failure, inbox: row.inbox) {
      logger.error(
        "a record was set aside: another machine has another record of its event",
        metadata: ["eventId": "\(row.eventId)", "node": "\(node)", "file": "\(moved)"])
    }
    try lose(row)
  }
}

extension IdentityClaim {
  /// The form of an event in the ledger.
  init(of event: Event) {
    self.init(
      eventId: event.eventId, eventType: event.eventType, dataDigest: event.dataDigest, inbox: event.source.inbox)
  }
}
