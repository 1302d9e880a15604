internal import ArgumentParser
internal import Catalog
internal import Daemon
internal import EventStore
internal import Events
internal import Operations
internal import Settings
internal import SystemPackage

struct FlushCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flush",
    abstract: "Have the running daemon probe, retry and look now, instead of when its pauses end.",
    discussion: """
      Asks by a file 'flush' in the state folder, which the daemon takes away. Exit code 1 where none runs.
      """)

  @OptionGroup var file: ConfigurationOption

  func run() async throws {
    let configuration = try file.load()
    let outcome: Flushing.Outcome
    do throws(StorageError) {
      outcome = try await Flushing.run(configuration)
    } catch {
      throw file.failure(error, in: configuration.language)
    }
    switch outcome {
    case .done:
      LineWriter.standardOutput.write(lines: [Message(ActionMessage.flushed).text(in: configuration.language)])
    case .notRunning:
      let message = Message(
        ActionMessage.noDaemon,
        ["state": .text(configuration.store.layout.state.string), "command": .text(file.command("run"))])
      throw CommandFailure(.unfinished, message.sentence(in: configuration.language))
    case .notHeard:
      throw CommandFailure(.unfinished, Message(ActionMessage.notHeard).sentence(in: configuration.language))
    }
  }
}
