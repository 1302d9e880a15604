package import Events
package import Time

/// Decides what people are notified of: what needs a person, or has lasted long, once; and once when it is over.
///
/// A value that is given the current state and looks up nothing itself.
package struct NotificationLedger: Sendable {
  private struct Entry: Sendable {
    var item: Verdict.Item
    var firstSeen: Timestamp
    var isReported: Bool
    /// How many looks have no longer found it.
    var missing = 0
  }

  private var entries: [String: Entry] = [:]
  private let after: Duration
  private let title: String
  private let zone: TimeZoneRules
  private let language: Language
  /// What ends by itself, or was asked for.
  private static let unreported: Set<String> = ["retry", "attempt", "silent-webhook", "not-running"]
  /// Something that comes and goes is not reported each time.
  private static let looksUntilOver = 2

  /// - Parameters:
  ///   - after: How long something that can end by itself must last.
  ///   - title: The installation.
  ///   - zone: The time zone for times.
  ///   - language: The language of the notifications.
  ///   - reported: What was reported before, as `reported` returned it.
  package init(
    after: Duration, title: String, zone: TimeZoneRules = .utc, language: Language = .en, reported: String? = nil
  ) {
    self.after = after
    self.title = title
    self.zone = zone
    self.language = language
    for line in (reported ?? "").split(separator: "\n") {
      var parts = line.split(separator: "\t", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
      // An earlier version had no reasons.
      if parts.count == 4 { parts.insert("", at: 2) }
      guard parts.count == 5, let time = Timestamp(rfc3339: parts[3]) else { continue }
      let item = Verdict.Item(
        parts[0], .needsPerson, Message(encoded: parts[4]), since: time, subject: parts[1].isEmpty ? nil : parts[1],
        reason: parts[2].isEmpty ? nil : parts[2])
      entries[Self.key(item)] = Entry(item: item, firstSeen: time, isReported: true)
    }
  }

  /// What has been reported and is not over, to be kept across a restart.
  package var reported: String {
    entries.sorted { $0.key < $1.key }.filter(\.value.isReported).map { _, entry in
      let item = entry.item
      let words = [item.code, item.subject ?? "", item.reason ?? "", (item.since ?? entry.firstSeen).rfc3339]
      // A message is already on one line, and must not be changed.
      return (words.map(LogText.escaped) + [item.text.encoded]).joined(separator: "\t")
    }.joined(separator: "\n")
  }

  /// Takes the current state.
  ///
  /// - Parameters:
  ///   - items: What is not as it should be.
  ///   - isWhole: Whether these are all; if some could not be looked up, nothing is over.
  ///   - now: The current time.
  /// - Returns: What to report.
  package mutating func look(_ items: [Verdict.Item], isWhole: Bool, now: Timestamp) -> [Notification] {
    var found: [Notification] = []
    var present: Set<String> = []
    for item in items where !Self.unreported.contains(item.code) {
      let key = Self.key(item)
      present.insert(key)
      var entry = entries[key] ?? Entry(item: item, firstSeen: now, isReported: false)
      entry.item = item
      entry.missing = 0
      let isOld = now - (item.since ?? entry.firstSeen) >= after
      if !entry.isReported, item.state == .needsPerson || isOld {
        entry.isReported = true
        found.append(notification(of: entry, isOver: false))
      }
      entries[key] = entry
    }
    guard isWhole else { return found }
    for (key, entry) in entries where !present.contains(key) {
      guard entry.missing + 1 >= Self.looksUntilOver else {
        entries[key]?.missing += 1
        continue
      }
      entries[key] = nil
      if entry.isReported { found.append(notification(of: entry, isOver: true)) }
    }
    return found
  }

  private func notification(of entry: Entry, isOver: Bool) -> Notification {
    Notification(
      code: entry.item.code, subject: entry.item.subject, reason: entry.item.reason, text: entry.item.text,
      advice: entry.item.advice, since: entry.item.since ?? entry.firstSeen, isOver: isOver, title: title, zone: zone,
      language: language)
  }

  /// Only of what is kept across a restart: it must be the same then.
  private static func key(_ item: Verdict.Item) -> String {
    [item.code, item.subject ?? "", item.reason ?? ""].map(LogText.escaped).joined(separator: "\n")
  }
}
