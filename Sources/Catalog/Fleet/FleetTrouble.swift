package import Events
package import Time

/// Why nothing new can be stored in a fleet, noted for other processes.
package struct FleetTrouble: Hashable, Sendable {
  package var message: Message
  package var since: Timestamp
  /// Whether it does not end by itself.
  package var needsPerson: Bool

  static let noteName = "fleet:trouble"

  package init(_ failure: LedgerFailure, since: Timestamp) {
    message = failure.message
    self.since = since
    needsPerson = failure.needsPerson
  }

  /// Reads what `note` wrote; nil if there is no trouble.
  init?(note: String?) {
    let words = (note ?? "").split(separator: " ", maxSplits: 2).map(String.init)
    guard words.count == 3, let since = Timestamp(rfc3339: words[0]) else { return nil }
    self.since = since
    needsPerson = words[1] == "lasting"
    message = Message(encoded: words[2])
  }

  var note: String { "\(since.rfc3339) \(needsPerson ? "lasting" : "passing") \(message.encoded)" }
}
