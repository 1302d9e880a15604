import Operations
import Synchronization
import TestSupport
import Testing
import Time

/// Callers never wait for a file system.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct ObservationTests {
  private let clock = ManualClock()

  @Test func `A look that does not end leaves the last value, and since when it hangs`() async throws {
    let looks = Mutex(0)
    let gate = Gate()
    defer { gate.open() }
    let observation = Observation(by: clock, atLeast: .zero) {
      let number = looks.withLock { looks in
        looks += 1
        return looks
      }
      if number > 1 { await onThreadOfItsOwn { gate.wait() } }
      return number
    }
    #expect(await observation.current()?.value == 1)
    clock.advance(by: .seconds(10))
    let began = clock.now()
    let second = Task { await observation.current() }
    await clock.waitForSleeper(for: .seconds(2))
    clock.advance(by: .seconds(2))
    let seen = try #require(await second.value)
    #expect(seen.value == 1 && seen.lateSince == began)
    // Nobody waits for it again, and no other look is started.
    for _ in 0..<15 { #expect(await observation.current()?.value == 1) }
    #expect(looks.withLock { $0 } == 2)
  }

  @Test func `Before the first look has ended nothing is known`() async {
    let gate = Gate()
    defer { gate.open() }
    let observation = Observation(by: clock, atLeast: .zero) {
      await onThreadOfItsOwn { gate.wait() }
      return 1
    }
    let first = Task { await observation.current() }
    await clock.waitForSleeper(for: .seconds(2))
    clock.advance(by: .seconds(2))
    #expect(await first.value == nil)
  }

  @Test func `Several looks that hang are waited for together`() async throws {
    let gate = Gate()
    defer { gate.open() }
    let observations = (0..<4).map { _ in
      Observation(by: clock, atLeast: .zero) {
        await onThreadOfItsOwn { gate.wait() }
        return 1
      }
    }
    for observation in observations { observation.begin() }
    let all = Task {
      for observation in observations { _ = await observation.current() }
    }
    await clock.waitForSleeper(for: .seconds(2))
    clock.advance(by: .seconds(2))
    // Time does not pass again.
    await all.value
  }

  @Test func `A service reports since when it cannot go on, and its latest reason`() {
    let health = ServiceHealth()
    let start = clock.now()
    #expect(health.fail("inbox a", "one", advice: "x", needsPerson: false, at: start))
    clock.advance(by: .seconds(5))
    #expect(!health.fail("inbox a", "one", advice: "x", needsPerson: false, at: clock.now()))
    #expect(health.fail("inbox a", "two", advice: "y", needsPerson: true, at: clock.now()))
    let trouble = health.report(of: "inbox a", by: clock).trouble
    #expect(trouble == ServiceHealth.Trouble(reason: "two", advice: "y", needsPerson: true, since: start))
    health.succeed("inbox a", at: clock.now())
    #expect(health.report(of: "inbox a", by: clock).trouble == nil)
  }

  @Test func `A look that gives no sign hangs`() {
    let health = ServiceHealth()
    health.sign("inbox a", by: clock)
    clock.advance(by: .seconds(8))
    let last = clock.now()
    health.sign("inbox a", by: clock)
    clock.advance(by: .seconds(8))
    #expect(health.report(of: "inbox a", by: clock).silentSince == nil)
    clock.advance(by: .seconds(8))
    #expect(health.report(of: "inbox a", by: clock).silentSince == last)
    health.succeed("inbox a", at: clock.now())
    #expect(health.report(of: "inbox a", by: clock).silentSince == nil)
  }

  private func onThreadOfItsOwn(_ body: @escaping @Sendable () -> Void) async {
    try? await onOwnThread { body() }
  }
}
