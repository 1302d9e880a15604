import Events
import Operations
import TestSupport
import Testing
import Time

/// People are notified once, and once when it is over.
@Suite(.tags(.fast)) struct NotificationTests {
  private let start = Timestamp(milliseconds: 1_795_435_200_000)

  private func item(
    _ code: String, _ state: Verdict.State, since: Timestamp? = nil, subject: String? = nil, reason: String? = nil
  ) -> Verdict.Item {
    Verdict.Item(code, state, "it is so", since: since, advice: "mend it", subject: subject, reason: reason)
  }

  @Test func `What needs a person is reported at once, what may end by itself only when it has lasted`() {
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

  @Test func `The end is reported once, and only of what was reported`() {
    var ledger = NotificationLedger(after: .seconds(60), title: "till")
    _ = ledger.look(
      [item("inbox", .needsPerson, subject: "a"), item("circuit", .mendsItself)], isWhole: true, now: start)
    #expect(ledger.look([], isWhole: false, now: start).isEmpty)
    // It may be back at the next look.
    #expect(ledger.look([], isWhole: true, now: start).isEmpty)
    let over = ledger.look([], isWhole: true, now: start)
    #expect(over.map(\.subject) == ["a"] && over.allSatisfy(\.isOver))
    #expect(over.first?.sentence == "eventdrop on till: it is over: it is so")
    #expect(ledger.look([], isWhole: true, now: start).isEmpty)
  }

  @Test func `What was reported before a restart is not reported again, but its end is`() {
    var ledger = NotificationLedger(after: .seconds(60), title: "till")
    #expect(ledger.look([item("inbox", .needsPerson, subject: "a")], isWhole: true, now: start).count == 1)
    var next = NotificationLedger(after: .seconds(60), title: "till", reported: ledger.reported)
    #expect(next.look([item("inbox", .needsPerson, subject: "a")], isWhole: true, now: start).isEmpty)
    _ = next.look([], isWhole: true, now: start)
    #expect(next.look([], isWhole: true, now: start).map(\.isOver) == [true])
  }

  @Test func `Each reason for which files wait in an inbox is reported by itself, before and after a restart`() {
    var ledger = NotificationLedger(after: .seconds(60), title: "till")
    func waiting(_ reasons: String...) -> [Verdict.Item] {
      reasons.map { item("waiting", .needsPerson, subject: "a\tb", reason: $0) }
    }
    #expect(ledger.look(waiting("no-marker", "unreadable"), isWhole: true, now: start).count == 2)
    #expect(ledger.look(waiting("no-marker", "unreadable"), isWhole: true, now: start).isEmpty)
    ledger = NotificationLedger(after: .seconds(60), title: "till", reported: ledger.reported)
    #expect(
      ledger.look(waiting("no-marker", "unreadable", "no-pattern"), isWhole: true, now: start).map(\.reason)
        == ["no-pattern"])
    _ = ledger.look(waiting("unreadable", "no-pattern"), isWhole: true, now: start)
    let over = ledger.look(waiting("unreadable", "no-pattern"), isWhole: true, now: start)
    #expect(over.map(\.reason) == ["no-marker"] && over.allSatisfy(\.isOver))
  }

  @Test func `What was reported by a version without reasons is known`() {
    var ledger = NotificationLedger(
      after: .seconds(60), title: "till", reported: "inbox\ta\t2026-11-23T12:00:00.000Z\tit is so")
    #expect(ledger.look([item("inbox", .needsPerson, subject: "a")], isWhole: true, now: start).isEmpty)
  }

  @Test func `What is not delivered is known after a restart, for each way that there still is`() {
    let zone = TimeZoneRules.utc
    var backlog = NotificationBacklog()
    let found = [
      Notification(
        code: "waiting", subject: "a", reason: "no-marker", text: "one\ttwo\nthree", advice: "mend it", since: start,
        title: "till"),
      Notification(code: "disk-full", text: "it was full", isOver: true, title: "till"),
    ]
    backlog.add(found, channels: ["command", "mail"])
    if let next = backlog.next(for: "command") { backlog.remove(next, of: "command") }
    var next = NotificationBacklog(backlog.kept, channels: ["command", "webhook"], title: "till", zone: zone)
    #expect(next.next(for: "command") == found[1])
    #expect(next.next(for: "webhook") == nil && next.next(for: "mail") == nil)
    next = NotificationBacklog(backlog.kept, channels: ["mail"], title: "till", zone: zone)
    #expect(next.next(for: "mail")?.sentence == found[0].sentence)
    #expect(next.next(for: "mail")?.reason == "no-marker")
    // However long nobody can be notified, it is bounded, and the newest are kept.
    for number in 0..<150 { next.add([Notification(code: "\(number)", text: "x", title: "till")], channels: ["mail"]) }
    #expect(next.next(for: "mail")?.code == "50")
  }

  @Test func `A message that is not delivered keeps its code over a restart, whatever its arguments say`() {
    let text = Message(StatusMessage.inboxSilent, ["inbox": "a\tb\u{202E}\u{85}\"\\"])
    let found = Notification(
      code: "inbox-silent", subject: "a", text: text, advice: text.advice, since: start, title: "till", language: .fr)
    var backlog = NotificationBacklog()
    backlog.add([found], channels: ["mail"])
    let next = NotificationBacklog(backlog.kept, channels: ["mail"], title: "till", zone: .utc, language: .fr)
    #expect(next.next(for: "mail") == found)
  }

  @Test func `Times are given in the time zone of the configuration`() throws {
    let zone = try TimeZoneRules(identifier: "Asia/Tokyo")
    var ledger = NotificationLedger(after: .seconds(60), title: "till", zone: zone)
    let found = ledger.look([item("inbox", .needsPerson, since: start)], isWhole: true, now: start)
    #expect(found.first?.sentence == "eventdrop on till: it is so, since 2026-11-23T21:00:00.000+09:00; mend it")
    #expect(
      item("inbox", .needsPerson, since: start).line(in: zone, .en)
        == "it is so, since 2026-11-23T21:00:00.000+09:00; mend it")
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

  @Test func `People are notified in their language, and of the end after a restart too`() {
    let items = [
      Verdict.Item(
        "inbox-silent", .needsPerson, Message(StatusMessage.inboxSilent, ["inbox": "a\tb"]), since: start, subject: "a")
    ]
    var ledger = NotificationLedger(after: .seconds(60), title: "till", language: .fr)
    let reported = ledger.look(items, isWhole: true, now: start)
    #expect(
      reported.map(\.sentence) == [
        "eventdrop sur till\u{A0}: plus rien n’arrive dans le dépôt «\u{A0}a\\tb\u{A0}» (depuis\u{A0}: 2026-11-23T12:00:00.000Z)\u{A0};"
          + " vérifiez l’expéditeur"
      ])
    #expect(reported.first?.json.text.contains(#""messages":{"text":{"code": "inbox-silent""#) == true)
    var next = NotificationLedger(after: .seconds(60), title: "till", language: .fr, reported: ledger.reported)
    _ = next.look([], isWhole: true, now: start)
    #expect(
      next.look([], isWhole: true, now: start).map(\.sentence) == [
        "eventdrop sur till\u{A0}: c’est terminé\u{A0}: plus rien n’arrive dans le dépôt «\u{A0}a\\tb\u{A0}»"
      ])
  }
}
