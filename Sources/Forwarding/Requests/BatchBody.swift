package import Catalog
internal import Digests
internal import Events
internal import ExactJSON
package import Time

/// How events are put into a request.
package enum BodyFormat: String, CaseIterable, Hashable, Sendable {
  /// `{"batchId":"…","sentAt":"…","timeoutMs":10000,"count":2,"events":[record,…]}`
  case envelope
  /// `[record,…]`
  case array
  /// `record`: one event per request.
  case single

  /// How many bytes a body can have besides the records and the comma after each.
  package var overhead: Int { self == .envelope ? 160 : 2 }

  /// Puts records into a body, with their bytes unchanged.
  ///
  /// - Parameters:
  ///   - records: The records.
  ///   - batchId: The batch's id.
  ///   - sentAt: Now.
  ///   - timeout: How long to wait for the answer: a workflow can stop once nobody is listening any more.
  /// - Returns: The body.
  package func body(of records: [[UInt8]], batchId: String, sentAt: Timestamp, timeout: Duration) -> [UInt8] {
    var body: [UInt8] = []
    body.reserveCapacity(records.reduce(overhead) { $0 + $1.count + 1 })
    switch self {
    case .envelope:
      body += "{\"batchId\":\"\(batchId)\",\"sentAt\":\"".utf8
      sentAt.append(rfc3339To: &body)
      body += "\",\"timeoutMs\":\(timeout.inMilliseconds),\"count\":\(records.count),\"events\":[".utf8
    case .array: body.append(UInt8(ascii: "["))
    case .single: break
    }
    for (index, record) in records.enumerated() {
      if index > 0 { body.append(UInt8(ascii: ",")) }
      body += record
    }
    switch self {
    case .envelope: body += "]}".utf8
    case .array: body.append(UInt8(ascii: "]"))
    case .single: break
    }
    return body
  }
}

/// The name of a set of events.
package enum BatchId {
  /// The first 32 hexadecimal digits of the SHA-256 of the events' ids and times of writing: the same for the same set,
  /// whenever and in whatever order it is sent.
  package static func of(_ events: [PendingEvent]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(events.reduce(0) { $0 + $1.eventId.utf8.count + 16 })
    // A rebuilt catalog may order what was stored within one millisecond differently.
    let sorted = events.sorted { one, other in
      one.updatedAt == other.updatedAt
        ? one.eventId < other.eventId : one.updatedAt < other.updatedAt
    }
    for event in sorted {
      // An id has no control characters, so the fields cannot run into each other.
      text.append(contentsOf: event.eventId.utf8)
      text.append(contentsOf: "\n\(event.updatedAt.milliseconds)\n".utf8)
    }
    return String(decoding: Digests.sha256Digits(text.span).prefix(32), as: UTF8.self)
  }
}
