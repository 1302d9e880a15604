package import Catalog
package import Events

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
