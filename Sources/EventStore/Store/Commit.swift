package import Events
package import Failures
internal import Time

/// An event on its way into the store.
package struct Submission: Sendable {
  package var event: Event
  /// Its earlier failures, if it comes back from `retry/`.
  package var history: FailureHistory?

  package init(_ event: Event, history: FailureHistory? = nil) {
    self.event = event
    self.history = history
  }
}

/// The outcome of an event; any but `held` is on disk.
package enum CommitOutcome: Sendable {
  /// It now has its own record, and is pending; this many copies of it in `retry/` are superseded and are now in
  /// `failed/`.
  case stored(superseded: Int)
  /// It already had a record with the same data.
  case duplicate
  /// Its eventId belongs to another event.
  case conflict(DropFailure)
  /// Another machine is handling its eventId, or it is not known yet whether one is: the drop must be kept, and
  /// submitted again.
  case held

  var isStored: Bool {
    if case .stored = self { true } else { false }
  }
}
