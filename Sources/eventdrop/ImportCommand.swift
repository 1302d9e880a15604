internal import ArgumentParser
internal import Daemon
internal import EventStore
internal import Intake
internal import Logging
internal import Operations
internal import Settings
internal import SystemPackage
internal import Time

struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Take over a MongoDB collection processed_events, as already forwarded.",
    discussion: """
      Reads what mongoexport writes: a document a line, or --jsonArray, in extended JSON version 2. Each event goes into \
      the partition of its processedAt and is not sent again. It can be stopped and run again: what is there already is \
      passed over. The daemon must not be running.
      """)

  @Argument(help: ArgumentHelp("The export.", valueName: "file"))
  var export: String

  @OptionGroup var file: ConfigurationOption

  func run() async throws {
    let configuration = try file.load()
    let display = ProgressDisplay("importing")
    defer { display.finish() }
    var causes = RefusalCauses()
    let summary = try await Importing.run(
      FilePath(export), configuration, logger: ProgramLog().logger(configuration),
      refuse: { line, why in
        // One cause is told once, and how often at the end.
        guard causes.isFirst(line, why) else { return }
        let place = line > 0 ? "\(export):\(line)" : export
        LineWriter.standardError.write(lines: [LogText.escaped("eventdrop: \(place): not taken over: \(why)")])
      },
      progress: { summary, size in display.show(done: summary.bytes, of: size) })
    display.finish()
    guard let summary else {
      throw CommandFailure(.usage, "\(export): there is no such file; see --help")
    }
    LineWriter.standardError.write(lines: causes.repeats.map { LogText.escaped("eventdrop: \(export): \($0)") })
    print(
      "\(CountText.text(summary.taken, "event")) taken over, \(summary.duplicates) were there already, \(summary.refused) not taken over"
    )
    if let keep = configuration.store.keep, summary.taken > 0 {
      print(
        "those older than \(DurationText.text(of: keep)) go with the next pruning; retention.keep says for how long they stay"
      )
    }
    if summary.refused > 0 { throw CommandFailure.told }
  }
}
