import Catalog
import EventStore
import Events
import Glibc
import Logging
import StoreSupport
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Damage to a catalog that the start does not notice stops nothing for good: the tree has everything.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct DamagedCatalogTests {
  private let ids = (0..<3000).map { "event-\($0)" }

  /// A tree of many pending events, and a catalog with most pages damaged; the last pages, and those of the small
  /// tables, are intact.
  private func damaged() async throws -> TemporaryTree {
    let tree = TemporaryTree()
    do {
      let place = try StorePlace(tree)
      for start in stride(from: 0, to: ids.count, by: 500) {
        _ = try await place.commit(Array(ids[start..<start + 500]))
      }
      await place.store.close()
    }
    let path = tree.path.appending("state/catalog.sqlite").string
    let size = try #require(tree.read("state/catalog.sqlite")).count
    let pages = size / 4096
    #expect(pages > 100)
    let file = open(path, O_WRONLY)
    defer { close(file) }
    let noise = [UInt8](repeating: 0xA5, count: 4096)
    for page in 40..<(pages - 60) { #expect(pwrite(file, noise, 4096, off_t(page * 4096)) == 4096) }
    return tree
  }

  @Test func `Damage that is met at run time is reported, and mended by the next start`() async throws {
    let tree = try await damaged()
    let place = try StorePlace(tree)
    let isReported = Mutex(false)
    place.store.whenCatalogDamaged { isReported.withLock { $0 = true } }
    await #expect(throws: StorageError.self) { try await place.commit(Array(ids[..<1000])) }
    #expect(isReported.withLock { $0 })
    let next = try place.reopened()
    #expect(next.pending.count == 3000)
    #expect(try await Set(next.commit(Array(ids[..<1000])).map(\.word)) == ["duplicate"])
    #expect(tree.names("state").filter { $0.hasPrefix("catalog") && !$0.hasPrefix("catalog.sqlite") } == [])
    // The start after that has nothing to repair.
    #expect(try next.reopened().pending.count == 3000)
  }

  @Test func `It can be built again by a person, whatever of it cannot be read`() async throws {
    let tree = try await damaged()
    let place = try StorePlace(tree)
    try CatalogRebuild.run(place.store.options, clock: place.clock, logger: Logger(label: "test"))
    let next = try place.reopened()
    #expect(next.pending.count == 3000)
    #expect(try await next.commit([ids[1500], "new"]).map(\.word) == ["duplicate", "stored"])
  }

  @Test func `A start that meets the damage keeps what is missing`() async throws {
    let tree = TemporaryTree()
    do {
      let place = try StorePlace(tree)
      _ = try await place.commit(["a", "b"])
      await place.store.close()
      tree.move("processed/2026-11-23/a.json", to: "a.json")
    }
    let root: Int
    do {
      let place = try StorePlace(tree)
      #expect(try EventIndex(place.store.options.layout).backlog().missing == 1)
      root = try #require(
        place.catalog("SELECT rootpage FROM sqlite_schema WHERE name = 'note'").first.flatMap { Int($0) })
      await place.store.close()
    }
    // Only the table of notes, which every start reads.
    let file = open(tree.path.appending("state/catalog.sqlite").string, O_WRONLY)
    defer { close(file) }
    let noise = [UInt8](repeating: 0xA5, count: 4096)
    #expect(pwrite(file, noise, 4096, off_t((root - 1) * 4096)) == 4096)
    let next = try StorePlace(tree)
    #expect(next.pending == ["b"])
    #expect(try EventIndex(next.store.options.layout).backlog().missing == 1)
  }
}
