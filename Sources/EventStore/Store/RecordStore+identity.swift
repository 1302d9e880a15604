internal import DurableFiles
package import Events
internal import ExactJSON
internal import Schedules
internal import Synchronization

/// What is known already of an event that is to be stored.
extension RecordStore {
  /// What the store knows already about an event with this eventId; nil where it may be stored.
  func earlierRecord(of event: Event, _ row: EventRow?, _ hasIdentities: Bool) throws(StoreError) -> CommitOutcome? {
    if let row {
      let outcome = try compare(event, withRecordIn: partitionDate(row.partition), knownAs: row)
      if let outcome { return outcome }
    }
    // A record that the catalog knew and that is not there may have been pruned a moment ago.
    guard hasIdentities || row != nil else { return nil }
    let identity = try StoreError.wrapping { () throws(CatalogError) in try catalog.identity(ofKey: event.key.text) }
    guard let identity else { return nil }
    // A prune that has not taken the partition out yet says nothing of it: a record that is not there was moved away.
    if let row, let date = identity.date, try partitionDate(row.partition) == date,
      try folder(ofPartition: date) != nil
    {
      return nil
    }
    guard identity.digest != event.dataDigest else { return .duplicate }
    return .conflict(
      DropFailure(
        stage: .identity, reason: .conflict,
        message: Message(DropMessage.conflictWithPruned), eventId: event.eventId, eventType: event.eventType))
  }

  /// Whether an event is known from this inbox with the same data: then a drop in the shape of a record is that record,
  /// which a person has moved or copied, wherever the inbox's mapping looks.
  ///
  /// The data is compared with that of the record in its partition. Where that is gone, since it is what was moved, the drop is
  /// known by the times of its writing, which only the record tells; and where it was pruned, by the identity that is kept.
  package nonisolated func isOnRecord(_ claim: RecordClaim) -> Bool {
    // On a connection of its own: a drop is read on another thread than the store's, and such drops are rare.
    guard let catalog = try? Catalog(path: options.catalogPath, isReadOnly: true) else { return false }
    guard let row = try? catalog.event(claim.eventId) else {
      let identity = try? catalog.identity(ofKey: EventKey(eventId: claim.eventId).text)
      return claim.cameFrom.utf8.elementsEqual(claim.inbox.utf8) && identity?.digest == claim.dataDigest
    }
    guard row.inbox.utf8.elementsEqual(claim.inbox.utf8), row.eventType.utf8.elementsEqual(claim.eventType.utf8) else {
      return false
    }
    if let digest = digest(ofRecord: claim.eventId, in: row.partition, catalog) { return digest == claim.dataDigest }
    return row.createdAt == claim.createdAt && row.updatedAt == claim.updatedAt
  }

  /// The SHA-256 of the data of a record, read from its partition; nil where it is not there.
  private nonisolated func digest(ofRecord eventId: EventID, in partition: Int64, _ catalog: Catalog) -> [UInt8]? {
    guard let date = (try? catalog.date(ofPartition: partition)) ?? nil,
      let folder = (try? PartitionTree(processed, mode: options.folderMode).partition(date)) ?? nil,
      let bytes = (try? folder.read(EventKey(eventId: eventId).recordName, limit: recordSizeLimit)) ?? nil
    else { return nil }
    var document = JSONDocument()
    guard let record = try? ProcessedEvent(bytes.span, using: &document), record.eventId == eventId else { return nil }
    return JSONText.digest(of: record.data, in: bytes.span)
  }

  private func partitionDate(_ id: Int64) throws(StoreError) -> CalendarDate? {
    if let openPartition, openPartition.id == id { return openPartition.date }
    return try StoreError.wrapping { () throws(CatalogError) in
      try catalog.date(ofPartition: id)
    }
  }

  /// Compares an event with the record of its eventId in a partition; nil where there is none that counts.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - date: The partition.
  ///   - row: What the catalog has of that record. If the record was written at another time, or the row says that it is
  ///     not there, the row is brought up to date first.
  /// - Returns: The outcome; nil if no record counts.
  /// - Throws: `StoreError`.
  func compare(
    _ event: Event, withRecordIn date: CalendarDate?, knownAs row: EventRow? = nil
  ) throws(StoreError) -> CommitOutcome? {
    guard let date, let partition = try StoreError.wrappingFiles({ () throws(FileFailure) in try tree.partition(date) })
    else { return nil }
    let name = event.key.recordName
    let file = try StoreError.wrappingFiles { () throws(FileFailure) in try partition.recordFile(name) }
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
    // By its bytes, as everything that is on record.
    let hasSameType = record.eventType.utf8.elementsEqual(event.eventType.utf8)
    if hasSameType, hasSameData { return .duplicate }
    let path = partition.pathText(of: name)
    return .conflict(
      DropFailure(
        stage: .identity, reason: .conflict,
        message: hasSameType
          ? .conflict(event.eventId, record: path)
          : .conflict(event.eventId, record: path, eventType: record.eventType),
        eventId: event.eventId, eventType: event.eventType))
  }

  /// Takes away what lies at the name of an event's record and is none, so that the event, dropped again, gets a new one.
  ///
  /// - Returns: Nil once the name is free; how the drop has failed if it cannot be freed.
  private func takeAway(
    _ name: FileName, _ file: RecordFile, of event: Event, in partition: Folder
  ) throws(StoreError) -> CommitOutcome? {
    let trouble = try setCorruptRecordAside(
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

  /// Brings the catalog up to date with a record that it has otherwise: written at another time, or not there.
  ///
  /// It was left by a run that was cut off, or put there by a person. An acknowledgement belongs to one writing, so the record is pending unless the partition's journal has one for it.
  private func takeUp(
    _ record: ProcessedEvent, size: Int, in partition: Folder, insteadOf row: EventRow
  ) throws(StoreError) {
    let forwardedAt = try StoreError.wrappingFiles { () throws(FileFailure) in
      if options.durability != .off { try partition.sync() }
      return try ForwardJournal(partition: partition, mode: options.fileMode).entries(naming: record.eventId)
        .map(\.forwardedAt).filter { $0 >= record.updatedAt }.max()
    }
    if row.updatedAt == record.updatedAt {
      // The same writing is back, in its old place in the order.
      try StoreError.wrapping { () throws(CatalogError) in
        if let forwardedAt {
          try catalog.setForwarded(row.sequence...row.sequence, at: forwardedAt)
        } else {
          try catalog.setState(.pending, ofSequence: row.sequence)
        }
      }
      // What was put together since is younger.
      if forwardedAt == nil { try dissolveBatches() }
    } else {
      try enter(record, bytes: size, inPartition: row.partition, acknowledgedAt: forwardedAt)
    }
    if forwardedAt == nil { listener.withLock { $0 }?() }
  }
}
