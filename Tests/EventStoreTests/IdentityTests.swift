import Catalog
import EventStore
import Events
import Failures
import StoreSupport
import TestSupport
import Testing

/// An eventId is its bytes, wherever ids are compared, looked up, counted or used as a key.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct IdentityTests {
  private let day = "2026-11-23"
  /// One character in two spellings that Unicode calls equivalent.
  private let composed = "caf\u{E9}"
  private let decomposed = "cafe\u{301}"

  private func acknowledgeFirst(of place: StorePlace) async throws {
    let batch = try #require(try await place.nextBatch(maxEvents: 1))
    try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
  }

  @Test func `Two spellings of one character are two ids, in one portion and in two`() async throws {
    let place = try StorePlace()
    #expect(try await place.commit([composed, decomposed]).map(\.word) == ["stored", "stored"])
    #expect(try await place.commit([decomposed, composed]).map(\.word) == ["duplicate", "duplicate"])
    #expect(place.records(day) == ["caf%C3%A9.json", "cafe%CC%81.json"])
    let other = try StorePlace()
    async let one = other.commit([composed])
    async let two = other.commit([decomposed])
    #expect(try await (one + two).map(\.word) == ["stored", "stored"])
  }

  @Test func `What n8n says of one counts for that one alone, also without the catalog`() async throws {
    let place = try StorePlace()
    _ = try await place.commit([composed, decomposed])
    try await acknowledgeFirst(of: place)
    func expectOnePending(_ place: StorePlace) {
      #expect(place.pending.map { Array($0.utf8) } == [Array(decomposed.utf8)])
      #expect(place.forwarded.map { Array($0.utf8) } == [Array(composed.utf8)])
    }
    expectOnePending(place)
    // The next start compares the day with its journal and, without a catalog, builds one from both.
    expectOnePending(try place.reopened())
    for ending in ["", "-wal", "-shm"] { place.tree.remove("state/catalog.sqlite\(ending)") }
    expectOnePending(try place.reopened())
  }

  @Test func `A question about one is not answered with the other`() async throws {
    let place = try StorePlace()
    _ = try await place.commit([composed, decomposed])
    try await acknowledgeFirst(of: place)
    let index = try EventIndex(place.store.options.layout)
    #expect(try index.event(EventID(composed))?.forwards.count == 1)
    #expect(try index.event(EventID(decomposed))?.forwards.count == 0)
    let batch = try #require(try await place.nextBatch())
    _ = try await place.store.fail([
      ForwardFailure(event: batch.events[0], reason: .rejected, message: "no", httpStatus: 422)
    ])
    #expect(try index.files(of: EventID(composed)).map(\.status) == [.forwarded])
    #expect(try index.files(of: EventID(decomposed)).map(\.status) == [.retry])
  }

  @Test func `Two spellings of a type are two types: the second event is no duplicate`() async throws {
    let place = try StorePlace()
    let events = try [composed, decomposed].map { try StorePlace.event("1", type: $0) }
    #expect(try await place.store.commit(events.map { Submission($0) }).map(\.word) == ["stored", "conflict"])
  }
}
