internal import ArgumentParser
internal import Catalog
internal import Time

extension EventStatus: ExpressibleByArgument {}
extension EventCursor: ExpressibleByArgument {}

/// A time, or a day, as people and scripts write it.
struct TimeArgument: ExpressibleByArgument {
  private enum Form {
    case time(Timestamp)
    case day(CalendarDate)
    case ago(Duration)
  }

  private let form: Form

  init?(argument: String) {
    if let time = Timestamp(rfc3339: argument) {
      form = .time(time)
    } else if let day = CalendarDate(argument) {
      form = .day(day)
    } else if let duration = try? DurationText.parse(
      argument.hasSuffix(" ago") ? String(argument.dropLast(4)) : argument)
    {
      form = .ago(duration)
    } else {
      return nil
    }
  }

  /// The instant it stands for.
  ///
  /// - Parameters:
  ///   - now: The current time.
  ///   - zone: The time zone of days.
  ///   - isEnd: Whether a day stands for its end.
  /// - Returns: The instant.
  func time(now: Timestamp, in zone: TimeZoneRules, isEnd: Bool = false) -> Timestamp {
    switch form {
    case .time(let time): time
    case .day(let day): zone.startOfDay(isEnd ? day.adding(days: 1) : day)
    case .ago(let duration): now - duration
    }
  }
}

/// Which events a command is about.
struct EventOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only events of this eventType.", valueName: "eventType"))
  var type: String?

  @Option(help: ArgumentHelp("Only events that are pending, forwarded, retry, failed or missing."))
  var status: EventStatus?

  @Option(
    help: ArgumentHelp(
      "Only what was written or failed since: 2026-11-23, 2026-11-23T08:00:00Z, or 2h ago.", valueName: "time"))
  var since: TimeArgument?

  @Option(help: ArgumentHelp("Only what was written or failed until then; a day counts whole.", valueName: "time"))
  var until: TimeArgument?

  @Option(help: ArgumentHelp("Only events of this inbox.", valueName: "name"))
  var inbox: String?

  @Option(help: ArgumentHelp("Only failed files of this reason, such as conflict.", valueName: "reason"))
  var reason: String?

  func query(limit: Int, in zone: TimeZoneRules) -> EventQuery {
    let now = SystemClock().now()
    return EventQuery(
      type: type, status: status, since: since?.time(now: now, in: zone),
      until: until?.time(now: now, in: zone, isEnd: true), inbox: inbox, reason: reason, limit: limit)
  }
}
