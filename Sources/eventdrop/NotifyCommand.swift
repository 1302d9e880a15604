internal import ArgumentParser
internal import Daemon
internal import Events
internal import Operations
internal import Settings

struct NotifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notify", abstract: "Send a test through every notification channel.")

  @OptionGroup var file: ConfigurationOption

  @Flag(help: "Send a test on each way that the configuration has under notify.")
  var test = false

  func validate() throws {
    guard test else { throw ValidationError("use --test; the daemon itself reports what needs a person") }
  }

  func run() async throws {
    let configuration = try file.load(.notifying)
    let outcomes = await Notifying.test(configuration)
    guard !outcomes.isEmpty else {
      throw CommandFailure(.unfinished, Message(ActionMessage.noChannel).text(in: configuration.language))
    }
    for outcome in outcomes {
      let label = Message(outcome.failure == nil ? ActionMessage.sent : .notSent).text(in: configuration.language)
      let why = outcome.failure.map { ": " + $0.sentence(in: configuration.language) } ?? ""
      // In columns: the outcome, and the channel.
      let padding = String(repeating: " ", count: max(1, 8 - label.count))
      LineWriter.standardOutput.write(lines: [LogText.escaped(label + padding + outcome.channel + why)])
    }
    if outcomes.contains(where: { $0.failure != nil }) { throw CommandFailure.reported }
  }
}
