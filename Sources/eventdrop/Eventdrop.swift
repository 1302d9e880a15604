internal import ArgumentParser
internal import Daemon
internal import DurableFiles
internal import Glibc
internal import Operations

/// The program: `eventdrop COMMAND …`.
@main
struct Eventdrop: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eventdrop",
    abstract: "Takes JSON events out of an inbox, stores each as a record, and forwards them to an n8n webhook.",
    discussion: """
      Exit codes: 0, 1 (work left or found wrong), 64 (usage), 75 (another eventdrop holds the state folder), \
      78 (configuration).
      """,
    version: Version.text,
    subcommands: [
      RunCommand.self, InitCommand.self, CheckCommand.self, TestCommand.self, StatusCommand.self, TailCommand.self,
      ListCommand.self, ShowCommand.self, DiffCommand.self, ReportCommand.self, ReprocessCommand.self,
      DiscardCommand.self, FlushCommand.self, PruneCommand.self, VerifyCommand.self, ReindexCommand.self,
      ImportCommand.self, FleetCommand.self, NotifyCommand.self, SchemaCommand.self, SinkCommand.self,
    ])

  static func main() async {
    // First of all: from now on, signals control the daemon instead of ending it half-started.
    let signals = ProcessSignals.own
    // The reader of our output may disappear; that ends neither the daemon nor an unfinished command.
    signal(SIGPIPE, SIG_IGN)
    // Sent to us if somebody opens a file for writing while the kernel is being asked who has it open.
    signal(SIGIO, SIG_IGN)
    ProcessLimits.setName("eventdrop")
    ProcessLimits.giveBackLargeBlocks()
    do {
      var command = try await asyncParseAsRoot(givenArguments)
      if !((command as? RunCommand)?.isDaemon ?? false) { signals.release() }
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      end(with: error)
    }
    end(with: nil)
  }

  /// The arguments, with bytes that are not UTF-8 spelled as they are printed: `String` has no place for the name of such a file.
  private static var givenArguments: [String] {
    UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc)).dropFirst().map { argument in
      guard let argument else { return "" }
      return LogText.text(of: UnsafeRawBufferPointer(start: argument, count: strlen(argument)))
    }
  }

  /// Reports what is wrong and what to do on standard error, and exits.
  private static func end(with error: (any Error)?) -> Never {
    var failures: [CommandFailure] = []
    if let error, exitCode(for: error) == .success {
      // Help, the version and shell completions are errors here, too.
      let text = fullMessage(for: error)
      LineWriter.standardOutput.write(lines: text.isEmpty ? [] : [text])
    } else if let error {
      failures.append(CommandFailure(error))
    }
    if let lost = CommandFailure.ofOutput { failures.append(lost) }
    LineWriter.standardError.write(lines: failures.flatMap(\.lines))
    Glibc.exit(failures.first.map { $0.ownCode ?? $0.exitCode.rawValue } ?? 0)
  }
}
