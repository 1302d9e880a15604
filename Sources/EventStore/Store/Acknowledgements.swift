internal import Catalog
internal import Concurrency
internal import DurableFiles
internal import Time

/// What n8n has taken: recorded in the partitions' journals, on disk, and then in the catalog (I11).
final class Acknowledgements {
  private let catalog: Catalog
  private let partitions: Partitions
  private let disk: StoreDisk
  private let locks: EventLocks
  private let clock: any WallClock
  private var groups = AcknowledgementGroups()
  /// Groups reach the disk in the order in which they were opened.
  private let turns = Turnstile()

  init(
    _ catalog: Catalog, _ partitions: Partitions, _ disk: StoreDisk, _ locks: EventLocks, clock: any WallClock
  ) {
    self.catalog = catalog
    self.partitions = partitions
    self.disk = disk
    self.locks = locks
    self.clock = clock
  }

  /// See `RecordStore.acknowledge`.
  func note(_ events: [PendingEvent], batchId: String, status: Int) async throws(StorageError) {
    let eventIds = events.map(\.eventId)
    await locks.share(eventIds)
    defer { locks.unshare(eventIds) }
    for (id, events) in try stillThere(events).sorted(by: { $0.key < $1.key }) {
      // Not before the writings that it acknowledges (I10), even if the clock was set back since.
      let forwardedAt = events.map(\.updatedAt).reduce(clock.now(), max)
      let entry = ForwardEntry(
        batchId: batchId, forwardedAt: forwardedAt, status: status, eventIds: events.map(\.eventId))
      try await note(Acknowledgement(entry: entry, events: events), inPartition: id).get()
    }
  }

  /// Those events whose record is still the writing that was sent (I12), by partition.
  private func stillThere(_ events: [PendingEvent]) throws(StorageError) -> [Int64: [PendingEvent]] {
    try StorageError.wrapping { () throws(CatalogError) in
      var byPartition: [Int64: [PendingEvent]] = [:]
      try catalog.reading { () throws(CatalogError) in
        for run in events.runs {
          let there = Set(try catalog.sequences(among: run.sequences))
          for event in run.events where there.contains(event.sequence) {
            byPartition[event.partition, default: []].append(event)
          }
        }
      }
      return byPartition
    }
  }

  /// Records an acknowledgement, together with others that arrived while the disk was busy.
  ///
  /// The first of a group records all of it, for the others too.
  private func note(
    _ acknowledgement: Acknowledgement, inPartition id: Int64
  ) async -> Result<Void, StorageError> {
    if groups.isOpen(id) {
      return await withCheckedContinuation {
        groups.join(id, AcknowledgementGroups.Follower(acknowledgement: acknowledgement, whenNoted: $0))
      }
    }
    groups.open(id)
    let ticket = turns.enter()
    await turns.wait(for: ticket)
    let followers = groups.close(id)
    let result: Result<Void, StorageError>
    do throws(StorageError) {
      try await write([acknowledgement] + followers.map(\.acknowledgement), inPartition: id)
      result = .success(())
    } catch {
      result = .failure(error)
    }
    turns.leave(ticket)
    for follower in followers { follower.whenNoted.resume(returning: result) }
    return result
  }

  private func write(_ group: [Acknowledgement], inPartition id: Int64) async throws(StorageError) {
    var size: Int?
    // If the partition's folder is gone there is no journal, and only the row has it.
    if let partition = try StorageError.wrappingFiles({ () throws(FileFailure) in
      try partitions.folder(ofPartition: id)
    }) {
      size = try await disk.append(group.map(\.entry), toJournalIn: partition)
    }
    try StorageError.wrapping { () throws(CatalogError) in
      try catalog.transaction { () throws(CatalogError) in
        for member in group {
          for run in member.events.runs { try catalog.setForwarded(run.sequences, at: member.entry.forwardedAt) }
        }
        if let size { try catalog.setJournal(ofPartition: id, bytes: size) }
      }
    }
  }
}
