import DurableFiles
import EventStore
import Events
import Failures
import Glibc
import StoreSupport
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// A failed file and its sidecar come together, whoever tidies meanwhile.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct SidecarPairTests {
  @Test func `The sidecar of a file that is just coming is not taken for one whose file has gone`() async throws {
    let place = try StorePlace()
    place.tree.write("{", to: "inbox/a.json")
    let inbox = try Folder(at: place.tree.inbox, files: place.files)
    let failed = place.store.folders.failed
    let isTidied = Mutex(false)
    let end = Gate()
    // The sidecar has its name, the file has not.
    place.files.before("move inbox/a.json to failed/a.json") { () throws(Errno) in
      Task.detached {
        _ = try? failed.removeLonelySidecar(of: FileName("a.json"))
        isTidied.withLock { $0 = true }
        end.open()
      }
      // If the sidecar could be removed now, it would be.
      for _ in 0..<300 where !isTidied.withLock({ $0 }) { usleep(1000) }
    }
    _ = try await place.store.setAside(
      FileName("a.json"), from: inbox, as: FileName("a.json"),
      DropFailure(stage: .read, reason: .orphaned, message: ""), inbox: "default",
      droppedAs: DropName(bytes: "a.json".utf8), history: nil, isQuiet: true)
    try #require(place.files.log.contains("move inbox/a.json to failed/a.json"), "\(place.files.log)")
    end.wait()
    #expect(place.tree.names("failed") == ["a.json", "a.json.error"])
  }
}
