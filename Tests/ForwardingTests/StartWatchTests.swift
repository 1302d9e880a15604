import Events
import Forwarding
import TestSupport
import Testing

@Suite("A start of n8n", .tags(.fast)) struct StartWatchTests {
  private let away = AnswerClass.transient(Trouble("away"), retryAfter: nil)
  private let says = AnswerClass.transient(
    Trouble("n8n is starting up", httpStatus: 200, isStart: true), retryAfter: nil)
  private let express = AnswerClass.transient(
    Trouble("n8n is starting up", httpStatus: 404, isStart: true), retryAfter: nil)
  private let inactive = AnswerClass.endpoint(Trouble(Message(WebhookMessage.inactive), httpStatus: 404))

  private func reported(_ answers: [(AnswerClass, Duration)]) -> [String] {
    var watch = StartWatch()
    return answers.map { answer, now in
      guard let fault = Fault(watch.take(answer, at: now)) else { return "" }
      return fault.trouble.isStart ? "start" : fault.mendsItself ? "away" : "person"
    }
  }

  @Test("Its answers in their order are a start; the same 404 by itself is a person's task")
  func order() {
    #expect(
      reported([
        (away, .seconds(1)), (says, .seconds(2)), (express, .seconds(4)), (inactive, .seconds(6)),
        (.acknowledged, .seconds(8)),
        (inactive, .seconds(9)),
      ]) == ["away", "start", "start", "start", "", "person"])
    #expect(reported([(away, .seconds(1)), (inactive, .seconds(3))]) == ["away", "start"])
    #expect(reported([(inactive, .seconds(3))]) == ["person"])
    #expect(reported([(away, .seconds(1)), (inactive, .seconds(62))]) == ["away", "person"])
  }

  @Test("Nothing is a start for longer than a minute")
  func limit() {
    #expect(
      reported([(express, .seconds(1)), (express, .seconds(59)), (express, .seconds(61))]) == [
        "start", "start", "person",
      ])
    #expect(
      reported([(says, .seconds(1)), (says, .seconds(61)), (inactive, .seconds(62))]) == ["start", "away", "person"])
  }
}
