internal import ArgumentParser
internal import Daemon
internal import EventStore
internal import Events
internal import Operations
internal import Schedules
internal import Settings

struct ReprocessCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reprocess",
    abstract: "Move events back into their inbox, to be processed and forwarded again.",
    discussion: """
      Moves the file of one event, or of all that match: records, and files in retry/ and failed/. It does what mv does, \
      so it works while the daemon runs. With an eventId, the options must hold for its file as well; exit code 1 where \
      there is none.
      """)

  @Argument(help: ArgumentHelp("The event's eventId; without it, all that match the options.", valueName: "eventId"))
  var eventId: String?

  @OptionGroup var file: ConfigurationOption
  @OptionGroup var events: EventOptions

  @Option(help: ArgumentHelp("Only failed files of this reason, such as conflict.", valueName: "reason"))
  var reason: String?

  @Flag(help: "Only list what would be moved.")
  var dryRun = false

  func validate() throws {
    let isNarrowed =
      events.type != nil || events.status != nil || events.since != nil || events.until != nil || events.inbox != nil
      || reason != nil
    guard eventId != nil || isNarrowed else {
      throw ValidationError(
        "name an eventId, or say which events by --status, --type, --since, --until, --inbox or --reason")
    }
  }

  func run() async throws {
    let configuration = try file.load()
    let reprocessing = Reprocessing(
      configuration.storeOptions, inboxes: configuration.reprocessingInboxes, isRehearsal: dryRun)
    let display = ProgressDisplay("reprocessing")
    defer { display.finish() }
    var counts = (moved: 0, refused: 0)
    do throws(StoreError) {
      for event in try matching(events.query(reason: reason, limit: 10_000, in: configuration.timezone), configuration)
      {
        switch try reprocessing.move(event) {
        case .moved(let source, let target):
          counts.moved += 1
          display.print(LogText.escaped("\(dryRun ? "would move" : "moved") \(source) to \(target)"))
        case .gone(let path): display.print(LogText.escaped("gone already: \(path)"))
        case .refused(let path, let why):
          counts.refused += 1
          LineWriter.standardError.write(lines: [LogText.escaped("eventdrop: not moved: \(path): \(why)")])
        }
        display.show(done: counts.moved, of: nil)
      }
    } catch {
      throw CommandFailure(.unfinished, "\(error); \(error.advice)")
    }
    if counts.refused > 0 { throw CommandFailure.told }
    guard counts.moved == 0 else { return }
    // Whoever names an event counts on it; of several that match there may be none.
    if let eventId {
      throw CommandFailure(
        .unfinished, "there is no file to move of an event '\(eventId)'; eventdrop show tells what is known of it")
    }
    display.print("no such events")
  }

  /// The files to move.
  private func matching(_ query: EventQuery, _ configuration: Configuration) throws(StoreError) -> [ListedEvent] {
    let index = try EventIndex(configuration.storeOptions)
    guard let eventId else { return try all(query, index) }
    let found = try index.files(of: EventID(eventId)).filter(query.includes)
    // A record stands for its event; copies that failed come back only where there is none, the newest of them.
    if events.status != nil || reason != nil { return found }
    return Array((found.first { $0.partition != nil } ?? found.max { $0.updatedAt < $1.updatedAt }).map { [$0] } ?? [])
  }

  private func all(_ query: EventQuery, _ index: EventIndex) throws(StoreError) -> [ListedEvent] {
    var query = query
    var found: [ListedEvent] = []
    while true {
      let page = try index.page(query)
      found += page.events
      guard let next = page.next else { break }
      query.cursor = next
    }
    // The oldest first, as they came.
    return found.reversed()
  }
}
