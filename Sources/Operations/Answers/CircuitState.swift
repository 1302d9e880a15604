package import Forwarding
package import Schedules

/// Whether events are sent, and why not.
package struct CircuitState: Sendable {
  package var isOpen: Bool
  /// Since when nothing is sent but probes; nil where everything is.
  package var since: Timestamp?
  /// Why, and what a person can do about it.
  package var reason: String?
  /// When the next probe is due; nil where only a running daemon knows, or while one is under way.
  package var nextProbe: Timestamp?

  /// As the forwarding itself tells it.
  package init(_ status: ForwardingStatus) {
    isOpen = status.interruption != nil
    since = status.interruption?.since
    reason = status.interruption.map { "\($0.trouble)" }
    nextProbe = status.interruption?.nextProbe
  }

  /// What the forwarding left in the catalog: `closed`, or `open`, since when, and why.
  package init?(note: String) {
    let words = note.split(separator: " ", maxSplits: 2)
    switch words.first {
    case "closed": isOpen = false
    case "open":
      isOpen = true
      since = words.dropFirst().first.flatMap { Timestamp(rfc3339: String($0)) }
      reason = words.dropFirst(2).first.map(String.init)
    default: return nil
    }
  }
}
