import Testing
import eventdrop

struct ProgressBarTests {
  @Test("Share, count, rate and remaining time, in the columns there are")
  func line() {
    var bar = ProgressBar("reindex", at: .seconds(100))
    #expect(
      bar.line(done: 0, total: 1000, at: .seconds(100), columns: 80)
        == "reindex [\(String(repeating: "-", count: 40))] 0%  0/1000")
    let line = bar.line(done: 250, total: 1000, at: .seconds(105), columns: 100)
    let marks = String(repeating: "#", count: 10) + String(repeating: "-", count: 30)
    #expect(line == "reindex [\(marks)] 25%  250/1000  50/s  15s left")
  }

  @Test("It never fills the line, however narrow it is, and leaves out what has no room", arguments: 0...120)
  func fits(columns: Int) {
    for total in [nil, 1, 1_000_000] {
      var bar = ProgressBar("reindex", at: .zero)
      let line = bar.line(done: 123_456, total: total, at: .seconds(7), columns: columns)
      #expect(line.count <= max(0, columns - 1))
      if columns > 8 { #expect(line.hasPrefix("reindex")) }
    }
  }

  @Test("Without a total it counts and shows the time")
  func withoutTotal() {
    var bar = ProgressBar("run", at: .seconds(1))
    #expect(bar.line(done: 42, total: nil, at: .seconds(61), columns: 80) == "run  42  0.7/s  1m")
    var empty = ProgressBar("run", at: .zero)
    #expect(empty.line(done: 0, total: 0, at: .milliseconds(900), columns: 80) == "run  0  0s")
  }

  @Test("Counts that make no sense do no harm")
  func strangeCounts() {
    var bar = ProgressBar("run", at: .seconds(5))
    #expect(bar.line(done: 20, total: 10, at: .seconds(6), columns: 80).contains("100%  20/10"))
    #expect(bar.line(done: -1, total: 10, at: .seconds(7), columns: 80).contains("0%  0/10"))
    _ = bar.line(done: .max, total: .max, at: .seconds(8), columns: .max)
    _ = bar.line(done: .min, total: .min, at: .seconds(-8), columns: .min)
    _ = bar.line(done: .max, total: nil, at: .seconds(Int64.max), columns: 80)
  }

  @Test("The remaining time follows a rate that changes")
  func smooths() {
    var bar = ProgressBar("run", at: .zero)
    _ = bar.line(done: 1000, total: 100_000, at: .seconds(1), columns: 120)
    var line = ""
    for second in 2...60 {
      line = bar.line(done: 1000 + 10 * second, total: 100_000, at: .seconds(second), columns: 120)
    }
    // 1000/s in the first second, 10/s since then.
    #expect(line.contains("  10/s  "))
  }
}
