import EventStore
import Events
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Which events go together, and that it stays so.
@Suite(.tags(.fast)) struct BatchTests {
  @Test func `A batch is on disk before it is given away`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["1", "2"])
    place.files.clear()
    let composed = Mutex<[String]>([])
    place.files.before("sync catalog.sqlite-wal") { () throws(Errno) in
      composed.withLock { $0 = place.catalog("SELECT eventId FROM event WHERE batch IS NOT NULL ORDER BY sequence") }
    }
    let batch = try #require(try await place.nextBatch())
    #expect(batch.events.map(\.eventId) == ["1", "2"])
    #expect(composed.withLock { $0 } == ["1", "2"])
    #expect(place.files.log == ["sync catalog.sqlite-wal"])
  }

  @Test func `A batch that cannot be brought to disk is not given away, and is the next one`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["1", "2"])
    place.files.fail(next: 1, .ioError)
    await #expect(throws: StoreError.self) { try await place.nextBatch() }
    _ = try await place.commit(["3"])
    let batch = try #require(try await place.nextBatch())
    #expect(batch.events.map(\.eventId) == ["1", "2"])
  }

  @Test func `The same events go together after a start, whatever was stored since`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["1", "2"])
    let batch = try #require(try await place.nextBatch())
    _ = try await place.commit(["3"])
    let next = try place.reopened()
    #expect(try await next.nextBatch()?.events == batch.events)
    #expect(try await next.nextBatch()?.events.map(\.eventId) == ["3"])
    #expect(try await next.nextBatch() == nil)
  }

  @Test func `Events and bytes bound a batch, and one event that is larger goes alone`() async throws {
    let place = try StorePlace()
    _ = try await place.commit((1...5).map(String.init))
    let size = try #require(place.catalog("SELECT max(bytes) FROM event").first.flatMap { Int($0) })
    var batches: [[String]] = []
    while let batch = try await place.nextBatch(maxEvents: 3, maxBytes: 2 * size) {
      batches.append(batch.events.map(\.eventId.text))
    }
    #expect(batches == [["1", "2"], ["3", "4"], ["5"]])
    let other = try StorePlace()
    _ = try await other.commit(["1", "2"])
    #expect(try await other.nextBatch(maxBytes: 1)?.events.map(\.eventId) == ["1"])
  }

  @Test func `Only full batches, where it is asked so`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["1", "2", "3"])
    let full = try #require(try await place.store.nextBatch(maxEvents: 2, maxBytes: 1 << 20, onlyFull: true))
    #expect(full.events.map(\.eventId) == ["1", "2"])
    #expect(try await place.store.nextBatch(maxEvents: 2, maxBytes: 1 << 20, onlyFull: true) == nil)
    #expect(try await place.nextBatch()?.events.map(\.eventId) == ["3"])
  }

  @Test func `A released batch stays one, a dissolved one goes into others`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["1"])
    let first = try #require(try await place.nextBatch())
    try await place.store.release(first, dissolving: false)
    _ = try await place.commit(["2"])
    let again = try #require(try await place.nextBatch())
    #expect(again == first)
    try await place.store.release(again, dissolving: true)
    #expect(try await place.nextBatch()?.events.map(\.eventId) == ["1", "2"])
  }

  @Test func `What was put off comes when it is asked for, in the order in which it was put off`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["1", "2", "3"])
    for _ in 0..<2 {
      let batch = try #require(try await place.nextBatch(maxEvents: 1))
      try await place.store.putOff(batch)
    }
    #expect(try await place.nextBatch(maxEvents: 9)?.events.map(\.eventId) == ["3"])
    let next = try place.reopened()
    let late = try #require(try await next.store.nextPutOffBatch(maxEvents: 9, maxBytes: 1 << 20))
    #expect(late.events.map(\.eventId) == ["1", "2"] && late.isPutOff)
    // One at a time.
    #expect(try await next.store.nextPutOffBatch(maxEvents: 9, maxBytes: 1 << 20) == nil)
  }
}
