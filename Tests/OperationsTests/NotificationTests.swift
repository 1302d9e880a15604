import Operations
import Schedules
import TestSupport
import Testing

/// People are told once, and once when it is over.
@Suite(.tags(.fast)) struct NotificationTests {
  private let start = Timestamp(milliseconds: 1_795_435_200_000)

  private func item(
    _ code: String, _ state: Verdict.State, since: Timestamp? = nil, subject: String? = nil
  ) -> Verdict.Item {
    Verdict.Item(code, state, "it is so", since: since, advice: "mend it", subject: subject)
  }

  @Test func `What needs a person is told at once, what may end by itself only when it has lasted`() {
    var ledger = NotificationLedger(after: .seconds(60), title: "till")
    let items = [
      item("circuit", .mendsItself, since: start), item("disk-full", .needsPerson),
      item("retry", .mendsItself, since: start),
    ]
    #expect(ledger.look(items, isWhole: true, now: start).map(\.code) == ["disk-full"])
    #expect(ledger.look(items, isWhole: true, now: start + .seconds(59)).isEmpty)
    #expect(ledger.look(items, isWhole: true, now: start + .seconds(60)).map(\.code) == ["circuit"])
    #expect(ledger.look(items, isWhole: true, now: start + .seconds(600)).isEmpty)
  }

  @Test func `The end is told once, and only of what was told`() {
    var ledger = NotificationLedger(after: .seconds(60), title: "till")
    _ = ledger.look(
      [item("inbox", .needsPerson, subject: "a"), item("circuit", .mendsItself)], isWhole: true, now: start)
    #expect(ledger.look([], isWhole: false, now: start).isEmpty)
    // It may be back with the next look.
    #expect(ledger.look([], isWhole: true, now: start).isEmpty)
    let over = ledger.look([], isWhole: true, now: start)
    #expect(over.map(\.subject) == ["a"] && over.allSatisfy(\.isOver))
    #expect(over.first?.sentence == "eventdrop on till: it is over: it is so")
    #expect(ledger.look([], isWhole: true, now: start).isEmpty)
  }

  @Test func `What was told before a restart is not told again, but its end is`() {
    var ledger = NotificationLedger(after: .seconds(60), title: "till")
    #expect(ledger.look([item("inbox", .needsPerson, subject: "a")], isWhole: true, now: start).count == 1)
    var next = NotificationLedger(after: .seconds(60), title: "till", told: ledger.told)
    #expect(next.look([item("inbox", .needsPerson, subject: "a")], isWhole: true, now: start).isEmpty)
    _ = next.look([], isWhole: true, now: start)
    #expect(next.look([], isWhole: true, now: start).map(\.isOver) == [true])
  }

  @Test func `A mail is one that a server takes, whatever is in it`() {
    let notification = Notification(code: "failed", text: "é\r\nBcc: x\u{202E}", since: start, title: "till")
    let mail = String(
      decoding: notification.mail(from: "a@example.com", to: ["b@example.com", "c@example.com"], now: start),
      as: UTF8.self)
    #expect(mail.hasPrefix("From: a@example.com\r\nTo: b@example.com, c@example.com\r\nSubject: =?utf-8?Q?"))
    #expect(mail.contains("\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n"))
    #expect(!mail.contains("\r\nBcc") && !mail.unicodeScalars.contains("\u{202E}"))
    #expect(mail.replacing("\r\n", with: "").allSatisfy { !$0.isNewline })
  }
}
