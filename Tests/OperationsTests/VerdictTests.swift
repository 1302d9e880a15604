import Operations
import Schedules
import TestSupport
import Testing

/// Whether somebody is needed.
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
    ("n8n is starting up", nil, 0, Verdict.State.mendsItself), ("n8n is starting up", nil, 601, .needsPerson),
    ("the webhook cannot be reached (refused)", "see whether n8n runs", 30, .mendsItself),
    ("the webhook cannot be reached (refused)", "see whether n8n runs", 601, .needsPerson),
    ("the webhook refuses our credentials (401)", "compare", 0, .needsPerson),
    ("the webhook is not available (502)", nil, 0, .mendsItself),
  ])
  func `What ends by itself calls nobody at first`(summary: String, hint: String?, after: Int, state: Verdict.State) {
    #expect(Verdict.ofWebhook(summary, hint: hint, since: start, now: start + .seconds(after)) == state)
  }
}
