internal import ArgumentParser
internal import Catalog
internal import Daemon
internal import EventStore
internal import Events
internal import Failures
internal import Operations
internal import Settings

struct DiscardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "discard", abstract: "Take failed files out of retry/ or failed/ for good.",
    discussion: """
      Moves the file of one event or of one name, or all that match the options, with their reports into \
      state/discarded/, where retention removes them once they are older than retention.keep. Records stay where they \
      are. Exit code 1 if no such file exists.
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
    let selection = FileSelection(
      query: events.query(limit: 10_000, in: configuration.timezone), subject: subject, isNarrowed: true,
      isOfFailures: true)
    var files = MovedFiles("discarding", in: language, isRehearsal: dryRun)
    defer { files.display.finish() }
    do throws(StorageError) {
      let patient = configuration.patientFiles(asksInboxes: true)
      let index = try EventIndex(configuration.store.layout, files: patient)
      let mover = FileMover(
        configuration.store.layout, inboxes: configuration.reprocessingInboxes, index, isRehearsal: dryRun,
        files: patient)
      for event in try selection.files(index) {
        if let moves = try mover.perform(.discard, on: event) { files.report(moves) }
      }
    } catch {
      throw file.failure(error, in: language)
    }
    if files.refused > 0 { throw CommandFailure.reported }
    guard files.moved == 0 else { return }
    if let subject {
      let command = file.command("list", nil, "--status failed")
      let message = Message(
        ActionMessage.noFailedFile, ["subject": .text(subject), "command": .text(command)])
      throw CommandFailure(.unfinished, message.sentence(in: language))
    }
    files.display.print(Message(ActionMessage.noFiles).text(in: language))
  }
}
