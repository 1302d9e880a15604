package import Events
package import Time

/// A stored event that n8n has not acknowledged yet.
package struct PendingEvent: Hashable, Sendable {
  /// Identifies this writing of the record, in the order of storing.
  package var sequence: Int64
  package var eventId: EventID
  package var eventType: String
  /// The partition's number in the catalog.
  package var partition: Int64
  /// The record's size, including its newline.
  package var bytes: Int
  package var updatedAt: Timestamp

  package init(
    sequence: Int64, eventId: EventID, eventType: String, partition: Int64, bytes: Int, updatedAt: Timestamp
  ) {
    self.sequence = sequence
    self.eventId = eventId
    self.eventType = eventType
    self.partition = partition
    self.bytes = bytes
    self.updatedAt = updatedAt
  }
}

extension [PendingEvent] {
  /// The events in parts with consecutive sequences, so that the catalog can be queried once per part.
  var runs: [(sequences: ClosedRange<Int64>, events: ArraySlice<PendingEvent>)] {
    var runs: [(sequences: ClosedRange<Int64>, events: ArraySlice<PendingEvent>)] = []
    var start = startIndex
    for end in indices.dropFirst() where self[end].sequence != self[end - 1].sequence + 1 {
      runs.append((self[start].sequence...self[end - 1].sequence, self[start..<end]))
      start = end
    }
    if let last { runs.append((self[start].sequence...last.sequence, self[start...])) }
    return runs
  }
}

/// Events that are sent together.
///
/// The catalog keeps them as a batch until it is released, so that a restart sends the same batch again.
package struct PendingBatch: Hashable, Sendable {
  package var number: Int64
  package var events: [PendingEvent]

  package init(number: Int64, events: [PendingEvent]) {
    self.number = number
    self.events = events
  }
}

/// Why an event could not be forwarded.
package struct ForwardFailure: Sendable {
  package var event: PendingEvent
  /// `rejected` or `unreachable`.
  package var reason: FailureReason
  package var message: Message
  package var httpStatus: Int?
  package var response: String?

  package init(
    event: PendingEvent, reason: FailureReason, message: Message, httpStatus: Int? = nil, response: String? = nil
  ) {
    self.event = event
    self.reason = reason
    self.message = message
    self.httpStatus = httpStatus
    self.response = response
  }
}
