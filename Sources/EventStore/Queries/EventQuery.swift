package import DurableFiles
package import Schedules

/// Where an event is on its way.
package enum EventStatus: String, Sendable, CaseIterable {
  /// Stored, and not acknowledged yet.
  case pending
  /// Acknowledged by the webhook.
  case forwarded
  /// In `retry/`.
  case retry
  /// In `failed/`.
  case failed
}

/// Which events somebody wants to see.
package struct EventQuery: Sendable {
  package var type: String?
  package var status: EventStatus?
  /// Those written, or failed, at this time or later.
  package var since: Timestamp?
  /// Those written, or failed, before this time.
  package var until: Timestamp?
  package var inbox: String?
  /// Of failed files, those that failed for this reason.
  package var reason: String?
  /// At most so many.
  package var limit: Int
  /// Those behind this place.
  package var cursor: EventCursor?

  package init(
    type: String? = nil, status: EventStatus? = nil, since: Timestamp? = nil, until: Timestamp? = nil,
    inbox: String? = nil, reason: String? = nil, limit: Int = 100, cursor: EventCursor? = nil
  ) {
    self.type = type
    self.status = status
    self.since = since
    self.until = until
    self.inbox = inbox
    self.reason = reason
    self.limit = limit
    self.cursor = cursor
  }
}

/// A place in the list of all events, newest first, which stays the same place when newer ones come.
///
/// Its text is for nobody to take apart.
package struct EventCursor: Hashable, Sendable, Comparable, LosslessStringConvertible {
  /// Milliseconds since 1970.
  var time: Int64
  /// Records have the number of their writing; failed files come behind those of the same moment, by their names.
  var sequence: Int64
  var name: String

  init(time: Int64, sequence: Int64, name: String = "") {
    self.time = time
    self.sequence = sequence
    self.name = name
  }

  package init?(_ description: String) {
    let parts = description.split(separator: "-", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let time = Int64(parts[0]), let sequence = Int64(parts[1]) else { return nil }
    self.init(time: time, sequence: sequence, name: String(parts[2]))
  }

  package var description: String { "\(time)-\(sequence)-\(name)" }

  package static func < (left: EventCursor, right: EventCursor) -> Bool {
    (left.time, left.sequence, left.name) < (right.time, right.sequence, right.name)
  }
}

/// An event in a list: a record, or a file that failed.
package struct ListedEvent: Sendable {
  /// Where it stands in the list.
  package var cursor: EventCursor
  package var status: EventStatus
  /// Nil where the file does not tell.
  package var eventId: String?
  package var eventType: String?
  package var inbox: String
  /// The record's partition; nil for a failed file.
  package var partition: CalendarDate?
  /// Its file, for people: relative to the folder of records, retries or failures.
  package var file: String
  /// The file's name.
  package var fileName: FileName
  package var bytes: Int?
  package var createdAt: Timestamp?
  /// When the record was written, or the file failed last.
  package var updatedAt: Timestamp
  package var forwardedAt: Timestamp?
  package var attempts: Int
  package var reason: String?
  package var message: String?
  package var nextAttemptAt: Timestamp?
}

/// A part of the list of events.
package struct EventPage: Sendable {
  package var events: [ListedEvent]
  /// Where the next part begins; nil where this is the last.
  package var next: EventCursor?
}

/// How many events of one type and status a day has.
package struct EventCount: Sendable, Hashable {
  package var date: CalendarDate
  package var type: String
  package var status: EventStatus
  package var count: Int
  package var bytes: Int
}
