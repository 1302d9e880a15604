package import DurableFiles
package import Events
package import Time

/// The claimed files of one inbox: taken out of its folder, and neither stored nor put back.
package struct ClaimedGroup: Sendable, Hashable {
  /// The inbox that they were claimed from; nil for files of `retry/` that are being tried.
  package var inbox: String?
  package var count: Int
  /// Since when the first of them has been claimed.
  package var oldest: Timestamp
  /// The name of the oldest.
  package var name: String

  package init(inbox: String?, count: Int, oldest: Timestamp, name: String) {
    self.inbox = inbox
    self.count = count
    self.oldest = oldest
    self.name = name
  }

  /// Where they were claimed from, for the log.
  package var origin: String { inbox.map { "the inbox '\($0)'" } ?? "retry/" }

  /// A message that they are claimed.
  package var message: Message {
    guard let inbox else {
      return Message(StatusMessage.claimedFromRetry, ["count": .integer(count), "name": .text(name)])
    }
    return Message(
      StatusMessage.claimed, ["count": .integer(count), "inbox": .text(inbox), "name": .text(name)])
  }

  /// What ends it.
  ///
  /// - Parameter isRunning: Whether a process is working on the folders.
  /// - Returns: A clause for people.
  package static func end(isRunning: Bool) -> Message {
    Message(isRunning ? StatusMessage.claimsGoOn : .claimsAtNextStart)
  }

  package var json: JSONOutput {
    .object([
      ("inbox", .text(inbox)), ("count", .number(count)), ("oldest", .time(oldest)), ("name", .text(name)),
    ])
  }
}

extension [ClaimedGroup] {
  /// Adds more files, grouped by inbox.
  mutating func add(_ others: some Sequence<ClaimedGroup>) {
    for other in others {
      guard let index = firstIndex(where: { $0.inbox == other.inbox }) else {
        append(other)
        continue
      }
      self[index].count += other.count
      if other.oldest < self[index].oldest { (self[index].oldest, self[index].name) = (other.oldest, other.name) }
    }
  }
}

/// The claims that are known.
package struct KnownClaims: Sendable {
  package var groups: [ClaimedGroup]
  /// Whether these are all; if not, a folder that may contain more cannot be read.
  package var areAll: Bool

  package init(_ groups: [ClaimedGroup], areAll: Bool = true) {
    self.groups = groups
    self.areAll = areAll
  }
}

/// Counts claims for callers outside.
package protocol ClaimLook: Sendable {
  /// Counts the claims in `state/` and in `retry/`; if `retry/` cannot be read, only those in `state/`.
  ///
  /// - Throws: `FileFailure`.
  func inState() throws(FileFailure) -> KnownClaims

  /// Counts those inside an inbox's own folder; this may hang with its file system.
  ///
  /// - Parameter inbox: The inbox's name.
  /// - Returns: Nil if there are none.
  /// - Throws: `FileFailure`.
  func inInbox(_ inbox: String) throws(FileFailure) -> ClaimedGroup?

  /// Counts an inbox's entries, and those that it takes by their names; this may hang with its file system.
  ///
  /// - Parameter inbox: The inbox's name.
  /// - Returns: Both numbers.
  /// - Throws: `FileFailure`.
  func entries(inInbox inbox: String) throws(FileFailure) -> (waiting: Int, drops: Int)
}
