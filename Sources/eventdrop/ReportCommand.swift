internal import ArgumentParser
internal import Catalog
internal import Daemon
internal import EventStore
internal import Events
internal import Fleet
internal import Operations
internal import Settings
internal import Time

struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Count events by day, type and status.",
    discussion: "With --json, an object a line: date, eventType, status, count, bytes.")

  @OptionGroup var file: ConfigurationOption

  @Option(help: ArgumentHelp("The first day.", valueName: "day"))
  var since: TimeArgument?

  @Option(help: ArgumentHelp("The last day.", valueName: "day"))
  var until: TimeArgument?

  @Flag(help: "Events of all machines that share their identities, as their database has them; days are those of UTC.")
  var fleet = false

  @Flag(help: "For programs: one JSON object a line.")
  var json = false

  private func reportFleet(since: CalendarDate?, until: CalendarDate?, _ language: Language) throws {
    let (counts, _) = try file.askingFleet { desk throws(LedgerFailure) in try desk.counts(since: since, until: until) }
    guard !json else {
      for count in counts {
        LineWriter.standardOutput.write(
          JSONOutput.object([
            ("date", .text(count.day)), ("node", .text(count.node)), ("eventType", .text(count.eventType)),
            ("status", .text(count.state)), ("count", .number(count.count)),
          ]).bytes)
      }
      return
    }
    func text(_ message: CommandMessage) -> String { Message(message).text(in: language) }
    guard !counts.isEmpty else { return LineWriter.standardOutput.write(lines: [text(.noEvents)]) }
    var table = TextTable([
      .init(title: text(.day)), .init(title: "node"), .init(title: "eventType", isFlexible: true),
      .init(title: text(.status)), .init(title: text(.events), isNumber: true),
    ])
    for count in counts {
      table.add([
        (count.day, .plain), (count.node, .plain), (count.eventType, .plain), (count.state, .plain),
        ("\(count.count)", .plain),
      ])
    }
    table.print()
  }

  func run() async throws {
    let configuration = try file.load(.reading)
    let (zone, language) = (configuration.store.layout.timeZone, configuration.language)
    func text(_ message: CommandMessage) -> String { Message(message).text(in: language) }
    let now = SystemClock().now()
    guard !fleet else {
      return try reportFleet(
        since: since.map { TimeZoneRules.utc.date(of: $0.time(now: now, in: .utc)) },
        until: until.map { TimeZoneRules.utc.date(of: $0.time(now: now, in: .utc)) }, language)
    }
    let index: EventIndex
    let counts: [EventCount]
    do throws(StorageError) {
      index = try EventIndex(configuration.store.layout, files: configuration.patientFiles(), passesOverUnread: true)
      counts = try index.counts(
        since: since.map { zone.date(of: $0.time(now: now, in: zone)) },
        until: until.map { zone.date(of: $0.time(now: now, in: zone)) })
    } catch {
      throw file.failure(error, in: language)
    }
    if json {
      for count in counts { LineWriter.standardOutput.write(count.json.bytes) }
    } else if !counts.isEmpty {
      printTable(counts, language)
    } else if index.unread.isEmpty {
      LineWriter.standardOutput.write(lines: [text(.noEvents)])
    }
    try file.requireWhole(index, in: language)
  }

  private func printTable(_ counts: [EventCount], _ language: Language) {
    func text(_ message: CommandMessage) -> String { Message(message).text(in: language) }
    var table = TextTable([
      .init(title: text(.day)), .init(title: "eventType", isFlexible: true), .init(title: text(.status)),
      .init(title: text(.events), isNumber: true), .init(title: text(.size), isNumber: true),
    ])
    for count in counts {
      table.add([
        ("\(count.date)", .plain), (count.type, .plain), (count.status.rawValue, count.status.style),
        ("\(count.count)", .plain), (count.bytes > 0 ? SizeWords.text(of: count.bytes, in: language) : "", .plain),
      ])
    }
    table.print()
    for status in EventStatus.allCases {
      let sum = counts.filter { $0.status == status }.reduce(0) { $0 + $1.count }
      if sum > 0 { LineWriter.standardOutput.write(lines: ["\(status.rawValue): \(sum)"]) }
    }
  }
}
