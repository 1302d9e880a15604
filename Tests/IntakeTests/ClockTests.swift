import EventStore
import Intake
import Maintenance
import TestSupport
import Testing

/// The effect of setting the clock on what is stored.
@Suite(.tags(.fast)) struct ClockTests {
  private func acknowledgeAll(_ place: Workplace) async throws {
    while let batch = try await place.store.nextBatch(maxEvents: 100, maxBytes: 1 << 20, onlyFull: false) {
      try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
      try await place.store.release(batch, dissolving: true)
    }
  }

  @Test(arguments: [true, false])
  func `Set back over midnight, an event keeps its one record`(hasCatalog: Bool) async throws {
    let tree = TemporaryTree()
    let clock = ManualClock("2026-11-24T00:10:00.000Z")
    do {
      let place = try Workplace(tree, clock: clock)
      place.drop("1.json", #"{"id":"1","type":"t"}"#)
      #expect(try await place.inbox.work().stored == 1)
      try await acknowledgeAll(place)
    }
    clock.set("2026-11-23T23:10:00.000Z")
    if !hasCatalog { for ending in ["", "-wal", "-shm"] { tree.remove("state/catalog.sqlite\(ending)") } }
    let place = try Workplace(tree, clock: clock)
    place.drop("1.json", #"{"id":"1","type":"t"}"#)
    place.drop("2.json", #"{"id":"2","type":"t"}"#)
    let done = try await place.inbox.work()
    #expect(done.duplicates == 1 && done.stored == 1)
    #expect(tree.names("processed/2026-11-24").filter { $0 != "forwards.jsonl" } == ["1.json"])
    #expect(tree.names("processed/2026-11-23") == ["2.json"])
    #expect(try await place.store.pending().count == 1)
  }

  @Test func `Set forward a day, it prunes nothing that it would not have pruned, and knows its events`() async throws {
    let clock = ManualClock("2026-11-23T12:00:00.000Z")
    let place = try Workplace(clock: clock, keep: .seconds(86_400))
    place.drop("1.json", #"{"id":"1","type":"t"}"#)
    _ = try await place.inbox.work()
    try await acknowledgeAll(place)
    clock.set("2026-11-26T12:00:00.000Z")
    #expect(try await place.store.prune(isConfirmed: false, isRehearsal: false).pruned == [])
    place.drop("1.json", #"{"id":"1","type":"t"}"#)
    #expect(try await place.inbox.work().duplicates == 1)
    #expect(place.records == ["1.json"])
  }

  @Test func `A file that settles while the clock is set back does not wait for the hour to come round again`()
    async throws
  {
    // The kernel's own clock gives a file its times: by this clock, it was written in the future.
    let clock = ManualClock("2020-01-01T00:00:00.000Z")
    let place = try Workplace(clock: clock, settle: .seconds(2))
    place.drop("1.json", #"{"id":"1","type":"t"}"#)
    #expect(try await place.inbox.work().stored == 0)
    clock.advance(by: .seconds(2))
    #expect(try await place.inbox.work().stored == 1)
  }
}
