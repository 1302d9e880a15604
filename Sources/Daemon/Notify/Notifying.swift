package import Events
internal import Operations
package import Settings
package import Time

/// `eventdrop notify --test`.
package enum Notifying {
  /// The outcome of one channel.
  package struct Outcome: Sendable {
    /// Its name in the configuration.
    package var channel: String
    /// Why it failed; nil if it was sent.
    package var failure: Message?
  }

  /// Sends a test on all configured channels.
  package static func test(_ configuration: Configuration, clock: any WallClock = SystemClock()) async -> [Outcome] {
    let notification = Operations.Notification(
      code: "test", text: Message(StatusMessage.test), title: AdminServer.title(of: configuration),
      zone: configuration.timezone, language: configuration.language)
    var outcomes: [Outcome] = []
    for channel in configuration.notificationChannels(clock: clock) {
      do throws(ChannelFailure) {
        try await channel.send(notification)
        outcomes.append(Outcome(channel: channel.name))
      } catch {
        outcomes.append(Outcome(channel: channel.name, failure: error.message))
      }
    }
    return outcomes
  }
}
