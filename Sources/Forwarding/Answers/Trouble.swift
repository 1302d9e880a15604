package import Events

/// What is wrong with the forwarding, as reported to people: in the log, in the status and in sidecars.
package struct Trouble: Hashable, Sendable {
  /// What happened, and what a person can do about it.
  package var message: Message
  package var httpStatus: Int?
  /// The beginning of the answer's body.
  package var response: String?
  /// Whether n8n is starting up, which ends by itself within a minute.
  package var isStart: Bool

  package init(
    _ message: Message, httpStatus: Int? = nil, response: String? = nil, isStart: Bool = false
  ) {
    self.message = message
    self.httpStatus = httpStatus
    self.response = response
    self.isStart = isStart
  }
}

// The log is in English.
extension Trouble: CustomStringConvertible {
  package var description: String { "\(message)" }

  /// What happened, as one clause without a full stop.
  package var summary: String { message.text(in: .en) }

  /// What a person can do about it, as one clause; nil if there is nothing to do but wait.
  package var hint: String? { message.advice?.text(in: .en) }
}
