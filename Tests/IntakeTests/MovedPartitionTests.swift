import EventStore
import Intake
import TestSupport
import Testing

/// A person moves whole partitions while the store has them open.
@Suite(.tags(.fast)) struct MovedPartitionTests {
  private let event = #"{"id":"1","type":"t","data":{"a":1}}"#

  private func partition(_ place: Workplace) throws -> String {
    "processed/\(try #require(place.tree.names("processed").first { $0.hasPrefix("2") }))"
  }

  @Test func `What is dropped again has no record any more, and gets one in a new folder`() async throws {
    let place = try Workplace()
    place.drop("a.json", event)
    _ = try await place.inbox.work()
    let partition = try partition(place)
    place.tree.move(partition, to: "elsewhere")
    let before = place.tree.names("elsewhere")
    for name in ["b", "c"] { place.drop("\(name).json", event) }
    let summary = try await place.inbox.work()
    #expect(summary.stored == 1)
    #expect(summary.duplicates == 1)
    #expect(place.tree.names("elsewhere") == before)
    #expect(place.tree.names(partition).contains("1.json"))
    #expect(place.tree.names("inbox") == [])
  }

  @Test func `Its records are not forwarded, and one that comes back is known`() async throws {
    let place = try Workplace()
    place.drop("a.json", event)
    _ = try await place.inbox.work()
    let pending = try #require(
      try await place.store.nextBatch(maxEvents: 10, maxBytes: 1 << 20, onlyFull: false)
    ).events
    let partition = try partition(place)
    place.tree.move(partition, to: "elsewhere")
    #expect(try await place.store.records(of: pending) == [nil])
    place.tree.move("elsewhere", to: partition)
    #expect(try await place.store.records(of: pending).compactMap(\.self).count == 1)
    place.drop("b.json", event)
    #expect(try await place.inbox.work().duplicates == 1)
  }

  @Test func `Another folder in its place is the one that is written in and read`() async throws {
    let place = try Workplace()
    place.drop("a.json", event)
    _ = try await place.inbox.work()
    let partition = try partition(place)
    place.tree.move(partition, to: "elsewhere")
    place.tree.write("", to: "\(partition)/.empty")
    for number in 1...6 { place.drop("\(number).json", #"{"id":"\#(number)","type":"t"}"#) }
    #expect(try await place.inbox.work().stored == 6)
    #expect(place.tree.names("elsewhere").filter { $0.hasSuffix(".json") } == ["1.json"])
    #expect(place.records.filter { $0.hasSuffix(".json") } == (1...6).map { "\($0).json" })
  }
}
