internal import ArgumentParser
internal import Daemon
internal import Operations
internal import Settings

struct NotifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notify", abstract: "Send a test through every notification channel.")

  @OptionGroup var file: ConfigurationOption

  @Flag(help: "Send a test on each way that the configuration has under notify.")
  var test = false

  func validate() throws {
    guard test else { throw ValidationError("say --test; the daemon itself tells of what needs a person") }
  }

  func run() async throws {
    let outcomes = await Notifying.test(try file.load(.notifying))
    guard !outcomes.isEmpty else {
      throw CommandFailure(.unfinished, "the configuration has no notify.command, notify.webhook or notify.mail")
    }
    for outcome in outcomes {
      LineWriter.standardOutput.write(lines: [
        LogText.escaped(outcome.failure.map { "failed  \(outcome.channel): \($0)" } ?? "sent    \(outcome.channel)")
      ])
    }
    if outcomes.contains(where: { $0.failure != nil }) { throw CommandFailure.told }
  }
}
