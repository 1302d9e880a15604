package import Events
package import Time

/// A time at which an event that had a record was stored again.
package struct Rewriting: Hashable, Sendable {
  package var time: Timestamp
  /// Why it had failed, if it came back from `retry/` by itself; nil if it was dropped again, or moved.
  package var failedOf: FailureReason?

  package init(time: Timestamp, failedOf: FailureReason?) {
    self.time = time
    self.failedOf = failedOf
  }
}
