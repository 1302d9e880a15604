package import Events
package import Forwarding
package import Time

/// Whether events are sent, and why not.
package struct CircuitState: Sendable {
  package var isOpen: Bool
  /// Whether the trouble usually ends by itself.
  package var mendsItself = false
  /// Since when only probes are sent; nil if everything is.
  package var since: Timestamp?
  /// Until when the webhook wants nothing at all (`Retry-After`), unless there is worse trouble.
  package var silentUntil: Timestamp?
  /// When a batch that was not accepted is sent again; nil if there is none.
  package var nextAttempt: Timestamp?
  /// What is wrong.
  package var reason: Message?
  /// When the next probe is due; nil if only a running daemon knows, or while one is under way.
  package var nextProbe: Timestamp?

  /// As reported by the forwarding itself.
  package init(_ status: ForwardingStatus) {
    isOpen = status.interruption != nil
    mendsItself = status.interruption?.mendsItself ?? false
    since = status.interruption?.since
    if let interruption = status.interruption {
      reason = interruption.trouble.message
    } else if status.silentUntil != nil || status.nextAttempt != nil {
      (silentUntil, nextAttempt) = (status.silentUntil, status.nextAttempt)
      reason = status.lastTrouble?.trouble.message
    }
    nextProbe = status.interruption?.nextProbe
  }

  /// What the forwarding left in the catalog; see `Forwarder.circuitNote`.
  package init?(note: String, now: Timestamp) {
    guard let note = CircuitNote(note) else { return nil }
    // What was due by now has happened, or nobody is there to know.
    let until = note.until.flatMap { $0 > now ? $0 : nil }
    isOpen = note.state == .open || note.state == .mending
    switch note.state {
    case .none: return nil
    case .closed: return
    case .open, .mending:
      mendsItself = note.state == .mending
      since = note.since
      nextProbe = until
    case .silent, .pausing:
      guard let until else { return }
      if note.state == .silent { silentUntil = until } else { nextAttempt = until }
    }
    reason = note.message
  }
}
