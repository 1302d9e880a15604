import Catalog
import EventStore
import Logging
import Maintenance
import StoreSupport
import SystemPackage
import TestSupport
import Testing
import Time

/// Retention trusts a clock that was observed, but not one that has jumped.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct ObservedClockTests {
  /// Three days of acknowledged events; on 24 December the first is old enough to go.
  private func place() async throws -> StorePlace {
    let place = try StorePlace()
    for (day, id) in [("23", "a"), ("24", "b"), ("25", "c")] {
      place.clock.set("2026-11-\(day)T12:00:00.000Z")
      _ = try await place.commit([id])
    }
    let batch = try #require(try await place.nextBatch())
    try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
    try await place.store.release(batch, dissolving: true)
    try await place.store.observeClock()
    return place
  }

  private func prune(_ place: StorePlace, isConfirmed: Bool = false) async throws -> PruneReport {
    try await place.store.prune(isConfirmed: isConfirmed, isRehearsal: false)
  }

  private func refused(_ place: StorePlace) throws -> RefusedPrune? {
    try EventIndex(place.store.options.layout).backlog().refusedPrune
  }

  /// Lets a month without events pass.
  private func passAMonth(_ place: StorePlace, _ step: Duration) async throws {
    for _ in 0..<Int(Duration.seconds(29 * 86_400) / step) {
      place.clock.advance(by: step)
      try await place.store.observeClock()
    }
  }

  @Test(arguments: [600, 3600, 86_400])
  func `However long nothing comes, a clock that is watched is trusted`(seconds: Int) async throws {
    let place = try await place()
    try await passAMonth(place, .seconds(seconds))
    #expect(try await prune(place).pruned.map(\.description) == ["2026-11-23"])
    #expect(try refused(place) == nil)
  }

  @Test func `What was watched is known after a restart, and after the catalog was built again`() async throws {
    let place = try await place()
    try await passAMonth(place, .seconds(3600))
    await place.store.close()
    try CatalogRebuild.run(
      place.store.options, clock: place.clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    #expect(try await prune(place.reopened()).pruned.map(\.description) == ["2026-11-23"])
  }

  @Test func `A machine that has slept for days is trusted, for as much time has passed`() async throws {
    let place = try await place()
    for _ in 0..<9 {
      place.clock.advance(by: .seconds(3 * 86_400))
      try await place.store.observeClock()
    }
    // It wakes, and the prune is the first to check the clock.
    place.clock.advance(by: .seconds(2 * 86_400))
    #expect(try await prune(place).pruned.map(\.description) == ["2026-11-23"])
  }

  @Test func `A clock that jumps is refused, and that is reported until a person confirms it`() async throws {
    let place = try await place()
    place.clock.set("2026-12-24T12:00:00.000Z")
    for _ in 0..<3 {
      try await place.store.observeClock()
      place.clock.advance(by: .seconds(3600))
      let report = try await prune(place)
      #expect(report.pruned == [])
      let isAhead = if case .clockAhead = report.refusal { true } else { false }
      #expect(isAhead, "\(report)")
    }
    // Since its first refusal, although the clock has advanced.
    #expect(try refused(place)?.since == Timestamp(rfc3339: "2026-12-24T13:00:00.000Z"))
    #expect(try refused(place.reopened()) != nil)
    #expect(try await prune(place, isConfirmed: true).pruned.map(\.description) == ["2026-11-23"])
    #expect(try refused(place) == nil)
  }

  @Test func `A clock that was set back again is trusted as before`() async throws {
    let place = try await place()
    place.clock.set("2027-12-24T12:00:00.000Z")
    try await place.store.observeClock()
    place.clock.set("2026-11-25T12:00:00.000Z")
    try await passAMonth(place, .seconds(3600))
    #expect(try await prune(place).pruned.map(\.description) == ["2026-11-23"])
  }

  @Test func `A prune of more than half is refused, and that is reported`() async throws {
    let place = try await place()
    try await passAMonth(place, .seconds(3600))
    place.clock.advance(by: .seconds(86_400))
    #expect(try await prune(place).refusal == .moreThanHalf(partitions: 2, of: 3))
    #expect(try refused(place)?.refusal == .moreThanHalf(partitions: 2, of: 3))
    // A rehearsal does not change what is reported.
    _ = try await place.store.prune(isConfirmed: true, isRehearsal: true)
    #expect(try refused(place) != nil)
  }

  @Test func `Since when an inbox is looked after is known, until it is configured no more`() async throws {
    let place = try StorePlace()
    func watched() throws -> [String: Timestamp] { try EventIndex(place.store.options.layout).backlog().watchedSince }
    try await place.store.noteInboxes(["a", "b\t'é"])
    let start = place.clock.now()
    place.clock.advance(by: .seconds(60))
    try await place.store.noteInboxes(["a", "b\t'é", "c"])
    #expect(try watched() == ["a": start, "b\t'é": start, "c": start + .seconds(60)])
    try await place.store.noteInboxes(["a"])
    #expect(try watched() == ["a": start])
    place.clock.advance(by: .seconds(60))
    try await place.store.noteInboxes(["a", "c"])
    #expect(try watched() == ["a": start, "c": start + .seconds(120)])
  }
}
