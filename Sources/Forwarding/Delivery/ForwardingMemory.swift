package import Events
package import Time

/// What has to be known of earlier requests after a restart: how many events are sent together, which of them are
/// suspect, and how often each was sent without an answer.
///
/// Without it, a workflow that is slower than the timeout would get the same batch after each start.
package struct ForwardingMemory: Hashable, Sendable {
  /// The circuit was open because requests got no answer; the next one then carries a single event.
  package struct Unanswered: Hashable, Sendable {
    package var since: Timestamp
    /// What happened to them.
    package var message: Message

    package init(since: Timestamp, message: Message) {
      self.since = since
      self.message = message
    }
  }

  /// How many events are sent together at most; nil: as many as the configuration allows.
  package var size: Int?
  package var unanswered: Unanswered?
  /// Events that have failed while others went through, and how many are sent together with them next.
  package var suspects: [EventID: Int] = [:]
  /// How often each was sent without an answer, or alone.
  package var sent: [EventID: Int] = [:]
  /// What was sent in vain since `unanswered`, and in how small a request.
  package var failed: [EventID: Int] = [:]

  package init() {}

  /// No more events than this are remembered: each change writes all of them.
  private static let mostEvents = 10_000

  /// As text, for what was sent to this address.
  package func text(for address: String) -> String {
    var members: [(name: String, value: String?)] = [
      ("for", address), ("size", size.map(String.init)), ("since", unanswered?.since.rfc3339),
      ("message", unanswered?.message.encoded),
    ]
    let events = Set(suspects.keys).union(sent.keys).union(failed.keys)
    for eventId in events.sorted().prefix(Self.mostEvents) {
      let counts = [suspects[eventId], sent[eventId], failed[eventId]].map { String($0 ?? 0) }
      members.append((Self.eventMark + eventId.text, counts.joined(separator: " ")))
    }
    return NoteText.text(of: members)
  }

  /// Reads it; nil if it is for another address, or cannot be read.
  package init?(_ text: String, for address: String) {
    guard let members = NoteText.members(of: text) else { return nil }
    func value(_ name: String) -> String? { members.first { $0.name == name }?.value }
    guard value("for") == address else { return nil }
    size = value("size").flatMap { Int($0) }.map { max($0, 1) }
    if let since = value("since").flatMap({ Timestamp(rfc3339: $0) }), let message = value("message") {
      unanswered = Unanswered(since: since, message: Message(encoded: message))
    }
    for (name, value) in members where name.hasPrefix(Self.eventMark) {
      let counts = value.split(separator: " ").map { Int($0) ?? 0 }
      guard counts.count == 3 else { continue }
      let eventId = EventID(String(name.dropFirst(Self.eventMark.count)))
      if counts[0] > 0 { suspects[eventId] = counts[0] }
      if counts[1] > 0 { sent[eventId] = counts[1] }
      if counts[2] > 0 { failed[eventId] = counts[2] }
    }
  }

  /// Before the id of each event.
  private static let eventMark = "event "
}
