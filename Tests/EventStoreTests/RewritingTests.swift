import Catalog
import EventStore
import Events
import Failures
import StoreSupport
import SystemPackage
import TestSupport
import Testing

/// What happens to an event that is stored again, because its record was moved away or it comes back from `retry/`.
@Suite(.tags(.fast)) struct RewritingTests {
  private let day = "2026-11-23"

  @Test func `It keeps createdAt, is later than the writing before and its acknowledgement, and is pending`()
    async throws
  {
    let place = try StorePlace()
    _ = try await place.commit(["1"])
    let batch = try #require(try await place.nextBatch())
    place.clock.advance(by: .seconds(60))
    try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
    try await place.store.release(batch, dissolving: true)
    place.tree.move("processed/\(day)/1.json", to: "elsewhere.json")
    // The clock was set back meanwhile.
    place.clock.set("2026-11-23T11:30:00.000Z")
    #expect(try await place.commit(["1"], value: 2).map(\.word) == ["stored"])
    let record = try #require(place.tree.readText("processed/\(day)/1.json"))
    #expect(record.contains(#""createdAt":"2026-11-23T12:00:00.000Z""#), "\(record)")
    #expect(record.contains(#""updatedAt":"2026-11-23T12:01:00.001Z""#), "\(record)")
    #expect(record.contains(#""data":{"value":2}"#), "\(record)")
    #expect(place.pending == ["1"] && place.forwarded == [])
    for ending in ["", "-wal", "-shm"] { place.tree.remove("state/catalog.sqlite\(ending)") }
    #expect(try place.reopened().pending == ["1"])
  }

  @Test func `The counts follow`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["1", "2"])
    place.tree.move("processed/\(day)/1.json", to: "elsewhere.json")
    _ = try await place.commit(["1"], value: 100)
    #expect(
      place.catalog("SELECT sum(events), sum(bytes) FROM tally")
        == place.catalog("SELECT count(*), sum(bytes) FROM event"))
    #expect(place.catalog("SELECT eventId, failedOf FROM rewriting") == ["1 null"])
  }

  @Test func `A record that is damaged is set aside, and the event has a new one`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["1"])
    place.tree.write("half a rec", to: "processed/\(day)/1.json")
    #expect(try await place.commit(["1"]).map(\.word) == ["stored"])
    #expect(place.tree.readText("failed/1.json") == "half a rec")
    #expect(place.tree.readText("failed/1.json.error")?.contains(#""reason": "corrupt-record""#) == true)
    #expect(place.records(day) == ["1.json"])
  }

  @Test func `What failed to be forwarded leaves the tree, and has one record again when it comes back`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["1"])
    let batch = try #require(try await place.nextBatch())
    let failure = ForwardFailure(event: batch.events[0], reason: .rejected, message: "no", httpStatus: 422)
    #expect(try await place.store.fail([failure]) == [.retry: 1])
    #expect(place.records(day) == [] && place.tree.names("retry") == ["1.json", "1.json.error"])
    #expect(place.pending == [] && place.events(inState: 2) == ["1"])
    #expect(try await place.commit(["1"]).map(\.word) == ["stored"])
    // The copy in retry/ has the same data, so it has served its purpose.
    #expect(place.tree.names("retry") == [])
    #expect(place.records(day) == ["1.json"] && place.pending == ["1"])
  }

  @Test func `A copy that cannot be removed neither enters the event twice nor holds up others`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["1"])
    let refused = try #require(try await place.nextBatch())
    _ = try await place.store.fail([ForwardFailure(event: refused.events[0], reason: .rejected, message: "no")])
    place.files.before("remove retry/1.json") { () throws(Errno) in throw .ioError }
    await #expect(throws: StorageError.self) { try await place.commit(["1"]) }
    // It is stored nevertheless, and n8n takes it.
    #expect(place.pending == ["1"])
    let batch = try #require(try await place.nextBatch())
    try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
    #expect(try await place.commit(["2"]).map(\.word) == ["stored"])
    #expect(place.forwarded == ["1"] && place.pending == ["2"])
  }

  @Test func `A new writing that the catalog does not know is pending once its drop is found to be a duplicate`()
    async throws
  {
    let place = try StorePlace()
    _ = try await place.commit(["1"])
    let batch = try #require(try await place.nextBatch())
    try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
    try await place.store.release(batch, dissolving: true)
    let record = try #require(place.tree.readText("processed/\(day)/1.json"))
    // Stopped between the name of the new record and its row in the catalog.
    let rewritten = record.replacing(
      #""updatedAt":"2026-11-23T12:00:00.000Z""#, with: #""updatedAt":"2026-11-23T12:05:00.000Z""#)
    #expect(rewritten != record)
    place.tree.write(rewritten, to: "processed/\(day)/1.json")
    let later = try place.reopened()
    // The start has found out which writing it is.
    #expect(later.pending == ["1"] && later.forwarded == [])
    #expect(try await later.commit(["1"]).map(\.word) == ["duplicate"])
    #expect(later.pending == ["1"] && later.forwarded == [])
    let again = try #require(try await later.nextBatch())
    try await later.store.acknowledge(again.events, batchId: "c", status: 200)
    #expect(try await later.commit(["1"]).map(\.word) == ["duplicate"])
    #expect(later.pending == [] && later.forwarded == ["1"])
  }
}
