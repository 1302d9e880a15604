internal import DurableFiles
package import Events
package import Schedules

/// An event that another system has processed and forwarded already.
package struct ImportedEvent: Sendable {
  package var event: Event
  package var processedAt: Timestamp
  package var createdAt: Timestamp
  package var updatedAt: Timestamp

  package init(_ event: Event, processedAt: Timestamp, createdAt: Timestamp, updatedAt: Timestamp) {
    self.event = event
    self.processedAt = processedAt
    self.createdAt = createdAt
    self.updatedAt = updatedAt
  }
}

extension RecordStore {
  /// Takes over events that are known as forwarded, each into the partition of its `processedAt`.
  ///
  /// The journal has its line before the records have their names: wherever this is stopped, no event that is there would be
  /// sent.
  ///
  /// - Parameters:
  ///   - portion: The events.
  ///   - batchId: How the journals name the acknowledgement.
  /// - Returns: What became of each, in order.
  /// - Throws: `StoreError`; the portion can be given again.
  package func take(over portion: [ImportedEvent], batchId: String) throws(StoreError) -> [CommitOutcome] {
    let hasIdentities = try StoreError.wrapping { () throws(CatalogError) in try catalog.hasIdentities() }
    var outcomes: [CommitOutcome] = []
    var days: [CalendarDate: [(event: ImportedEvent, file: UnnamedFile, size: Int)]] = [:]
    var ids: Set<EventID> = []
    let ticket = try StoreError.wrappingFiles { () throws(FileFailure) in try barrier.begin() }
    for imported in portion {
      let event = imported.event
      if !ids.insert(event.eventId).inserted {
        // The first of them has to have its record before the next can be compared with it.
        for (date, files) in days { try publish(files, in: date, batchId, ticket) }
        days = [:]
      }
      let row = try StoreError.wrapping { () throws(CatalogError) in try catalog.event(event.eventId) }
      if let earlier = try earlierRecord(of: event, row, hasIdentities) {
        outcomes.append(earlier)
        continue
      }
      let date = options.timeZone.date(of: imported.processedAt)
      let record = event.record(
        processedAt: imported.processedAt, createdAt: imported.createdAt, updatedAt: imported.updatedAt)
      do throws(FileFailure) {
        let file = try UnnamedFile(in: try tree.partition(making: date), mode: options.fileMode)
        try file.write(record.span)
        days[date, default: []].append((imported, file, record.count))
      } catch {
        throw .files(error)
      }
      outcomes.append(.stored(superseded: 0))
    }
    for (date, files) in days { try publish(files, in: date, batchId, ticket) }
    return outcomes
  }

  private func publish(
    _ files: [(event: ImportedEvent, file: UnnamedFile, size: Int)], in date: CalendarDate, _ batchId: String,
    _ ticket: Barrier.Ticket
  ) throws(StoreError) {
    let id = try openInCatalog(date)
    let forwardedAt = files.map { max($0.event.updatedAt, $0.event.processedAt) }.max() ?? clock.now()
    let partition = try StoreError.wrappingFiles { () throws(FileFailure) in
      let partition = try tree.partition(making: date)
      if options.durability != .off { try barrier.wait(for: ticket) }
      let journal = ForwardJournal(partition: partition, mode: options.fileMode)
      let entry = ForwardEntry(
        batchId: batchId, forwardedAt: forwardedAt, status: 200, eventIds: files.map(\.event.event.eventId))
      let size = try journal.append([entry])
      for entry in files {
        // A name that is taken is of a record that the catalog does not know; the next start looks at it.
        _ = try entry.file.publish(as: entry.event.event.key.recordName)
      }
      if options.durability != .off { try partition.sync() }
      return (size, partition)
    }
    let rows = zip(nextSequence..., files).map { sequence, entry in
      let event = entry.event.event
      return EventRow(
        sequence: sequence, eventId: event.eventId, eventType: event.eventType, partition: id,
        inbox: event.source.inbox, bytes: entry.size, createdAt: entry.event.createdAt,
        updatedAt: entry.event.updatedAt, state: .forwarded, forwardedAt: forwardedAt)
    }
    nextSequence += Int64(rows.count)
    try StoreError.wrapping { () throws(CatalogError) in
      try catalog.connection.transaction { () throws(CatalogError) in
        try catalog.put(rows)
        try catalog.setJournal(ofPartition: id, bytes: partition.0)
      }
    }
  }
}
