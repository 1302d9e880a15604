import TestSupport
import Testing
import Time

/// Reads texts that look nearly like schedules: each is read or refused, and what is read is due later than now.
@Suite(.onlyInFullRuns) struct CronFuzzTests {
  private let starts = [
    "*/5 * * * *", "0 3 * * *", "15,45 8-18/2 * jan-jun mon-fri", "@hourly", "59 23 31 12 sun", "0 0 29 2 *",
    "every 250ms", "every 1d", "30 2 * mar,oct 0",
  ].map { Array($0.utf8) }
  private let words = [
    "*", "/", "-", ",", "*/", "0", "59", "60", "mon", "dec", "@yearly", "every ", "ms", "\t", " ", "?", "L", "#", "é",
    "9999999999999999999",
  ].map { Array($0.utf8) }

  @Test func `Changed schedules are read or refused, and come due`() throws {
    let zones = [
      TimeZoneRules.utc, try TimeZoneRules(identifier: "Europe/Paris"),
      try TimeZoneRules(identifier: "Australia/Lord_Howe"),
    ]
    var read = 0
    for seed in Fuzzing.seeds {
      var numbers = SeededNumbers(seed: seed)
      let start = starts.randomElement(using: &numbers) ?? []
      let text = String(decoding: numbers.changed(start, words: words), as: UTF8.self)
      let schedule: Schedule
      do {
        schedule = try Schedule([text])
      } catch {
        continue
      }
      read += 1
      // From 1970 to 2100.
      let now = Timestamp(milliseconds: .random(in: 0...4_102_444_800_000, using: &numbers))
      guard let next = schedule.next(after: now, in: zones.randomElement(using: &numbers) ?? .utc) else { continue }
      #expect(next > now, "'\(text)', seed \(seed)")
    }
    #expect(read > 0)
  }
}
