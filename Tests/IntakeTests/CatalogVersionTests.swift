import Catalog
import EventStore
import Glibc
import Intake
import Logging
import StoreSupport
import TestSupport
import Testing
import Time

/// A catalog written by another version of the program.
@Suite(.tags(.fast)) struct CatalogVersionTests {
  private func treeOfAnotherVersion() async throws -> TemporaryTree {
    let tree = TemporaryTree()
    do {
      let place = try Workplace(tree)
      place.drop("a.json", #"{"id":"a","type":"t"}"#)
      _ = try await place.inbox.work()
    }
    // The last connection to close moves the log into the database, whose header has the version at 60
    // (sqlite.org/fileformat2.html, section 1.3).
    #expect(tree.names("state").filter { $0.hasPrefix("catalog") } == ["catalog.sqlite"])
    let file = open("\(tree.state)/catalog.sqlite", O_WRONLY)
    defer { close(file) }
    let version: [UInt8] = [0, 0, 0, 1]
    #expect(pwrite(file, version, 4, 60) == 4)
    return tree
  }

  @Test func `It is built again by the next start`() async throws {
    let place = try Workplace(try await treeOfAnotherVersion())
    #expect(try EventIndex(place.store.options.layout).counts().map(\.count) == [1])
  }

  @Test func `What is missing by then is still missing afterwards`() async throws {
    let tree = try await treeOfAnotherVersion()
    let day = try #require(tree.names("processed").first)
    tree.move("processed/\(day)", to: "elsewhere")
    let place = try Workplace(tree)
    #expect(try EventIndex(place.store.options.layout).backlog().missing == 1)
  }

  @Test func `Where it cannot be understood, that is reported`() async throws {
    let tree = try await treeOfAnotherVersion()
    let day = try #require(tree.names("processed").first)
    tree.move("processed/\(day)", to: "elsewhere")
    var bytes = try #require(tree.read("state/catalog.sqlite"))
    // Its table of events has another name.
    for index in bytes.indices.dropLast(12) where bytes[index..<index + 12].elementsEqual("TABLE event ".utf8) {
      bytes.replaceSubrange(index + 6..<index + 11, with: Array("avent".utf8))
    }
    tree.write(bytes, to: "state/catalog.sqlite")
    let lines = LogKeeper.Lines()
    _ = try RecordStore(
      StoreOptions(tree.layout),
      clock: SystemClock(), logger: Logger(label: "test") { _ in LogKeeper(lines: lines) })
    #expect(lines.at(.warning).contains { $0.contains("may be forgotten") }, "\(lines.all)")
  }

  @Test func `It is left to the daemon that may be running on it`() async throws {
    let tree = try await treeOfAnotherVersion()
    let before = tree.read("state/catalog.sqlite")
    let options = StoreOptions(tree.layout)
    #expect(throws: StorageError.self) {
      try RecordStore(options, clock: SystemClock(), logger: Logger(label: "test"), isSharing: true)
    }
    #expect(tree.read("state/catalog.sqlite") == before)
  }
}
