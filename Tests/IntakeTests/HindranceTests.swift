import DurableFiles
import EventStore
import Glibc
import Intake
import Synchronization
import SystemPackage
import TestSupport
import Testing
import Time

/// One file or folder that causes trouble delays no other.
@Suite(.tags(.fast, .durability)) struct HindranceTests {
  private func id(_ name: String) -> String { #"{"id":"\#(name)","type":"t"}"# }

  @Test(arguments: [true, false])
  func `Whatever a sender puts in the place of the hidden folder of claims, the inbox opens`(isLink: Bool) async throws
  {
    let tree = TemporaryTree()
    tree.write(id("a"), to: "inbox/a.json")
    if isLink {
      symlink("/nowhere", "\(tree.inbox)/.eventdrop-claims")
    } else {
      tree.write("", to: "inbox/.eventdrop-claims")
    }
    let place = try Workplace(tree)
    #expect(try await place.inbox.work().stored == 1)
  }

  @Test func `A sub-folder in which nothing can be moved holds up no other`() async throws {
    let files = RecordingFiles()
    let clock = ManualClock()
    let place = try Workplace(files: files, clock: clock) { $0.recursive = true }
    for folder in ["a", "b"] { place.drop("\(folder)/x.json", id("first-\(folder)")) }
    _ = try await place.inbox.work()
    let claim = try #require(files.log.first { $0.hasPrefix("move a/x.json to ") })
    for folder in ["a", "b"] { place.drop("\(folder)/x.json", id("second-\(folder)")) }
    files.before(claim) { () throws(Errno) in throw .permissionDenied }
    #expect(try await place.inbox.work().leftAlone == 1)
    #expect(place.records == ["first-a.json", "first-b.json", "second-b.json"])
    clock.advance(by: .seconds(2))
    _ = try await place.inbox.work()
    #expect(place.records.contains("second-a.json"))
  }

  @Test(arguments: ["open a.json", "open a.json.error"])
  func `A file in retry that cannot be read, or whose sidecar cannot, holds up no other`(operation: String) async throws
  {
    let files = RecordingFiles()
    let place = try Workplace(files: files)
    for name in ["a", "b"] { place.tree.write(id(name), to: "retry/\(name).json") }
    place.tree.write("{}", to: "retry/a.json.error")
    files.before(operation) { () throws(Errno) in throw .permissionDenied }
    _ = try await place.retry.work()
    #expect(place.records.contains("b.json"))
    // Being put back has changed it, and it is examined again.
    _ = try await place.retry.work()
    #expect(place.records == ["a.json", "b.json"] || place.tree.names("retry").contains("a.json"))
  }

  @Test(arguments: ["inbox/evil.json to default/evil.json", "default/evil.json to failed/evil.json"])
  func `A link that may not be moved out of the inbox holds up no drop, and leaves no sidecar`(
    move: String
  ) async throws {
    let files = RecordingFiles()
    let place = try Workplace(files: files)
    symlink("/nowhere", "\(place.tree.inbox)/evil.json")
    place.drop("good.json", id("good"))
    files.before("move \(move)") { () throws(Errno) in throw .notPermitted }
    let done = try await place.inbox.work()
    #expect(done.stored == 1)
    #expect(done.leftAlone == 1)
    #expect(place.tree.names("failed") == [])
    #expect(place.tree.names("inbox") == ["evil.json"])
  }

  @Test func `A file whose bad event could not be set aside is not removed without it, whatever else is underway`()
    async throws
  {
    let files = RecordingFiles()
    let clock = ManualClock()
    let place = try Workplace(files: files, clock: clock, portion: 2)
    place.drop("a.jsonl", id("a") + "\nbroken\n")
    let others = ["b", "c", "d", "e", "f", "g", "h"]
    for name in others { place.drop("\(name).json", id(name)) }
    files.before("name retry/a.jsonl.2.json") { () throws(Errno) in throw .ioError }
    #expect(try await place.inbox.work().leftAlone == 1)
    clock.advance(by: .seconds(2))
    _ = try await place.inbox.work()
    #expect(place.records == (["a"] + others).map { "\($0).json" })
    #expect(place.tree.names("retry") == ["a.jsonl.2.json", "a.jsonl.2.json.error"])
    #expect(place.tree.names("inbox") == [])
  }

  @Test func `Where it takes long to remove a drop, many are removed at once, and one that cannot be is kept`()
    async throws
  {
    let files = RecordingFiles()
    let clock = ManualClock()
    let place = try Workplace(files: files, clock: clock)
    let underway = Mutex((now: 0, most: 0))
    let names = (10..<60).map { "\($0)" }
    for name in names {
      place.drop("\(name).json", id(name))
      files.before("remove default/\(name).json") { () throws(Errno) in
        clock.advance(by: .milliseconds(1))
        underway.withLock {
          $0.now += 1
          $0.most = max($0.most, $0.now)
        }
        defer { underway.withLock { $0.now -= 1 } }
        // The last ones wait for each other.
        guard let number = Int(name), number >= 50 else { return }
        let end = ContinuousClock.now + .seconds(10)
        while underway.withLock({ $0.most }) < 2, ContinuousClock.now < end { usleep(1000) }
        if number == 55 { throw .ioError }
      }
    }
    #expect(try await place.inbox.work().leftAlone == 1)
    #expect(underway.withLock { $0.most } >= 2)
    #expect(place.records == names.map { "\($0).json" })
    #expect(place.tree.names("inbox") == ["55.json"])
    clock.advance(by: .seconds(2))
    #expect(try await place.inbox.work().duplicates == 1)
    #expect(place.tree.names("inbox") == [])
  }

  @Test func `A folder that takes the inbox's place is looked at from then on`() async throws {
    let place = try Workplace()
    place.drop("a.json", id("a"))
    _ = try await place.inbox.work()
    place.tree.move("inbox", to: "inbox.old")
    place.drop("b.json", id("b"))
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.records == ["a.json", "b.json"])
  }

  /// If the kernel does not say whether a file is open, as for other users' files without CAP_LEASE.
  @Test(arguments: ["a.jsonl", "a.ndjson"])
  func `Lines that may still be written, as far as anybody knows, are taken once they were left alone for long`(
    name: String
  ) async throws {
    let files = RecordingFiles()
    let now = time(nil)
    let clock = ManualClock(Timestamp(milliseconds: Int64(now) * 1000).rfc3339)
    let place = try Workplace(files: files, clock: clock, settle: .milliseconds(1))
    place.drop(name, id("a") + "\n")
    var times = [timespec(tv_sec: now, tv_nsec: 0), timespec(tv_sec: now, tv_nsec: 0)]
    #expect(utimensat(AT_FDCWD, "\(place.tree.inbox)/\(name)", &times, 0) == 0)
    func look() async throws -> Int {
      files.before("lease \(name)") { () throws(Errno) in throw .permissionDenied }
      defer { clock.advance(by: .seconds(1)) }
      return try await place.inbox.work().stored
    }
    for _ in 1...5 { #expect(try await look() == 0) }
    #expect(place.tree.names("inbox") == [name])
    clock.advance(by: .seconds(60))
    var stored = 0
    // Twice if the file system's clock has run ahead of this one meanwhile.
    for _ in 1...3 { stored += try await look() }
    #expect(stored == 1)
    #expect(place.tree.names("inbox") == [])
  }

  @Test func `A large file is stopped half-way, and the next start leaves neither a gap nor a double`() async throws {
    let place = try Workplace()
    let filling = String(repeating: "x", count: 1000)
    let count = 4000
    let lines = (1...count).map {
      #"{"id":"\#($0)","type":"t","data":"\#(filling)"}"# + ($0 % 1000 == 0 ? "\n{\n" : "\n")
    }
    place.drop("a.jsonl", lines.joined())
    _ = try await place.inbox.work { !place.records.isEmpty }
    let stored = place.records.count
    #expect(stored > 0 && stored < count)
    // It is back in its folder: nothing stays claimed after an orderly stop.
    #expect(place.tree.names("inbox") == ["a.jsonl"])
    #expect(place.tree.names("state/claims/default") == [])
    let next = try Workplace(place.tree)
    _ = try await next.inbox.work()
    #expect(next.records.count == count)
    #expect(place.tree.names("retry").count { !$0.hasSuffix(".error") } == 4)
    #expect(place.tree.names("state/claims/default") == [])
  }

  @Test(arguments: ["inbox", "retry"], ["a.jsonl", "a.json"])
  func `Whatever a stop interrupts is put back, with its marker`(folder: String, name: String) async throws {
    let place = try Workplace { $0.marker = ".done" }
    let events = (1...4000).map { #"{"id":"\#($0)","type":"t","data":"\#(String(repeating: "x", count: 1000))"}"# }
    let text = name == "a.json" ? "[\(events.joined(separator: ","))]" : events.joined(separator: "\n")
    place.tree.write(text, to: "\(folder)/\(name)")
    if folder == "inbox" { place.tree.write("", to: "inbox/\(name).done") }
    let isStopping: @Sendable () -> Bool = { !place.records.isEmpty }
    _ =
      folder == "inbox"
      ? try await place.inbox.work(until: isStopping) : try await place.retry.work(until: isStopping)
    #expect(place.records.count > 0 && place.records.count < 4000)
    #expect(place.tree.names(folder) == (folder == "inbox" ? [name, "\(name).done"] : [name]))
    #expect(place.tree.names("state/claims/default") + place.tree.names("state/retrying") == [])
    _ = try await place.inbox.work()
    _ = try await place.retry.work()
    #expect(place.records.count == 4000)
    #expect(place.tree.names(folder) == [])
  }
}
