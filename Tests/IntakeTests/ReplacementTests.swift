import DurableFiles
import EventStore
import Events
import Glibc
import Intake
import SystemPackage
import TestSupport
import Testing

/// Files that are replaced while they are examined, claimed and read.
@Suite(.tags(.fast)) struct ReplacementTests {
  private static let claim = "move inbox/a.json to default/a.json"

  private func id(_ name: String) -> String { #"{"id":"\#(name)","type":"t","data":{"of":"\#(name)"}}"# }

  /// Lets no kernel say whether a file is open: as for other users' files, without CAP_LEASE.
  private func withoutLeases(_ files: RecordingFiles, _ name: String) {
    files.before("lease \(name)") { () throws(Errno) in throw .permissionDenied }
  }

  enum Intruder: String, CaseIterable {
    case symbolicLink, hardLink, pipe, folder

    /// Replaces a file.
    func replace(_ path: String, leadingTo secret: String) {
      unlink(path)
      switch self {
      case .symbolicLink: symlink(secret, path)
      case .hardLink: link(secret, path)
      case .pipe: mkfifo(path, 0o600)
      case .folder: mkdir(path, 0o700)
      }
    }
  }

  @Test(arguments: Intruder.allCases)
  func `What takes a file's place between the look and the claim is not opened, and stops nothing`(
    intruder: Intruder
  ) async throws {
    let files = RecordingFiles()
    let clock = ManualClock()
    let place = try Workplace(files: files, clock: clock)
    place.tree.write(id("secret"), to: "secret")
    for name in ["a", "b", "c"] { place.drop("\(name).json", id(name)) }
    let (path, secret) = ("\(place.tree.inbox)/a.json", "\(place.tree.path)/secret")
    files.before(Self.claim) { intruder.replace(path, leadingTo: secret) }
    let done = try await place.inbox.work()
    #expect(done.stored == 2)
    #expect(place.records == ["b.json", "c.json"])
    for _ in 1...2 {
      _ = try await place.inbox.work()
      clock.advance(by: .seconds(3))
    }
    _ = try await place.inbox.work()
    #expect(place.records == ["b.json", "c.json"])
    #expect(place.tree.readText("secret") == id("secret"))
    if intruder == .folder {
      #expect(place.tree.names("inbox") == ["a.json"] || place.tree.names("state/claims/default") == ["a.json"])
    } else {
      #expect(place.tree.names("inbox") == [])
      #expect(place.tree.names("failed") == ["a.json", "a.json.error"])
      #expect(place.report("failed/a.json")?.failure.reason == .notARegularFile)
    }
  }

  @Test func `A link in the place of a claimed file leads nowhere`() async throws {
    let files = RecordingFiles()
    let place = try Workplace(files: files)
    place.tree.write(id("secret"), to: "secret")
    for name in ["a", "b"] { place.drop("\(name).json", id(name)) }
    let (path, secret) = ("\(place.tree.state)/claims/default/a.json", "\(place.tree.path)/secret")
    files.before("open a.json") { Intruder.symbolicLink.replace(path, leadingTo: secret) }
    #expect(try await place.inbox.work().stored == 1)
    _ = try await place.inbox.work()
    #expect(place.records == ["b.json"])
    #expect(place.report("failed/a.json")?.failure.reason == .notARegularFile)
  }

  @Test func `A file that another replaces before it is claimed is read as the other, once that has settled`()
    async throws
  {
    let files = RecordingFiles()
    let place = try Workplace(files: files)
    place.drop("a.json", id("old"))
    let tree = place.tree
    let new = id("new")
    files.before(Self.claim) {
      tree.write(new, to: "elsewhere")
      tree.move("elsewhere", to: "inbox/a.json")
    }
    #expect(try await place.inbox.work().drops == 0)
    #expect(tree.readText("inbox/a.json") == new)
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.records == ["new.json"])
  }

  @Test func `A sender who writes the same name again, while the first is read, makes a new drop`() async throws {
    let files = RecordingFiles()
    let place = try Workplace(files: files)
    place.drop("a.json", id("first"))
    let tree = place.tree
    let second = id("second")
    files.before("open a.json") { tree.write(second, to: "inbox/a.json") }
    #expect(try await place.inbox.work().stored == 1)
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.records == ["first.json", "second.json"])
    #expect(tree.names("inbox") == [])
  }

  @Test func `A file that grows between the look and the claim is left alone until it has settled`() async throws {
    let files = RecordingFiles()
    let place = try Workplace(files: files)
    place.drop("a.json", #"{"id":"1","#)
    let path = "\(place.tree.inbox)/a.json"
    withoutLeases(files, "a.json")
    files.before(Self.claim) { append(#""type":"t""#, to: path) }
    #expect(try await place.inbox.work().drops == 0)
    #expect(place.tree.names("inbox") == ["a.json"] && place.tree.names("retry") == [])
    append("}", to: path)
    #expect(try await place.inbox.work().stored == 1)
  }

  @Test func `A file that grows while it is read goes back, and the rest of it is taken with the next look`()
    async throws
  {
    let files = RecordingFiles()
    let place = try Workplace(files: files) { $0.marker = ".done" }
    place.drop("a.jsonl", id("1") + "\n")
    place.drop("a.jsonl.done", "")
    let path = "\(place.tree.state)/claims/default/a.jsonl"
    let more = id("2") + "\n"
    withoutLeases(files, "a.jsonl")
    files.before("sync unnamed") { append(more, to: path) }
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.tree.names("inbox") == ["a.jsonl", "a.jsonl.done"])
    let done = try await place.inbox.work()
    #expect(done.stored == 1 && done.duplicates == 1)
    #expect(place.records == ["1.json", "2.json"])
    #expect(place.tree.names("inbox") == [] && place.tree.names("state/claims/default") == [])
  }

  @Test func `A file in retry that grows while it is tried is tried again`() async throws {
    let files = RecordingFiles()
    let place = try Workplace(files: files)
    let path = "\(place.tree.state)/retrying/a.jsonl"
    place.tree.write(id("1") + "\n", to: "retry/a.jsonl")
    let more = id("2") + "\n"
    withoutLeases(files, "a.jsonl")
    files.before("sync unnamed") { append(more, to: path) }
    #expect(try await place.retry.work().stored == 1)
    #expect(place.tree.names("retry") == ["a.jsonl"])
    #expect(try await place.retry.work().stored == 1)
    #expect(place.records == ["1.json", "2.json"])
    #expect(place.tree.names("retry") == [] && place.tree.names("state/retrying") == [])
  }

  @Test func `A file that its sender closes to others while it grows stops nobody else's`() async throws {
    let files = RecordingFiles()
    let place = try Workplace(files: files)
    place.drop("a.json", id("a"))
    let path = "\(place.tree.inbox)/a.json"
    files.before(Self.claim) { append(" ", to: path) }
    #expect(try await place.inbox.work().drops == 0)
    for name in ["b", "c"] {
      place.drop("\(name).json", id(name))
      // Checked before it is claimed, and read after.
      files.before("open a.json") { () throws(Errno) in
        files.before("open a.json") { () throws(Errno) in throw .permissionDenied }
        throw .permissionDenied
      }
      #expect(try await place.inbox.work().stored == 1)
    }
    #expect(place.records == ["b.json", "c.json"])
    #expect(place.tree.names("inbox") == ["a.json"])
  }
}

private func append(_ text: String, to path: String) {
  let file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
  _ = Array(text.utf8).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
  close(file)
}
