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
      With --json, one object: eventId, record, file, differences (path, record, file; null where one side does not have \
      it). Exit code 1 where there is nothing to compare.
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
      throw failure(error)
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
    output.write(lines: ["record  \(found.record)", "file    \(found.file)", ""].map(LogText.escaped))
    guard !found.differences.isEmpty else {
      return output.write(lines: ["eventType, data and attributes are the same"])
    }
    var table = TextTable([
      .init(title: "member", isFlexible: true), .init(title: "record", isFlexible: true),
      .init(title: "file", isFlexible: true),
    ])
    for difference in found.differences {
      table.add([
        (difference.path, .plain), (difference.record ?? "(none)", .plain), (difference.file ?? "(none)", .plain),
      ])
    }
    table.print()
    let advice = [
      "", "if the file is the right one:   \(file.command("reprocess", eventId, "--replace"))",
      "if the record is the right one: \(file.command("discard", eventId))",
    ]
    output.write(lines: advice.map(LogText.escaped))
  }

  private func value(_ text: String?) -> JSONOutput { text.map { JSONOutput(bytes: Array($0.utf8)) } ?? .null }

  private func failure(_ error: Comparison.Failure) -> CommandFailure {
    switch error {
    case .unknown:
      CommandFailure(
        .unfinished, "nothing is known of an event '\(eventId)'; \(file.command("list")) shows which there are")
    case .noRecord:
      CommandFailure(.unfinished, "there is no record of the event '\(eventId)' to compare its file with")
    case .noFile:
      CommandFailure(.unfinished, "no file of the event '\(eventId)' lies in retry/ or failed/; there is no conflict")
    case .unreadable(let why): CommandFailure(.unfinished, why)
    case .store(let error): CommandFailure(.unfinished, file.offering("\(error); \(error.advice)"))
    }
  }
}
