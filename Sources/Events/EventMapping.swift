package import ExactJSON

/// Where a member of the record comes from.
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

  /// Reads `@filename`, `@sha256`, `@cloudevent` or a JSON Pointer.
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

  /// Reads the parts of an entry; one part stands for itself.
  ///
  /// - Throws: `JSONPointerError`.
  package init(parts texts: [String]) throws(JSONPointerError) {
    var parts: [MemberSource] = []
    for text in texts { parts.append(try MemberSource(text)) }
    self = parts.count == 1 ? parts[0] : .joined(parts)
  }
}

extension MemberSource {
  /// Whether it is of the file, not of what its sender wrote into it; then it is always there.
  package var isOfFile: Bool { self == .fileName || self == .sha256 }
}

extension MemberSource: CustomStringConvertible {
  /// As the configuration has it.
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
  /// The first of these that is there gives the eventId.
  package var eventId: [MemberSource]
  /// Stands before each eventId that is found.
  package var eventIdPrefix: String
  package var eventType: [MemberSource]
  package var data: [MemberSource]
  /// The eventType of events that have none.
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

/// What nesting and sizes a record may have beyond those of the event that it came from.
///
/// A record is itself a valid drop, so an event at its limits must leave room for what the record puts around it.
enum RecordAllowance {
  /// `attributes`, or `data` that is the whole event, stand one deeper than they did.
  static let depth = 1
  /// Names, times, eventId, eventType, source.
  static let bytes = 8192
}

/// Of how many of an event's members it is kept where they stand; the others are looked for again where they are needed.
///
/// A record has far fewer.
let noteLimit = 4096

/// How deep an event may be nested.
let eventDepthLimit = 512
