import EventStore
import Events
import Glibc
import Maintenance
import StoreSupport
import Synchronization
import SystemPackage
import TestSupport
import Testing
import Time

/// A prune runs beside the store's work, in slices, and can be stopped between any two.
@Suite(.tags(.durability), .timeLimit(.minutes(2))) struct PruneTests {
  private let day = "2026-11-23"

  /// A day of acknowledged events that is old enough to go, and the store two months later.
  private func place(_ ids: [String], tree: TemporaryTree = TemporaryTree()) async throws -> StorePlace {
    let place = try StorePlace(tree)
    _ = try await place.commit(ids)
    let batch = try #require(try await place.nextBatch(maxEvents: 1000))
    try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
    try await place.store.release(batch, dissolving: true)
    place.clock.set("2027-01-23T12:00:00.000Z")
    return place
  }

  private func prune(
    _ place: StorePlace, until isStopping: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) async throws -> PruneReport {
    try await place.store.prune(isConfirmed: true, isRehearsal: false, until: isStopping, report: progress)
  }

  private func prunedDays(_ place: StorePlace) async throws -> [String] {
    try await prune(place).pruned.map(\.description)
  }

  @Test func `The store takes events while a partition is read and deleted`() async throws {
    let place = try await place(["a", "b"])
    let isHeld = Mutex(true)
    let steps = Mutex(0)
    async let report = prune(
      place,
      progress: { _, _ in
        steps.withLock { $0 += 1 }
        while isHeld.withLock({ $0 }) { usleep(1000) }
      })
    while steps.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(1)) }
    #expect(try await place.commit(["c", "a"]).map(\.word) == ["stored", "duplicate"])
    isHeld.withLock { $0 = false }
    let pruned = try await report.pruned
    #expect(pruned.map(\.description) == [day])
    #expect(try await place.commit(["a", "b", "c"]).map(\.word) == ["duplicate", "duplicate", "duplicate"])
  }

  @Test func `Stopped wherever it asks, it loses no identity, and the next one goes on`() async throws {
    let ids = (0..<40).map { "e\($0)" }
    var asked = 0
    var isStopped = true
    while isStopped {
      let place = try await place(ids)
      let count = Mutex(0)
      let limit = asked
      _ = try await prune(
        place,
        until: {
          count.withLock { count in
            count += 1
            return count > limit
          }
        })
      isStopped = count.withLock { $0 } > limit
      asked += 7
      // Beside a stopped one, after it, after a start, and after the next one.
      #expect(try await Set(place.commit(ids).map(\.word)) == ["duplicate"], "stopped at question \(limit)")
      let next = try place.reopened()
      #expect(try await Set(next.commit(ids).map(\.word)) == ["duplicate"], "stopped at question \(limit)")
      _ = try await prune(next)
      #expect(next.tree.names("processed/\(day)") == [])
      #expect(next.tree.names("state/trash") == [])
      #expect(try await Set(next.commit(ids).map(\.word)) == ["duplicate"], "stopped at question \(limit)")
      #expect(next.tree.names("processed") == ["identities"])
      let lines = try #require(next.tree.readText("processed/identities/\(day).ids")).split(separator: "\n")
      #expect(Set(lines).count == 40 && lines.count == 40)
    }
  }

  @Test func `What was moved away by hand before it went is processed again`() async throws {
    let place = try await place(["a", "b"])
    place.tree.move("processed/\(day)/a.json", to: "a.json")
    // It has written all identities, and is stopped before the partition is removed.
    let calls = Mutex(0)
    _ = try await prune(place, until: { calls.withLock { $0 > 1 } }, progress: { _, _ in calls.withLock { $0 += 1 } })
    #expect(try await place.commit(["a", "b"]).map(\.word) == ["stored", "duplicate"])
  }

  @Test func `A partition to which something comes meanwhile stays for the next time`() async throws {
    let place = try await place(["a", "b"])
    let tree = place.tree
    let report = try await prune(
      place, progress: { done, _ in if done == 1 { tree.write("{}", to: "processed/2026-11-23/x") } })
    #expect(report.pruned == [])
    #expect(place.records(day) == ["a.json", "b.json"])
    #expect(try await prunedDays(place) == [day])
  }

  @Test func `A day that was pruned and is there again keeps the identities of both`() async throws {
    let place = try await place(["a", "b"])
    _ = try await prune(place)
    let event = try StorePlace.event("c")
    let time = try #require(Timestamp(rfc3339: "\(day)T10:00:00.000Z"))
    _ = try await place.store.take(
      over: [ImportedEvent(event, processedAt: time, createdAt: time, updatedAt: time)], batchId: "import")
    #expect(place.records(day) == ["c.json"])
    // As always, the older identities count although their day exists.
    #expect(try await place.commit(["a"]).map(\.word) == ["duplicate"])
    #expect(try await prunedDays(place) == [day])
    for place in [place, try place.reopened()] {
      #expect(try await place.commit(["a", "b", "c"]).map(\.word) == ["duplicate", "duplicate", "duplicate"])
    }
    for ending in ["", "-wal", "-shm"] { place.tree.remove("state/catalog.sqlite\(ending)") }
    #expect(try await place.reopened().commit(["a", "b", "c"]).map(\.word) == ["duplicate", "duplicate", "duplicate"])
  }

  @Test func `A file of identities that is put back counts, also if some of its day are known`() async throws {
    let place = try await place(["a", "b"])
    _ = try await prune(place)
    let file = "processed/identities/\(day).ids"
    let whole = try #require(place.tree.readText(file))
    place.tree.write(whole.split(separator: "\n").map { $0 + "\n" }[0].description, to: file)
    for ending in ["", "-wal", "-shm"] { place.tree.remove("state/catalog.sqlite\(ending)") }
    let partly = try place.reopened()
    #expect(partly.catalog("SELECT count(*) FROM identity") == ["1"])
    place.tree.write(whole, to: file)
    var findings = 0
    var verifier = try Verifier(
      partly.store.options.layout, isMending: false, isShared: { false }, pause: {}, report: { _ in findings += 1 })
    _ = try verifier.run()
    #expect(findings == 1)
    #expect(try await place.reopened().commit(["a", "b"]).map(\.word) == ["duplicate", "duplicate"])
  }

  @Test func `What else lies in a partition goes with it and stops nothing`() async throws {
    let place = try await place(["a"])
    let tree = place.tree
    tree.write("no record", to: "processed/\(day)/bad.json")
    tree.write("x", to: "processed/\(day)/folder.json/inner/file")
    tree.write("outside", to: "outside/file")
    #expect(
      symlink(tree.path.appending("outside").string, tree.path.appending("processed/\(day)/link.json").string) == 0)
    #expect(mkfifo(tree.path.appending("processed/\(day)/pipe.json").string, 0o600) == 0)
    #expect(try await prunedDays(place) == [day])
    #expect(tree.names("state/trash") == [])
    #expect(tree.readText("outside/file") == "outside")
    #expect(try await place.commit(["a"]).map(\.word) == ["duplicate"])
  }

  @Test func `A day whose events are missing is not pruned`() async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a", "b"])
    await place.store.close()
    place.tree.move("processed/\(day)/a.json", to: "a.json")
    let next = try place.reopened()
    let batch = try #require(try await next.nextBatch())
    try await next.store.acknowledge(batch.events, batchId: "b", status: 200)
    next.clock.set("2027-01-23T12:00:00.000Z")
    let held = try await prune(next).held
    #expect(Array(held.values) == [1])
  }
}
