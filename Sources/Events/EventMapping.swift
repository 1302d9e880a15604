package import ExactJSON

/// Where a member of the record comes from.
package enum MemberSource: Hashable, Sendable {
  case pointer(JSONPointer)
  /// The file's name without its ending.
  case fileName
  /// The SHA-256 of the event's own bytes, as hexadecimal digits.
  case sha256

  /// Reads `@filename`, `@sha256` or a JSON Pointer.
  ///
  /// - Throws: `JSONPointerError`.
  package init(_ text: String) throws(JSONPointerError) {
    switch text {
    case "@filename": self = .fileName
    case "@sha256": self = .sha256
    default: self = .pointer(try JSONPointer(text))
    }
  }
}

/// How an inbox's events become records.
package struct EventMapping: Hashable, Sendable {
  /// The name of the inbox.
  package var inbox: String
  /// The first of these that is there gives the eventId.
  package var eventId: [MemberSource]
  package var eventType: [MemberSource]
  package var data: [MemberSource]
  /// The eventType of events that have none.
  package var eventTypeDefault: String?
  /// In bytes.
  package var maxEventSize: Int

  package init(
    inbox: String, eventId: [MemberSource], eventType: [MemberSource], data: [MemberSource],
    eventTypeDefault: String? = nil, maxEventSize: Int
  ) {
    self.inbox = inbox
    self.eventId = eventId
    self.eventType = eventType
    self.data = data
    self.eventTypeDefault = eventTypeDefault
    self.maxEventSize = maxEventSize
  }
}

/// What nesting and sizes a record may have beyond those of the event that it came from.
///
/// A record is itself a valid drop, so an event at its limits must leave room for what the record puts around it.
enum RecordAllowance {
  /// `attributes`, or `data` that is the whole event, stand one deeper than they did.
  static let depth = 1
  /// Names, times, eventId, eventType, source.
  static let bytes = 8192
}

/// How deep an event may be nested.
let eventDepthLimit = 512
