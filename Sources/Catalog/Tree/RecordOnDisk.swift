package import DurableFiles
package import Events
package import ExactJSON
package import Time

/// A record in a partition.
package struct RecordOnDisk: Sendable {
  /// What the catalog should know about it, with sequence 0.
  package var row: EventRow
  package var processedAt: Timestamp

  /// Reads a record; nil if it has been moved away meanwhile.
  ///
  /// - Parameters:
  ///   - key: The record's name, without its ending.
  ///   - partition: Its folder.
  ///   - number: The partition's number in the catalog.
  ///   - acknowledged: When each eventId was last acknowledged, according to the partition's journal.
  ///   - document: Scans it; its storage is reused from call to call.
  /// - Throws: `RecordProblem`.
  package init?(
    _ key: String, in partition: Folder, number: Int64, _ acknowledged: [EventID: Timestamp],
    using document: inout JSONDocument
  ) throws(RecordProblem) {
    let bytes: [UInt8]
    do throws(FileFailure) {
      guard let found = try partition.read(FileName(key + ".json"), limit: recordSizeLimit) else { return nil }
      bytes = found
    } catch {
      throw .cannotBeRead(error)
    }
    let record: ProcessedEvent
    do {
      record = try ProcessedEvent(bytes.span, using: &document)
    } catch {
      throw .isNoRecord(error)
    }
    guard EventKey(eventId: record.eventId).text == key else { throw .isNamedWrongly(eventId: record.eventId) }
    processedAt = record.processedAt
    row = EventRow(
      of: record, bytes: bytes.count, sequence: 0, partition: number, acknowledgedAt: acknowledged[record.eventId])
  }
}

extension EventRow {
  /// What a record says about itself.
  ///
  /// - Parameters:
  ///   - record: The record.
  ///   - bytes: Its size, including its newline.
  ///   - sequence: The row's number.
  ///   - partition: The partition's number in the catalog.
  ///   - time: When the event was last acknowledged. That belongs to one writing: the record is pending if it was
  ///     written later.
  package init(
    of record: ProcessedEvent, bytes: Int, sequence: Int64, partition: Int64, acknowledgedAt time: Timestamp?
  ) {
    let isForwarded = time.map { $0 >= record.updatedAt } ?? false
    self.init(
      sequence: sequence, eventId: record.eventId, eventType: record.eventType, partition: partition,
      inbox: record.source.inbox, bytes: bytes, createdAt: record.createdAt, updatedAt: record.updatedAt,
      state: isForwarded ? .forwarded : .pending, forwardedAt: time)
  }
}

/// Why a file with a record's name is not a record.
package enum RecordProblem: Error, CustomStringConvertible {
  case cannotBeRead(FileFailure)
  case isNoRecord(RecordError)
  case isNamedWrongly(eventId: EventID)

  package var description: String {
    switch self {
    case .cannotBeRead(let failure): "\(failure)"
    case .isNoRecord(let error): "\(error)"
    case .isNamedWrongly(let eventId):
      "its name is of another eventId than the one in it, '\(eventId)', whose record would be"
        + " \(EventKey(eventId: eventId).text).json"
    }
  }
}
