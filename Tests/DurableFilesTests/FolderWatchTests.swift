import DurableFiles
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct FolderWatchTests {
  private let tree = TemporaryTree()

  private func folder(_ name: String) throws -> Folder {
    try Folder.opening(tree.path.appending(name), makingWithMode: 0o750, files: SystemFiles())
  }

  @Test func `It says that a file was renamed into the folder, and that a writer has closed one`() async throws {
    let calls = Calls()
    let watch = try #require(FolderWatch(folder("a"), calls.count))
    tree.write("x", to: "b/x")
    #expect(rename(tree.path.appending("b/x").string, tree.path.appending("a/x").string) == 0)
    await calls.wait(for: 1)
    tree.write("y", to: "a/y")
    await calls.wait(for: 2)
    withExtendedLifetime(watch) {}
  }

  @Test func `It follows the folder, not its path`() async throws {
    let calls = Calls()
    let watch = try #require(FolderWatch(folder("a"), calls.count))
    #expect(rename(tree.path.appending("a").string, tree.path.appending("c").string) == 0)
    tree.write("x", to: "c/x")
    await calls.wait(for: 1)
    withExtendedLifetime(watch) {}
  }

  @Test func `Of two that watch the same folder, the other goes on when one ends`() async throws {
    let (first, second) = (Calls(), Calls())
    var one = FolderWatch(try folder("a"), first.count)
    let other = try #require(FolderWatch(folder("a"), second.count))
    tree.write("x", to: "a/x")
    await first.wait(for: 1)
    await second.wait(for: 1)
    one = nil
    let seen = first.value
    tree.write("y", to: "a/y")
    await second.wait(for: 2)
    #expect(first.value == seen)
    withExtendedLifetime((one, other)) {}
  }

  @Test func `What comes by the thousand is reported a few times`() async throws {
    let calls = Calls()
    let watch = try #require(FolderWatch(folder("a"), calls.count))
    for number in 0..<5000 { tree.write("x", to: "a/\(number)") }
    await calls.wait(for: 1)
    #expect(calls.value < 2500)
    withExtendedLifetime(watch) {}
  }
}

private final class Calls: Sendable {
  private let state = Mutex(0)
  var value: Int { state.withLock { $0 } }
  @Sendable func count() { state.withLock { $0 += 1 } }
  func wait(for wanted: Int) async {
    while value < wanted { try? await Task.sleep(for: .milliseconds(1)) }
  }
}
