import Catalog
import EventStore
import Events
import Failures
import Intake
import Maintenance
import TestSupport
import Testing
import Time

/// The counts of `report` and `status` are kept as things happen; they have to match what exists.
@Suite(.tags(.fast)) struct TallyTests {
  private struct Kind: Hashable {
    var date: CalendarDate
    var type: String
    var status: EventStatus
  }

  private func expectSame(_ place: Workplace) throws {
    let index = try EventIndex(place.store.options.layout)
    let listed = try index.page(EventQuery(limit: 100_000)).events.filter { $0.partition != nil }
    var counts: [Kind: (count: Int, bytes: Int)] = [:]
    for event in listed {
      let kind = Kind(
        date: try #require(event.partition), type: try #require(event.eventType), status: event.status)
      counts[kind, default: (0, 0)].count += 1
      counts[kind, default: (0, 0)].bytes += try #require(event.bytes)
    }
    let reported = try index.counts().filter { $0.status == .pending || $0.status == .forwarded }
    #expect(reported.count == counts.count)
    for entry in reported {
      let there = counts[Kind(date: entry.date, type: entry.type, status: entry.status)]
      #expect(there?.count == entry.count, "\(entry)")
      #expect(there?.bytes == entry.bytes, "\(entry)")
    }
    #expect(try index.backlog().pending == listed.count { $0.status == .pending })
    #expect(
      try index.backlog().oldestPending == listed.filter { $0.status == .pending }.map(\.updatedAt).min())
    for partition in try index.partitions() {
      let own = listed.filter { $0.partition == partition.date }
      #expect(partition.records == own.count)
      #expect(partition.pending == own.count { $0.status == .pending })
      #expect(partition.bytes == own.reduce(0) { $0 + ($1.bytes ?? 0) })
      let delays = own.compactMap { event in event.forwardedAt.map { $0.milliseconds - event.updatedAt.milliseconds } }
      #expect(partition.meanDelay == (delays.isEmpty ? nil : .milliseconds(delays.reduce(0, +) / Int64(delays.count))))
    }
  }

  @Test func `However events come, go and are written again, the counts are those of the list`() async throws {
    var random = SeededNumbers(seed: 7)
    let clock = ManualClock("2026-11-01T00:00:00.000Z")
    let place = try Workplace(clock: clock, keep: .seconds(4 * 86_400))
    var number = 0
    for step in 1...400 {
      clock.advance(by: .seconds(Int.random(in: 0...7200, using: &random)))
      switch Int.random(in: 0..<10, using: &random) {
      case 0...3:
        for _ in 0..<Int.random(in: 1...6, using: &random) {
          number += 1
          let text = String(repeating: "x", count: Int.random(in: 0...50, using: &random))
          place.drop("\(number).json", #"{"id":"\#(number)","type":"t\#(number % 3)","data":"\#(text)"}"#)
        }
        // More at once than the catalog inserts with one statement, some of them repeated: unchanged, or with their
        // records taken away.
        guard Int.random(in: 0..<8, using: &random) == 0 else { break }
        var lines = ""
        for _ in 0..<60 {
          let isNew = number == 0 || Bool.random(using: &random)
          if isNew { number += 1 }
          let id = isNew ? number : Int.random(in: 1...number, using: &random)
          for partition in place.tree.names("processed") where Bool.random(using: &random) {
            place.tree.remove("processed/\(partition)/\(id).json")
          }
          lines += #"{"id":"\#(id)","type":"t\#(id % 5)","data":"\#(step)"}"# + "\n"
        }
        place.drop("\(step).jsonl", lines)
      case 4, 5:
        guard let batch = try await place.store.nextBatch(maxEvents: 5, maxBytes: 1 << 20, onlyFull: false) else {
          break
        }
        try await place.store.acknowledge(batch.events, batchId: "b\(step)", status: 200)
        try await place.store.release(batch, dissolving: true)
      case 6:
        guard let batch = try await place.store.nextBatch(maxEvents: 3, maxBytes: 1 << 20, onlyFull: false) else {
          break
        }
        let failures = batch.events.map { ForwardFailure(event: $0, reason: .rejected, message: "no") }
        _ = try await place.store.fail(failures)
        try await place.store.release(batch, dissolving: true)
      case 7:
        // Dropped again: unchanged or, with its record taken away, with other data or of another type.
        let again = Int.random(in: 1...max(number, 1), using: &random)
        if Bool.random(using: &random) {
          for partition in place.tree.names("processed") { place.tree.remove("processed/\(partition)/\(again).json") }
        }
        place.drop("again-\(step).json", #"{"id":"\#(again)","type":"t\#(step % 4)","data":"\#(step)"}"#)
      case 8: _ = try await place.store.prune(isConfirmed: true, isRehearsal: false)
      default: _ = try await place.retry.work()
      }
      _ = try await place.inbox.work()
      if step % 20 == 0 { try expectSame(place) }
    }
    // A record that a person took away is known to be gone once somebody looks: the next start does.
    let next = try Workplace(place.tree, clock: clock)
    try expectSame(next)
    place.tree.remove("state/catalog.sqlite")
    try expectSame(try Workplace(place.tree, clock: clock))
  }
}
