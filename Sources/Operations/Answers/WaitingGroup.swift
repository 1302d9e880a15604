package import Schedules

/// What lies in an inbox and is not taken, for one reason.
package struct WaitingGroup: Sendable, Hashable {
  /// `settling`, `open`, `no-marker`, `no-pattern`, `sub-folder`, `unreadable`, `no-room` or `not-reachable`.
  package var reason: String
  package var count: Int
  /// When the oldest of them was last modified.
  package var oldest: Timestamp
  /// The name of that one.
  package var name: String

  package init(reason: String, count: Int, oldest: Timestamp, name: String) {
    self.reason = reason
    self.count = count
    self.oldest = oldest
    self.name = name
  }

  /// All that there are, in the order in which they are told.
  package static let reasons = [
    "not-reachable", "no-room", "unreadable", "no-marker", "no-pattern", "sub-folder", "open", "settling",
  ]

  /// What is so, for people.
  package var text: String {
    switch reason {
    case "settling": "not complete yet: changed a moment ago"
    case "open": "still open in the program that writes"
    case "no-marker": "without the marker that says that it is complete"
    case "no-pattern": "of a name that the inbox does not take"
    case "sub-folder": "a folder that is not looked into"
    case "unreadable": "cannot be read or moved"
    case "no-room": "no room to store it"
    case "not-reachable": "the folder does not answer"
    default: reason
    }
  }

  /// What ends it.
  package var advice: String {
    switch reason {
    case "settling": "it is taken once nothing changes any more"
    case "open": "it is taken once its sender closes it"
    case "no-marker": "its sender has to add the marker, or a person"
    case "no-pattern": "rename it, take it away, or set the inbox's include"
    case "sub-folder": "move its files out, or set the inbox's recursive"
    case "unreadable": "give this process's user the right to read it and to move it"
    case "no-room": "make room on the disk, or free inodes (df -h, df -i)"
    default: "look at the file system of its folder; the others go on"
    }
  }

  /// Whether it ends without a person.
  var mendsItself: Bool { ["settling", "open", "no-room", "not-reachable"].contains(reason) }
  /// Whether the inbox as a whole is held up.
  var isOfInbox: Bool { reason == "no-room" || reason == "not-reachable" }

  package var json: JSONOutput {
    .object([
      ("reason", .text(reason)), ("count", .number(count)), ("oldest", .time(oldest)), ("name", .text(name)),
    ])
  }
}
