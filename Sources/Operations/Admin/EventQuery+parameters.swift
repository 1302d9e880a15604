internal import Catalog
internal import Time

extension EventQuery {
  /// Reads the parameters of `/api/events`.
  ///
  /// - Parameters:
  ///   - parameters: Names and values, decoded; an empty value is ignored.
  ///   - now: The current time.
  ///   - zone: The time zone of the days in them.
  ///   - partitionZone: The time zone whose midnight divides partitions.
  /// - Throws: `QueryMistake`.
  init(
    _ parameters: [(name: String, value: String)], now: Timestamp, zone: TimeZoneRules,
    partitionZone: TimeZoneRules
  ) throws(QueryMistake) {
    self.init()
    var names: Set<String> = []
    var partition: CalendarDate?
    for (name, value) in parameters where !value.isEmpty {
      guard names.insert(name).inserted else { throw QueryMistake("'\(name)' is given twice") }
      switch name {
      case "type": type = value
      case "inbox": inbox = value
      case "reason": reason = value
      case "status":
        guard let known = EventStatus(rawValue: value) else {
          throw QueryMistake("status: pending, forwarded, retry, failed or missing, not '\(value)'")
        }
        status = known
      case "since": since = try Self.time(value, name, now, zone, isEnd: false)
      case "until": until = try Self.time(value, name, now, zone, isEnd: true)
      case "partition":
        guard let date = CalendarDate(value) else {
          throw QueryMistake("partition: its date, as 2026-11-23, not '\(value)'")
        }
        partition = date
      case "limit":
        guard let number = Int(value), (1...1000).contains(number) else {
          throw QueryMistake("limit: a number from 1 to 1000, not '\(value)'")
        }
        limit = number
      case "cursor":
        guard let place = EventCursor(value) else { throw QueryMistake("cursor: not one that was given out here") }
        cursor = place
      default:
        throw QueryMistake(
          "there is no '\(name)'; there are type, status, inbox, reason, since, until, partition, limit and cursor")
      }
    }
    if let partition {
      let (begin, end) = (partitionZone.startOfDay(partition), partitionZone.startOfDay(partition.adding(days: 1)))
      since = since.map { max($0, begin) } ?? begin
      until = until.map { min($0, end) } ?? end
    }
  }

  private static func time(
    _ text: String, _ name: String, _ now: Timestamp, _ zone: TimeZoneRules, isEnd: Bool
  ) throws(QueryMistake) -> Timestamp {
    if let time = Timestamp(rfc3339: text) { return time }
    if let day = CalendarDate(text) { return zone.startOfDay(isEnd ? day.adding(days: 1) : day) }
    if let duration = try? DurationText.parse(text) { return now - duration }
    throw QueryMistake("\(name): 2026-11-23, 2026-11-23T08:00:00Z, or 2h for two hours ago, not '\(text)'")
  }
}

/// What is wrong with a query.
struct QueryMistake: Error {
  var message: String

  init(_ message: String) { self.message = message }
}
