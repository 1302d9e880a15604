import DurableFiles
import Glibc
import Intake
import SystemPackage
import TestSupport
import Testing

/// Files that mark others as complete: a marker belongs to one file, not to its name.
@Suite(.tags(.fast)) struct MarkerTests {
  private func place(
    _ files: any FileOperations = SystemFiles(), _ tree: TemporaryTree = TemporaryTree()
  ) throws -> Workplace {
    try Workplace(tree, files: files) { $0.marker = ".done" }
  }

  private func id(_ name: String) -> String { #"{"id":"\#(name)","type":"t"}"# }

  @Test func `The next file of a name has its own marker, also where it comes while the first is read`() async throws {
    let files = RecordingFiles()
    let place = try place(files)
    place.drop("a.json", id("first"))
    place.drop("a.json.done", "")
    let tree = place.tree
    let second = id("second")
    files.before("open a.json") {
      tree.write(second, to: "inbox/a.json")
      tree.write("", to: "inbox/a.json.done")
    }
    _ = try await place.inbox.work()
    _ = try await place.inbox.work()
    #expect(place.records == ["first.json", "second.json"])
    #expect(tree.names("inbox") == [])
    #expect(tree.names("state/claims/default") == [])
  }

  @Test func `A marker does not outlast what it was for, so that the beginning of a later upload is no drop`()
    async throws
  {
    let place = try place()
    symlink("/nowhere", "\(place.tree.inbox)/a.json")
    place.drop("a.json.done", "")
    _ = try await place.inbox.work()
    #expect(place.tree.names("failed") == ["a.json", "a.json.error"])
    place.drop("a.json", #"{"id":"a","ty"#)
    _ = try await place.inbox.work()
    #expect(place.tree.names("inbox") == ["a.json"])
    #expect(place.tree.names("retry") == [])
  }

  @Test func `A file that goes back into the inbox has its marker again`() async throws {
    let files = RecordingFiles()
    let place = try place(files)
    place.drop("a.json", id("a"))
    place.drop("a.json.done", "")
    files.before("lease a.json") { () throws(Errno) in throw .resourceTemporarilyUnavailable }
    #expect(try await place.inbox.work().drops == 0)
    #expect(place.tree.names("inbox") == ["a.json", "a.json.done"])
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.tree.names("inbox") == [])
  }

  @Test(arguments: [true, false])
  func `After a stop between a file and its marker, both are done with`(isMarkerClaimed: Bool) async throws {
    let tree = TemporaryTree()
    tree.write(id("a"), to: "state/claims/default/a.json")
    tree.write("", to: isMarkerClaimed ? "state/claims/default/a.json.done" : "inbox/a.json.done")
    let place = try place(SystemFiles(), tree)
    _ = try await place.inbox.work()
    #expect(place.records == ["a.json"])
    #expect(tree.names("inbox") == [])
    #expect(tree.names("state/claims/default") == [])
  }

  @Test func `After a stop while a file went back, its marker follows`() async throws {
    let tree = TemporaryTree()
    tree.write(id("a"), to: "inbox/a.json")
    for name in ["a.json.done", "gone.json.done"] { tree.write("", to: "state/claims/default/\(name)") }
    let place = try place(SystemFiles(), tree)
    _ = try await place.inbox.work()
    #expect(place.records == ["a.json"])
    #expect(tree.names("inbox") == [])
    #expect(tree.names("state/claims/default") == [])
  }

  enum Impostor: String, CaseIterable {
    case folder, link, pipe, linkToFile

    func make(_ path: String) {
      switch self {
      case .folder: mkdir(path, 0o700)
      case .link: symlink("/nowhere", path)
      case .pipe: mkfifo(path, 0o600)
      case .linkToFile: symlink("/etc/passwd", path)
      }
    }
  }

  @Test(arguments: Impostor.allCases, [".done", ".DONE"])
  func `Nothing but a file says that another is complete`(impostor: Impostor, ending: String) async throws {
    let place = try place()
    place.drop("a.json", id("a"))
    impostor.make("\(place.tree.inbox)/a.json\(ending)")
    #expect(try await place.inbox.work().drops == 0)
    #expect(place.tree.names("inbox") == ["a.json", "a.json\(ending)"])
    #expect(place.inbox.waiting[.noMarker] == 1)
    #expect(place.inbox.waiting[impostor == .folder ? .subFolder : .noPattern] == 1)
    // A marker in another case counts as well, and what is not a marker stays where it is.
    place.drop("a.json.Done", "")
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.tree.names("inbox") == ["a.json\(ending)"])
    #expect(place.tree.names("state/claims/default") == [])
  }

  @Test(arguments: ["a.json.done", "a.json.DONE", "A.JSON.done", "A.Json.Done"], ["a.json", "A.JSON"])
  func `A marker and its file may be written in any case`(marker: String, file: String) async throws {
    let place = try place()
    place.drop(file, id("a"))
    place.drop(marker, "")
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.tree.names("inbox") == [])
    #expect(place.tree.names("state/claims/default") == [])
  }
}
