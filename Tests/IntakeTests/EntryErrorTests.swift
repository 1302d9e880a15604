import Catalog
import DurableFiles
import Events
import Glibc
import Intake
import Synchronization
import SystemPackage
import TestSupport
import Testing
import Time

/// An error concerns only the entry on which it occurred.
@Suite(.tags(.fast, .durability)) struct EntryErrorTests {
  private func id(_ name: String) -> String { #"{"id":"\#(name)","type":"t"}"# }

  private static let errors: [Errno] = [
    .staleNFSFileHandle, .ioError, .permissionDenied, .notPermitted, .noSuchAddressOrDevice, .timedOut,
    Errno(rawValue: 107),
    .overflow, Errno(rawValue: 117),
  ]
  private static let operations = [
    "look at inbox/BAD.json", "move inbox/BAD.json to default/BAD.json", "open BAD.json",
    "move default/BAD.json to retry/BAD.json",
  ]

  @Test(arguments: operations, errors)
  func `What befalls one entry holds up no other, and passes`(operation: String, error: Errno) async throws {
    let files = RecordingFiles()
    let clock = ManualClock()
    let place = try Workplace(files: files, clock: clock)
    files.always(operation) { () throws(Errno) in throw error }
    place.drop("BAD.json", "{")
    place.drop("g1.json", id("g1"))
    #expect(try await place.inbox.work().stored == 1)
    // A link in its place would never be opened: only errors of the look itself hide its name.
    if error != .noSuchAddressOrDevice || operation != "open BAD.json" {
      #expect(place.inbox.waiting[.unreadable] == 1)
      #expect(place.inbox.waiting.groups[.unreadable]?.name == "BAD.json")
    }
    place.drop("g2.json", id("g2"))
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.records == ["g1.json", "g2.json"])
    #expect(place.tree.names("inbox") == ["BAD.json"])
    files.always(operation, nil)
    clock.advance(by: .seconds(5))
    #expect(try await place.inbox.work().retried == 1)
    #expect(place.tree.names("inbox") == [])
    #expect(place.inbox.waiting.count == 0)
  }

  @Test func `It is tried again after pauses that grow`() async throws {
    let files = RecordingFiles()
    let clock = ManualClock()
    let place = try Workplace(files: files, clock: clock)
    place.drop("BAD.json", id("a"))
    files.always("open BAD.json") { () throws(Errno) in throw .staleNFSFileHandle }
    for _ in 0..<600 {
      _ = try await place.inbox.work()
      clock.advance(by: .seconds(1))
    }
    let tries = files.log.count { $0 == "move inbox/BAD.json to default/BAD.json" }
    #expect(tries > 5 && tries < 15, "\(tries)")
  }

  @Test(arguments: [Errno.noSpace, .diskQuotaExceeded, .readOnlyFileSystem, .tooManyOpenFilesInSystem, .noMemory])
  func `What is true of the whole machine stops the look, and passes`(error: Errno) async throws {
    let files = RecordingFiles()
    let clock = ManualClock()
    let place = try Workplace(files: files, clock: clock)
    place.drop("a.json", id("a"))
    files.always("open a.json") { () throws(Errno) in throw error }
    await #expect(throws: StorageError.self) { try await place.inbox.work() }
    #expect(place.tree.names("inbox") == ["a.json"])
    files.always("open a.json", nil)
    #expect(try await place.inbox.work().stored == 1)
  }

  @Test(arguments: errors) func `In retry as well`(error: Errno) async throws {
    let files = RecordingFiles()
    let clock = ManualClock()
    let place = try Workplace(files: files, clock: clock)
    for name in ["BAD", "good"] { place.tree.write(id(name), to: "retry/\(name).json") }
    files.always("look at retry/BAD.json") { () throws(Errno) in throw error }
    #expect(try await place.retry.work().stored == 1)
    files.always("look at retry/BAD.json", nil)
    files.always("move retry/BAD.json to retrying/BAD.json") { () throws(Errno) in throw error }
    clock.advance(by: .seconds(10))
    #expect(try await place.retry.work().stored == 0)
    files.always("move retry/BAD.json to retrying/BAD.json", nil)
    clock.advance(by: .seconds(10))
    #expect(try await place.retry.work().stored == 1)
  }

  @Test(arguments: errors) func `A sub-folder that cannot be read has a setback of its own`(error: Errno) async throws {
    let files = RecordingFiles()
    let clock = ManualClock()
    let place = try Workplace(files: files, clock: clock) { $0.recursive = true }
    for folder in ["a", "b"] { place.drop("\(folder)/1.json", id(folder)) }
    files.always("look at inbox/a") { () throws(Errno) in throw error }
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.records == ["b.json"])
    files.always("look at inbox/a", nil)
    clock.advance(by: .seconds(5))
    #expect(try await place.inbox.work().stored == 1)
  }

  // MARK: Taken names

  enum Obstacle: String, CaseIterable {
    case pipe, link, loop, folder, larger, unreadable

    func make(_ path: String) {
      switch self {
      case .pipe: mkfifo(path, 0o600)
      case .link: symlink("/nowhere", path)
      case .loop: symlink(path, path)
      case .folder:
        mkdir(path, 0o700)
        mkdir(path + "/inner", 0o700)
      case .larger, .unreadable:
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, rawValue == "larger" ? 0o600 : 0)
        _ = ftruncate(file, self == .larger ? 100_000_000 : 10)
        close(file)
      }
    }
  }

  @Test(arguments: Obstacle.allCases, ["", ".error"])
  func `Whatever lies under a wanted name or its sidecar's, the next name is tried`(
    obstacle: Obstacle, ending: String
  ) async throws {
    let place = try Workplace(retryBackoff: .seconds(3600))
    for name in ["retry/o.jsonl.2.json", "retry/b.json", "failed/o.jsonl.3.json"] {
      obstacle.make("\(place.tree.path)/\(name)\(ending)")
    }
    place.drop("o.jsonl", id("a") + "\n{\n" + #"{"id":"a","type":"t","data":1}"# + "\n")
    place.drop("b.json", "{")
    let done = try await place.inbox.work()
    #expect(done.stored == 1 && done.retried == 2 && done.failed == 1)
    #expect(place.tree.names("inbox") == [])
    #expect(place.report("retry/o.jsonl.2~2.json")?.file == "o.jsonl.2~2.json")
    #expect(place.report("retry/b~2.json")?.file == "b~2.json")
    #expect(place.report("failed/o.jsonl.3~2.json")?.failure.reason == .conflict)
  }

  @Test func `Nor does something in the folder of claims stop a drop of its name`() async throws {
    let tree = TemporaryTree()
    tree.write("", to: "state/claims/default/a.json/inner")
    mkfifo("\(tree.path)/state/claims/default/b.json", 0o600)
    let place = try Workplace(tree)
    for name in ["a", "b"] { place.drop("\(name).json", id(name)) }
    for _ in 0..<3 { _ = try await place.inbox.work() }
    #expect(place.records == ["a.json", "b.json"])
  }

  // MARK: Own folders

  @Test(arguments: ["state/claims/default", "state/claims", "state/retrying"])
  func `A folder of ours that somebody removes is made again`(folder: String) async throws {
    let place = try Workplace()
    place.drop("a.json", id("a"))
    place.tree.write(id("r"), to: "retry/r.json")
    _ = try await place.inbox.work()
    _ = try await place.retry.work()
    #expect(system("rm -r '\(place.tree.path)/\(folder)'") == 0)
    place.drop("b.json", id("b"))
    place.tree.write(id("s"), to: "retry/s.json")
    #expect(try await place.inbox.work().stored == 1)
    #expect(try await place.retry.work().stored == 1)
  }

  @Test func `A report that cannot be read is tried again after pauses that grow`() async throws {
    let files = RecordingFiles()
    let clock = ManualClock()
    let place = try Workplace(files: files, clock: clock)
    place.drop("a.json.error", "{}")
    let tries = Mutex(0)
    files.always("open a.json.error") { () throws(Errno) in
      tries.withLock { $0 += 1 }
      throw .permissionDenied
    }
    for _ in 0..<600 {
      _ = try await place.inbox.work()
      #expect(place.inbox.waiting[.unreadable] == 1)
      clock.advance(by: .seconds(1))
    }
    #expect(tries.withLock { $0 > 5 && $0 < 15 })
  }

  @Test func `Where many cannot be read, the look after the first tries none of them`() async throws {
    let files = RecordingFiles()
    let place = try Workplace(files: files, clock: ManualClock())
    for number in 0..<200 {
      place.drop("\(number).json", id("\(number)"))
      files.always("open \(number).json") { () throws(Errno) in throw .permissionDenied }
    }
    #expect(try await place.inbox.work().leftAlone == 200)
    files.clear()
    #expect(try await place.inbox.work().leftAlone == 200)
    #expect(files.log == [])
    #expect(place.inbox.waiting[.unreadable] == 200)
  }
}
