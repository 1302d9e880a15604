package import Events
package import Time

/// The notifications that are still to be sent, by channel.
///
/// It outlives the process: what was found but not delivered is delivered after a restart.
package struct NotificationBacklog: Sendable {
  private var waiting: [String: [Notification]] = [:]
  /// How many may wait for a channel that is unavailable; the oldest are dropped.
  private static let limit = 100

  package init() {}

  /// Reads what `kept` wrote.
  ///
  /// - Parameters:
  ///   - kept: The text.
  ///   - channels: The existing channels; notifications for others are dropped.
  ///   - title: The installation.
  ///   - zone: The time zone for times.
  ///   - language: The language of the notifications.
  package init(_ kept: String, channels: [String], title: String, zone: TimeZoneRules, language: Language = .en) {
    for line in kept.split(separator: "\n") {
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 8, channels.contains(parts[0]) else { continue }
      func text(_ index: Int) -> String? { parts[index].isEmpty ? nil : parts[index] }
      waiting[parts[0], default: []].append(
        Notification(
          code: parts[1], subject: text(2), reason: text(3), text: Message(encoded: parts[6]),
          advice: text(7).map(Message.init(encoded:)), since: Timestamp(rfc3339: parts[5]), isOver: parts[4] == "over",
          title: title, zone: zone, language: language))
    }
  }

  /// One line each, with its parts separated by tabs.
  package var kept: String {
    waiting.sorted { $0.key < $1.key }.flatMap { channel, notifications in
      notifications.map { notification in
        let words = [
          channel, notification.code, notification.subject ?? "", notification.reason ?? "",
          notification.isOver ? "over" : "", notification.since?.rfc3339 ?? "",
        ]
        // Messages are already on one line, and must not be changed.
        return (words.map(LogText.escaped) + [notification.text.encoded, notification.advice?.encoded ?? ""])
          .joined(separator: "\t")
      }
    }.joined(separator: "\n")
  }

  /// Queues these on all channels.
  package mutating func add(_ notifications: [Notification], channels: [String]) {
    for channel in channels {
      waiting[channel, default: []] += notifications
      waiting[channel] = waiting[channel]?.suffix(Self.limit)
    }
  }

  /// The next one for a channel; nil if there is none.
  package func next(for channel: String) -> Notification? { waiting[channel]?.first }

  /// Removes one that was sent on this channel.
  package mutating func remove(_ notification: Notification, of channel: String) {
    // It may have been dropped meanwhile, because there were too many.
    guard let index = waiting[channel]?.firstIndex(of: notification) else { return }
    waiting[channel]?.remove(at: index)
  }
}
