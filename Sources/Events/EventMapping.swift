package import ExactJSON

/// The origin of a member of the record.
package indirect enum MemberSource: Hashable, Sendable {
  case pointer(JSONPointer)
  /// The name under which the file was dropped, without its ending.
  case fileName
  /// The SHA-256 of the event's own bytes, as hexadecimal digits.
  case sha256
  /// `source` and `id` of a CloudEvent, joined: together they are unique (CloudEvents 1.0.2, "source").
  case cloudEvent
  /// All of these, joined by `:`; nothing if one of them is missing.
  case joined([MemberSource])

  /// Parses `@filename`, `@sha256`, `@cloudevent` or a JSON Pointer.
  ///
  /// - Throws: `JSONPointerError`.
  package init(_ text: String) throws(JSONPointerError) {
    switch text {
    case "@filename": self = .fileName
    case "@sha256": self = .sha256
    case "@cloudevent": self = .cloudEvent
    default: self = .pointer(try JSONPointer(text))
    }
  }

  /// Parses the parts of an entry; a single part is used as it is.
  ///
  /// - Throws: `JSONPointerError`.
  package init(parts texts: [String]) throws(JSONPointerError) {
    var parts: [MemberSource] = []
    for text in texts { parts.append(try MemberSource(text)) }
    self = parts.count == 1 ? parts[0] : .joined(parts)
  }
}

extension MemberSource {
  /// Whether it comes from the file, not from what its sender wrote into it; then it always exists.
  package var isOfFile: Bool { self == .fileName || self == .sha256 }
}

extension MemberSource: CustomStringConvertible {
  /// As in the configuration.
  package var description: String {
    switch self {
    case .pointer(let pointer): pointer.description
    case .sha256: "@sha256"
    case .fileName: "@filename"
    case .cloudEvent: "@cloudevent"
    case .joined(let places): "[\(places.map(\.description).joined(separator: ", "))]"
    }
  }
}

/// How an inbox's events become records.
package struct EventMapping: Hashable, Sendable {
  /// The name of the inbox.
  package var inbox: String
  /// The first of these that exists gives the eventId.
  package var eventId: [MemberSource]
  /// Precedes each eventId found.
  package var eventIdPrefix: String
  package var eventType: [MemberSource]
  package var data: [MemberSource]
  /// The eventType of events without one.
  package var eventTypeDefault: String?
  /// In bytes.
  package var maxEventSize: Int

  package init(
    inbox: String, eventId: [MemberSource], eventIdPrefix: String = "", eventType: [MemberSource],
    data: [MemberSource], eventTypeDefault: String? = nil, maxEventSize: Int
  ) {
    self.inbox = inbox
    self.eventId = eventId
    self.eventIdPrefix = eventIdPrefix
    self.eventType = eventType
    self.data = data
    self.eventTypeDefault = eventTypeDefault
    self.maxEventSize = maxEventSize
  }
}

/// How far a record may exceed the nesting and size limits of its event.
///
/// A record is itself a valid drop, so an event at its limits must leave room for what the record adds.
enum RecordAllowance {
  /// `attributes`, or `data` that is the whole event, is nested one level deeper.
  static let depth = 1
  /// Names, times, eventId, eventType, source.
  static let bytes = 8192
}

/// How many places of an event's members are kept; others are searched for again when needed.
///
/// A record has far fewer.
let noteLimit = 4096

/// How deeply an event may be nested.
let eventDepthLimit = 512
