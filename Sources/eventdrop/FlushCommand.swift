internal import ArgumentParser
internal import Daemon
internal import EventStore
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
    case .done: print("the daemon probes the webhook, tries what is due, and looks into the inboxes now")
    case .notRunning:
      throw CommandFailure(
        .unfinished, "no eventdrop works on \(configuration.store.state); start one with \(file.command("run"))")
    case .notHeard: throw CommandFailure(.unfinished, "the daemon did not hear it within 10s; see its log")
    }
  }
}
