import Daemon
import Logging
import Synchronization
import TestSupport
import Testing
import Time

@Suite(.tags(.fast)) struct EarlyLooksTests {
  @Test func `What has arrived is looked at as soon as the last look is two milliseconds ago`() {
    let early = EarlyLooks(settle: .zero)
    early.begin()
    early.end(settlesAt: nil, lookTime: .zero, at: .seconds(10))
    #expect(early.due == nil)
    early.arrive()
    early.arrive()
    #expect(early.due == .milliseconds(10_002))
    early.begin()
    #expect(early.due == nil)
  }

  @Test func `What arrives during a look has one of its own`() {
    let early = EarlyLooks(settle: .zero)
    early.begin()
    early.arrive()
    early.end(settlesAt: nil, lookTime: .zero, at: .seconds(10))
    #expect(early.due == .milliseconds(10_002))
  }

  @Test func `What has to settle is looked at once it has`() {
    let early = EarlyLooks(settle: .seconds(2))
    early.begin()
    early.end(settlesAt: .seconds(12), lookTime: .milliseconds(1), at: .seconds(10))
    #expect(early.due == .seconds(12))
    // More often than a fiftieth of that time would change little.
    early.arrive()
    #expect(early.due == .milliseconds(10_040))
    early.begin()
    early.end(settlesAt: .milliseconds(10_041), lookTime: .milliseconds(1), at: .milliseconds(10_040))
    #expect(early.due == .milliseconds(10_080))
  }

  @Test func `A folder that takes long to look through is rarely looked through`() {
    let early = EarlyLooks(settle: .zero)
    early.begin()
    early.arrive()
    early.end(settlesAt: nil, lookTime: .seconds(2), at: .seconds(10))
    #expect(early.due == .seconds(16))
  }

  @Test func `The service looks when something arrives, and keeps to its schedule besides`() async throws {
    let clock = ManualClock()
    let looks = LookCounter()
    let early = EarlyLooks(settle: .zero)
    var service = PollingService(
      name: "test", schedule: try Schedule(["every 2s"]), timeZone: .utc, clock: clock,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      work: { _ in
        looks.count()
        early.end(settlesAt: nil, lookTime: .zero, at: clock.uptime())
      })
    service.early = early
    let task = Task { [service] in try await service.run() }
    await clock.waitForSleeper(for: .seconds(2))
    #expect(looks.value == 1)
    early.arrive()
    await clock.waitForSleeper(for: .milliseconds(2))
    #expect(looks.value == 1)
    clock.advance(by: .milliseconds(2))
    await clock.waitForSleeper(for: .seconds(2))
    #expect(looks.value == 2)
    clock.advance(by: .seconds(2))
    await clock.waitForSleeper(for: .seconds(2))
    #expect(looks.value == 3)
    task.cancel()
    _ = try? await task.value
  }
}

private final class LookCounter: Sendable {
  private let state = Mutex(0)
  var value: Int { state.withLock { $0 } }
  func count() { state.withLock { $0 += 1 } }
}
