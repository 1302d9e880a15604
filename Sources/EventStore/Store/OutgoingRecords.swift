internal import Catalog
internal import Concurrency
internal import DurableFiles
internal import Events
internal import ExactJSON
internal import Failures
internal import Logging
internal import SystemPackage

/// The records of pending events: read for sending and, if sending has shown that one is bad, moved out of the way.
final class OutgoingRecords {
  private let catalog: Catalog
  private let partitions: Partitions
  private let rows: RecordRows
  private let failures: Failures
  private let damaged: DamagedRecords
  private let locks: EventLocks
  private let logger: Logger

  init(
    _ catalog: Catalog, _ partitions: Partitions, _ rows: RecordRows, _ failures: Failures, _ damaged: DamagedRecords,
    _ locks: EventLocks, logger: Logger
  ) {
    self.catalog = catalog
    self.partitions = partitions
    self.rows = rows
    self.failures = failures
    self.damaged = damaged
    self.locks = locks
    self.logger = logger
  }

  // MARK: Reading

  /// See `RecordStore.records`.
  func read(_ events: [PendingEvent]) throws(StorageError) -> [[UInt8]?] {
    var document = JSONDocument()
    var records: [[UInt8]?] = []
    // Most of a batch is in one partition, which is looked up once.
    var last: (id: Int64, partition: Folder?)?
    for event in events {
      let name = EventKey(eventId: event.eventId).recordName
      if last?.id != event.partition {
        last = (event.partition, try partitions.usableFolder(ofPartition: event.partition))
      }
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
    /// A person may have put another file there, or a disk may have lost bytes: only a record is sent.
    case damaged
    /// There is none; with the failure, if something in its place cannot be read.
    case missing(FileFailure?)
  }

  private func find(
    _ name: FileName, of event: PendingEvent, in partition: Folder?, using document: inout JSONDocument
  ) throws(StorageError) -> FoundRecord {
    let file = try StorageError.wrappingFiles { () throws(FileFailure) in try partition?.recordFile(name) ?? .nothing }
    guard case .bytes(let bytes) = file else { return .missing(file.hindrance) }
    let eventId = (try? ProcessedEvent(bytes.span, using: &document))?.eventId
    return eventId == event.eventId ? .whole(bytes) : .damaged
  }

  /// A record kept in memory, without its newline, if its file is still there as written.
  private func recentRecord(
    of event: PendingEvent, _ name: FileName, in partition: Folder?
  ) throws(StorageError) -> [UInt8]? {
    guard var bytes = rows.takeRecent(event.sequence) else { return nil }
    let status = try StorageError.wrappingFiles { () throws(FileFailure) in try partition?.status(of: name) }
    guard let status, status.isPlain, status.size == bytes.count else { return nil }
    bytes.removeLast()
    return bytes
  }

  // MARK: Records that cannot be sent

  /// See `RecordStore.fail`.
  func fail(_ failed: [ForwardFailure]) async throws(StorageError) -> [FailedPlace: Int] {
    // A record that is being rewritten is not the one that failed (I6).
    await locks.waitUntilReleased(failed.map(\.event.eventId))
    var counts: [FailedPlace: Int] = [:]
    for failure in failed {
      let row = try StorageError.wrapping { () throws(CatalogError) in
        try catalog.event(atSequence: failure.event.sequence)
      }
      guard let row else { continue }
      let partition = try StorageError.wrappingFiles { () throws(FileFailure) in
        try partitions.folder(ofPartition: failure.event.partition)
      }
      if let place = try failures.setAside(failure, row, from: partition) { counts[place, default: 0] += 1 }
    }
    return counts
  }

  /// See `RecordStore.forget`.
  func forget(_ events: [PendingEvent]) async throws(StorageError) -> Int {
    // A record that is being rewritten is not the one that was missing (I6).
    await locks.waitUntilReleased(events.map(\.eventId))
    var document = JSONDocument()
    var damagedRecords = 0
    for event in events {
      let name = EventKey(eventId: event.eventId).recordName
      let partition = try partitions.usableFolder(ofPartition: event.partition)
      switch try find(name, of: event, in: partition, using: &document) {
      // It has come back since.
      case .whole: continue
      case .missing where try failures.haveTaken(event): break
      case .missing(let hindrance):
        try setMissing(event, name, in: partition, hindrance)
        continue
      case .damaged:
        guard let partition else { continue }
        let trouble = try damaged.setAside(
          name, in: partition, eventId: event.eventId, eventType: event.eventType, inbox: inbox(of: event),
          message: Message(DropMessage.damaged))
        if let trouble {
          try setMissing(event, name, in: partition, trouble)
          continue
        }
        damagedRecords += 1
      }
      try StorageError.wrapping { () throws(CatalogError) in
        try catalog.setState(.gone, ofSequence: event.sequence)
      }
    }
    return damagedRecords
  }

  private func inbox(of event: PendingEvent) -> String {
    (try? catalog.event(atSequence: event.sequence))??.inbox ?? ""
  }

  private func setMissing(
    _ event: PendingEvent, _ name: FileName, in partition: Folder?, _ hindrance: FileFailure?
  ) throws(StorageError) {
    try StorageError.wrapping { () throws(CatalogError) in try catalog.setState(.missing, ofSequence: event.sequence) }
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
}
