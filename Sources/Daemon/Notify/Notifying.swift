package import Events
internal import Operations
package import Settings
package import Time

/// `eventdrop notify --test`.
package enum Notifying {
  /// What became of one way on which people are told.
  package struct Outcome: Sendable {
    /// As the configuration names it.
    package var channel: String
    /// Why it failed; nil where it went.
    package var failure: Message?
  }

  /// Sends a test on all ways that the configuration has.
  package static func test(_ configuration: Configuration, clock: any WallClock = SystemClock()) async -> [Outcome] {
    let notification = Operations.Notification(
      code: "test", text: Message(StatusMessage.test), title: AdminServer.title(of: configuration),
      zone: configuration.timezone, language: configuration.language)
    var outcomes: [Outcome] = []
    for channel in configuration.notificationChannels(clock: clock) {
      do throws(ChannelFailure) {
        try await channel.tell(notification)
        outcomes.append(Outcome(channel: channel.name))
      } catch {
        outcomes.append(Outcome(channel: channel.name, failure: error.message))
      }
    }
    return outcomes
  }
}
