import Catalog
import EventStore
import Events
import Failures
import StoreSupport
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Which events go together, and stay together.
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
    await #expect(throws: StorageError.self) { try await place.nextBatch() }
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

  @Test func `A single event is taken out of its batch, and goes back into it`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["1", "2", "3", "4"])
    let first = try #require(try await place.nextBatch(maxEvents: 2))
    #expect(try await place.store.waiting(limit: 9, newestFirst: false).map(\.eventId) == ["3", "4"])
    #expect(try await place.store.single(first.events[0]) == nil)
    try await place.store.release(first, dissolving: false)
    let single = try #require(try await place.store.single(first.events[1]))
    #expect(single.events == [first.events[1]])
    #expect(try await place.store.waiting(limit: 9, newestFirst: true).map(\.eventId) == ["1", "3", "4"])
    try await place.store.release(single, dissolving: true)
    #expect(try await place.nextBatch(maxEvents: 2) == first)
  }

  @Test(arguments: 0..<4) func `An event that was sent alone when the process ended is at its place again`(
    index: Int
  ) async throws {
    let place = try StorePlace()
    _ = try await place.commit((1...8).map(String.init))
    let first = try #require(try await place.nextBatch(maxEvents: 4))
    try await place.store.release(first, dissolving: false)
    _ = try #require(try await place.store.single(first.events[index]))
    let next = try place.reopened()
    #expect(try await next.nextBatch(maxEvents: 4)?.events == first.events)
    #expect(try await next.nextBatch(maxEvents: 4)?.events.map(\.eventId) == ["5", "6", "7", "8"])
  }

  @Test func `An event that is in no batch is at its place after it was sent alone`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["1", "2", "3"])
    let waiting = try await place.store.waiting(limit: 9, newestFirst: false)
    _ = try #require(try await place.store.single(waiting[2]))
    let next = try place.reopened()
    #expect(try await next.nextBatch()?.events.map(\.eventId) == ["1", "2", "3"])
  }

  @Test func `What is sent alone is in nobody else's hand, and stays pending when it is given back`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["1", "2", "3"])
    let waiting = try await place.store.waiting(limit: 9, newestFirst: false)
    let single = try #require(try await place.store.single(waiting[0]))
    #expect(try await place.store.single(waiting[0]) == nil)
    let others = try #require(try await place.nextBatch(maxEvents: 2))
    #expect(others.events.map(\.eventId) == ["2"])
    #expect(try await place.nextBatch(maxEvents: 2)?.events.map(\.eventId) == ["3"])
    #expect(try await place.nextBatch(maxEvents: 2) == nil)
    try await place.store.release(others, dissolving: true)
    try await place.store.release(single, dissolving: true)
    #expect(try await place.nextBatch(maxEvents: 9)?.events.map(\.eventId) == ["1", "2"])
    #expect(place.pending == ["1", "2", "3"])
  }

  @Test func `What no webhook could take comes back as the same writing, before all that is newer`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["1", "2", "3"])
    let batch = try #require(try await place.nextBatch(maxEvents: 2))
    func failure(_ event: PendingEvent, _ reason: FailureReason) -> ForwardFailure {
      ForwardFailure(event: event, reason: reason, message: "away")
    }
    _ = try await place.store.fail(batch.events.map { failure($0, .unreachable) })
    try await place.store.release(batch, dissolving: true)
    // Newer events were batched meanwhile.
    let newer = try #require(try await place.nextBatch(maxEvents: 2))
    #expect(newer.events.map(\.eventId) == ["3"])
    try await place.store.release(newer, dissolving: false)
    #expect(try await place.store.takeBackUndelivered() == 2)
    #expect(place.tree.names("retry") == [])
    let again = try #require(try await place.nextBatch(maxEvents: 9))
    #expect(Array(again.events.prefix(2)) == batch.events && again.events.count == 3)
    // A refused event comes back as if it had not been refused.
    _ = try await place.store.fail([failure(again.events[0], .rejected)])
    #expect(try await place.store.takeBackUndelivered() == 0)
    #expect(try await place.store.giveBack(again.events) == 1)
    #expect(place.catalog("SELECT attempts FROM event ORDER BY sequence").first == "0")
    #expect(try await place.store.pending().count == 3)
  }

  @Test func `A file of retry that is not the record any more is left to the way of a drop`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["1"])
    let batch = try #require(try await place.nextBatch())
    _ = try await place.store.fail([ForwardFailure(event: batch.events[0], reason: .unreachable, message: "away")])
    place.tree.write(#"{"eventId":"1","eventType":"t"}"#, to: "retry/1.json")
    #expect(try await place.store.takeBackUndelivered() == 0)
    #expect(place.tree.names("retry") == ["1.json", "1.json.error"])
  }
}
