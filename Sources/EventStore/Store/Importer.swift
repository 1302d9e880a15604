internal import Catalog
internal import DurableFiles
internal import Events
internal import Time

/// Imports events that are known to be forwarded; see `RecordStore.take`.
struct Importer {
  let options: StoreOptions
  let clock: any WallClock
  let disk: StoreDisk
  let catalog: Catalog
  let partitions: Partitions
  let rows: RecordRows
  let known: KnownEvents
  let identities: any Identities

  /// A record that is written but has no name yet.
  private struct Staged {
    var event: AdmittedEvent
    var file: UnnamedFile
  }

  func take(over portion: [ImportedEvent], batchId: String) async throws(StorageError) -> [CommitOutcome] {
    let hasIdentities = try StorageError.wrapping { () throws(CatalogError) in try catalog.hasIdentities() }
    var outcomes: [CommitOutcome] = []
    var admitted: [AdmittedEvent] = []
    var ids: Set<EventID> = []
    for imported in portion {
      let event = imported.event
      if !ids.insert(event.eventId).inserted {
        // The first of them needs its record before the next can be compared with it.
        try await store(admitted, batchId, &outcomes)
        admitted = []
      }
      let row = try StorageError.wrapping { () throws(CatalogError) in try catalog.event(event.eventId) }
      if let earlier = try known.outcome(of: event, row, hasIdentities) {
        outcomes.append(earlier)
        continue
      }
      admitted.append(AdmittedEvent(imported, at: outcomes.count))
      outcomes.append(.stored(superseded: 0))
    }
    try await store(admitted, batchId, &outcomes)
    return outcomes
  }

  /// Claims events, and stores those that no other machine has.
  private func store(
    _ admitted: [AdmittedEvent], _ batchId: String, _ outcomes: inout [CommitOutcome]
  ) async throws(StorageError) {
    guard !admitted.isEmpty else { return }
    var ours = admitted[...]
    let (others, grant) = try await identities.claim(&ours)
    for (index, outcome) in others { outcomes[index] = outcome }
    let ticket = try disk.begin()
    var days: [CalendarDate: [Staged]] = [:]
    for event in ours {
      let date = options.layout.timeZone.date(of: event.processedAt)
      let partition = try partitions.folder(making: date)
      try StorageError.wrappingFiles { () throws(FileFailure) in
        let file = try UnnamedFile(in: partition, mode: options.layout.fileMode)
        try file.write(event.record.span)
        days[date, default: []].append(Staged(event: event, file: file))
      }
    }
    for (date, staged) in days {
      for index in try await publish(staged, in: date, batchId, ticket, under: grant) { outcomes[index] = .held }
    }
  }

  /// The journal has its line before the records have their names (I19): wherever this is stopped, none of the existing
  /// events would be sent.
  ///
  /// - Returns: The indices of those that turned out to be another machine's; nothing of them is in the tree (I22).
  private func publish(
    _ staged: [Staged], in date: CalendarDate, _ batchId: String, _ ticket: Barrier.Ticket, under grant: ClaimGrant?
  ) async throws(StorageError) -> [Int] {
    let id = try partitions.openInCatalog(date)
    let forwardedAt = staged.map { max($0.event.updatedAt, $0.event.processedAt) }.max() ?? clock.now()
    let partition = try partitions.folder(making: date)
    try await disk.makeDurable(staged.map(\.file), since: ticket)
    let entry = ForwardEntry(
      batchId: batchId, forwardedAt: forwardedAt, status: 200, eventIds: staged.map(\.event.submission.event.eventId))
    let journalBytes = try await disk.append([entry], toJournalIn: partition)
    try identities.check(grant)
    partitions.didName(date)
    var named: Set<Int> = []
    try StorageError.wrappingFiles { () throws(FileFailure) in
      for record in staged {
        // A taken name belongs to a record that the catalog does not know: the day stays open, and the next start
        // compares it.
        let isNamed = try record.file.publish(as: record.event.submission.event.key.recordName)
        if isNamed { named.insert(record.event.index) }
      }
    }
    try await disk.syncNames(in: partition)
    let confirmed = try await identities.confirm(staged.map(\.event), under: grant)
    defer { identities.didEnter() }
    try StorageError.wrappingFiles { () throws(FileFailure) in
      for lost in confirmed.others where named.contains(lost.index) {
        try partition.remove(lost.submission.event.key.recordName)
      }
    }
    try rows.enter(forwarded: confirmed.ours, inPartition: id, at: forwardedAt, journalBytes: journalBytes)
    if named.count == staged.count { partitions.didEnter(date, id) }
    return confirmed.others.map(\.index)
  }
}

extension AdmittedEvent {
  /// An event that another system has processed, with its times there.
  fileprivate init(_ imported: ImportedEvent, at index: Int) {
    self.init(
      index: index, submission: Submission(imported.event),
      record: imported.event.record(
        processedAt: imported.processedAt, createdAt: imported.createdAt, updatedAt: imported.updatedAt),
      createdAt: imported.createdAt, updatedAt: imported.updatedAt, processedAt: imported.processedAt)
  }
}
