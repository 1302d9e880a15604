internal import ArgumentParser
internal import Daemon
internal import EventStore
internal import Events
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
    let discarded = DiscardFolder(configuration.store)
    let reprocessing = Reprocessing(
      configuration.store, inboxes: configuration.reprocessingInboxes, isRehearsal: dryRun)
    let display = ProgressDisplay("reprocessing")
    defer { display.finish() }
    var counts = (moved: 0, refused: 0)
    do throws(StorageError) {
      let index = try EventIndex(configuration.store)
      for event in try selection(configuration).files(index) {
        if replace, try !makeWay(for: event, index, reprocessing, discarded, display, language, &counts.refused) {
          continue
        }
        switch try reprocessing.move(event) {
        case .moved(let source, let target):
          counts.moved += 1
          let message = Message(dryRun ? .wouldMove : .moved, from: source, to: target)
          display.print(LogText.escaped(message.text(in: language)))
        case .gone(let path):
          let message = Message(ActionMessage.gone, ["path": .text(path)])
          display.print(LogText.escaped(message.text(in: language)))
        case .refused(let path, let why):
          counts.refused += 1
          LineWriter.standardError.writeNotMoved(path, why, in: language)
        }
        display.show(done: counts.moved, of: nil)
      }
    } catch {
      throw file.failure(error, in: language)
    }
    if counts.refused > 0 { throw CommandFailure.told }
    guard counts.moved == 0 else { return }
    // Whoever names an event counts on it; of several that match there may be none.
    if let eventId {
      let message = Message(
        replace ? ActionMessage.noConflict : .noFile,
        ["eventId": .text(eventId), "command": .text(file.command("show", eventId))])
      throw CommandFailure(.unfinished, message.sentence(in: language))
    }
    display.print(Message(CommandMessage.noSuchEvents).text(in: language))
  }

  private func selection(_ configuration: Configuration) -> FileSelection {
    FileSelection(
      query: events.query(limit: 10_000, in: configuration.timezone), subject: eventId,
      isNarrowed: events.status != nil || events.reason != nil, isOfFailures: replace)
  }

  /// Moves the record away that a failed file is in conflict with.
  ///
  /// - Returns: Whether the file can take its place.
  private func makeWay(
    for event: ListedEvent, _ index: EventIndex, _ reprocessing: Reprocessing, _ discarded: DiscardFolder,
    _ display: ProgressDisplay, _ language: Language, _ refused: inout Int
  ) throws(StorageError) -> Bool {
    guard ["conflict", "superseded"].contains(event.reason ?? "") else {
      // Others of the same event have nothing to replace.
      return eventId == nil || events.reason != nil
    }
    if let obstacle = reprocessing.obstacle(to: event) {
      refused += 1
      LineWriter.standardError.writeNotMoved(event.fileText, obstacle, in: language)
      return false
    }
    guard let id = event.eventId, let record = try index.event(id)?.listed else { return true }
    switch try discarded.take(record, isRehearsal: dryRun) {
    case .moved(let source, let target):
      let message = Message(dryRun ? .wouldMoveRecord : .movedRecord, from: source, to: target)
      display.print(LogText.escaped(message.text(in: language)))
      return true
    case .gone: return true
    case .refused(let path, let why):
      refused += 1
      LineWriter.standardError.writeNotMoved(path, why, in: language)
      return false
    }
  }
}
