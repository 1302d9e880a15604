package import Events
package import Time

/// A time at which an event that has had a record was stored again.
package struct Rewriting: Hashable, Sendable {
  package var time: Timestamp
  /// What it had failed of, where it came back from `retry/` by itself; nil where it was dropped again, or moved.
  package var failedOf: FailureReason?

  package init(time: Timestamp, failedOf: FailureReason?) {
    self.time = time
    self.failedOf = failedOf
  }
}
