import Catalog
import DurableFiles
import Events
import Glibc
import Intake
import SystemPackage
import TestSupport
import Testing
import Time

@Suite(.tags(.fast, .durability)) struct InboxTests {
  @Test func `A drop becomes a record, and is gone`() async throws {
    let place = try Workplace()
    place.drop("a.json", #"{"id":"evt_1","type":"t","data":{"n": 1.50, "s":"\u00e9"},"more":[1]}"#)
    let done = try await place.inbox.work()
    #expect(done.stored == 1)
    #expect(place.records == ["evt_1.json"])
    #expect(place.tree.names("inbox") == [])
    let record = try #require(place.tree.readText("processed/\(place.tree.names("processed")[0])/evt_1.json"))
    #expect(record.contains(#""data":{"n": 1.50, "s":"\u00e9"},"createdAt""#))
    #expect(record.contains(#""attributes":{"more":[1]},"source":{"inbox":"default","file":"a.json""#))
    #expect(record.hasSuffix("}}\n"))
  }

  @Test func `The operations of one event, in order: bytes, barrier, name, barrier, and only then is the drop removed`()
    async throws
  {
    let files = RecordingFiles()
    let place = try Workplace(files: files)
    place.drop("warm.json", #"{"id":"warm","type":"t"}"#)
    _ = try await place.inbox.work()
    files.clear()
    place.drop("a.json", #"{"id":"evt_1","type":"t"}"#)
    _ = try await place.inbox.work()
    let partition = try #require(place.tree.names("processed").first)
    #expect(
      files.log == [
        "move inbox/a.json to default/a.json",
        "make unnamed in \(partition)",
        "write unnamed",
        "sync unnamed",
        "name \(partition)/evt_1.json",
        "sync \(partition)",
        "remove default/a.json",
      ])
  }

  @Test func `A portion has one barrier before its names, and one after`() async throws {
    let files = RecordingFiles()
    let place = try Workplace(files: files)
    for number in 1...50 { place.drop("\(number).json", #"{"id":"e\#(number)","type":"t"}"#) }
    _ = try await place.inbox.work()
    let log = files.log
    let barrier = try #require(log.firstIndex(of: "sync file system"))
    #expect(log.filter { $0 == "sync file system" }.count == 1)
    #expect(try #require(log.lastIndex(of: "write unnamed")) < barrier)
    #expect(try #require(log.firstIndex { $0.hasPrefix("name ") }) > barrier)
    let names = try #require(log.lastIndex { $0.hasPrefix("name ") })
    let after = try #require(log[names...].firstIndex { $0.hasPrefix("sync 20") })
    #expect(try #require(log.firstIndex { $0.hasPrefix("remove default/") }) > after)
    #expect(place.records.count == 50)
  }

  @Test func `However often an event arrives, it has one record`() async throws {
    let place = try Workplace()
    place.drop("a.json", #"{"id":"1","type":"t","data":{"a":1}}"#)
    place.drop("b.json", #"[{"id":"1","type":"t","data":{ "a" : 1 }},{"id":"1","type":"t","data":{"a":1}}]"#)
    let first = try await place.inbox.work()
    #expect(first.stored == 1)
    #expect(first.duplicates == 2)
    place.drop("c.json", #"{"id":1,"type":"t","data":{"a":1}}"#)
    #expect(try await place.inbox.work().duplicates == 1)
    #expect(place.records == ["1.json"])
    #expect(place.tree.names("failed") == [])
  }

  @Test func `An eventId that belongs to another event is a conflict, and explains itself`() async throws {
    let place = try Workplace()
    place.drop("a.json", #"{"id":"1","type":"t","data":{"a":1}}"#)
    place.drop("b.json", #"{"id":"1","type":"t","data":{"a":1.0}}"#)
    place.drop("c.json", #"{"id":"1","type":"u","data":{"a":1}}"#)
    let done = try await place.inbox.work()
    #expect(done.stored == 1)
    #expect(place.tree.names("failed") == ["b.json", "b.json.error", "c.json", "c.json.error"])
    let report = try #require(place.report("failed/b.json"))
    #expect(report.failure.reason == .conflict)
    #expect(report.failure.stage == .identity)
    #expect(report.failure.message.description.contains("1.json has other data"))
    #expect(report.nextAttemptAt == nil)
    #expect(try #require(place.report("failed/c.json")).failure.message.description.contains("the eventType 't'"))
  }

  @Test func `Of a file of several, each event stands for itself`() async throws {
    let place = try Workplace(portion: 2)
    place.drop(
      "o.jsonl", "\u{FEFF}{\"id\":\"1\",\"type\":\"t\"}\r\n\nnonsense\n{\"id\":\"2\",\"type\":\"t\"}\n{\"type\":\"t\"}")
    let done = try await place.inbox.work()
    #expect(done.stored == 2)
    #expect(place.records == ["1.json", "2.json"])
    #expect(place.tree.names("inbox") == [])
    #expect(
      place.tree.names("retry") == ["o.jsonl.2.json", "o.jsonl.2.json.error", "o.jsonl.4.json", "o.jsonl.4.json.error"])
    #expect(place.tree.readText("retry/o.jsonl.2.json") == "nonsense")
    #expect(try #require(place.report("retry/o.jsonl.4.json")).failure.reason == .missingEventId)
  }

  @Test func `What is not a regular file with one name is never opened`() async throws {
    let clock = ManualClock()
    let place = try Workplace(clock: clock)
    place.tree.write(#"{"id":"secret","type":"t"}"#, to: "secret")
    let inbox = place.tree.inbox.string
    symlink("../secret", inbox + "/link.json")
    link(place.tree.path.string + "/secret", inbox + "/hard.json")
    mkfifo(inbox + "/pipe.json", 0o600)
    mkdir(inbox + "/folder.json", 0o700)
    var done = try await place.inbox.work()
    // A file with several names may be in the middle of a delivery.
    #expect(place.tree.names("inbox") == ["folder.json", "hard.json"])
    clock.advance(by: .seconds(3))
    done += try await place.inbox.work()
    #expect(done.stored == 0)
    #expect(done.failed == 3)
    #expect(place.tree.names("inbox") == ["folder.json"])
    #expect(
      place.tree.names("failed") == [
        "hard.json", "hard.json.error", "link.json", "link.json.error", "pipe.json", "pipe.json.error",
      ])
    #expect(try #require(place.report("failed/link.json")).failure.reason == .notARegularFile)
    #expect(place.records == [])
  }

  @Test func `A file that is still open for writing is left alone`() async throws {
    let place = try Workplace()
    place.drop("a.json", #"{"id":"1","#)
    let upload = open(place.tree.inbox.string + "/a.json", O_WRONLY | O_APPEND | O_CLOEXEC)
    #expect(try await place.inbox.work().drops == 0)
    #expect(try await place.inbox.work().drops == 0)
    #expect(place.tree.names("inbox") == ["a.json"])
    _ = Array(#""type":"t"}"#.utf8).withUnsafeBytes { write(upload, $0.baseAddress, $0.count) }
    close(upload)
    #expect(try await place.inbox.work().stored == 1)
  }

  @Test func `A file has to settle, but a backlog that has lain there does not wait`() async throws {
    let clock = ManualClock()
    let place = try Workplace(clock: clock, settle: .seconds(2))
    place.drop("a.json", #"{"id":"1","type":"t"}"#)
    let status = try Folder(at: place.tree.inbox, files: SystemFiles()).status(of: FileName("a.json"))
    let changed = try #require(status).changed / 1_000_000
    clock.advance(by: .milliseconds(changed - clock.now().milliseconds + 500))
    let early = try await place.inbox.work()
    #expect(early.drops == 0)
    #expect(early.unsettled == 1)
    clock.advance(by: .seconds(2))
    #expect(try await place.inbox.work().stored == 1)
  }

  @Test func `With a marker, a file is ready once its marker is there, and the marker goes with it`() async throws {
    let place = try Workplace(change: { $0.marker = ".done" })
    place.drop("a.json", #"{"id":"1","type":"t"}"#)
    #expect(try await place.inbox.work().drops == 0)
    place.drop("a.json.done", "")
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.tree.names("inbox") == [])
  }

  @Test func `Claimed files of a run that was cut off are finished by the next`() async throws {
    let tree = TemporaryTree()
    tree.write(#"{"id":"1","type":"t"}"#, to: "state/claims/default/a.json")
    let place = try Workplace(tree)
    #expect(try await place.inbox.work().stored == 1)
    #expect(tree.names("state/claims/default") == [])
  }

  @Test func `Names are bytes, and patterns decide which count`() async throws {
    let place = try Workplace()
    for name in ["a b.json", "line\nbreak.json", "é.json", ".hidden.json", "x.json.part", "~x.json", "x.txt"] {
      place.drop(name, #"{"id":"\#(name.replacing("\n", with: "-"))","type":"t"}"#)
    }
    #expect(try await place.inbox.work().stored == 3)
    #expect(place.tree.names("inbox") == [".hidden.json", "x.json.part", "x.txt", "~x.json"])
  }

  @Test func `A full disk keeps the drop where it was`() async throws {
    let files = RecordingFiles()
    let place = try Workplace(files: files)
    place.drop("warm.json", #"{"id":"warm","type":"t"}"#)
    _ = try await place.inbox.work()
    place.drop("a.json", #"{"id":"1","type":"t"}"#)
    // The claim, the unnamed file, and then its bytes.
    files.fail(next: 3, .noSpace)
    await #expect(throws: StorageError.self) { try await place.inbox.work() }
    #expect(place.tree.names("inbox") == ["a.json"])
    #expect(place.records == ["warm.json"])
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.records == ["1.json", "warm.json"])
  }
}
