package import Events
package import Time

/// Whether events are sent, and why not, as the catalog has it for other processes.
package struct CircuitNote: Hashable, Sendable {
  package enum State: String, Sendable {
    /// Everything is sent.
    case closed
    /// Only probes are sent, until a person fixes something.
    case open
    /// Likewise, but it usually ends by itself.
    case mending
    /// Nothing is sent until a certain time: the webhook asked for that.
    case silent
    /// A batch waits for its next attempt.
    case pausing
    /// There is no webhook.
    case none
  }

  package var state: State
  /// Since when nothing is sent.
  package var since: Timestamp?
  /// When the next probe or attempt is due.
  package var until: Timestamp?
  /// What happened, and what a person can do about it.
  package var message: Message?

  package init(
    _ state: State, since: Timestamp? = nil, until: Timestamp? = nil, _ trouble: Trouble? = nil
  ) {
    self.state = state
    self.since = since
    self.until = until
    message = trouble?.message
  }

  /// Reads one; nil if it is invalid.
  package init?(_ text: String) {
    guard let members = NoteText.members(of: text) else { return nil }
    func value(_ name: String) -> String? { members.first { $0.name == name }?.value }
    guard let state = value("state").flatMap(State.init) else { return nil }
    self.init(state, since: value("since").flatMap { Timestamp(rfc3339: $0) })
    until = value("until").flatMap { Timestamp(rfc3339: $0) }
    message = value("message").map(Message.init(encoded:))
  }

  package var text: String {
    NoteText.text(of: [
      ("state", state.rawValue), ("since", since?.rfc3339), ("until", until?.rfc3339),
      ("message", message?.encoded),
    ])
  }
}
