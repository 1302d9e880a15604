internal import ArgumentParser
internal import Daemon
internal import EventStore
internal import Events
internal import Operations
internal import Settings

struct DiscardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "discard", abstract: "Take failed files out of retry/ or failed/ for good.",
    discussion: """
      Moves the file of one event or of one name, or all that match the options, with their reports into \
      state/discarded/, where retention removes them once they are older than retention.keep. Records stay where they \
      are. Exit code 1 where there is no such file.
      """)

  @Argument(
    help: ArgumentHelp(
      "The event's eventId, or the name of a file in retry/ or failed/; without it, all that match the options.",
      valueName: "eventId"))
  var subject: String?

  @OptionGroup var file: ConfigurationOption
  @OptionGroup var events: EventOptions

  @Flag(help: "Only list what would be moved.")
  var dryRun = false

  func validate() throws {
    let isNarrowed =
      events.type != nil || events.status != nil || events.since != nil || events.until != nil || events.inbox != nil
      || events.reason != nil
    guard subject != nil || isNarrowed else {
      throw ValidationError(
        "name an eventId or a file, or say which by --status, --type, --since, --until, --inbox or --reason")
    }
    if let status = events.status, ![.retry, .failed].contains(status) {
      throw ValidationError("--status: only files in retry or failed can be discarded")
    }
  }

  func run() async throws {
    let configuration = try file.load()
    let language = configuration.language
    let discarded = DiscardFolder(configuration.store)
    let selection = FileSelection(
      query: events.query(limit: 10_000, in: configuration.timezone), subject: subject, isNarrowed: true,
      isOfFailures: true)
    var moved = 0
    var refused = 0
    do throws(StorageError) {
      for event in try selection.files(EventIndex(configuration.store)) {
        switch try discarded.take(event, isRehearsal: dryRun) {
        case .moved(let source, let target):
          moved += 1
          let message = Message(dryRun ? .wouldMove : .moved, from: source, to: target)
          print(LogText.escaped(message.text(in: language)))
        case .gone(let path):
          print(LogText.escaped(Message(ActionMessage.gone, ["path": .text(path)]).text(in: language)))
        case .refused(let path, let why):
          refused += 1
          LineWriter.standardError.writeNotMoved(path, why, in: language)
        }
      }
    } catch {
      throw file.failure(error, in: language)
    }
    if refused > 0 { throw CommandFailure.told }
    guard moved == 0 else { return }
    if let subject {
      let command = file.command("list", nil, "--status failed")
      let message = Message(
        ActionMessage.noFailedFile, ["subject": .text(subject), "command": .text(command)])
      throw CommandFailure(.unfinished, message.sentence(in: language))
    }
    print(Message(ActionMessage.noFiles).text(in: language))
  }
}
