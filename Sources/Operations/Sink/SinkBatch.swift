internal import Events
package import ExactJSON

/// The content of a request's body, in any of the three formats that eventdrop sends.
package struct SinkBatch: Hashable, Sendable {
  /// How the events are arranged.
  package enum Format: String, Sendable {
    case envelope, array, single
  }

  /// An event, by the two members that identify it; nil if it has none.
  package struct Event: Hashable, Sendable {
    package var eventId: String?
    package var eventType: String?

    package init(eventId: String? = nil, eventType: String? = nil) {
      self.eventId = eventId
      self.eventType = eventType
    }
  }

  package var format: Format
  package var batchId: String?
  package var events: [Event]

  /// A batch of these events.
  package init(format: Format, batchId: String?, events: [Event]) {
    self.format = format
    self.batchId = batchId
    self.events = events
  }

  /// Reads a body.
  ///
  /// - Parameters:
  ///   - body: The bytes of the body.
  ///   - document: Used to scan it.
  /// - Throws: `SinkBatchError`.
  package init(_ body: Span<UInt8>, scanningIn document: inout JSONDocument) throws(SinkBatchError) {
    do {
      try document.scan(body)
    } catch {
      throw .notJSON(error, TextPlace(offset: error.offset, in: body))
    }
    switch document.root.kind {
    case .array:
      format = .array
      events = try Self.events(document.elements, body)
    case .object:
      let list = Self.member("events", of: document.members, body)
      if let list, list.kind == .array, Self.member("eventId", of: document.members, body) == nil {
        format = .envelope
        batchId = Self.text(Self.member("batchId", of: document.members, body), body)
        var elements: [JSONValue] = []
        JSONText.elements(of: list, in: body, into: &elements)
        events = try Self.events(elements, body)
      } else {
        format = .single
        events = [Self.event(document.members, body)]
      }
    default: throw .noEvents
    }
  }

  private static func events(_ values: [JSONValue], _ body: Span<UInt8>) throws(SinkBatchError) -> [Event] {
    var members: [JSONMember] = []
    var events: [Event] = []
    events.reserveCapacity(values.count)
    for value in values {
      guard value.kind == .object else { throw .noEvents }
      JSONText.members(of: value, in: body, into: &members)
      events.append(event(members, body))
    }
    return events
  }

  private static func event(_ members: [JSONMember], _ body: Span<UInt8>) -> Event {
    Event(
      eventId: text(member("eventId", of: members, body), body),
      eventType: text(member("eventType", of: members, body), body))
  }

  private static func member(_ name: String, of members: [JSONMember], _ body: Span<UInt8>) -> JSONValue? {
    for member in members where JSONText.name(of: member, in: body, equals: Array(name.utf8)) { return member.value }
    return nil
  }

  private static func text(_ value: JSONValue?, _ body: Span<UInt8>) -> String? {
    guard let value, value.kind == .string, value.range.count >= 2 else { return nil }
    return JSONText.string(value.withoutQuotes, in: body)
  }
}

/// Why a body has no events.
package enum SinkBatchError: Error, Hashable, Sendable {
  case notJSON(JSONError, TextPlace)
  case noEvents
}

extension SinkBatchError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notJSON(let error, let place):
      "the body is not JSON: \(error.message), line \(place.line) column \(place.column)"
    case .noEvents: "the body is neither an event, nor an array of events, nor an object with an array \"events\""
    }
  }
}
