import TestSupport
import Testing
import Time

@Suite(.tags(.fast)) struct TimeTests {
  @Test(arguments: [
    ("2026-11-23T03:41:00.123Z", "2026-11-23T03:41:00.123Z"), ("2026-11-23t03:41:00z", "2026-11-23T03:41:00.000Z"),
    ("2026-11-23T03:41:00.1239Z", "2026-11-23T03:41:00.123Z"),
    ("2026-11-23T00:30:00+01:00", "2026-11-22T23:30:00.000Z"),
    ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"), ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
    ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"), ("2024-02-29T00:00:00-12:30", "2024-02-29T12:30:00.000Z"),
    ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
  ])
  func `A time of RFC 3339 is read`(text: String, expected: String) throws {
    #expect(try #require(Timestamp(rfc3339: text)).rfc3339 == expected)
  }

  @Test(arguments: [
    "", "2026-11-23", "2026-11-23T03:41Z", "2026-11-23T03:41:00", "2026-02-29T00:00:00Z", "2026-11-31T00:00:00Z",
    "2026-11-23T24:00:00Z", "2026-11-23T03:41:00.Z", "2026-11-23T03:41:00+0100", "2026-11-23 03:41:00Z",
    "2026-11-23T03:41:00Z ", "+026-11-23T03:41:00Z", "2026-11-23T03:41:00+24:00",
  ])
  func `Anything else is none`(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test func `Days follow one another for four hundred years`() {
    var expected = CalendarDate(year: 1899, month: 12, day: 31)
    let first = expected.daysSinceEpoch
    for offset in 1...146_097 {
      let date = CalendarDate(daysSinceEpoch: first + offset)
      #expect(date > expected)
      #expect(date.daysSinceEpoch == first + offset)
      if date.day != 1 { #expect(date.day == expected.day + 1) }
      expected = date
    }
    #expect(expected == CalendarDate(year: 2299, month: 12, day: 31))
    #expect(CalendarDate("2026-11-23")?.weekday == 1)
    #expect(CalendarDate("2026-11-23x") == nil)
    #expect(CalendarDate("2026-13-01") == nil)
  }

  @Test func `Arithmetic at the ends stays there`() {
    let last = Timestamp(milliseconds: .max)
    #expect(last + .seconds(1) == last)
    #expect(Timestamp(milliseconds: .min) - .seconds(1) == Timestamp(milliseconds: .min))
    #expect(Duration.seconds(Int64.max).inMilliseconds == .max)
  }

  @Test(arguments: [
    ("250ms", 250), ("2s", 2000), ("5m", 300_000), ("1h30m", 5_400_000), ("30d", 2_592_000_000), ("0s", 0),
  ])
  func `A duration is read`(text: String, milliseconds: Int) throws {
    #expect(try DurationText.parse(text) == .milliseconds(milliseconds))
  }

  @Test(arguments: ["", "5", "s", "5 s", "1.5s", "-1s", "5sec", "99999999999999999999s", "106751991168d", "5S"])
  func `Anything else is no duration`(text: String) {
    #expect(throws: DurationError.self) { try DurationText.parse(text) }
  }

  @Test func `Sizes`() throws {
    #expect(try SizeText.parse("512KiB") == 524_288)
    #expect(try SizeText.parse("1MB") == 1_000_000)
    #expect(try SizeText.parse("77") == 77)
    for text in ["", "KiB", "1.5MiB", "-1", "9999999999GiB", "1 kib"] {
      #expect(throws: SizeError.self) { try SizeText.parse(text) }
    }
    #expect(SizeText.text(of: 3_565_158) == "3.4 MiB")
  }

  @Test func `Time zones, their errors and their days`() throws {
    #expect(throws: TimeZoneError.unknown("Europe/Pariss", suggestion: "Europe/Paris")) {
      try TimeZoneRules(identifier: "Europe/Pariss")
    }
    for name in ["../../etc/passwd", "/etc/passwd", "", "Europe//Paris"] {
      #expect(throws: TimeZoneError.self) { try TimeZoneRules(identifier: name) }
    }
    let paris = try TimeZoneRules(identifier: "Europe/Paris")
    // Beyond the table, by the rule behind it.
    let summer = try #require(Timestamp(rfc3339: "2090-07-01T00:00:00Z"))
    #expect(paris.offset(at: summer) == 7200)
    #expect(paris.date(of: try #require(Timestamp(rfc3339: "2026-11-22T23:30:00Z"))).description == "2026-11-23")
    #expect(paris.startOfDay(CalendarDate(year: 2026, month: 11, day: 23)).rfc3339 == "2026-11-22T23:00:00.000Z")
    let saoPaulo = try TimeZoneRules(identifier: "America/Sao_Paulo")
    #expect(saoPaulo.startOfDay(CalendarDate(year: 2018, month: 11, day: 4)).rfc3339 == "2018-11-04T03:00:00.000Z")
  }

  @Test func `A backoff doubles up to its maximum, with jitter inside its bounds`() {
    let backoff = Backoff(first: .seconds(30), maximum: .seconds(3600))
    #expect(
      (1...9).map { backoff.ceiling(afterFailures: $0) }
        == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600].map { .seconds($0) })
    #expect(backoff.ceiling(afterFailures: .max) == .seconds(3600))
    #expect(backoff.equalJitter(afterFailures: 1, random: 0) == .seconds(15))
    #expect(backoff.fullJitter(afterFailures: 1, random: 0) == .zero)
    #expect(backoff.fullJitter(afterFailures: 1, random: 1) == .seconds(30))
  }
}
