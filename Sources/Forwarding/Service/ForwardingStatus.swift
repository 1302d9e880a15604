package import Time

/// The state of the forwarding.
package struct ForwardingStatus: Sendable {
  /// Why nothing is sent, since when, and when the next probe is due; nil while everything is sent.
  package struct Interruption: Hashable, Sendable {
    package var trouble: Trouble
    package var since: Timestamp
    /// Nil while a probe is under way.
    package var nextProbe: Timestamp?
    /// Whether it usually ends by itself.
    package var mendsItself: Bool
  }

  package var interruption: Interruption?
  /// Until when the webhook wants nothing at all (`Retry-After`); nil if it did not ask, or if that is over.
  package var silentUntil: Timestamp?
  /// When a batch that was not accepted is sent again; nil if there is none.
  package var nextAttempt: Timestamp?
  /// When a partial batch may be sent next; nil: never.
  package var nextTick: Timestamp?
  package var counts: ForwardingCounts
  /// When the webhook last accepted events.
  package var lastSuccess: Timestamp?
  /// What last went wrong, and when; it stays after a recovery.
  package var lastTrouble: (trouble: Trouble, at: Timestamp)?
  /// Whether the store fails to record the outcome of events.
  package var isStoreFailing: Bool
}

/// What has been done since the start.
package struct ForwardingCounts: Hashable, Sendable {
  /// Requests that were sent, whatever their outcome.
  package var requests = 0
  /// Requests that got no answer, or one that acknowledged nothing.
  package var failedRequests = 0
  /// Bytes of bodies in these requests.
  package var bytes = 0
  /// Events that were acknowledged, refused, and given up for now.
  package var acknowledged = 0
  package var refused = 0
  package var undelivered = 0
  package var openings = 0
  /// The total of all exchanges.
  package var exchangeTime = Duration.zero
}
