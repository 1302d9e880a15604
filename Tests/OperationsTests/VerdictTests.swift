import Events
import Operations
import TestSupport
import Testing
import Time

/// Whether a person is needed.
@Suite(.tags(.fast)) struct VerdictTests {
  private let start = Timestamp(milliseconds: 1_795_435_200_000)

  @Test func `What needs a person comes first`() {
    let verdict = Verdict([
      Verdict.Item("retry", .mendsItself, "a"), Verdict.Item("failed", .needsPerson, "b", advice: "c"),
      Verdict.Item("circuit", .needsPerson, "d"),
    ])
    #expect(verdict.state == .needsPerson)
    #expect(verdict.items.map(\.code) == ["failed", "circuit", "retry"])
    #expect(verdict.line(in: .utc) == "needs a person: b; c (and 2 more)")
    #expect(Verdict([]).line(in: .utc) == "all is well" && Verdict([]).state == .well)
  }

  @Test(arguments: [
    (Message(WebhookMessage.startingUp), 0, Verdict.State.mendsItself),
    (Message(WebhookMessage.startingUp), 601, .needsPerson),
    (Message(WebhookMessage.unreachable, ["why": "refused"]), 30, .mendsItself),
    (Message(WebhookMessage.unreachable, ["why": "refused"]), 601, .needsPerson),
    (Message(WebhookMessage.noAnswer, ["why": "10 s"]), 30, .mendsItself),
    (Message(WebhookMessage.timeout, ["why": "10 s"]), 30, .mendsItself),
    (Message(WebhookMessage.refusesCredentials, ["said": ""]), 0, .needsPerson),
    (Message(WebhookMessage.unavailable, ["status": 502, "said": ""]), 0, .mendsItself),
  ])
  func `What ends by itself calls nobody at first`(trouble: Message, after: Int, state: Verdict.State) {
    #expect(Verdict.ofWebhook(trouble, since: start, now: start + .seconds(after)) == state)
  }

  @Test(arguments: [
    (
      Language.en,
      "needs a person: the circuit is open, nothing is forwarded: the webhook cannot be reached (refused) since"
        + " 2026-11-23T12:00:00.000Z; see whether n8n runs, and compare 'forward.url' with its address (and 1 more)"
    ),
    (
      .fr,
      "intervention nécessaire\u{A0}: l’envoi est suspendu (circuit ouvert)\u{A0}: le webhook est injoignable (refused)"
        + " (depuis\u{A0}: 2026-11-23T12:00:00.000Z)\u{A0}; vérifiez que n8n tourne et que «\u{A0}forward.url\u{A0}» donne bien son"
        + " adresse (et 1 de plus)"
    ),
  ])
  func `A verdict is said in the language, with the advice of its cause`(language: Language, line: String) {
    let trouble = Message(WebhookMessage.unreachable, ["why": "refused"])
    let verdict = Verdict([
      Verdict.Item(
        "circuit", .needsPerson, Message(StatusMessage.circuitOpen, ["why": .message(trouble)]), since: start),
      Verdict.Item("retry", .mendsItself, Message(StatusMessage.retry, ["count": 2]), isObstacle: false),
    ])
    #expect(verdict.line(in: .utc, language) == line)
    let json = verdict.json(in: language).text
    #expect(
      json.contains(#""messages":{"text":{"code": "circuit-open", "arguments": {"why": {"code": "webhook-unreachable""#)
    )
    #expect(json.contains(#""advice":{"code": "webhook-unreachable.advice""#))
  }
}
