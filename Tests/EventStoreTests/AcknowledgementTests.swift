import Catalog
import EventStore
import Events
import StoreSupport
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// The effect of n8n's acknowledgement on journal and catalog.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct AcknowledgementTests {
  private let day = "2026-11-23"

  private func stored(_ ids: [String], in place: StorePlace) async throws -> PendingBatch {
    _ = try await place.commit(ids)
    return try #require(try await place.nextBatch())
  }

  @Test func `The journal has its line on disk before the catalog lets the events go`() async throws {
    let place = try StorePlace()
    let batch = try await stored(["1", "2"], in: place)
    let pendingAtSync = Mutex<[String]>([])
    place.files.before("sync forwards.jsonl") { () throws(Errno) in pendingAtSync.withLock { $0 = place.pending } }
    try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
    #expect(pendingAtSync.withLock { $0 } == ["1", "2"])
    #expect(place.pending == [] && place.forwarded == ["1", "2"])
    #expect(
      place.tree.readText("processed/\(day)/forwards.jsonl")
        == #"{"batchId":"b","forwardedAt":"2026-11-23T12:00:00.000Z","status":200,"eventIds":["1","2"]}"# + "\n")
  }

  @Test func `Where the journal cannot be written, the events stay pending, and the same word counts later`()
    async throws
  {
    let counting = try StorePlace()
    let counted = try await stored(["1"], in: counting)
    let before = counting.files.count
    try await counting.store.acknowledge(counted.events, batchId: "b", status: 200)
    for number in 1...(counting.files.count - before) {
      let place = try StorePlace()
      let batch = try await stored(["1"], in: place)
      place.files.fail(next: number, .ioError)
      await #expect(throws: StorageError.self, "\(place.files.story)") {
        try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
      }
      #expect(place.pending == ["1"], "\(place.files.story)")
      try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
      #expect(place.forwarded == ["1"], "\(place.files.story)")
      #expect(try place.reopened().forwarded == ["1"], "\(place.files.story)")
    }
  }

  @Test func `An acknowledgement belongs to one writing: a record that was written again stays pending`() async throws {
    let place = try StorePlace()
    let batch = try await stored(["1"], in: place)
    // An operator moves the record away, and the event is dropped again, before n8n's answer arrives.
    place.tree.move("processed/\(day)/1.json", to: "elsewhere.json")
    place.clock.advance(by: .seconds(1))
    _ = try await place.commit(["1"])
    try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
    #expect(place.pending == ["1"])
    #expect(try place.reopened().pending == ["1"])
  }

  @Test func `It is never older than the writing, also where the clock was set back`() async throws {
    let place = try StorePlace()
    let batch = try await stored(["1"], in: place)
    place.clock.set("2026-11-23T11:00:00.000Z")
    try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
    let next = try place.reopened()
    #expect(next.forwarded == ["1"])
    for ending in ["", "-wal", "-shm"] { place.tree.remove("state/catalog.sqlite\(ending)") }
    #expect(try place.reopened().forwarded == ["1"])
  }

  @Test func `Acknowledgements that come while the disk is busy reach it together`() async throws {
    let place = try StorePlace()
    _ = try await place.commit((1...6).map(String.init))
    var batches: [PendingBatch] = []
    while let batch = try await place.nextBatch(maxEvents: 1) { batches.append(batch) }
    #expect(batches.count == 6)
    let haveAllCome = Gate()
    place.files.before("sync forwards.jsonl") { () throws(Errno) in haveAllCome.wait() }
    place.files.clear()
    try await withThrowingTaskGroup { group in
      for (number, batch) in batches.enumerated() {
        group.addTask { try await place.store.acknowledge(batch.events, batchId: "b\(number)", status: 200) }
      }
      while !place.files.log.contains("sync forwards.jsonl") { await Task.yield() }
      // The store's thread accepts all waiting calls before it answers this.
      for _ in 0..<10 { _ = try await place.store.pending() }
      haveAllCome.open()
      try await group.waitForAll()
    }
    #expect(place.forwarded.count == 6)
    #expect(place.files.log.count { $0 == "sync forwards.jsonl" } < 6, "\(place.files.log)")
    #expect(place.tree.readText("processed/\(day)/forwards.jsonl")?.split(separator: "\n").count == 6)
  }

  @Test func `One batch over midnight is noted in the journal of each day`() async throws {
    let place = try StorePlace(clock: ManualClock("2026-11-23T23:59:59.000Z"))
    _ = try await place.commit(["1"])
    place.clock.advance(by: .seconds(2))
    let batch = try await stored(["2"], in: place)
    #expect(batch.events.map(\.eventId) == ["1", "2"])
    try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
    for (day, id) in [("2026-11-23", "1"), ("2026-11-24", "2")] {
      let journal = try #require(place.tree.readText("processed/\(day)/forwards.jsonl"))
      #expect(journal.contains(#""eventIds":["\#(id)"]"#), "\(journal)")
    }
  }
}
