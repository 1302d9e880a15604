package import Events
package import Time

/// A failed attempt to forward events.
package struct FailedAttempt: Hashable, Sendable {
  /// When the answer arrived, or it was clear that none would.
  package var time: Timestamp
  package var batchId: String
  /// How many events were sent together.
  package var events: Int
  /// The answer's status; nil if there was no answer.
  package var httpStatus: Int?
  /// What was wrong.
  package var message: Message
  /// The beginning of the answer's body.
  package var response: String?

  package init(
    time: Timestamp, batchId: String, events: Int, httpStatus: Int?, message: Message, response: String?
  ) {
    self.time = time
    self.batchId = batchId
    self.events = events
    self.httpStatus = httpStatus
    self.message = message
    self.response = response
  }
}
