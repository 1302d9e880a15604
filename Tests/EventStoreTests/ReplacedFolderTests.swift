import Catalog
import DurableFiles
import EventStore
import Events
import Failures
import Glibc
import Maintenance
import StoreSupport
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Every configured folder is the one to which its path leads now.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct ReplacedFolderTests {
  static let folders = ["processed", "retry", "failed", "state"]

  private func isReplaced(_ body: () async throws -> Void) async -> Bool {
    do {
      try await body()
      return false
    } catch StorageError.folderReplaced {
      return true
    } catch {
      return false
    }
  }

  @Test(arguments: folders, [true, false])
  func `Nothing is put into a folder that was moved away, whether or not another lies there`(
    folder: String, isThereAnother: Bool
  ) async throws {
    let place = try StorePlace()
    _ = try await place.commit(["a"])
    let reported = Mutex<[String]>([])
    place.store.folders.whenReplaced { path in reported.withLock { $0.append(path.lastComponent?.string ?? "") } }
    let batch = try #require(try await place.nextBatch())
    place.tree.move(folder, to: "elsewhere")
    if isThereAnother { place.tree.write("", to: "\(folder)/x") }
    #expect(await isReplaced { _ = try await place.commit(["b"]) })
    #expect(await isReplaced { _ = try await place.nextBatch() })
    #expect(
      await isReplaced {
        _ = try await place.store.fail([ForwardFailure(event: batch.events[0], reason: .rejected, message: "no")])
      })
    #expect(await isReplaced { _ = try await place.store.prune(isConfirmed: false, isRehearsal: false) })
    #expect(
      await isReplaced {
        _ = try await place.store.setAside(
          [0x7B], as: FileName("x.json"), DropFailure(stage: .parse, reason: .invalidJSON, message: ""),
          inbox: "default",
          droppedAs: DropName(bytes: "x.json".utf8))
      })
    #expect(reported.withLock { $0 } == [folder])
    #expect(!place.tree.names("elsewhere/2026-11-23").contains("b.json"))
    // The store is opened again on the new folder, and takes the event.
    let next = try place.reopened()
    #expect(try await next.commit(["b"]).map(\.word) == ["stored"])
  }

  @Test func `A folder that is reached through a link is in its place`() async throws {
    let tree = TemporaryTree()
    tree.write("", to: "real/x")
    #expect(symlink(tree.path.appending("real").string, tree.path.appending("failed").string) == 0)
    let place = try StorePlace(tree)
    #expect(try await place.commit(["a"]).map(\.word) == ["stored"])
  }
}
