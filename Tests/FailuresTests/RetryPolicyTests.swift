import Catalog
import Events
import Failures
import TestSupport
import Testing
import Time

/// Where a failed file goes, determined by its reason, its history and the time alone.
@Suite(.tags(.fast)) struct RetryPolicyTests {
  private let now = Timestamp(milliseconds: 1_000_000)
  private let policy = RetryPolicy(
    attempts: 3, unreadableAttempts: 2, backoff: Backoff(first: .seconds(10), maximum: .seconds(60)))

  private func decide(
    _ reason: FailureReason, _ attempts: Int? = nil, of earlier: FailureReason? = nil
  ) -> RetryDecision {
    policy.decide(
      reason,
      history: attempts.map {
        FailureHistory(attempts: $0, firstFailedAt: Timestamp(milliseconds: 5), reason: earlier ?? reason)
      }, now: now, random: 1)
  }

  @Test func `A first failure is tried again after the first pause`() {
    let decision = decide(.rejected)
    #expect(decision.place == .retry)
    #expect(decision.attempts == 1)
    #expect(decision.firstFailedAt == now)
    #expect(decision.nextAttemptAt == now + .seconds(10))
  }

  @Test func `The last attempt that is allowed leads to a person, with its beginning kept`() {
    #expect(decide(.rejected, 1).place == .retry)
    let last = decide(.rejected, 2)
    #expect(last.place == .failed)
    #expect(last.attempts == 3)
    #expect(last.firstFailedAt == Timestamp(milliseconds: 5))
    #expect(last.nextAttemptAt == nil)
  }

  @Test func `What cannot be read has a limit of its own`() {
    #expect(decide(.invalidJSON).place == .retry)
    #expect(decide(.invalidJSON, 1).place == .failed)
  }

  @Test func `A conflict needs a person at once, and what no webhook took is tried for ever`() {
    #expect(decide(.conflict).place == .failed)
    let endless = decide(.unreachable, 1_000)
    #expect(endless.place == .retry)
    #expect(endless.nextAttemptAt == now + .seconds(60))
  }

  @Test func `A failure of another course begins again`() {
    #expect(decide(.rejected, 2, of: .unreachable).attempts == 1)
    #expect(decide(.rejected, 2, of: .unreachable).place == .retry)
  }

  @Test func `A history that nobody wrote is bounded`() {
    #expect(decide(.rejected, -7).attempts == 1)
    #expect(decide(.unreachable, .max).attempts == FailureReport.mostAttempts + 1)
  }

  @Test func `A failure that is dated ahead of the clock counts from now`() {
    let history = FailureHistory(attempts: 1, firstFailedAt: now + .seconds(60), reason: .rejected)
    #expect(policy.decide(.rejected, history: history, now: now, random: 0).firstFailedAt == now)
  }
}
