internal import ArgumentParser
internal import Catalog
internal import Daemon
internal import EventStore
internal import Events
internal import Operations
internal import Settings
internal import Time

struct TailCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail", abstract: "Show events as they come and go, a line each, until it is interrupted.",
    discussion: "With --json, an object a line, as list has them.")

  @OptionGroup var file: ConfigurationOption
  @OptionGroup var events: EventOptions

  @Flag(help: "For programs: one JSON object a line.")
  var json = false

  func run() async throws {
    let configuration = try file.load(.reading)
    let clock = SystemClock()
    var follower = EventFollower(
      configuration.store.layout, events.query(limit: 1000, in: configuration.timezone), from: clock.now(),
      showsPast: events.since != nil, files: configuration.patientFiles())
    while true {
      let began = clock.uptime()
      let found: [ListedEvent]
      do throws(StorageError) {
        found = try follower.next()
      } catch {
        throw file.failure(error, in: configuration.language)
      }
      for event in found { show(event, configuration.timezone, configuration.language) }
      // Nobody reads it any more, or what is read has a gap.
      guard LineWriter.standardOutput.failure == nil else { return }
      // If retry/ and failed/ hold very many files, a look takes a while, and must not take all the time.
      try await clock.sleep(for: max(.milliseconds(500), (clock.uptime() - began) * 4))
    }
  }

  private func show(_ event: ListedEvent, _ zone: TimeZoneRules, _ language: Language) {
    guard !json else { return LineWriter.standardOutput.write(event.json(in: language).bytes) }
    let time = (event.forwardedAt ?? event.updatedAt).rfc3339(in: zone, isBrief: true)
    let status = event.status.rawValue
    let padding = String(repeating: " ", count: max(0, 9 - status.count))
    let why = event.reason.map { "  \($0): \(file.offering(event.message?.sentence(in: language) ?? ""))" } ?? ""
    let id = event.eventId?.text ?? event.fileText
    LineWriter.standardOutput.write(
      lines: [LogText.escaped("\(time)  \(status)\(padding)  \(event.inbox)  \(event.eventType ?? "-")  \(id)\(why)")])
  }
}
