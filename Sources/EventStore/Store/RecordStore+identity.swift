internal import DurableFiles
package import Events
internal import ExactJSON
internal import Schedules
internal import Synchronization

/// What is known already of an event that is to be stored.
extension RecordStore {
  /// What the store knows already about an event with this eventId; nil where it may be stored.
  func earlierRecord(of event: Event, _ row: EventRow?, _ hasIdentities: Bool) throws(StoreError) -> CommitOutcome? {
    if let row, row.state != .gone {
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
        message:
          "an event with this eventId was stored before, with other data, and its record has been pruned since."
          + " If this one is right, give it an eventId of its own",
        eventId: event.eventId, eventType: event.eventType))
  }

  /// Whether an event is known from this inbox with the same data: then a drop in the shape of a record is that record,
  /// which a person has moved or copied, wherever the inbox's mapping looks.
  ///
  /// The data is known by the writing that it belongs to: its times and its size.
  package nonisolated func isOnRecord(_ claim: RecordClaim) -> Bool {
    // On a connection of its own: a drop is read on another thread than the store's, and such drops are rare.
    guard let catalog = try? Catalog(path: options.catalogPath, isReadOnly: true),
      let row = try? catalog.event(claim.eventId)
    else { return false }
    return row.inbox == claim.inbox && row.eventType.utf8.elementsEqual(claim.eventType.utf8)
      && row.createdAt == claim.createdAt && row.updatedAt == claim.updatedAt && row.bytes == claim.bytes + 1
  }

  private func partitionDate(_ id: Int64) throws(StoreError) -> CalendarDate? {
    if let openPartition, openPartition.id == id { return openPartition.date }
    return try StoreError.wrapping { () throws(CatalogError) in
      try catalog.partitions().first { $0.id == id }?.date
    }
  }

  /// Compares an event with the record of its eventId in a partition; nil where there is none that counts.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - date: The partition.
  ///   - row: What the catalog has of that record. If the record was written at another time, the
  ///     row is brought up to date first.
  /// - Returns: The outcome; nil if no record counts.
  /// - Throws: `StoreError`.
  func compare(
    _ event: Event, withRecordIn date: CalendarDate?, knownAs row: EventRow? = nil
  ) throws(StoreError) -> CommitOutcome? {
    guard let date, let partition = try StoreError.wrappingFiles({ () throws(FileFailure) in try tree.partition(date) })
    else { return nil }
    let name = event.key.recordName
    let bytes = try StoreError.wrappingFiles { () throws(FileFailure) in
      try partition.read(name, limit: recordSizeLimit)
    }
    guard let bytes else { return nil }
    var document = JSONDocument()
    guard let record = try? ProcessedEvent(bytes.span, using: &document), record.eventId == event.eventId else {
      try setCorruptRecordAside(
        name, in: partition, eventId: event.eventId, eventType: event.eventType, inbox: event.source.inbox,
        message: "the record is damaged: it is not what was written. The event was dropped again and has a new record")
      return nil
    }
    if let row, row.updatedAt != record.updatedAt {
      try takeUp(record, size: bytes.count, in: partition, number: row.partition)
    }
    let hasSameData = event.withData { data in
      JSONText.sameTokens(record.data, of: bytes.span, 0..<data.count, of: data)
    }
    // By its bytes, as everything that is on record.
    let hasSameType = record.eventType.utf8.elementsEqual(event.eventType.utf8)
    if hasSameType, hasSameData { return .duplicate }
    let difference = hasSameType ? "other data" : "the eventType '\(record.eventType)'"
    return .conflict(
      DropFailure(
        stage: .identity, reason: .conflict,
        message: "the eventId '\(event.eventId)' belongs to another event: \(partition.pathText(of: name)) has"
          + " \(difference). The record stays; eventdrop diff shows what differs, and if this file is the right one,"
          + " eventdrop reprocess --replace puts it in the record's place",
        eventId: event.eventId, eventType: event.eventType))
  }

  /// Brings the catalog up to date with a record that was written at another time than the catalog says: left by a run that
  /// was cut off, or put there by a person.
  ///
  /// An acknowledgement belongs to one writing, so the record is pending unless the partition's journal has one for it.
  private func takeUp(
    _ record: ProcessedEvent, size: Int, in partition: Folder, number: Int64
  ) throws(StoreError) {
    let forwardedAt = try StoreError.wrappingFiles { () throws(FileFailure) in
      if options.durability != .off { try partition.sync() }
      return try ForwardJournal(partition: partition, mode: options.fileMode).entries(naming: record.eventId)
        .map(\.forwardedAt).filter { $0 >= record.updatedAt }.max()
    }
    try enter(record, bytes: size, inPartition: number, acknowledgedAt: forwardedAt)
    if forwardedAt == nil { listener.withLock { $0 }?() }
  }
}
