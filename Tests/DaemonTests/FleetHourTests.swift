import Catalog
import Daemon
import EventStore
import Fleet
import Logging
import StoreSupport
import TestSupport
import Testing
import Time

/// A daemon of a fleet whose database is down for an hour, by a clock that the test sets.
@Suite(
  .serialized, .timeLimit(.minutes(10)),
  .enabled(if: TestDatabase.isThere, Comment(rawValue: TestDatabase.whyNot)))
struct FleetHourTests {
  private let clock = ManualClock()
  private let tree = TemporaryTree()

  private var records: [String] {
    tree.names("processed").filter { $0.hasPrefix("2") }.flatMap { tree.names("processed/\($0)") }
      .filter { $0.hasSuffix(".json") }.sorted()
  }

  private func drop(_ id: String) {
    tree.write(#"{"eventId":"\#(id)","eventType":"t"}"#, to: "outside/\(id).json")
    tree.move("outside/\(id).json", to: "inbox/\(id).json")
  }

  /// Lets seconds of the clock pass until a condition holds.
  ///
  /// - Parameters:
  ///   - seconds: The maximum number.
  ///   - pause: How long, by the real clock, the daemon gets for its work in each of them.
  ///   - isSo: The condition.
  /// - Returns: How many passed; nil if it did not hold after all of them.
  /// - Throws: `CancellationError`.
  private func pass(_ seconds: Int, pause: Duration, until isSo: () -> Bool = { false }) async throws -> Int? {
    for second in 0...seconds {
      let end = ContinuousClock.now + pause
      repeat {
        if isSo() { return second }
        try await Task.sleep(for: .milliseconds(1))
      } while ContinuousClock.now < end
      clock.advance(by: .seconds(1))
    }
    return nil
  }

  @Test("Nothing is stored and nothing lost for an hour, all of it is reported, and it goes on within five seconds")
  func hour() async throws {
    let database = try await TestDatabase()
    try await database.query(FleetSchema.statements)
    tree.write(
      """
      inboxes: [{ path: inbox, settle: 0s, schedule: every 1m }]
      admin: { listen: off }
      fleet: { url: "\(database.url)", node: lyon }

      """, to: "config.yaml")
    let log = LogKeeper(lines: LogKeeper.Lines(), logLevel: .notice)
    func logged(_ message: String) -> Int {
      log.lines.all.split(separator: "\n").count { $0.hasPrefix(message) }
    }
    let daemon = Daemon(ConfigurationFile("\(tree.path)/config.yaml"), clock: clock) { _ in
      Logger(label: "test") { _ in log }
    }
    let running = Task { try await daemon.run() }
    tree.write("", to: "inbox/.keep")
    tree.remove("inbox/.keep")
    drop("before")
    #expect(
      try await pass(120, pause: .milliseconds(200)) {
        // A record that is named and not confirmed has its drop claimed.
        records == ["before.json"] && tree.names("inbox").isEmpty && tree.names("state/claims/default").isEmpty
      } != nil)

    let options = StoreOptions(tree.layout, durability: .off)
    func trouble() -> FleetTrouble? { (try? EventIndex(options.layout).backlog())?.fleetTrouble }
    database.kill()
    let began = clock.now()
    #expect(try await pass(10, pause: .milliseconds(200)) { trouble() != nil } != nil)
    let ids = (1...6).map { "evt_\($0)" }
    for id in ids {
      drop(id)
      #expect(try await pass(599, pause: .milliseconds(1)) == nil)
    }
    #expect(records == ["before.json"])
    #expect(tree.names("inbox").sorted() == ids.map { "\($0).json" })
    let since = try #require(trouble()?.since)
    #expect(since >= began && since <= began + .seconds(10))
    #expect(tree.readText("state/looks/default.json")?.contains("fleet-away") == true)
    #expect(logged("it cannot go on and is tried again; nothing is lost") >= 1)
    #expect(logged("files in the inbox are not taken") == 1)

    try await database.start()
    let wanted = (["before"] + ids).map { "\($0).json" }.sorted()
    let seconds = try await pass(5, pause: .seconds(1)) { records == wanted && tree.names("inbox").isEmpty }
    #expect(seconds != nil, "\(records)")
    #expect(trouble() == nil)
    #expect(logged("it goes on") >= 1)
    running.cancel()
    _ = try? await running.value
    ProcessSignals.own.release()
  }
}
