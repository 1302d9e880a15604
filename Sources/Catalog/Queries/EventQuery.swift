package import DurableFiles
package import Events
package import Time

/// How far an event has got.
package enum EventStatus: String, Sendable, CaseIterable {
  /// Stored, but not acknowledged yet.
  case pending
  /// Acknowledged by the webhook.
  case forwarded
  /// Pending, but its record is not where it should be.
  case missing
  /// In `retry/`.
  case retry
  /// In `failed/`.
  case failed
}

/// Which events are requested.
package struct EventQuery: Sendable {
  package var type: String?
  package var status: EventStatus?
  /// Those written, or failed, at this time or later.
  package var since: Timestamp?
  /// Those written, or failed, before this time.
  package var until: Timestamp?
  package var inbox: String?
  /// For failed files, those that failed for this reason.
  package var reason: String?
  /// The largest number.
  package var limit: Int
  /// Those after this place.
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

  /// Whether an event matches, wherever it is in the list.
  package func includes(_ event: ListedEvent) -> Bool {
    // An eventType is its bytes; SQLite compares them in the same way.
    if let type, event.eventType.map({ $0.utf8.elementsEqual(type.utf8) }) != true { return false }
    if let status, event.status != status { return false }
    if let since, event.updatedAt < since { return false }
    if let until, event.updatedAt >= until { return false }
    if let inbox, event.inbox != inbox { return false }
    if let reason, event.reason != reason { return false }
    return true
  }
}

/// An event in a list: a record, or a failed file.
package struct ListedEvent: Sendable {
  /// Its place in the list.
  package var cursor: EventCursor
  package var status: EventStatus
  /// Nil if the file does not say.
  package var eventId: EventID?
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
  /// When the record was written, or the file last failed.
  package var updatedAt: Timestamp
  package var forwardedAt: Timestamp?
  package var attempts: Int
  package var reason: String?
  package var message: Message?
  package var nextAttemptAt: Timestamp?
}

/// A part of the list of events.
package struct EventPage: Sendable {
  package var events: [ListedEvent]
  /// Where the next part begins; nil if this is the last.
  package var next: EventCursor?
}

/// The number of events of one type and status on a day.
package struct EventCount: Sendable {
  package var date: CalendarDate
  package var type: String
  package var status: EventStatus
  package var count: Int
  package var bytes: Int
}

extension EventCount {
  /// The order in which counts are listed: by day, by the bytes of the type, by status.
  static func areInOrder(_ left: EventCount, _ right: EventCount) -> Bool {
    guard left.date == right.date else { return left.date < right.date }
    guard left.type.utf8.elementsEqual(right.type.utf8) else {
      return left.type.utf8.lexicographicallyPrecedes(right.type.utf8)
    }
    return left.status.order < right.status.order
  }
}
