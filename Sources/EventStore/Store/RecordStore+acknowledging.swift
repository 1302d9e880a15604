internal import DurableFiles
internal import Schedules

/// What n8n has taken of one partition with one batch.
struct Acknowledgement: Sendable {
  var entry: ForwardEntry
  var events: [PendingEvent]
}

/// Acknowledgements of one partition that go to the disk together.
struct AcknowledgementGroup {
  var members: [Acknowledgement] = []
  var end: Task<Result<Void, StoreError>, Never>
}

extension RecordStore {
  /// Records that n8n has taken these events: in the journals of their partitions, on disk, then in the catalog.
  ///
  /// An event whose record was written anew since it was sent is passed over; the new writing is pending by itself.
  ///
  /// - Parameters:
  ///   - events: The events.
  ///   - batchId: The batch that they were sent in.
  ///   - status: The status of the answer.
  /// - Throws: `StoreError`: the events are still pending then.
  package func acknowledge(_ events: [PendingEvent], batchId: String, status: Int) async throws(StoreError) {
    let eventIds = events.map(\.eventId)
    await waitUntilWritten(eventIds)
    acknowledging.formUnion(eventIds)
    defer {
      acknowledging.subtract(eventIds)
      wakeThoseWhoWait()
    }
    var byPartition: [Int64: [PendingEvent]] = [:]
    try StoreError.wrapping { () throws(CatalogError) in
      try catalog.connection.reading { () throws(CatalogError) in
        for run in events.runs {
          let there = Set(try catalog.sequences(among: run.sequences))
          for event in run.events where there.contains(event.sequence) {
            byPartition[event.partition, default: []].append(event)
          }
        }
      }
    }
    for (id, events) in byPartition.sorted(by: { $0.key < $1.key }) {
      // Not before the writings that it acknowledges, also where the clock was set back since.
      let forwardedAt = events.map(\.updatedAt).reduce(clock.now(), max)
      let entry = ForwardEntry(
        batchId: batchId, forwardedAt: forwardedAt, status: status, eventIds: events.map(\.eventId))
      try await note(Acknowledgement(entry: entry, events: events), inPartition: id)
    }
  }

  /// Has an acknowledgement noted with the others that have come when the disk is done with those before.
  private func note(_ acknowledgement: Acknowledgement, inPartition id: Int64) async throws(StoreError) {
    if nextGroups[id] == nil {
      let before = lastGroup
      let end = Task {
        _ = await before?.value
        return await self.endGroup(ofPartition: id)
      }
      nextGroups[id] = AcknowledgementGroup(end: end)
      lastGroup = end
    }
    nextGroups[id]?.members.append(acknowledgement)
    try await nextGroups[id]?.end.value.get()
  }

  private func endGroup(ofPartition id: Int64) async -> Result<Void, StoreError> {
    let members = nextGroups.removeValue(forKey: id)?.members ?? []
    do throws(StoreError) {
      var size: Int?
      if let partition = try StoreError.wrappingFiles({ () throws(FileFailure) in try partition(id) }) {
        let journal = ForwardJournal(partition: partition, mode: options.fileMode)
        let entries = members.map(\.entry)
        size = try await journalThread.run { () throws(FileFailure) in try journal.append(entries) }
      }
      try StoreError.wrapping { () throws(CatalogError) in
        try catalog.connection.transaction { () throws(CatalogError) in
          for member in members {
            for run in member.events.runs {
              try catalog.setForwarded(run.sequences, at: member.entry.forwardedAt)
            }
          }
          if let size { try catalog.setJournal(ofPartition: id, bytes: size) }
        }
      }
      return .success(())
    } catch {
      return .failure(error)
    }
  }
}
