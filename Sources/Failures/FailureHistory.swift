package import Events
package import Time

/// How often a file has failed, and since when.
package struct FailureHistory: Hashable, Sendable {
  package var attempts: Int
  package var firstFailedAt: Timestamp
  package var reason: FailureReason

  package init(attempts: Int, firstFailedAt: Timestamp, reason: FailureReason) {
    self.attempts = attempts
    self.firstFailedAt = firstFailedAt
    self.reason = reason
  }
}
