internal import ArgumentParser
internal import Daemon
internal import EventStore
internal import Events
internal import Intake
internal import Logging
internal import Operations
internal import Settings
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
    let configuration = try file.load(.storing)
    let language = configuration.language
    let display = ProgressDisplay("importing")
    defer { display.finish() }
    var causes = RefusalCauses()
    let summary = try await Importing.run(
      export, configuration, logger: ProgramLog().logger(configuration),
      refuse: { line, why in
        // A cause is reported once, and its count at the end.
        guard causes.isFirst(line, why) else { return }
        let place = line > 0 ? "\(export):\(line)" : export
        let message = Message(ImportMessage.notTaken, ["place": .text(place), "why": .message(why)])
        LineWriter.standardError.write(lines: [LogText.escaped("eventdrop: \(message.sentence(in: language))")])
      },
      progress: { summary, size in display.show(done: summary.bytes, of: size) })
    display.finish()
    guard let summary else {
      throw CommandFailure(.usage, Message(ImportMessage.noFile, ["file": .text(export)]).sentence(in: language))
    }
    LineWriter.standardError.write(
      lines: causes.repeats(in: export).map { LogText.escaped("eventdrop: \($0.text(in: language))") })
    let sums = Message(
      ImportMessage.sums,
      [
        "taken": .integer(summary.taken), "duplicates": .integer(summary.duplicates),
        "refused": .integer(summary.refused),
      ])
    LineWriter.standardOutput.write(lines: [sums.text(in: language)])
    if let keep = configuration.store.keep, summary.taken > 0 {
      let message = Message(ImportMessage.oldOnes, ["keep": .text(DurationText.text(of: keep))])
      LineWriter.standardOutput.write(lines: [message.sentence(in: language)])
    }
    if summary.refused > 0 { throw CommandFailure.reported }
  }
}
