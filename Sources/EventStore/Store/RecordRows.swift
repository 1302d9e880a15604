internal import Catalog
internal import DurableFiles
internal import Events
internal import Failures
internal import Time

/// The catalog's rows for records: each writing gets the next sequence.
final class RecordRows {
  private let catalog: Catalog
  /// The number of the next writing of a record.
  private var nextSequence: Int64
  /// Recently stored records, for forwarding.
  private var recent: RecentRecords
  private let pending: PendingSignal

  /// - Throws: `StorageError`.
  init(_ catalog: Catalog, recentBytes: Int, pending: PendingSignal) throws(StorageError) {
    self.catalog = catalog
    self.pending = pending
    recent = RecentRecords(limit: recentBytes)
    nextSequence = try StorageError.wrapping { () throws(CatalogError) in try catalog.lastSequence() + 1 }
  }

  /// Enters records that have their names, on disk.
  ///
  /// - Parameters:
  ///   - records: The records.
  ///   - counter: The ledger's counter for them, if several machines share their identities.
  /// - Throws: `StorageError`; none is entered then.
  func enter(_ records: NamedRecords, counter: Int64?) throws(StorageError) {
    let rows = zip(nextSequence..., records.events).map { sequence, admitted in
      let (event, history) = (admitted.submission.event, admitted.submission.history)
      return EventRow(
        sequence: sequence, eventId: event.eventId, eventType: event.eventType, partition: records.id,
        inbox: event.source.inbox, bytes: admitted.record.count, createdAt: admitted.createdAt,
        updatedAt: admitted.updatedAt, state: .pending, forwardedAt: nil, attempts: history?.attempts ?? 0,
        firstFailedAt: history?.firstFailedAt, failedOf: history?.reason)
    }
    nextSequence += Int64(rows.count)
    try StorageError.wrapping { () throws(CatalogError) in
      try catalog.transaction { () throws(CatalogError) in
        try catalog.put(rows)
        for admitted in records.events {
          if let rewriting = admitted.rewriting {
            try catalog.putRewriting(rewriting, ofEvent: admitted.submission.event.eventId)
          }
        }
        if let counter { try catalog.setFleetCounter(counter) }
        if let last = records.events.last { try catalog.observe(last.processedAt) }
      }
    }
    guard pending.isHeard else { return }
    for (row, admitted) in zip(rows, records.events) { recent.append(admitted.record, sequence: row.sequence) }
  }

  /// Enters a record that is in its partition.
  ///
  /// - Parameters:
  ///   - record: The record.
  ///   - bytes: Its size.
  ///   - id: The partition's number.
  ///   - time: When it was acknowledged; nil if it is pending.
  ///   - isConfirmed: Whether it is known to be this machine's.
  /// - Throws: `StorageError`.
  func enter(
    _ record: ProcessedEvent, bytes: Int, inPartition id: Int64, acknowledgedAt time: Timestamp?,
    isConfirmed: Bool = true
  ) throws(StorageError) {
    var row = EventRow(of: record, bytes: bytes, sequence: nextSequence, partition: id, acknowledgedAt: time)
    if !isConfirmed, row.state == .pending { row.state = .unconfirmed }
    try StorageError.wrapping { () throws(CatalogError) in try catalog.put([row]) }
    nextSequence += 1
  }

  /// Enters records that another system has forwarded.
  ///
  /// - Parameters:
  ///   - events: The events.
  ///   - id: The partition's number.
  ///   - time: When they count as forwarded.
  ///   - journalBytes: The size of the partition's journal in bytes.
  /// - Throws: `StorageError`; none is entered then.
  func enter(
    forwarded events: [AdmittedEvent], inPartition id: Int64, at time: Timestamp,
    journalBytes: Int
  ) throws(StorageError) {
    let rows = zip(nextSequence..., events).map { sequence, admitted in
      let event = admitted.submission.event
      return EventRow(
        sequence: sequence, eventId: event.eventId, eventType: event.eventType, partition: id,
        inbox: event.source.inbox, bytes: admitted.record.count, createdAt: admitted.createdAt,
        updatedAt: admitted.updatedAt, state: .forwarded, forwardedAt: time)
    }
    nextSequence += Int64(rows.count)
    try StorageError.wrapping { () throws(CatalogError) in
      try catalog.transaction { () throws(CatalogError) in
        try catalog.put(rows)
        try catalog.setJournal(ofPartition: id, bytes: journalBytes)
      }
    }
  }

  /// Returns the bytes of a recently stored record, including its newline; nil if they are not kept.
  func takeRecent(_ sequence: Int64) -> [UInt8]? { recent.take(sequence) }
}
