import EventStore
import Maintenance
import StoreSupport
import TestSupport
import Testing
import Time

/// A file that was about to replace another when everything stopped does not stay.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct UnfinishedFileTests {
  private let name = ".4711.tmp"

  @Test(arguments: ["retry", "failed"])
  func `The next start removes it from the folders of failed files, and nothing else`(folder: String) async throws {
    let place = try StorePlace()
    await place.store.close()
    for name in [name, ".tmp", ".a.tmp", "4711.tmp", "a.json"] { place.tree.write("x", to: "\(folder)/\(name)") }
    let next = try place.reopened()
    #expect(next.tree.names(folder) == [".a.tmp", ".tmp", "4711.tmp", "a.json"])
  }

  @Test func `The next prune removes it from the remembered identities`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a"])
    let batch = try #require(try await place.nextBatch())
    try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
    try await place.store.release(batch, dissolving: true)
    place.tree.write("x", to: "processed/identities/\(name)")
    place.clock.set("2027-01-23T12:00:00.000Z")
    let report = try await place.store.prune(isConfirmed: true, isRehearsal: false)
    #expect(report.pruned.count == 1)
    #expect(place.tree.names("processed/identities") == ["\(report.pruned[0]).ids"])
  }
}
