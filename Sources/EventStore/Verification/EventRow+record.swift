internal import DurableFiles
internal import Events
internal import ExactJSON
internal import Schedules

extension EventRow {
  /// What the catalog should know about a record that lies in a partition, its sequence 0; nil where the record has been
  /// moved away meanwhile.
  ///
  /// - Parameters:
  ///   - key: The record's name, without its ending.
  ///   - partition: Where it lies.
  ///   - number: The partition's number in the catalog.
  ///   - acknowledged: When each eventId was acknowledged last, by the partition's journal.
  ///   - document: What scans it; its storage is used again from call to call.
  /// - Throws: `RecordProblem`.
  init?(
    recordOf key: String, in partition: Folder, number: Int64, _ acknowledged: [String: Timestamp],
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
    let time = acknowledged[record.eventId]
    let isForwarded = time.map { $0 >= record.updatedAt } ?? false
    self.init(
      sequence: 0, eventId: record.eventId, eventType: record.eventType, partition: number, inbox: record.source.inbox,
      bytes: bytes.count, createdAt: record.createdAt, updatedAt: record.updatedAt,
      state: isForwarded ? .forwarded : .pending, forwardedAt: time)
  }
}

/// Why a file that has a record's name is none.
enum RecordProblem: Error, CustomStringConvertible {
  case cannotBeRead(FileFailure)
  case isNoRecord(RecordError)
  case isNamedWrongly(eventId: String)

  var description: String {
    switch self {
    case .cannotBeRead(let failure): "\(failure)"
    case .isNoRecord(let error): "\(error)"
    case .isNamedWrongly(let eventId):
      "its name is of another eventId than the one in it, '\(eventId)', whose record would be"
        + " \(EventKey(eventId: eventId).text).json"
    }
  }
}
