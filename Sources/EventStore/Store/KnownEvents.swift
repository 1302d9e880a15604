internal import Catalog
internal import DurableFiles
internal import Events
internal import ExactJSON
internal import Failures
internal import Time

/// What is already known about an event to be stored.
///
/// The record on disk decides, not the catalog alone (I8), and by its bytes (I21).
final class KnownEvents {
  private let options: StoreOptions
  private let catalog: Catalog
  private let partitions: Partitions
  private let rows: RecordRows
  private let batches: Batches
  private let damaged: DamagedRecords
  private let pending: PendingSignal

  init(
    _ options: StoreOptions, _ catalog: Catalog, _ partitions: Partitions, _ rows: RecordRows, _ batches: Batches,
    _ damaged: DamagedRecords, pending: PendingSignal
  ) {
    self.options = options
    self.catalog = catalog
    self.partitions = partitions
    self.rows = rows
    self.batches = batches
    self.damaged = damaged
    self.pending = pending
  }

  /// The outcome of an event that is already known.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - row: The catalog's row for its eventId.
  ///   - hasIdentities: Whether there are identities of pruned events.
  /// - Returns: Nil if it may be stored.
  /// - Throws: `StorageError`.
  func outcome(of event: Event, _ row: EventRow?, _ hasIdentities: Bool) throws(StorageError) -> CommitOutcome? {
    if let row {
      // Its drop may go only once it is known whose the record is.
      if row.state == .unconfirmed { return .held }
      let outcome = try compare(event, withRecordIn: partitions.date(ofPartition: row.partition), knownAs: row)
      if let outcome { return outcome }
    }
    // A missing record that the catalog knew may have been pruned a moment ago.
    guard hasIdentities || row != nil else { return nil }
    let identity = try StorageError.wrapping { () throws(CatalogError) in try catalog.identity(ofKey: event.key.text) }
    guard let identity else { return nil }
    // A prune that has not taken the partition out yet is irrelevant: a missing record was moved away.
    if let row, let date = identity.date, try partitions.date(ofPartition: row.partition) == date,
      try partitions.folder(of: date) != nil
    {
      return nil
    }
    guard identity.digest != event.dataDigest else { return .duplicate }
    return .conflict(of: event, Message(DropMessage.conflictWithPruned))
  }

  /// The outcome of an event whose record's name is taken by one that the catalog does not know.
  ///
  /// It was stored by a run interrupted here, or put there by a person. If it is the same event, it is adopted.
  ///
  /// - Returns: Nil once the name is free.
  /// - Throws: `StorageError`.
  func outcomeOfTakenName(
    _ event: Event, in partition: Folder, _ date: CalendarDate, _ id: Int64
  ) throws(StorageError) -> CommitOutcome? {
    let outcome = try compare(event, withRecordIn: date)
    guard case .duplicate = outcome else { return outcome }
    try adopt(event, in: partition, id)
    return options.isInFleet ? .held : outcome
  }

  /// Compares an event with the record of its eventId in a partition.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - date: The partition.
  ///   - row: The catalog's row for that record. If the record was written at another time, or the row says that it is
  ///     missing, the row is updated first.
  /// - Returns: The outcome; nil if no record counts.
  /// - Throws: `StorageError`.
  private func compare(
    _ event: Event, withRecordIn date: CalendarDate?, knownAs row: EventRow? = nil
  ) throws(StorageError) -> CommitOutcome? {
    guard let date, let partition = try partitions.folder(of: date) else { return nil }
    let name = event.key.recordName
    let file = try StorageError.wrappingFiles { () throws(FileFailure) in try partition.recordFile(name) }
    if case .nothing = file { return nil }
    var document = JSONDocument()
    guard case .bytes(let bytes) = file, let record = try? ProcessedEvent(bytes.span, using: &document),
      record.eventId == event.eventId
    else { return try takeAway(name, file, of: event, in: partition) }
    if let row, row.updatedAt != record.updatedAt || row.state == .missing || row.state == .gone {
      try takeUp(record, size: bytes.count, in: partition, insteadOf: row)
    }
    let hasSameData = event.withData { data in
      JSONText.sameTokens(record.data, of: bytes.span, 0..<data.count, of: data)
    }
    let hasSameType = record.eventType.utf8.elementsEqual(event.eventType.utf8)
    if hasSameType, hasSameData { return .duplicate }
    let path = partition.pathText(of: name)
    return .conflict(
      of: event,
      hasSameType
        ? .conflict(event.eventId, record: path)
        : .conflict(event.eventId, record: path, eventType: record.eventType))
  }

  /// Removes an invalid file at the name of an event's record, so that the event, dropped again, gets a new one.
  ///
  /// - Returns: Nil once the name is free; the drop's failure if it cannot be freed.
  private func takeAway(
    _ name: FileName, _ file: RecordFile, of event: Event, in partition: Folder
  ) throws(StorageError) -> CommitOutcome? {
    let trouble = try damaged.setAside(
      name, in: partition, eventId: event.eventId, eventType: event.eventType, inbox: event.source.inbox,
      message: file.hindrance.map { Message(DropMessage.unreadableAndReplaced, ["why": .text("\($0)")]) }
        ?? Message(DropMessage.damagedAndReplaced))
    guard let trouble else { return nil }
    return .conflict(
      DropFailure(
        stage: .store, reason: .unreadable,
        message: Message(
          DropMessage.inTheWay, ["why": .text("\(trouble)"), "path": .text(partition.pathText(of: name))]),
        eventId: event.eventId, eventType: event.eventType))
  }

  /// Updates the catalog for a record that it describes differently: written at another time, or missing.
  ///
  /// It was left by an interrupted run, or put there by a person. An acknowledgement belongs to one writing (I12), so
  /// the record is pending unless the partition's journal has one for it.
  private func takeUp(
    _ record: ProcessedEvent, size: Int, in partition: Folder, insteadOf row: EventRow
  ) throws(StorageError) {
    let forwardedAt = try StorageError.wrappingFiles { () throws(FileFailure) in
      if options.durability != .off { try partition.sync() }
      return try ForwardJournal(partition: partition, mode: options.layout.fileMode).entries(naming: record.eventId)
        .map(\.forwardedAt).filter { $0 >= record.updatedAt }.max()
    }
    if row.updatedAt == record.updatedAt {
      // The same writing is back, in its old place in the order.
      try StorageError.wrapping { () throws(CatalogError) in
        if let forwardedAt {
          try catalog.setForwarded(row.sequence...row.sequence, at: forwardedAt)
        } else {
          try catalog.setState(.pending, ofSequence: row.sequence)
        }
      }
      // Batches composed since are younger.
      if forwardedAt == nil { try batches.dissolve() }
    } else {
      try rows.enter(record, bytes: size, inPartition: row.partition, acknowledgedAt: forwardedAt)
    }
    if forwardedAt == nil { pending.raise() }
  }

  /// Enters a record in the catalog that is in its partition already.
  private func adopt(_ event: Event, in partition: Folder, _ id: Int64) throws(StorageError) {
    let file = try StorageError.wrappingFiles { () throws(FileFailure) in
      try partition.recordFile(event.key.recordName)
    }
    var document = JSONDocument()
    guard case .bytes(let bytes) = file, let record = try? ProcessedEvent(bytes.span, using: &document) else { return }
    try rows.enter(record, bytes: bytes.count, inPartition: id, acknowledgedAt: nil, isConfirmed: !options.isInFleet)
  }
}

extension CommitOutcome {
  /// Its eventId belongs to another event.
  static func conflict(of event: Event, _ message: Message) -> CommitOutcome {
    .conflict(DropFailure.conflict(of: event, message))
  }
}
