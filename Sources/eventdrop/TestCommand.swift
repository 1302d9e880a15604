internal import ArgumentParser
internal import Daemon
internal import EventStore
internal import Operations
internal import Settings

struct TestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Show what would become of a file, without doing it.",
    discussion: """
      Of a file that lies in an inbox, it says why it is still there. Exit code 1 where the file would not be stored as \
      it is; 64 where there is no such file.
      """)

  @Argument(help: ArgumentHelp("The file.", valueName: "file"))
  var path: String

  @OptionGroup var file: ConfigurationOption

  @Option(help: ArgumentHelp("The inbox that is to read it, where it does not lie in one.", valueName: "name"))
  var inbox: String?

  @Flag(help: "For programs: one JSON object.")
  var json = false

  func run() async throws {
    let configuration = try file.load(.reading)
    let found: DropTrial?
    do throws(StorageError) {
      found = try DropTrial.run(path, inbox: inbox, configuration)
    } catch {
      throw CommandFailure(.unfinished, file.offering("\(error); \(error.advice)"))
    }
    guard let found else {
      if let inbox, !configuration.inboxes.contains(where: { $0.name == inbox }) {
        throw CommandFailure(.usage, "--inbox: there is no inbox '\(inbox)'; see --help")
      }
      throw CommandFailure(.usage, "\(path): there is no such file; see --help")
    }
    LineWriter.standardOutput.write(lines: json ? [found.json.text] : found.lines(file).map(LogText.escaped))
    if !found.isGood { throw CommandFailure.told }
  }
}

extension DropTrial {
  fileprivate var json: JSONOutput {
    .object([
      ("file", .text(file)), ("inbox", .text(inbox)), ("isInInbox", .flag(isInInbox)), ("charset", .text(charset)),
      ("hindrances", .array(hindrances.map { .text($0) })), ("failure", .text(failure)),
      (
        "events",
        .array(
          outcomes.map { outcome in
            .object([
              ("outcome", .text(outcome.kind.rawValue)), ("index", .number(outcome.index)),
              ("eventId", .text(outcome.eventId)), ("eventIdFrom", .text(outcome.eventIdFrom)),
              ("eventType", .text(outcome.eventType)), ("eventTypeFrom", .text(outcome.eventTypeFrom)),
              ("message", .text(outcome.message)),
              ("record", outcome.record.map { JSONOutput(bytes: Array($0.utf8)) } ?? .null),
            ])
          })
      ),
      ("isMore", .flag(isMore)),
    ])
  }

  fileprivate func lines(_ file: ConfigurationOption) -> [String] {
    var lines: [String] = []
    if let inbox {
      lines.append("inbox    \(inbox)\(isInInbox ? ", where it lies" : ", which takes files of this name")")
    } else {
      lines.append("inbox    none takes it")
    }
    for hindrance in hindrances { lines.append("but      \(hindrance)") }
    if isInInbox, hindrances.isEmpty { lines.append("ready    it is taken with the next look, where eventdrop runs") }
    if let charset { lines.append("charset  \(charset)") }
    if let failure { lines.append("wrong    \(failure)") }
    for outcome in outcomes {
      let number = outcome.index.map { "event \($0): " } ?? ""
      lines.append("")
      lines.append("\(number)\(outcome.kind.rawValue)\(outcome.message.map { ": \($0)" } ?? "")")
      if outcome.kind == .conflict, let id = outcome.eventId {
        lines.append("  once it is in failed/, this shows what differs: \(file.command("diff", id))")
      }
      if let id = outcome.eventId { lines.append("  eventId    \(id)\(outcome.eventIdFrom.map { "  (\($0))" } ?? "")") }
      if let type = outcome.eventType {
        lines.append("  eventType  \(type)\(outcome.eventTypeFrom.map { "  (\($0))" } ?? "")")
      }
      if outcomes.count == 1, let record = outcome.record { lines.append("  record     \(record)") }
    }
    if isMore {
      lines += [
        "", "there are more events than are shown; of those that cannot be read, at least the first is shown",
      ]
    }
    return lines
  }
}
