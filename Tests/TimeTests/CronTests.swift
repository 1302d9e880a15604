import Glibc
import TestSupport
import Testing
import Time

private func next(_ expression: String, after start: String, in zone: String = "UTC") throws -> String? {
  let time = try #require(Timestamp(rfc3339: start))
  return try Schedule([expression]).next(after: time, in: TimeZoneRules(identifier: zone))?.rfc3339
}

@Suite(.tags(.fast)) struct CronTests {
  @Test(arguments: [
    ("0 3 * * *", "2026-11-23T03:00:00Z", "2026-11-24T03:00:00.000Z"),
    ("0 3 * * *", "2026-11-23T02:59:59.999Z", "2026-11-23T03:00:00.000Z"),
    ("*/15 * * * *", "2026-11-23T10:07:00Z", "2026-11-23T10:15:00.000Z"),
    ("5-20/5,50 9-17 * * MON-FRI", "2026-11-20T17:50:00Z", "2026-11-23T09:05:00.000Z"),
    ("0 0 * * fri-sun", "2026-11-22T00:00:00Z", "2026-11-27T00:00:00.000Z"),
    ("0 0 * * 7", "2026-11-23T00:00:00Z", "2026-11-29T00:00:00.000Z"),
    // Either day is enough if both are restricted; a star with a step is a restriction.
    ("0 0 13 * 5", "2026-11-06T12:00:00Z", "2026-11-13T00:00:00.000Z"),
    ("0 0 1 * 1", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00.000Z"),
    ("0 0 */2 * 1", "2026-11-23T00:00:00Z", "2026-11-25T00:00:00.000Z"),
    ("0 0 */1 * 1", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00.000Z"),
    ("0 0 1-31 * 1", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00.000Z"),
    ("0 0 29 2 *", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00.000Z"),
    ("0 0 29 FEB *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00.000Z"),
    ("@hourly", "2026-11-23T10:00:00Z", "2026-11-23T11:00:00.000Z"),
    ("@yearly", "2026-11-23T10:00:00Z", "2027-01-01T00:00:00.000Z"),
    ("@weekly", "2026-11-23T10:00:00Z", "2026-11-29T00:00:00.000Z"),
    ("every 90s", "2026-11-23T10:00:00Z", "2026-11-23T10:01:30.000Z"),
  ])
  func `A schedule is due when it says`(expression: String, start: String, expected: String) throws {
    #expect(try next(expression, after: start) == expected)
  }

  @Test(
    arguments: [
      (["every 2s"], .seconds(2)), (["every 1h", "every 90m"], .seconds(3600)), (["* * * * *"], .seconds(60)),
      (["*/7 * * * *"], .seconds(7 * 60)), (["@hourly"], .seconds(3600)), (["30 8,20 * * *"], .seconds(12 * 3600)),
      (["0 8 * * *", "0 20 * * *"], .seconds(12 * 3600)), (["0 8 * * *", "every 10m"], .seconds(600)),
      (["*/5 9-17 * * 1-5"], .seconds(63 * 3600 + 5 * 60)), (["0 0 1 * *"], .seconds(31 * 86_400)),
      (["0 0 1 * *", "0 0 15 * *"], .seconds(17 * 86_400)), (["@yearly"], .seconds(366 * 86_400)),
      (["0 0 29 2 *"], .seconds(2921 * 86_400)), (["0 0 30 2 *"], nil),
      (["0 0 30 2 *", "0 12 * * *"], .seconds(86_400)),
    ] as [([String], Duration?)])
  func `The longest pause is that between any two of its times`(rules: [String], expected: Duration?) throws {
    // There is no 29 February in 2100.
    let day = CalendarDate(year: 2096, month: 1, day: 1)
    #expect(try Schedule(rules).longestPause(from: day) == expected)
  }

  @Test func `Rules that are due more often than they look are named as they are written`() throws {
    let schedule = try Schedule(["*  3 * * 1", "* 3,4 * * *", "0-59 3 * * *", "*/2 3 * * *", "0 3 1 * 1", "0 3 1 * *"])
    #expect(schedule.rulesOfEveryMinute.map(\.rule) == ["* 3 * * 1", "0-59 3 * * *"])
    #expect(schedule.rulesOfEveryMinute.map(\.once) == ["0 3 * * 1", "0 3 * * *"])
    #expect(schedule.rulesOfEitherDay == ["0 3 1 * 1"])
  }

  @Test(arguments: [
    // Paris skips 02:00 to 03:00 on 29 March 2026 at 01:00Z: once, at the change, and never twice.
    ("30 2 * * *", "2026-03-29T00:00:00Z", "Europe/Paris", "2026-03-29T01:00:00.000Z"),
    ("*/10 2 * * *", "2026-03-29T01:00:00Z", "Europe/Paris", "2026-03-30T00:00:00.000Z"),
    // It repeats 02:00 to 03:00 on 25 October at 01:00Z: the first time, 00:30Z, and not the second.
    ("30 2 * * *", "2026-10-24T12:00:00Z", "Europe/Paris", "2026-10-25T00:30:00.000Z"),
    ("30 2 * * *", "2026-10-25T00:30:00Z", "Europe/Paris", "2026-10-26T01:30:00.000Z"),
    // A rule with a star in minute or hour goes on through the repeated hour, and has no time in the skipped one.
    ("*/5 * * * *", "2026-10-25T00:55:30Z", "Europe/Paris", "2026-10-25T01:00:00.000Z"),
    ("*/5 * * * *", "2026-10-25T01:57:00Z", "Europe/Paris", "2026-10-25T02:00:00.000Z"),
    ("*/5 * * * *", "2026-03-29T00:58:00Z", "Europe/Paris", "2026-03-29T01:00:00.000Z"),
    ("@hourly", "2026-10-25T00:00:00Z", "Europe/Paris", "2026-10-25T01:00:00.000Z"),
    ("45 * * * *", "2026-10-25T00:45:00Z", "Europe/Paris", "2026-10-25T01:45:00.000Z"),
    ("*/20 2 * * *", "2026-10-25T00:30:00Z", "Europe/Paris", "2026-10-25T00:40:00.000Z"),
    ("*/20 2 * * *", "2026-10-25T00:40:00Z", "Europe/Paris", "2026-10-25T01:00:00.000Z"),
    ("*/20 2 * * *", "2026-10-25T01:40:00Z", "Europe/Paris", "2026-10-26T01:00:00.000Z"),
    ("*/10 2 * * *", "2026-03-28T23:00:00Z", "Europe/Paris", "2026-03-30T00:00:00.000Z"),
    ("0,30 */2 * * *", "2026-10-25T00:30:00Z", "Europe/Paris", "2026-10-25T01:00:00.000Z"),
    ("*/7 * * * *", "2026-11-01T05:56:00Z", "America/New_York", "2026-11-01T06:00:00.000Z"),
    ("*/5 * * * *", "2026-04-04T14:58:00Z", "Australia/Lord_Howe", "2026-04-04T15:00:00.000Z"),
    // At fixed times, however many.
    ("0,30 2 * * *", "2026-10-25T00:30:00Z", "Europe/Paris", "2026-10-26T01:00:00.000Z"),
    ("0,30 2 * * *", "2026-03-28T23:00:00Z", "Europe/Paris", "2026-03-29T01:00:00.000Z"),
    ("0,30 2 * * *", "2026-03-29T01:00:00Z", "Europe/Paris", "2026-03-30T00:00:00.000Z"),
    // Lord Howe changes by half an hour.
    ("15 2 * * *", "2026-10-03T12:00:00Z", "Australia/Lord_Howe", "2026-10-03T15:30:00.000Z"),
    // São Paulo's midnight of 4 November 2018 did not exist.
    ("0 0 * * *", "2018-11-03T12:00:00Z", "America/Sao_Paulo", "2018-11-04T03:00:00.000Z"),
    // Apia skipped the whole of 30 December 2011.
    ("0 12 30 12 *", "2011-12-29T00:00:00Z", "Pacific/Apia", "2011-12-30T10:00:00.000Z"),
  ])
  func `Clock changes neither lose a run nor double it`(
    expression: String, start: String, zone: String, expected: String
  ) throws {
    #expect(try next(expression, after: start, in: zone) == expected)
  }

  @Test(arguments: ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Cairo"])
  func `What repeats by interval is due whenever clocks show one of its times`(name: String) throws {
    let zone = try TimeZoneRules(identifier: name)
    for expression in ["*/5 * * * *", "7 * * * *", "*/25 0-3 * * *", "10,50 */3 * * *"] {
      let schedule = try Schedule([expression])
      let fields = expression.split(separator: " ").prefix(2).map(String.init)
      for start in [
        "2018-02-17T20:00:00Z", "2018-11-03T20:00:00Z", "2026-03-28T20:00:00Z", "2026-04-04T12:00:00Z",
        "2026-10-24T20:00:00Z", "2026-10-29T18:00:00Z", "2026-11-01T00:00:00Z",
      ] {
        var due = try #require(Timestamp(rfc3339: start))
        var time = due
        // Minute by minute, over the rest of the day.
        for _ in 0..<(10 * 60) {
          time = time + .seconds(60)
          let local = time + .seconds(zone.offset(at: time))
          let clock = local.rfc3339.dropFirst(11).prefix(5).split(separator: ":").compactMap { Int($0) }
          guard Self.shows(clock[0], fields[1]), Self.shows(clock[1], fields[0]) else { continue }
          let next = schedule.next(after: due, in: zone)
          #expect(next == time, "\(expression) after \(due.rfc3339)")
          due = time
        }
      }
    }
  }

  /// Whether a number belongs to a field, for the fields above.
  private static func shows(_ number: Int, _ field: String) -> Bool {
    field.split(separator: ",").contains { item in
      if item == "*" { return true }
      if item.hasPrefix("*/") { return number % (Int(item.dropFirst(2)) ?? 1) == 0 }
      let ends = item.split(separator: "-").compactMap { Int($0) }
      return (ends.first ?? 99)...(ends.last ?? 99) ~= number
    }
  }

  @Test func `A day that never comes is never due, and a list is due with the first of its members`() throws {
    #expect(try next("0 0 30 2 *", after: "2026-01-01T00:00:00Z") == nil)
    let time = try #require(Timestamp(rfc3339: "2026-11-23T10:00:00Z"))
    let list = try Schedule(["0 12 * * *", "every 3h", "0 11 * * *"])
    #expect(list.next(after: time, in: .utc)?.rfc3339 == "2026-11-23T11:00:00.000Z")
  }

  @Test(
    arguments: [
      ("", .otherFields("", count: 0)), ("* * * *", .otherFields("* * * *", count: 4)),
      ("60 * * * *", .field(.minute, "60", .outOfRange(0...59))),
      ("* 24 * * *", .field(.hour, "24", .outOfRange(0...23))), ("* * 0 * *", .field(.day, "0", .outOfRange(1...31))),
      ("* * * 13 *", .field(.month, "13", .outOfRange(1...12))),
      ("* * * * 8", .field(.weekday, "8", .outOfRange(0...7))), ("5-1 * * * *", .field(.minute, "5-1", .backwards)),
      ("*/0 * * * *", .field(.minute, "*/0", .step(upTo: 59))),
      ("1,, * * * *", .field(.minute, "1,,", .unclear(example: 1...5))),
      ("? * * * *", .field(.minute, "?", .unclear(example: 1...5))),
      ("L * * * *", .field(.minute, "L", .unclear(example: 1...5))),
      ("+5 * * * *", .field(.minute, "+5", .unclear(example: 1...5))),
      ("* * * foo *", .field(.month, "foo", .unclear(example: 2...6))), ("@often", .unknownShortcut("@often")),
      ("every", .interval("every")), ("every 0s", .interval("every 0s")), ("every 5 s", .interval("every 5 s")),
      ("every -5s", .interval("every -5s")), ("0 0 3 * * *", .sixFields("0 0 3 * * *", withoutSeconds: "0 3 * * *")),
    ] as [(String, ScheduleError.Reason)])
  func `A mistake is explained`(expression: String, expected: ScheduleError.Reason) {
    do {
      _ = try Schedule([expression])
      Issue.record("'\(expression)' was taken")
    } catch {
      #expect(error.reason == expected)
    }
  }
}
