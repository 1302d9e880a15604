package import Events
package import Time

/// An event on its way into the store.
package struct Submission: Sendable {
  package var event: Event
  /// What it failed of before, where it comes back from `retry/`.
  package var history: FailureHistory?

  package init(_ event: Event, history: FailureHistory? = nil) {
    self.event = event
    self.history = history
  }
}

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

/// What became of an event; whichever it is but `held`, it is on disk.
package enum CommitOutcome: Sendable {
  /// It has a record of its own now, and is pending; so many copies of it in `retry/` are superseded and lie in `failed/`.
  case stored(superseded: Int)
  /// It has had a record with the same data before.
  case duplicate
  /// Its eventId belongs to another event.
  case conflict(DropFailure)
  /// Another machine has its eventId in hand, or it is not known yet whether another has: the drop is to be kept, and given
  /// again.
  case held

  var isStored: Bool {
    if case .stored = self { true } else { false }
  }
}
