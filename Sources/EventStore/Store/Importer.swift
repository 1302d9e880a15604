internal import DurableFiles
internal import Events
internal import Time

/// Takes over events that are known as forwarded; see `RecordStore.take`.
struct Importer {
  let options: StoreOptions
  let clock: any WallClock
  let disk: StoreDisk
  let catalog: Catalog
  let partitions: Partitions
  let rows: RecordRows
  let known: KnownEvents

  /// A record that is written and has no name yet.
  private struct Staged {
    var event: ImportedEvent
    var file: UnnamedFile
    var bytes: Int
  }

  func take(over portion: [ImportedEvent], batchId: String) async throws(StorageError) -> [CommitOutcome] {
    let hasIdentities = try StorageError.wrapping { () throws(CatalogError) in try catalog.hasIdentities() }
    var outcomes: [CommitOutcome] = []
    var days: [CalendarDate: [Staged]] = [:]
    var ids: Set<EventID> = []
    let ticket = try disk.begin()
    for imported in portion {
      let event = imported.event
      if !ids.insert(event.eventId).inserted {
        // The first of them has to have its record before the next can be compared with it.
        for (date, staged) in days { try await publish(staged, in: date, batchId, ticket) }
        days = [:]
      }
      let row = try StorageError.wrapping { () throws(CatalogError) in try catalog.event(event.eventId) }
      if let earlier = try known.outcome(of: event, row, hasIdentities) {
        outcomes.append(earlier)
        continue
      }
      let date = options.timeZone.date(of: imported.processedAt)
      let record = event.record(
        processedAt: imported.processedAt, createdAt: imported.createdAt, updatedAt: imported.updatedAt)
      let partition = try partitions.folder(making: date)
      try StorageError.wrappingFiles { () throws(FileFailure) in
        let file = try UnnamedFile(in: partition, mode: options.fileMode)
        try file.write(record.span)
        days[date, default: []].append(Staged(event: imported, file: file, bytes: record.count))
      }
      outcomes.append(.stored(superseded: 0))
    }
    for (date, staged) in days { try await publish(staged, in: date, batchId, ticket) }
    return outcomes
  }

  /// The journal has its line before the records have their names (I19): wherever this is stopped, no event that is there would
  /// be sent.
  private func publish(
    _ staged: [Staged], in date: CalendarDate, _ batchId: String, _ ticket: Barrier.Ticket
  ) async throws(StorageError) {
    let id = try partitions.openInCatalog(date)
    let forwardedAt = staged.map { max($0.event.updatedAt, $0.event.processedAt) }.max() ?? clock.now()
    let partition = try partitions.folder(making: date)
    try await disk.makeDurable(staged.map(\.file), since: ticket)
    let entry = ForwardEntry(
      batchId: batchId, forwardedAt: forwardedAt, status: 200, eventIds: staged.map(\.event.event.eventId))
    let journalBytes = try await disk.append([entry], toJournalIn: partition)
    try StorageError.wrappingFiles { () throws(FileFailure) in
      for record in staged {
        // A name that is taken is of a record that the catalog does not know; the next start looks at it.
        _ = try record.file.publish(as: record.event.event.key.recordName)
      }
    }
    try await disk.syncNames(in: partition)
    try rows.enter(
      forwarded: staged.map { ($0.event, $0.bytes) }, inPartition: id, at: forwardedAt, journalBytes: journalBytes)
  }
}
