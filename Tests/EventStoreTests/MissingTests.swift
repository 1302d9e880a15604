import Catalog
import EventStore
import Events
import Failures
import Logging
import Maintenance
import StoreSupport
import SystemPackage
import TestSupport
import Testing

/// No event that n8n has not acknowledged is dropped silently.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct MissingTests {
  private let day = "2026-11-23"

  private func acknowledgeFirst(of place: StorePlace) async throws {
    let batch = try #require(try await place.nextBatch(maxEvents: 1))
    try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
    try await place.store.release(batch, dissolving: true)
  }

  private func missing(_ place: StorePlace) throws -> Int {
    try EventIndex(place.store.options.layout).backlog().missing
  }

  @Test(arguments: [true, false])
  func `Pending events whose folder is away are missing, and come back with it`(isOrderly: Bool) async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a", "b", "c"])
    try await acknowledgeFirst(of: place)
    if isOrderly { await place.store.close() }
    place.tree.move("processed/\(day)", to: "elsewhere")
    let away = try place.reopened()
    #expect(try missing(away) == 2)
    #expect(away.pending == [])
    #expect(try await away.nextBatch() == nil)
    // Another start does not forget them either.
    #expect(try missing(away.reopened()) == 2)
    place.tree.move("elsewhere", to: "processed/\(day)")
    let back = try place.reopened()
    #expect(try missing(back) == 0)
    #expect(back.pending == ["b", "c"])
    #expect(back.forwarded == ["a"])
  }

  @Test func `One record that is away is missing, and the others go on`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a", "b", "c"])
    await place.store.close()
    place.tree.move("processed/\(day)/b.json", to: "b.json")
    let away = try place.reopened()
    #expect(try missing(away) == 1)
    #expect(away.pending == ["a", "c"])
    place.tree.move("b.json", to: "processed/\(day)/b.json")
    // In its old place in the order.
    #expect(try place.reopened().pending == ["a", "b", "c"])
  }

  @Test(arguments: [Errno.tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory])
  func `A record that cannot be read for lack of descriptors is none that is not there`(lack: Errno) async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a", "b", "c"])
    // The catalog has to learn from the tree what exists.
    for name in place.tree.names("state") where name.hasPrefix("catalog") { place.tree.remove("state/\(name)") }
    let files = RecordingFiles()
    files.always("open b.json") { () throws(Errno) in throw lack }
    #expect(throws: StorageError.self) { try StorePlace(place.tree, files: files, clock: place.clock) }
    files.always("open b.json", nil)
    #expect(try StorePlace(place.tree, files: files, clock: place.clock).pending == ["a", "b", "c"])
  }

  @Test(arguments: [Errno.tooManyOpenFiles, .tooManyOpenFilesInSystem])
  func `Nor is one in a partition that a run was writing to when it was cut off`(lack: Errno) async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a"])
    // As if it had its name but were not in the catalog yet.
    let other = try StorePlace()
    _ = try await other.commit(["b"])
    place.tree.write(try #require(other.tree.read("processed/\(day)/b.json")), to: "processed/\(day)/b.json")
    let files = RecordingFiles()
    files.always("open b.json") { () throws(Errno) in throw lack }
    #expect(throws: StorageError.self) { try StorePlace(place.tree, files: files, clock: place.clock) }
    #expect(try place.reopened().pending == ["a", "b"])
  }

  @Test func `One that is found missing when it is to be sent stays on the books`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a", "b"])
    let batch = try #require(try await place.nextBatch())
    place.tree.move("processed/\(day)/a.json", to: "a.json")
    let records = try await place.store.records(of: batch.events)
    #expect(records.map { $0 == nil } == [true, false])
    try await place.store.forget([batch.events[0]])
    #expect(try missing(place) == 1)
    // Dropped again, it is stored again, and no longer missing.
    #expect(try await place.commit(["a"]).map(\.word) == ["stored"])
    #expect(try missing(place) == 0)
  }

  @Test func `A folder that was away for a while is back after an orderly stop and start`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a", "b"])
    let batch = try #require(try await place.nextBatch())
    place.tree.move("processed/\(day)", to: "elsewhere")
    try await place.store.forget(batch.events)
    #expect(try missing(place) == 2)
    place.tree.move("elsewhere", to: "processed/\(day)")
    await place.store.close()
    #expect(try place.reopened().pending == ["a", "b"])
  }

  @Test func `A day that was closed before its folder was away is looked at again too`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a"])
    place.clock.advance(by: .seconds(86_400))
    _ = try await place.commit(["b"])
    let batch = try #require(try await place.nextBatch())
    place.tree.move("processed/\(day)", to: "elsewhere")
    try await place.store.forget([batch.events[0]])
    place.tree.move("elsewhere", to: "processed/\(day)")
    await place.store.close()
    #expect(try place.reopened().pending == ["a", "b"])
  }

  @Test(arguments: [0, 1])
  func `Once its record is back, a drop of it is compared with it, and the event is pending again`(
    value: Int
  )
    async throws
  {
    let place = try StorePlace()
    _ = try await place.commit(["a", "b"])
    let batch = try #require(try await place.nextBatch())
    place.tree.move("processed/\(day)/a.json", to: "a.json")
    try await place.store.forget([batch.events[0]])
    try await place.store.release(batch, dissolving: true)
    place.tree.move("a.json", to: "processed/\(day)/a.json")
    #expect(try await place.commit(["a"], value: value).map(\.word) == [value == 0 ? "duplicate" : "conflict"])
    #expect(try missing(place) == 0)
    // In its old place in the order.
    #expect(place.pending == ["a", "b"])
    let all = try #require(try await place.nextBatch())
    #expect(try await place.store.records(of: all.events).count == 2)
  }

  @Test func `A record that was set aside and lies in its partition again counts`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a"])
    let batch = try #require(try await place.nextBatch())
    _ = try await place.store.fail([ForwardFailure(event: batch.events[0], reason: .rejected, message: "no")])
    place.tree.move("retry/a.json", to: "processed/\(day)/a.json")
    place.clock.advance(by: .seconds(86_400))
    #expect(try await place.commit(["a"]).map(\.word) == ["duplicate"])
    #expect(place.pending == ["a"])
    #expect(place.records("2026-11-24") == [])
  }

  @Test func `Something else in the record's place can be let go of as well`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a"])
    let batch = try #require(try await place.nextBatch())
    place.tree.remove("processed/\(day)/a.json")
    place.tree.write("x", to: "processed/\(day)/a.json/inner")
    try await place.store.forget(batch.events)
    #expect(try missing(place) == 1)
    #expect(try verify(place).1.contains { $0.kind == .missingRecord })
    _ = try verify(place, forgetting: true)
    #expect(try missing(place) == 0)
  }

  @Test func `Building the catalog again forgets none of them`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a", "b"])
    await place.store.close()
    place.tree.move("processed/\(day)/a.json", to: "a.json")
    try CatalogRebuild.run(place.store.options, clock: place.clock, logger: Logger(label: "test"))
    #expect(try missing(place) == 1)
    place.tree.move("a.json", to: "processed/\(day)/a.json")
    #expect(Set(try place.reopened().pending) == ["a", "b"])
  }

  private func verify(_ place: StorePlace, forgetting: Bool = false) throws -> (VerificationSummary, [Finding]) {
    var findings: [Finding] = []
    var verifier = try Verifier(
      place.store.options.layout, isMending: false, isForgettingMissing: forgetting, isShared: { false }, pause: {},
      report: { findings.append($0) })
    return (try verifier.run(), findings)
  }

  @Test(arguments: [true, false])
  func `Only a person lets them go`(isWholeFolder: Bool) async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a", "b"])
    await place.store.close()
    place.tree.move(isWholeFolder ? "processed/\(day)" : "processed/\(day)/a.json", to: "elsewhere")
    let away = try place.reopened()
    let (summary, findings) = try verify(away)
    #expect(summary.findings > 0)
    #expect(findings.allSatisfy { $0.kind == .missingRecord && !$0.isMended })
    #expect(try missing(away) == (isWholeFolder ? 2 : 1))
    #expect(try verify(away, forgetting: true).1.allSatisfy(\.isMended))
    #expect(try missing(away) == 0)
    #expect(try verify(away).0.findings == 0)
  }

  @Test func `They are listed as what they are`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a", "b"])
    await place.store.close()
    place.tree.move("processed/\(day)/a.json", to: "a.json")
    let index = try EventIndex(place.reopened().store.options.layout)
    #expect(try index.page(EventQuery(status: .missing)).events.map(\.eventId) == ["a"])
    #expect(try index.page(EventQuery(status: .pending)).events.map(\.eventId) == ["b"])
    #expect(try index.page(EventQuery()).events.count == 2)
  }
}
