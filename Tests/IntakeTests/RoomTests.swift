import Catalog
import DurableFiles
import EventStore
import Events
import Glibc
import Intake
import SystemPackage
import TestSupport
import Testing
import Time

/// Room is taken as needed: a file's size is a number that costs its sender nothing.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct RoomTests {
  private func id(_ name: String, filling: Int = 0) -> String {
    #"{"id":"\#(name)","type":"t","data":"\#(String(repeating: "x", count: filling))"}"#
  }

  private func makeSparse(_ name: String, beginning text: String = "", in place: Workplace) {
    place.tree.write(text, to: name)
    #expect(truncate("\(place.tree.path)/\(name)", 1 << 40) == 0)
  }

  @Test(arguments: ["x.json", "x.jsonl", "x.ndjson"], ["inbox", "retry"])
  func `A file that says that it has a terabyte is too large, and holds up no other`(
    name: String, folder: String
  ) async throws {
    let clock = ManualClock()
    let place = try Workplace(clock: clock)
    makeSparse("\(folder)/\(name)", in: place)
    place.drop("a.json", id("a"))
    let done = try await place.inbox.work()
    #expect(done.stored == 1)
    #expect(place.inbox.waiting.count == 0)
    for _ in 0..<3 {
      clock.advance(by: .seconds(5))
      _ = try await place.retry.work()
    }
    #expect(place.report("failed/\(name)")?.failure.reason == .tooLarge)
    #expect(place.tree.names("inbox") == [] && place.tree.names("retry") == [])
  }

  @Test(arguments: ["utf-8", "windows-1252"])
  func `Lines around a hole are stored, and the hole costs no time`(charset: String) async throws {
    let place = try Workplace { $0.charset = Charset(charset) }
    makeSparse("inbox/x.jsonl", beginning: id("before") + "\n", in: place)
    let file = open("\(place.tree.inbox)/x.jsonl", O_WRONLY | O_APPEND | O_CLOEXEC)
    let end = Array("\n\(id("after"))\n".utf8)
    #expect(write(file, end, end.count) == end.count)
    close(file)
    let done = try await place.inbox.work()
    #expect(done.stored == 2 && done.retried == 1)
    #expect(place.records == ["after.json", "before.json"])
    #expect(place.report("retry/x.jsonl")?.failure.reason == .tooLarge)
  }

  /// A file system with this many bytes free beyond the reserve.
  private func space(_ bytes: Int, inodes: Int = 1000) -> FreeSpace {
    let reserve = FreeSpace(bytes: 0, totalBytes: 1 << 40, inodes: nil).reservedBytes
    return FreeSpace(bytes: reserve + bytes, totalBytes: 1 << 40, inodes: inodes)
  }

  @Test func `One event that there is no room for waits, and the others are stored`() async throws {
    let files = RecordingFiles()
    let place = try Workplace(files: files, portion: 1)
    files.pretend(space: space(16_384))
    place.drop("big.json", id("big", filling: 50_000))
    for name in ["a", "b", "c"] { place.drop("\(name).json", id(name)) }
    // Its size is not that of its event.
    place.drop("padded.json", id("padded") + String(repeating: " ", count: 100_000))
    #expect(try await place.inbox.work().stored == 4)
    #expect(place.tree.names("inbox") == ["big.json"])
    #expect(place.inbox.waiting[.noRoom] == 1 && place.inbox.waiting.count == 1)
    // It is not read again until there is enough.
    files.clear()
    #expect(try await place.inbox.work().stored == 0)
    #expect(!files.log.contains { $0.hasPrefix("move ") })
    #expect(place.inbox.waiting[.noRoom] == 1)
    files.pretend(space: space(100_000))
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.inbox.waiting.count == 0)
  }

  @Test(arguments: ["a.jsonl", "a.json.gz"]) func `Room is asked for of what is unpacked, portion by portion`(
    name: String
  ) async throws {
    let files = RecordingFiles()
    let place = try Workplace(files: files, portion: 10) { $0.include += ["*.gz"] }
    let events = (1...100).map { id("\($0)", filling: 3000) }
    let isPacked = name.hasSuffix(".gz")
    place.drop(
      isPacked ? "a.json" : name, isPacked ? "[\(events.joined(separator: ","))]" : events.joined(separator: "\n"))
    if isPacked { #expect(system("gzip '\(place.tree.inbox)/a.json'") == 0) }
    files.pretend(space: space(20_000))
    let done = try await place.inbox.work()
    #expect(done.stored < 100 && done.retried == 0 && done.failed == 0)
    #expect(place.tree.names("inbox") == [name])
    #expect(place.inbox.waiting[.noRoom] == 1)
    files.pretend(space: nil)
    let rest = try await place.inbox.work()
    #expect(rest.stored + rest.duplicates == 100 && place.records.count == 100)
    #expect(place.tree.names("inbox") == [])
  }

  @Test(arguments: [true, false]) func `Where there is no room for anything, nothing is taken, and that is said`(
    isOfInodes: Bool
  ) async throws {
    let files = RecordingFiles()
    let place = try Workplace(files: files)
    files.pretend(space: isOfInodes ? space(1 << 30, inodes: 16) : space(0))
    place.drop("a.json", id("a"))
    place.tree.write(id("r"), to: "retry/r.json")
    await #expect(throws: StorageError.self) { try await place.inbox.work() }
    await #expect(throws: StorageError.self) { try await place.retry.work() }
    #expect(place.tree.names("inbox") == ["a.json"] && place.tree.names("retry") == ["r.json"])
    #expect(place.inbox.waiting[.noRoom] == 1)
    files.pretend(space: nil)
    #expect(try await place.inbox.work().stored == 1)
    #expect(try await place.retry.work().stored == 1)
  }

  @Test func `A file in retry that there is no room for waits there, and holds up no other`() async throws {
    let files = RecordingFiles()
    let clock = ManualClock()
    let place = try Workplace(files: files, clock: clock, retryBackoff: .seconds(1))
    place.drop("a.json", #"{"type":"t","data":"\#(String(repeating: "x", count: 50_000))"}"#)
    #expect(try await place.inbox.work().retried == 1)
    place.tree.write(id("b"), to: "retry/b.json")
    place.tree.write(id("big", filling: 50_000), to: "retry/big.json")
    files.pretend(space: space(16_384))
    clock.advance(by: .seconds(5))
    #expect(try await place.retry.work().stored == 1)
    #expect(place.tree.names("retry").contains("big.json"))
    files.pretend(space: nil)
    #expect(try await place.retry.work().stored == 1)
    #expect(place.report("failed/a.json")?.attempts == 2)
  }
}
