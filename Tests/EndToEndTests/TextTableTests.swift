import Operations
import Testing
import eventdrop

struct TextTableTests {
  private func table(_ rows: [[String]]) -> TextTable {
    var table = TextTable([
      .init(title: "time", least: 17), .init(title: "status"), .init(title: "eventType", isFlexible: true),
      .init(title: "eventId", isFlexible: true), .init(title: "bytes", isNumber: true),
    ])
    for row in rows { table.add(row.map { ($0, .good) }) }
    return table
  }

  @Test func `Columns stand below each other, numbers to the right, and nothing is cut where nobody watches`() {
    let long = String(repeating: "x", count: 300)
    let table = table([
      ["2026-11-23T12:00:00Z", "failed", "order", "o1", "7"], ["2026-11-23T12:00:00Z", "retry", "t", long, "1234567"],
    ])
    let lines = table.lines(width: nil, isColoured: false)
    #expect(lines.count == 3)
    #expect(lines[0].hasPrefix("time                  status  eventType  eventId  "))
    #expect(lines[1].hasPrefix("2026-11-23T12:00:00Z  failed  order      o1  ") && lines[1].hasSuffix("        7"))
    #expect(lines[2].contains(long) && lines[2].hasSuffix("  1234567"))
  }

  @Test func `What is wide takes two columns, what joins the character before it none`() {
    let table = table([
      ["t", "failed", "注文", "o1", "7"], ["t", "failed", "e\u{301}", "o1", "7"],
      ["t", "failed", "🚚", "o1", "7"],
    ])
    let lines = table.lines(width: nil, isColoured: false)
    #expect(lines[1] == "t     failed  注文       o1           7")
    #expect(lines[2] == "t     failed  e\u{301}          o1           7")
    #expect(lines[3] == "t     failed  🚚         o1           7")
    #expect(TextWidth.columns(of: "a注🇫🇷한é❤️") == 10)
    #expect(TextWidth.cut("注文番号", to: 6) == "注文…" && TextWidth.cut("注文番号", to: 8) == "注文番号")
  }

  @Test("No line is wider than the terminal, however narrow that is", arguments: 0...130)
  func fits(width: Int) {
    let rows = [
      ["2026-11-23T12:00:00+01:00", "forwarded", "payment_intent.succeeded", String(repeating: "注", count: 40), "123"],
      ["2026-11-23T12:00:00+01:00", "pending", "t", "o1", "1234567"],
    ]
    let lines = table(rows).lines(width: width, isColoured: false)
    #expect(lines.allSatisfy { TextWidth.columns(of: $0) <= width }, "\(lines)")
    // The day and the time to the minute, as long as there is room for anything else.
    if width >= 60 { #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("2026-11-23T12:00") }, "\(lines)") }
  }

  @Test func `Colours are about words, not about the space behind them, and control characters show as such`() {
    let table = table([["t", "failed", "a\u{1B}[31m\nb", "o1", "7"]])
    #expect(table.lines(width: nil, isColoured: false)[1].contains(#"a\u{1B}[31m\nb"#))
    #expect(
      table.lines(width: nil, isColoured: true)[1].hasPrefix("\u{1B}[32mt\u{1B}[0m     \u{1B}[32mfailed\u{1B}[0m  "))
    #expect(!table.lines(width: nil, isColoured: true)[0].contains("\u{1B}"))
  }

  @Test func `A sentence that is too long goes on below itself`() {
    #expect(
      TextWidth.wrapped("why       this is a sentence of some length", to: 24, indentation: 10)
        == ["why       this is a", "          sentence of", "          some length"])
    #expect(TextWidth.wrapped("short", to: 24, indentation: 10) == ["short"])
    #expect(TextWidth.wrapped("    aaaaaaaaaaaaaaaa b", to: 10, indentation: 4) == ["    aaaaa…", "    b"])
  }
}
