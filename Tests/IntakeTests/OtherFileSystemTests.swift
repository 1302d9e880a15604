import DurableFiles
import EventStore
import Events
import Glibc
import Intake
import Logging
import SystemPackage
import TestSupport
import Testing

/// Anything but regular files, if a rename cannot move it from the inbox to `failed/`.
@Suite(
  .tags(.fast, .durability),
  .enabled(if: Elsewhere.isThere, "skipped, because there are not two file systems to write to"))
struct OtherFileSystemTests {
  private static let places = ["inbox", "failed"]
  private static let secret = "nobody meant to drop this"

  private func dropOdd(in place: Workplace) {
    let inbox = place.tree.inbox.string
    place.tree.write(Self.secret, to: "secret")
    symlink("\(place.tree.path)/secret", "\(inbox)/link.json")
    symlink(String(repeating: "long/", count: 600), "\(inbox)/long.json")
    mkfifo("\(inbox)/pipe.json", 0o640)
    mknod("\(inbox)/socket.json", S_IFSOCK | 0o600, 0)
  }

  @Test(arguments: places) func `Links, pipes and sockets are made again, and led nowhere`(folder: String) async throws
  {
    let elsewhere = try Elsewhere(folder)
    let files = RecordingFiles()
    let place = try Workplace(elsewhere.tree, files: files)
    dropOdd(in: place)
    place.drop("a.json", #"{"id":"a","type":"t"}"#)
    for name in ["link", "long", "pipe", "socket"] {
      files.before("open \(name).json") { () throws(Errno) in Issue.record("it was opened") }
    }
    let done = try await place.inbox.work()
    #expect(done.stored == 1 && done.failed == 4 && done.leftAlone == 0)
    let names = ["link", "long", "pipe", "socket"].map { "\($0).json" }
    #expect(place.tree.names("failed") == names.flatMap { [$0, "\($0).error"] })
    for name in names { #expect(place.report("failed/\(name)")?.failure.reason == .notARegularFile) }
    #expect(place.tree.names("inbox").filter { !$0.hasPrefix(".") } == [])
    #expect(try elsewhere.status("failed/link.json").kind == .symbolicLink)
    #expect(place.tree.readText("failed/link.json") == Self.secret)
    #expect(try elsewhere.status("failed/long.json").size == 3000)
    let pipe = try elsewhere.status("failed/pipe.json")
    #expect(pipe.kind == .pipe && pipe.mode & 0o137 == 0)
    #expect(try elsewhere.status("failed/socket.json").kind == .socket)
    // The name is on disk, with its sidecar, before the source is removed.
    let log = files.log
    let made = try #require(log.firstIndex { $0.hasPrefix("make link") && $0.hasSuffix("/link.json") })
    let synced = try #require(log[made...].firstIndex { $0.hasPrefix("sync ") })
    let removed = try #require(log.firstIndex { $0.hasPrefix("remove ") && $0.hasSuffix("/link.json") })
    let explained = try #require(log.firstIndex { $0.hasPrefix("name ") && $0.hasSuffix("/link.json.error") })
    #expect(explained < made && made < synced && synced < removed)
  }

  @Test(arguments: places)
  func `A file with several names stays in the inbox, not copied, until it has one`(folder: String) async throws {
    let elsewhere = try Elsewhere(folder)
    let clock = ManualClock()
    let place = try Workplace(elsewhere.tree, clock: clock)
    let inbox = place.tree.inbox.string
    place.drop("kept/a.json", #"{"id":"a","type":"t"}"#)
    link("\(inbox)/kept/a.json", "\(inbox)/a.json")
    var left = ["a.json", "kept"]
    if mknod("\(inbox)/zero.json", S_IFCHR | 0o600, (1 << 8) | 5) == 0 { left.append("zero.json") }
    _ = try await place.inbox.work()
    for _ in 0..<2 {
      clock.advance(by: .seconds(5))
      let done = try await place.inbox.work()
      #expect(done.failed == 0 && done.stored == 0 && done.leftAlone == left.count - 1)
      #expect(place.tree.names("inbox").filter { !$0.hasPrefix(".") } == left)
      #expect(place.tree.names("failed") == [])
    }
    place.tree.remove("inbox/kept/a.json")
    clock.advance(by: .seconds(5))
    #expect(try await place.inbox.work().stored == 1)
  }

  @Test func `A drop that takes the name of a link just before that is moved is none the worse`() async throws {
    let elsewhere = try Elsewhere("failed")
    let files = RecordingFiles()
    let place = try Workplace(elsewhere.tree, files: files)
    let tree = place.tree
    symlink("/nowhere", "\(tree.inbox)/a.json")
    files.before("move inbox/a.json to default/a.json") { () throws(Errno) in
      tree.remove("inbox/a.json")
      tree.write(#"{"id":"a","type":"t"}"#, to: "inbox/a.json")
    }
    _ = try await place.inbox.work()
    _ = try await place.inbox.work()
    #expect(place.records == ["a.json"])
    #expect(tree.names("failed") == [])
  }

  @Test(arguments: places) func `Stopped anywhere, the link is in failed in the end`(folder: String) async throws {
    for number in 1... {
      let elsewhere = try Elsewhere(folder)
      let files = RecordingFiles()
      let place = try Workplace(elsewhere.tree, files: files)
      symlink("/nowhere", "\(place.tree.inbox)/link.json")
      files.set(.stop(at: files.count + number))
      _ = try? await place.inbox.work()
      let again = try Workplace(elsewhere.tree)
      _ = try await again.inbox.work()
      _ = try await again.retry.work()
      #expect(again.tree.names("inbox").filter { !$0.hasPrefix(".") } == [])
      // Created and not removed yet, it is moved again.
      let moved = again.tree.names("failed").filter { !$0.hasSuffix(".error") }
      #expect(moved == ["link.json"] || moved == ["link.json", "link~2.json"])
      for name in moved { #expect(again.report("failed/\(name)") != nil) }
      if !files.hasStruck { break }
    }
  }

  @Test func `Where there is no room for a folder of claims, a drop is claimed where it lies`() async throws {
    let elsewhere = try Elsewhere("inbox")
    let files = RecordingFiles()
    files.always("make folder .eventdrop-claims") { () throws(Errno) in throw .noSpace }
    let place = try Workplace(elsewhere.tree, files: files) { $0.marker = ".done" }
    for name in ["a.json", "a.json.done"] { place.drop(name, #"{"id":"a","type":"t"}"#) }
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.tree.names("inbox") == [])
    // After an interruption in between, the next run takes it up.
    place.drop("b.json", #"{"id":"b","type":"t"}"#)
    place.drop("b.json.done", "")
    files.set(.stop(at: files.count + 3))
    _ = try? await place.inbox.work()
    #expect(place.tree.names("inbox").contains { $0.hasPrefix(".eventdrop-claim~") })
    let census = try #require(try ClaimCensus(place.tree.state, inboxes: [place.options]))
    #expect(try census.inFolder(of: place.options)?.count == 1)
    let next = try Workplace(elsewhere.tree) { $0.marker = ".done" }
    for _ in 0..<2 { _ = try await next.inbox.work() }
    #expect(next.records == ["a.json", "b.json"])
    #expect(next.tree.names("inbox").filter { $0 != ".eventdrop-claims" } == [])
  }

  @Test(arguments: [0o777, 0o770, 0o702]) func `A folder of claims that others may write to is not used`(
    mode: UInt32
  ) async throws {
    let elsewhere = try Elsewhere("inbox")
    let theirs = "\(elsewhere.tree.path)/inbox/.eventdrop-claims"
    #expect(mkdir(theirs, 0o700) == 0 && chmod(theirs, mode) == 0)
    let files = RecordingFiles()
    let place = try Workplace(elsewhere.tree, files: files)
    place.drop("a.json", #"{"id":"a","type":"t"}"#)
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.tree.names("inbox") == [".eventdrop-claims", ".eventdrop-claims~2"])
    #expect(files.log.contains { $0.hasSuffix("to .eventdrop-claims~2/a.json") })
  }

  @Test func `A file of which there is no room for a copy stays, and holds up no other`() async throws {
    let elsewhere = try Elsewhere("inbox")
    let clock = ManualClock()
    let place = try Workplace(elsewhere.tree, clock: clock)
    place.drop("x.json", "")
    #expect(truncate("\(place.tree.path)/inbox/x.json", 1 << 40) == 0)
    for name in ["a", "b"] {
      place.drop("\(name).json", id(name))
      #expect(try await place.inbox.work().stored == 1)
      #expect(place.inbox.waiting[.unreadable] == 1 && place.inbox.waiting.count == 1)
      clock.advance(by: .seconds(2))
    }
    #expect(place.tree.names("inbox").filter { !$0.hasPrefix(".") } == ["x.json"])
    #expect(place.tree.names("retry") == [] && place.tree.names("failed") == [])
  }

  @Test(arguments: ["not recursive", "renamed", "moved"])
  func `Claims of a sub-folder are found again, whatever the configuration says by then`(change: String) async throws {
    let elsewhere = try Elsewhere("inbox")
    let files = RecordingFiles()
    let first = try Workplace(elsewhere.tree, files: files) { $0.recursive = true }
    first.drop("shop/orders/a.json", id("a"))
    // Killed while reading.
    files.before("open a.json") { files.set(.stop(at: 0)) }
    _ = try? await first.inbox.work()
    #expect(elsewhere.tree.names("inbox/shop/orders/.eventdrop-claims").contains("a.json"))
    let next = try Workplace(elsewhere.tree) {
      if change == "renamed" { $0.name = "other" }
      if change == "moved" { $0.path = elsewhere.tree.path.appending("inbox2") }
    }
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    _ = try await ClaimOrigins(next.store, logger: quiet)
      .takeUpOrphans(besides: [next.options], asking: PatientFiles())
    #expect(elsewhere.tree.names("inbox/shop/orders").filter { !$0.hasPrefix(".") } == ["a.json"])
    #expect(elsewhere.tree.names("state/origins") == [next.options.name])
  }

  @Test func `Where a sub-folder is looked into still, its claims are its own to take up, and its note goes with it`()
    async throws
  {
    let elsewhere = try Elsewhere("inbox")
    let place = try Workplace(elsewhere.tree) { $0.recursive = true }
    place.drop("shop/a.json", id("a"))
    _ = try await place.inbox.work()
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let origins = ClaimOrigins(place.store, logger: quiet)
    _ = try await origins.takeUpOrphans(besides: [place.options], asking: PatientFiles())
    #expect(elsewhere.tree.names("state/origins").count == 2)
    elsewhere.tree.write(id("b"), to: "inbox/shop/.eventdrop-claims/b.json")
    let next = try Workplace(elsewhere.tree) { $0.recursive = true }
    _ = try await next.inbox.work()
    #expect(next.records == ["a.json", "b.json"])
    #expect(system("rm -r '\(elsewhere.tree.path)/inbox/shop'") == 0)
    _ = try await next.inbox.work()
    #expect(elsewhere.tree.names("state/origins") == ["default"])
  }

  @Test func `What was claimed where it lay in retry is taken up after a kill`() async throws {
    let elsewhere = try Elsewhere("retry")
    let files = RecordingFiles()
    for number in ["", "~2"] {
      files.always("make folder .eventdrop-claims\(number)") { () throws(Errno) in throw .noSpace }
    }
    let place = try Workplace(elsewhere.tree, files: files)
    place.tree.write(id("a"), to: "retry/a.json")
    // Killed once it is claimed.
    files.set(.stop(at: files.count + 2))
    _ = try? await place.retry.work()
    #expect(place.tree.names("retry").count { $0.hasPrefix(".eventdrop-claim~") && $0.hasSuffix("~a.json") } == 1)
    place.tree.write(id("b"), to: "retry/.eventdrop-claim~other~b.json")
    let next = try Workplace(elsewhere.tree)
    _ = try await next.retry.work()
    #expect(next.records == ["a.json"])
    // Another eventdrop's file is not ours.
    #expect(next.tree.names("retry").filter { $0 != ".eventdrop-claims" } == [".eventdrop-claim~other~b.json"])
  }

  private func id(_ name: String) -> String { #"{"id":"\#(name)","type":"t"}"# }
}

/// A tree with one folder on another file system.
private struct Elsewhere {
  let tree = TemporaryTree()
  private let other = TemporaryTree(in: "/tmp")

  static var isThere: Bool {
    var own = stat()
    var other = stat()
    let tree = TemporaryTree()
    return stat(tree.path.string, &own) == 0 && stat("/tmp", &other) == 0 && own.st_dev != other.st_dev
  }

  init(_ folder: String) throws {
    try #require(symlink(other.path.string, "\(tree.path)/\(folder)") == 0)
  }

  func status(_ file: String) throws -> FileStatus {
    let path = tree.path.pushing(FilePath(file))
    let folder = try Folder(at: path.removingLastComponent(), files: SystemFiles())
    return try #require(try folder.status(of: FileName(path.lastComponent?.string ?? "")))
  }
}
