package import Events
package import Time

/// Files that stay in an inbox for one reason.
package struct WaitingGroup: Sendable, Hashable {
  /// `settling`, `open`, `no-marker`, `no-pattern`, `sub-folder`, `unreadable`, `no-room`, `not-reachable` or `fleet-away`.
  package var reason: String
  package var count: Int
  /// When the oldest of them was last modified.
  package var oldest: Timestamp
  /// The name of the oldest.
  package var name: String

  package init(reason: String, count: Int, oldest: Timestamp, name: String) {
    self.reason = reason
    self.count = count
    self.oldest = oldest
    self.name = name
  }

  /// All reasons, in the order in which they are shown.
  package static let reasons = [
    "not-reachable", "fleet-away", "no-room", "unreadable", "no-marker", "no-pattern", "sub-folder", "open", "settling",
  ]

  /// What is wrong, for people.
  package var text: Message {
    StatusMessage(rawValue: "waiting-\(reason)").map { Message($0) } ?? Message(said: reason)
  }

  /// What ends it.
  package var advice: Message? { text.advice }

  /// Whether it ends without a person.
  var mendsItself: Bool { ["settling", "open", "no-room", "not-reachable", "fleet-away"].contains(reason) }
  /// Whether the inbox as a whole is blocked.
  var isOfInbox: Bool { reason == "no-room" || reason == "not-reachable" }

  package var json: JSONOutput {
    .object([
      ("reason", .text(reason)), ("count", .number(count)), ("oldest", .time(oldest)), ("name", .text(name)),
    ])
  }
}
