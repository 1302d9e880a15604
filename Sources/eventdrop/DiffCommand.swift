internal import ArgumentParser
internal import Daemon
internal import EventStore
internal import Events
internal import Operations
internal import Settings

struct DiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Compare a record with the file that is in conflict with it, member by member.",
    discussion: """
      With --json, one object: eventId, record, file, differences (path, record, file; null if one side does not have \
      it). Exit code 1 if there is nothing to compare.
      """)

  @Argument(help: ArgumentHelp("The event's eventId.", valueName: "eventId"))
  var eventId: String

  @OptionGroup var file: ConfigurationOption

  @Flag(help: "For programs: one JSON object.")
  var json = false

  func run() async throws {
    let configuration = try file.load(.reading)
    let found: Comparison
    do throws(Comparison.Failure) {
      found = try Comparison.of(eventId, configuration)
    } catch {
      throw failure(error, in: configuration.language)
    }
    guard !json else {
      let differences = found.differences.map { difference in
        JSONOutput.object([
          ("path", .text(difference.path)), ("record", value(difference.record)), ("file", value(difference.file)),
        ])
      }
      let object = JSONOutput.object([
        ("eventId", .text(eventId)), ("record", .text(found.record)), ("file", .text(found.file)),
        ("differences", .array(differences)),
      ])
      return LineWriter.standardOutput.write(lines: [object.text])
    }
    let output = LineWriter.standardOutput
    let language = configuration.language
    func text(_ message: CommandMessage) -> String { Message(message).text(in: language) }
    let rows = [(text(.record), found.record), (text(.file), found.file)]
    let width = TextWidth.columns(of: text(.record)) + 2
    output.write(lines: (rows.map { TextWidth.padded($0, to: width) + $1 } + [""]).map(LogText.escaped))
    guard !found.differences.isEmpty else { return output.write(lines: [text(.sameContent)]) }
    var table = TextTable([text(.member), text(.record), text(.file)].map { .init(title: $0, isFlexible: true) })
    for difference in found.differences {
      table.add([
        (difference.path, .plain), (difference.record ?? text(.nothing), .plain),
        (difference.file ?? text(.nothing), .plain),
      ])
    }
    table.print()
    let advice = [
      (CommandMessage.ifFileIsRight, file.command("reprocess", eventId, "--replace")),
      (.ifRecordIsRight, file.command("discard", eventId)),
    ]
    let lines = advice.map { Message($0, ["command": .text($1)]).text(in: language) }
    output.write(lines: ([""] + lines).map(LogText.escaped))
  }

  private func value(_ text: String?) -> JSONOutput { text.map { JSONOutput(bytes: Array($0.utf8)) } ?? .null }

  private func failure(_ error: Comparison.Failure, in language: Language) -> CommandFailure {
    let id = Message.Value.text(eventId)
    let message: Message
    switch error {
    case .unknown:
      message = Message(CommandMessage.unknownEvent, ["eventId": id, "command": .text(file.command("list"))])
    case .noRecord: message = Message(CommandMessage.noRecord, ["eventId": id])
    case .noFile: message = Message(CommandMessage.noFile, ["eventId": id])
    case .unreadable(let why): message = why
    case .store(let error): return file.failure(error, in: language)
    }
    return CommandFailure(.unfinished, message.sentence(in: language))
  }
}
