internal import ArgumentParser
internal import Catalog
internal import Daemon
internal import Events
internal import Operations
internal import Settings

struct TestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Show what would become of a file, without doing it.",
    discussion: """
      For a file in an inbox, it says why it is still there. Exit code 1 if the file would not be stored as it is; 64 if \
      it does not exist.
      """)

  @Argument(help: ArgumentHelp("The file.", valueName: "file"))
  var path: String

  @OptionGroup var file: ConfigurationOption

  @Option(help: ArgumentHelp("The inbox that is to read it, if it is not in one.", valueName: "name"))
  var inbox: String?

  @Flag(help: "For programs: one JSON object.")
  var json = false

  func run() async throws {
    let configuration = try file.load(.reading)
    let language = configuration.language
    let found: DropTrial?
    do throws(StorageError) {
      found = try DropTrial.run(path, inbox: inbox, configuration)
    } catch {
      throw file.failure(error, in: language)
    }
    guard let found else {
      if let inbox, !configuration.inboxes.contains(where: { $0.name == inbox }) {
        throw CommandFailure(.usage, Message(TrialMessage.noInbox, ["inbox": .text(inbox)]).text(in: language))
      }
      throw CommandFailure(.usage, Message(TrialMessage.noFile, ["path": .text(path)]).text(in: language))
    }
    LineWriter.standardOutput.write(
      lines: json ? [found.json(in: language).text] : found.lines(file, in: language).map(LogText.escaped))
    if !found.isGood { throw CommandFailure.reported }
  }
}

extension DropTrial {
  fileprivate func json(in language: Language) -> JSONOutput {
    .object([
      ("file", .text(file)), ("inbox", .text(inbox)), ("isInInbox", .flag(isInInbox)), ("charset", .text(charset)),
      ("hindrances", .array(hindrances.map { .text($0.text(in: language)) })),
      ("failure", .text(failure?.sentence(in: language))),
      (
        "events",
        .array(
          outcomes.map { outcome in
            .object([
              ("outcome", .text(outcome.kind.rawValue)), ("index", .number(outcome.index)),
              ("eventId", .text(outcome.eventId)), ("eventIdFrom", .text(outcome.eventIdFrom)),
              ("eventType", .text(outcome.eventType)), ("eventTypeFrom", .text(outcome.eventTypeFrom)),
              ("message", .text(outcome.message?.sentence(in: language))),
              ("record", outcome.record.map { JSONOutput(bytes: Array($0.utf8)) } ?? .null),
            ])
          })
      ),
      ("isMore", .flag(isMore)),
    ])
  }

  fileprivate func lines(_ file: ConfigurationOption, in language: Language) -> [String] {
    func text(_ message: TrialMessage) -> String { Message(message).text(in: language) }
    func line(_ label: TrialMessage, _ text: String) -> String {
      TextWidth.padded(Message(label).text(in: language), to: 9) + text
    }
    var lines: [String] = []
    if let inbox {
      let place = isInInbox ? TrialMessage.liesThere : isTakenByName ? .takesName : nil
      lines.append(line(.inbox, place.map { Message($0, ["inbox": .text(inbox)]).text(in: language) } ?? inbox))
    } else {
      lines.append(line(.inbox, text(.takenByNone)))
    }
    for hindrance in hindrances { lines.append(line(.but, hindrance.text(in: language))) }
    if isInInbox, hindrances.isEmpty { lines.append(line(.ready, text(.takenNext))) }
    if let charset { lines.append(line(.charset, charset)) }
    if let failure { lines.append(line(.wrong, failure.sentence(in: language))) }
    for outcome in outcomes { lines += [""] + self.lines(outcome, file, in: language) }
    if isEmpty { lines += ["", text(.noEvents)] }
    if isMore { lines += ["", text(.isMore)] }
    return lines
  }

  private func lines(_ outcome: Outcome, _ file: ConfigurationOption, in language: Language) -> [String] {
    func line(_ label: String, _ text: String, _ source: String?) -> String {
      "  \(TextWidth.padded(label, to: 11))\(text)\(source.map { "  (\($0))" } ?? "")"
    }
    var what = outcome.kind.message.text(in: language)
    if let message = outcome.message {
      what =
        Message(TrialMessage.outcome, ["outcome": .text(what), "text": .text(message.sentence(in: language))]).text(
          in: language)
    }
    if let index = outcome.index {
      what = Message(TrialMessage.event, ["index": .integer(index), "text": .text(what)]).text(in: language)
    }
    var lines = [what]
    if outcome.kind == .conflict, let id = outcome.eventId {
      let command = Message.Value.text(file.command("diff", id))
      lines.append("  " + Message(TrialMessage.showsDifference, ["command": command]).text(in: language))
    }
    if let id = outcome.eventId { lines.append(line("eventId", id, outcome.eventIdFrom)) }
    if let type = outcome.eventType { lines.append(line("eventType", type, outcome.eventTypeFrom)) }
    if outcomes.count == 1, let record = outcome.record {
      lines.append(line(Message(TrialMessage.record).text(in: language), record, nil))
    }
    return lines
  }
}
