package import Time

/// How the forwarding is doing.
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
  /// Until when the webhook wants nothing at all (`Retry-After`); nil where it did not ask, or that is over.
  package var silentUntil: Timestamp?
  /// When a batch that was not taken is sent again; nil where none waits for that.
  package var nextAttempt: Timestamp?
  /// When a batch may leave next that is not full; nil: never.
  package var nextTick: Timestamp?
  package var counts: ForwardingCounts
  /// When the webhook took events last.
  package var lastSuccess: Timestamp?
  /// What went wrong last, and when; it stays after a recovery.
  package var lastTrouble: (trouble: Trouble, at: Timestamp)?
  /// Whether the store takes what became of events.
  package var isStoreFailing: Bool
}

/// What has been done since the start.
package struct ForwardingCounts: Hashable, Sendable {
  /// Requests that were sent, whatever became of them.
  package var requests = 0
  /// Requests that had no answer, or one that acknowledged nothing.
  package var failedRequests = 0
  /// Bytes of bodies in these requests.
  package var bytes = 0
  /// Events that were acknowledged, refused, and given up for now.
  package var acknowledged = 0
  package var refused = 0
  package var undelivered = 0
  package var openings = 0
  /// Of all exchanges together.
  package var exchangeTime = Duration.zero
}
