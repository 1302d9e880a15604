internal import ArgumentParser
internal import Catalog
internal import Daemon
internal import EventStore
internal import Events
internal import Fleet
internal import Operations
internal import Settings
internal import Time

struct ListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List events, the newest first.",
    discussion: """
      With --json, an object a line: eventId, eventType, status, inbox, file, bytes, createdAt, updatedAt, \
      forwardedAt, attempts, reason, message, code, arguments, nextAttemptAt, cursor; null if something is not known or does not \
      apply. The cursor of the last line is where the next ones begin.
      """)

  @OptionGroup var file: ConfigurationOption
  @OptionGroup var events: EventOptions

  @Option(help: ArgumentHelp("At most this many.", valueName: "count"))
  var limit = 50

  @Option(help: ArgumentHelp("Continue after this place, which is named if there are more.", valueName: "place"))
  var cursor: EventCursor?

  @Flag(help: "Events of all machines that share their identities, as their database has them.")
  var fleet = false

  @Flag(help: "For programs: one JSON object a line.")
  var json = false

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
  }

  private func listFleet(_ query: EventQuery, in zone: TimeZoneRules, _ language: Language) throws {
    let (events, _) = try file.askingFleet { desk throws(LedgerFailure) in
      try desk.events(query, inState: query.status?.rawValue)
    }
    guard !json else {
      for event in events {
        LineWriter.standardOutput.write(
          JSONOutput.object([
            ("eventId", .text(event.eventId.text)), ("eventType", .text(event.eventType)),
            ("status", .text(event.state)),
            ("node", .text(event.node)), ("inbox", .text(event.inbox)), ("updatedAt", .time(event.time)),
          ]).bytes)
      }
      return
    }
    func text(_ message: CommandMessage) -> String { Message(message).text(in: language) }
    guard !events.isEmpty else { return LineWriter.standardOutput.write(lines: [text(.noSuchEvents)]) }
    var table = TextTable([
      .init(title: text(.time), least: 17), .init(title: text(.status)), .init(title: "eventType", isFlexible: true),
      .init(title: "eventId", isFlexible: true), .init(title: "node"),
      .init(title: Message(TrialMessage.inbox).text(in: language)),
    ])
    for event in events {
      table.add([
        (event.time.rfc3339(in: zone, isBrief: true), .plain), (event.state, .plain), (event.eventType, .plain),
        (event.eventId.text, .plain), (event.node, .plain), (event.inbox, .plain),
      ])
    }
    table.print()
  }

  func run() async throws {
    let configuration = try file.load(.reading)
    let (zone, language) = (configuration.timezone, configuration.language)
    func text(_ message: CommandMessage) -> String { Message(message).text(in: language) }
    var query = events.query(limit: limit, in: zone)
    query.cursor = cursor
    guard !fleet else { return try listFleet(query, in: zone, language) }
    let index: EventIndex
    let page: EventPage
    do throws(StorageError) {
      index = try EventIndex(configuration.store.layout, files: configuration.patientFiles(), passesOverUnread: true)
      page = try index.page(query)
    } catch {
      throw file.failure(error, in: language)
    }
    if json {
      for event in page.events { LineWriter.standardOutput.write(event.json(in: language).bytes) }
    } else if !page.events.isEmpty {
      printTable(page, configuration)
    } else if index.unread.isEmpty {
      LineWriter.standardOutput.write(lines: [text(.noSuchEvents)])
    }
    try file.requireWhole(index, in: language)
  }

  private func printTable(_ page: EventPage, _ configuration: Configuration) {
    let (zone, language) = (configuration.timezone, configuration.language)
    func text(_ message: CommandMessage) -> String { Message(message).text(in: language) }
    var table = TextTable([
      // At least to the minute.
      .init(title: text(.time), least: 17), .init(title: text(.status)), .init(title: "eventType", isFlexible: true),
      .init(title: "eventId", isFlexible: true), .init(title: Message(TrialMessage.inbox).text(in: language)),
      .init(title: text(.place), isFlexible: true),
    ])
    for event in page.events {
      let place =
        event.partition == nil ? "\(event.status.rawValue)/\(event.fileText): \(event.reason ?? "")" : event.file
      table.add([
        (event.updatedAt.rfc3339(in: zone, isBrief: true), .plain), (event.status.rawValue, event.status.style),
        (event.eventType ?? "", .plain), (event.eventId?.text ?? "", .plain), (event.inbox, .plain), (place, .plain),
      ])
    }
    table.print()
    if let next = page.next {
      LineWriter.standardOutput.write(lines: [
        Message(CommandMessage.moreEvents, ["cursor": .text("\(next)")]).text(in: language)
      ])
    }
  }
}

extension EventStatus {
  var style: TextTable.Style {
    switch self {
    case .pending: .waiting
    case .forwarded: .good
    case .retry: .waiting
    case .failed, .missing: .bad
    }
  }
}
