package import Forwarding
package import Schedules

/// Whether events are sent, and why not.
package struct CircuitState: Sendable {
  package var isOpen: Bool
  /// Whether what is the matter usually ends by itself.
  package var mendsItself = false
  /// Since when nothing is sent but probes; nil where everything is.
  package var since: Timestamp?
  /// Until when the webhook wants nothing at all (`Retry-After`), where nothing worse is the matter.
  package var silentUntil: Timestamp?
  /// Why nothing is sent, and what a person can do about it.
  package var reason: String?
  /// The parts of `reason`, where they are known apart.
  var summary: String?
  var hint: String?
  /// When the next probe is due; nil where only a running daemon knows, or while one is under way.
  package var nextProbe: Timestamp?

  /// As the forwarding itself tells it.
  package init(_ status: ForwardingStatus) {
    isOpen = status.interruption != nil
    mendsItself = status.interruption?.mendsItself ?? false
    since = status.interruption?.since
    if let interruption = status.interruption {
      reason = "\(interruption.trouble)"
      (summary, hint) = (interruption.trouble.summary, interruption.trouble.hint)
    } else if let end = status.silentUntil {
      silentUntil = end
      reason = status.lastTrouble.map { "\($0.trouble)" }
    }
    nextProbe = status.interruption?.nextProbe
  }

  /// What the forwarding left in the catalog, see `Forwarder.circuitNote`.
  package init?(note: String, now: Timestamp) {
    let words = note.split(separator: " ", maxSplits: 2)
    let times = (words.dropFirst().first ?? "").split(separator: ">").map { Timestamp(rfc3339: String($0)) }
    let time = times.first ?? nil
    let why = words.dropFirst(2).first.map(String.init)
    switch words.first {
    case "closed": isOpen = false
    case "open", "mending":
      isOpen = true
      mendsItself = words.first == "mending"
      since = time
      nextProbe = times.dropFirst().first.flatMap { $0 }.flatMap { $0 > now ? $0 : nil }
      reason = why
    case "silent":
      isOpen = false
      guard let time, time > now else { return }
      silentUntil = time
      reason = why
    default: return nil
    }
  }
}
