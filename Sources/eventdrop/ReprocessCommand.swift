internal import ArgumentParser
internal import Catalog
internal import Daemon
internal import EventStore
internal import Events
internal import Failures
internal import Operations
internal import Settings
internal import Time

struct ReprocessCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reprocess",
    abstract: "Move events back into their inbox, to be processed and forwarded again.",
    discussion: """
      Moves the file of one event, or of all that match: records, and files in retry/ and failed/. It does what mv does, \
      so it works while the daemon runs. With an eventId, the options must hold for its file as well; exit code 1 where \
      there is none.
      """)

  @Argument(
    help: ArgumentHelp(
      "The event's eventId, or the name of a file in retry/ or failed/; without it, all that match the options.",
      valueName: "eventId"))
  var eventId: String?

  @OptionGroup var file: ConfigurationOption
  @OptionGroup var events: EventOptions

  @Flag(
    help: "Where a conflict's file is the right one: move the old record away first, into state/discarded/.")
  var replace = false

  @Flag(help: "Only list what would be moved.")
  var dryRun = false

  func validate() throws {
    let isNarrowed =
      events.type != nil || events.status != nil || events.since != nil || events.until != nil || events.inbox != nil
      || events.reason != nil
    guard eventId != nil || isNarrowed else {
      throw ValidationError(
        "name an eventId, or say which events by --status, --type, --since, --until, --inbox or --reason")
    }
  }

  func run() async throws {
    let configuration = try file.load()
    let language = configuration.language
    var files = MovedFiles("reprocessing", in: language, isRehearsal: dryRun)
    defer { files.display.finish() }
    do throws(StorageError) {
      let patient = configuration.patientFiles(asksInboxes: true)
      let index = try EventIndex(configuration.store.layout, files: patient)
      let mover = FileMover(
        configuration.store.layout, inboxes: configuration.reprocessingInboxes, index, isRehearsal: dryRun,
        files: patient)
      for event in try selection(configuration).files(index) {
        if let moves = try moves(of: event, by: mover) { files.report(moves) }
      }
    } catch {
      throw file.failure(error, in: language)
    }
    if files.refused > 0 { throw CommandFailure.reported }
    guard files.moved == 0 else { return }
    // Whoever names an event expects it to exist; a filter may match none.
    if let eventId {
      let message = Message(
        replace ? ActionMessage.noConflict : .noFile,
        ["eventId": .text(eventId), "command": .text(file.command("show", eventId))])
      throw CommandFailure(.unfinished, message.sentence(in: language))
    }
    files.display.print(Message(CommandMessage.noSuchEvents).text(in: language))
  }

  private func selection(_ configuration: Configuration) -> FileSelection {
    FileSelection(
      query: events.query(limit: 10_000, in: configuration.timezone), subject: eventId,
      isNarrowed: events.status != nil || events.reason != nil, isOfFailures: replace)
  }

  private func moves(of event: ListedEvent, by mover: FileMover) throws(StorageError) -> FileMover.Moves? {
    if replace, let moves = try mover.perform(.replace, on: event) { return moves }
    // Other files of the same event have nothing to replace.
    if replace, eventId != nil, events.reason == nil { return nil }
    return try mover.perform(.reprocess, on: event)
  }
}
