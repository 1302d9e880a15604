/// The stage at which an event failed.
package enum FailureStage: String, Sendable {
  case read, parse, validate, identity, store, forward
}

/// Why something failed, as one short fixed word that programs can rely on.
package struct FailureReason: RawRepresentable, Hashable, Sendable {
  package var rawValue: String

  package init(rawValue: String) {
    self.rawValue = rawValue
  }

  package static let invalidJSON = FailureReason(rawValue: "invalid-json")
  package static let notAnObject = FailureReason(rawValue: "not-an-object")
  package static let missingEventId = FailureReason(rawValue: "missing-event-id")
  package static let invalidEventId = FailureReason(rawValue: "invalid-event-id")
  package static let missingEventType = FailureReason(rawValue: "missing-event-type")
  package static let invalidEventType = FailureReason(rawValue: "invalid-event-type")
  package static let duplicateMember = FailureReason(rawValue: "duplicate-member")
  package static let tooLarge = FailureReason(rawValue: "too-large")
  package static let notARegularFile = FailureReason(rawValue: "not-a-regular-file")
  package static let unreadable = FailureReason(rawValue: "unreadable")
  package static let invalidGzip = FailureReason(rawValue: "invalid-gzip")
  package static let invalidCharset = FailureReason(rawValue: "invalid-charset")
  package static let conflict = FailureReason(rawValue: "conflict")
  package static let superseded = FailureReason(rawValue: "superseded")
  /// It was claimed from an inbox that is no longer configured.
  package static let orphaned = FailureReason(rawValue: "orphaned")
  package static let corruptRecord = FailureReason(rawValue: "corrupt-record")
  package static let rejected = FailureReason(rawValue: "rejected")
  package static let unreachable = FailureReason(rawValue: "unreachable")
  package static let workflowError = FailureReason(rawValue: "workflow-error")
  /// Nobody knows: there is no readable report beside the file.
  package static let noReport = FailureReason(rawValue: "no-report")
}

/// What happens to a file that failed for this reason.
package enum FailureCourse: Sendable {
  /// It is retried `retry.attempts` times: the file may be valid.
  case retried
  /// It is retried `retry.unreadableAttempts` times: only other content can help, such as the rest of an upload.
  case retriedAsUnreadable
  /// It is retried as long as necessary: the fault lies elsewhere.
  case retriedForever
  /// It needs a person.
  case leftToAPerson
}

extension FailureReason {
  package var course: FailureCourse {
    switch self {
    case .invalidJSON, .notAnObject, .missingEventId, .invalidEventId, .missingEventType, .invalidEventType,
      .duplicateMember, .tooLarge, .invalidGzip, .invalidCharset:
      .retriedAsUnreadable
    case .conflict, .superseded, .orphaned, .notARegularFile, .corruptRecord: .leftToAPerson
    case .unreachable, .workflowError: .retriedForever
    default: .retried
    }
  }
}

/// Why a drop, or one event of it, did not become a record.
package struct DropFailure: Error, Hashable, Sendable {
  package var stage: FailureStage
  package var reason: FailureReason
  /// What is wrong, and what to do if that helps.
  package var message: Message
  package var place: FailurePlace?
  package var eventId: EventID?
  package var eventType: String?

  package init(
    stage: FailureStage, reason: FailureReason, message: Message, place: FailurePlace? = nil, eventId: EventID? = nil,
    eventType: String? = nil
  ) {
    self.stage = stage
    self.reason = reason
    self.message = message
    self.place = place
    self.eventId = eventId
    self.eventType = eventType
  }
}

/// A place in a file's text.
package struct FailurePlace: Hashable, Sendable {
  /// From 1.
  package var line: Int
  /// From 1, in characters.
  package var column: Int
  /// From 0, in bytes.
  package var offset: Int

  package init(line: Int, column: Int, offset: Int) {
    self.line = line
    self.column = column
    self.offset = offset
  }
}
