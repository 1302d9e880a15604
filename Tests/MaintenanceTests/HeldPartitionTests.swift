import EventStore
import Events
import Maintenance
import StoreSupport
import SystemPackage
import TestSupport
import Testing
import Time

/// A partition with a pending event is never pruned, even if only the tree has the event.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct HeldPartitionTests {
  private let day = "2026-11-23"
  private let earlier = "2026-10-01"

  /// A day with an acknowledged event, two months later.
  private func place() async throws -> StorePlace {
    let place = try StorePlace()
    _ = try await place.commit(["a"])
    let batch = try #require(try await place.nextBatch())
    try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
    try await place.store.release(batch, dissolving: true)
    place.clock.set("2027-01-23T12:00:00.000Z")
    return place
  }

  /// Puts the record of another event into a partition by hand.
  private func putRecord(_ id: String, in day: String, _ place: StorePlace, acknowledged: Bool = false) throws {
    let record = try #require(place.tree.readText("processed/\(self.day)/a.json"))
    place.tree.write(
      record.replacing(#""eventId":"a""#, with: #""eventId":"\#(id)""#), to: "processed/\(day)/\(id).json")
    guard acknowledged else { return }
    let line =
      #"{"batchId":"x","forwardedAt":"2026-11-24T00:00:00.000Z","status":200,"eventIds":["\#(id)"]}"# + "\n"
    place.tree.write(
      (place.tree.readText("processed/\(day)/forwards.jsonl") ?? "") + line, to: "processed/\(day)/forwards.jsonl")
  }

  private func prune(_ place: StorePlace, isRehearsal: Bool = false) async throws -> PruneReport {
    try await place.store.prune(isConfirmed: true, isRehearsal: isRehearsal)
  }

  @Test func `A partition that was put back keeps its pending events, and the others are pruned`() async throws {
    let place = try await place()
    try putRecord("x", in: earlier, place)
    let plan = try await prune(place, isRehearsal: true)
    #expect(plan.pruned.map(\.description) == [day])
    let report = try await prune(place)
    #expect(report.pruned.map(\.description) == [day])
    #expect(report.held.map { "\($0.key) \($0.value)" } == ["\(earlier) 1"])
    let reason = try #require(report.reasonsToStay.first)
    let said = reason.why.sentence(in: .en)
    #expect(said.contains("1 of its records are pending") && said.contains("restart eventdrop"))
    #expect(place.records(earlier) == ["x.json"])
    // The next start knows it, and it goes once it is acknowledged.
    let next = try place.reopened()
    #expect(next.pending == ["x"])
    let batch = try #require(try await next.nextBatch())
    try await next.store.acknowledge(batch.events, batchId: "c", status: 200)
    #expect(try await prune(next).pruned.map(\.description) == [earlier])
    #expect(try await next.commit(["x"]).map(\.word) == ["duplicate"])
  }

  @Test func `A record that was copied into a known partition keeps it`() async throws {
    let place = try await place()
    await place.store.close()
    try putRecord("x", in: day, place)
    for isRehearsal in [true, false] {
      let report = try await prune(place, isRehearsal: isRehearsal)
      #expect(report.pruned == [] && report.held.values.sorted() == [1])
    }
    #expect(place.records(day) == ["a.json", "x.json"])
  }

  @Test func `A known record that was written again since its acknowledgement keeps its partition`() async throws {
    let place = try await place()
    let record = try #require(place.tree.readText("processed/\(day)/a.json"))
    place.tree.write(
      record.replacing(
        #""updatedAt":"2026-11-23T12:00:00.000Z""#, with: #""updatedAt":"2026-11-23T12:05:00.000Z""#),
      to: "processed/\(day)/a.json")
    #expect(try await prune(place).held.values.sorted() == [1])
  }

  @Test func `A partition that was put back with its journal is pruned`() async throws {
    let place = try await place()
    try putRecord("x", in: earlier, place, acknowledged: true)
    try putRecord("y", in: earlier, place, acknowledged: true)
    #expect(try await prune(place).pruned.map(\.description) == [earlier, day])
    #expect(try await place.commit(["x", "y"]).map(\.word) == ["duplicate", "duplicate"])
  }

  @Test func `A copy of a record that counts elsewhere keeps nothing`() async throws {
    let place = try await place()
    try putRecord("a", in: earlier, place)
    #expect(try await prune(place).pruned.map(\.description) == [earlier, day])
  }

  @Test func `A file that may be a record and cannot be read keeps its partition, and no other`() async throws {
    let place = try await place()
    try putRecord("x", in: earlier, place)
    place.files.always("open x.json") { () throws(Errno) in throw .permissionDenied }
    let report = try await prune(place)
    #expect(report.pruned.map(\.description) == [day])
    #expect(report.unreadable.values.sorted() == [1])
    #expect(report.reasonsToStay.map { $0.why.text(in: .en) } == ["1 of its files cannot be read"])
    #expect(place.records(earlier) == ["x.json"])
  }
}
