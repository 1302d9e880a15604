import Catalog
import Daemon
import DurableFiles
import Logging
import Synchronization
import SystemPackage
import TestSupport
import Testing
import Time

@Suite(.tags(.fast)) struct PollingServiceTests {
  private let clock = ManualClock()

  /// A service that counts how often it looks.
  private func service(
    _ schedule: String, _ work: @escaping @Sendable () throws(StorageError) -> Void
  ) throws -> PollingService {
    PollingService(
      name: "test", schedule: try Schedule([schedule]), timeZone: .utc, clock: clock,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, work: { _ throws(StorageError) in try work() })
  }

  private func run(_ service: PollingService, _ body: () async throws -> Void) async throws {
    let task = Task { try await service.run() }
    try await body()
    task.cancel()
    _ = try? await task.value
  }

  @Test func `It looks at once, then at each interval`() async throws {
    let looks = Counter()
    try await run(service("every 2s") { looks.count() }) {
      await clock.waitForSleeper(for: .seconds(2))
      #expect(looks.value == 1)
      clock.advance(by: .seconds(2))
      await clock.waitForSleeper(for: .seconds(2))
      #expect(looks.value == 2)
    }
  }

  @Test func `A clock that is set back an hour does not stop it for an hour`() async throws {
    let looks = Counter()
    try await run(service("every 2s") { looks.count() }) {
      await clock.waitForSleeper(for: .seconds(2))
      clock.set("2026-11-23T11:00:00.000Z")
      clock.advance(by: .seconds(2))
      await clock.waitForSleeper(for: .seconds(2))
      clock.advance(by: .seconds(2))
      await clock.waitForSleeper(for: .seconds(2))
      #expect(looks.value >= 2)
    }
  }

  @Test func `A clock that is set forward a day has it look once, not a day's times`() async throws {
    let looks = Counter()
    try await run(service("every 2s") { looks.count() }) {
      await clock.waitForSleeper(for: .seconds(2))
      clock.set("2026-11-24T12:00:00.000Z")
      clock.advance(by: .seconds(2))
      await clock.waitForSleeper(for: .seconds(2))
      #expect(looks.value == 2)
    }
  }

  @Test func `What cannot be done is tried again later and later, whatever the schedule and the clock say`()
    async throws
  {
    let looks = Counter()
    try await run(
      service("every 10m") { () throws(StorageError) in
        looks.count()
        if looks.value < 3 { throw .files(.init("write", "/somewhere", .noSpace)) }
      }
    ) {
      await clock.waitForSleeper(for: .seconds(1))
      clock.set("2026-11-23T11:00:00.000Z")
      clock.advance(by: .seconds(1))
      await clock.waitForSleeper(for: .seconds(2))
      clock.advance(by: .seconds(2))
      // Ten minutes, in steps of one minute.
      await clock.waitForSleeper(for: .seconds(60))
      #expect(looks.value == 3)
    }
  }
}

private final class Counter: Sendable {
  private let state = Mutex(0)
  var value: Int { state.withLock { $0 } }
  func count() { state.withLock { $0 += 1 } }
}
