internal import DurableFiles
internal import Events
internal import ExactJSON
internal import Logging
package import Schedules
internal import Synchronization
internal import SystemPackage

extension RecordStore {
  /// The records of these events, without their newlines; nil where a record has been moved away or is damaged.
  ///
  /// - Throws: `StoreError`.
  package func records(of events: [PendingEvent]) throws(StoreError) -> [[UInt8]?] {
    var document = JSONDocument()
    var records: [[UInt8]?] = []
    // Most of a batch lies in one partition, which is looked for once.
    var last: (id: Int64, partition: Folder?)?
    for event in events {
      let name = EventKey(eventId: event.eventId).recordName
      if last?.id != event.partition { last = (event.partition, try usablePartition(event.partition)) }
      let partition = last?.partition
      if let bytes = try recentRecord(of: event, name, in: partition) {
        records.append(bytes)
        continue
      }
      guard case .whole(var bytes) = try find(name, of: event, in: partition, using: &document) else {
        records.append(nil)
        continue
      }
      if bytes.last == 0x0A { bytes.removeLast() }
      records.append(bytes)
    }
    return records
  }

  private enum FoundRecord {
    case whole([UInt8])
    /// A person may have put another file there, or a disk may have lost bytes: only a record goes out.
    case damaged
    /// There is none; with what lies in its place and cannot be read, if anything does.
    case missing(FileFailure?)
  }

  private func find(
    _ name: FileName, of event: PendingEvent, in partition: Folder?, using document: inout JSONDocument
  ) throws(StoreError) -> FoundRecord {
    let file = try StoreError.wrappingFiles { () throws(FileFailure) in try partition?.recordFile(name) ?? .nothing }
    guard case .bytes(let bytes) = file else { return .missing(file.hindrance) }
    let eventId = (try? ProcessedEvent(bytes.span, using: &document))?.eventId
    return eventId == event.eventId ? .whole(bytes) : .damaged
  }

  /// A partition that can be worked in; one that cannot be opened is none, and keeps nothing from the others.
  private func usablePartition(_ id: Int64) throws(StoreError) -> Folder? {
    do throws(FileFailure) {
      return try partition(id)
    } catch {
      guard !processed.isConcerned(by: error) else { throw .files(error) }
      return nil
    }
  }

  /// A record that was kept, without its newline, where its file still lies there as it was written.
  private func recentRecord(
    of event: PendingEvent, _ name: FileName, in partition: Folder?
  ) throws(StoreError) -> [UInt8]? {
    guard var bytes = recent.take(event.sequence) else { return nil }
    let status = try StoreError.wrappingFiles { () throws(FileFailure) in try partition?.status(of: name) }
    guard let status, status.isPlain, status.size == bytes.count else { return nil }
    bytes.removeLast()
    return bytes
  }

  func partition(_ id: Int64) throws(FileFailure) -> Folder? {
    if let openPartition, openPartition.id == id { return try tree.partition(openPartition.date) }
    guard let date = (try? catalog.date(ofPartition: id)) ?? nil else { return nil }
    return try tree.partition(date)
  }

  /// Moves the records of events that could not be forwarded to `retry/`, or to `failed/` where they were refused too often.
  ///
  /// - Returns: How many went where.
  /// - Throws: `StoreError`: the rest is still pending then.
  package func fail(_ failures: [ForwardFailure]) async throws(StoreError) -> [FailedPlace: Int] {
    try checkFolders()
    // What is being written anew is not the record that failed.
    await waitUntilWritten(failures.map(\.event.eventId))
    var counts: [FailedPlace: Int] = [:]
    for failure in failures {
      let event = failure.event
      guard
        let row = try StoreError.wrapping({ () throws(CatalogError) in try catalog.event(atSequence: event.sequence) })
      else { continue }
      let dropFailure = DropFailure(
        stage: .forward, reason: failure.reason, message: failure.message, eventId: event.eventId,
        eventType: event.eventType)
      let history = row.firstFailedAt.map {
        FailureHistory(attempts: row.attempts, firstFailedAt: $0, reason: row.failedOf ?? failure.reason)
      }
      let verdict = verdict(on: dropFailure, history: history)
      let target = verdict.place == .retry ? retry : failed
      let moved = try StoreError.wrappingFiles { () throws(FileFailure) -> FailureRow? in
        let name = EventKey(eventId: event.eventId).recordName
        guard let partition = try partition(event.partition), try partition.status(of: name) != nil else { return nil }
        let droppedAs = droppedName(ofRecord: name, in: partition)
        let got = try target.take(name, from: partition, as: name) {
          verdict.report(
            on: dropFailure, file: $0, inbox: self.inbox(of: event), droppedAs: droppedAs,
            httpStatus: failure.httpStatus,
            response: failure.response)
        }
        return got.map {
          FailureRow(place: verdict.place, name: $0, eventId: event.eventId, reason: failure.reason)
        }
      }
      try StoreError.wrapping { () throws(CatalogError) in
        try catalog.connection.transaction { () throws(CatalogError) in
          if let moved { try catalog.putFailure(moved) }
          try catalog.setFailed(
            sequence: event.sequence, attempts: verdict.attempts, firstFailedAt: verdict.firstFailedAt)
        }
      }
      hasFailures = true
      if moved != nil { counts[verdict.place, default: 0] += 1 }
    }
    return counts
  }

  private func inbox(of event: PendingEvent) -> String {
    (try? catalog.event(atSequence: event.sequence))??.inbox ?? ""
  }

  /// The name under which the event of a record was dropped; nil if the record does not tell.
  private func droppedName(ofRecord name: FileName, in partition: Folder) -> DropName? {
    var document = JSONDocument()
    guard let bytes = try? partition.read(name, limit: recordSizeLimit),
      let record = try? ProcessedEvent(bytes.span, using: &document)
    else { return nil }
    return DropName(bytes: record.source.file.utf8)
  }

  /// Takes events out of their batch that have no record to be sent: they are missing until they come back, are dropped
  /// again, or a person lets them go.
  ///
  /// A record that is damaged waits for a person in `failed/`.
  ///
  /// - Returns: How many records were damaged.
  /// - Throws: `StoreError`.
  @discardableResult
  package func forget(_ events: [PendingEvent]) async throws(StoreError) -> Int {
    // What is being written anew is not what was looked for.
    await waitUntilWritten(events.map(\.eventId))
    var document = JSONDocument()
    var damaged = 0
    for event in events {
      let name = EventKey(eventId: event.eventId).recordName
      let partition = try usablePartition(event.partition)
      switch try find(name, of: event, in: partition, using: &document) {
      // It has come back since it was looked for.
      case .whole: continue
      case .missing where try isSetAside(event): break
      case .missing(let hindrance):
        try setMissing(event, name, in: partition, hindrance)
        continue
      case .damaged:
        guard let partition else { continue }
        let trouble = try setCorruptRecordAside(
          name, in: partition, eventId: event.eventId, eventType: event.eventType, inbox: inbox(of: event),
          message: Message(DropMessage.damaged))
        if let trouble {
          try setMissing(event, name, in: partition, trouble)
          continue
        }
        damaged += 1
      }
      try StoreError.wrapping { () throws(CatalogError) in
        try catalog.setState(.gone, ofSequence: event.sequence)
      }
    }
    return damaged
  }

  private func setMissing(
    _ event: PendingEvent, _ name: FileName, in partition: Folder?, _ hindrance: FileFailure?
  ) throws(StoreError) {
    try StoreError.wrapping { () throws(CatalogError) in try catalog.setState(.missing, ofSequence: event.sequence) }
    var metadata: Logger.Metadata = [
      "eventId": "\(event.eventId)", "expected": "\(partition?.pathText(of: name) ?? name.description)",
      "advice":
        "move the record back and restart, or drop the event again; 'eventdrop verify --forget-missing' lets it go",
    ]
    if let hindrance {
      metadata["error"] = "\(hindrance)"
      metadata["advice"] =
        "move away what lies there, or let eventdrop read it, and restart; or drop the event again; 'eventdrop verify --forget-missing' lets it go"
    }
    logger.error(
      "a pending event has no record and is missing: it is not sent until its record is back", metadata: metadata)
  }

  /// Whether a record lies in `retry/` or `failed/`: moved there by an attempt that could not tell the catalog of it.
  private func isSetAside(_ event: PendingEvent) throws(StoreError) -> Bool {
    for folder in [retry, failed] {
      let name = try StoreError.wrappingFiles { () throws(FileFailure) in
        try folder.name(ofRecord: event.eventId, updatedAt: event.updatedAt)
      }
      guard let name else { continue }
      let report = (try? folder.report(of: name)) ?? nil
      try remember(
        FailureRow(
          place: folder.place, name: name, eventId: event.eventId, reason: report?.failure.reason ?? .rejected))
      return true
    }
    return false
  }

  /// How many events are pending, and since when the oldest of them.
  ///
  /// - Throws: `StoreError`.
  package func pending() throws(StoreError) -> (count: Int, oldest: Timestamp?) {
    try StoreError.wrapping { () throws(CatalogError) in try catalog.pending() }
  }

  /// A single value that was kept beyond the end of a process; nil where there is none of that name.
  ///
  /// - Throws: `StoreError`.
  package func note(_ name: String) throws(StoreError) -> String? {
    let catalog = catalog
    return try StoreError.wrapping { () throws(CatalogError) in try catalog.note(name) }
  }

  /// Keeps a single value beyond the end of the process.
  ///
  /// - Throws: `StoreError`.
  package func setNote(_ name: String, _ value: String) throws(StoreError) {
    try StoreError.wrapping { () throws(CatalogError) in try catalog.setNote(name, value) }
  }
}
