import Catalog
import DurableFiles
import EventStore
import Events
import Glibc
import Intake
import Logging
import SystemPackage
import TestSupport
import Testing
import Time

/// Names, contents and senders that nobody would think of.
@Suite(.tags(.fast)) struct OddFileTests {
  /// Writes a file with any bytes as its name.
  private func drop(_ place: Workplace, name: [UInt8], _ content: String) {
    let path = (Array("\(place.tree.inbox)/".utf8) + name + [0]).map { CChar(bitPattern: $0) }
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    #expect(file >= 0)
    _ = Array(content.utf8).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    close(file)
  }

  @Test func `Names may have every byte, and are reported as far as they are text`() async throws {
    let place = try Workplace()
    let bytes = (1...255).map { UInt8($0) }.filter { $0 != UInt8(ascii: "/") }
    for byte in bytes {
      drop(place, name: [0x78, byte] + Array(".json".utf8), #"{"id":"good-\#(byte)","type":"t"}"#)
      drop(place, name: [0x79, byte] + Array(".json".utf8), "{")
    }
    let done = try await place.inbox.work()
    #expect(done.stored == bytes.count)
    #expect(done.retried == bytes.count)
    #expect(place.tree.names("inbox") == [])
    // Each is found again under its own name, with its sidecar beside it.
    let retry = try Folder(at: place.tree.retry, files: SystemFiles()).names()
    #expect(retry.count == 2 * bytes.count)
    for byte in bytes {
      #expect(retry.contains { $0.bytes.elementsEqual([0x79, byte] + Array(".json.error".utf8)) })
    }
    // The second attempt is their last.
    #expect(try await place.retry.work().failed == bytes.count)
    #expect(place.tree.names("retry") == [])
    // A rebuilt catalog still knows them all.
    for ending in ["", "-wal", "-shm"] { place.tree.remove("state/catalog.sqlite\(ending)") }
    #expect(try await Workplace(place.tree).store.pending().count == bytes.count)
  }

  @Test func `The longest name there is becomes a record, a failed file and a part`() async throws {
    let place = try Workplace()
    let longest: (String, Int) -> [UInt8] = { ending, fill in
      [UInt8](repeating: UInt8(fill), count: 255 - ending.utf8.count) + Array(ending.utf8)
    }
    drop(place, name: longest(".json", 0xFF), #"{"id":"1","type":"t"}"#)
    drop(place, name: longest(".json", 0xFE), "{")
    drop(place, name: longest(".jsonl", 0x61), "{\"id\":\"2\",\"type\":\"t\"}\n{\n")
    let done = try await place.inbox.work()
    #expect(done.stored == 2)
    #expect(place.records == ["1.json", "2.json"])
    #expect(place.tree.names("inbox") == [])
    let retry = try Folder(at: place.tree.retry, files: SystemFiles()).names()
    #expect(retry.filter { $0.hasSuffix(".error") }.count == 2)
    #expect(retry.count == 4)
  }

  @Test(arguments: ["[", "{\"a\":", "[[[[[[[[{\"id\":"])
  func `A file that is nothing but depth is refused with its place`(part: String) async throws {
    let place = try Workplace()
    place.drop("bomb.json", String(repeating: part, count: 1_000_000))
    place.drop("inside.json", #"{"id":"1","type":"t","data":\#(String(repeating: "[", count: 100_000))}"#)
    place.drop("lines.jsonl", "\(String(repeating: part, count: 100_000))\n{\"id\":\"2\",\"type\":\"t\"}\n")
    let done = try await place.inbox.work()
    #expect(done.stored == 1 && done.retried == 3)
    for name in ["bomb.json", "inside.json"] {
      let failure = try #require(place.report("retry/\(name)")?.failure)
      #expect(failure.reason == .invalidJSON)
      #expect(failure.place != nil && failure.message.description.contains("512"), "\(failure.message)")
    }
    #expect(place.records == ["2.json"])
  }

  @Test func `Each file without any event is named in the log, however many there are`() async throws {
    let place = try Workplace()
    let lines = LogKeeper.Lines()
    let inbox = try Inbox(
      place.options, store: place.store, clock: SystemClock(),
      logger: Logger(label: "test") { _ in LogKeeper(lines: lines) })
    let names = (10..<55).map { "empty \($0).jsonl" }
    for name in names { place.drop(name, "") }
    #expect(try await inbox.work().stored == 0)
    #expect(place.tree.names("inbox") == [])
    let logged = lines.at(.notice).filter { $0.contains("without any event") }
    for name in names { #expect(logged.count { $0.contains("\"\(name)\"") } == 1, "\(name) in \(logged)") }
    #expect(logged.allSatisfy { $0.split(separator: ".jsonl").count <= 21 })
  }

  @Test func `Numbers of any size go through digit by digit`() async throws {
    let place = try Workplace()
    let digits = String(repeating: "9", count: 100_000)
    let data = "[\(digits),-\(digits).\(digits)e-\(digits),1E+999999999,-0,-0.0,0e0,1.10]"
    place.drop("a.json", #"{"id":\#(digits.prefix(400)),"type":"t","data":\#(data),"n":\#(digits)}"#)
    place.drop("b.json", #"{"id":12345678901234567890123,"type":"t"}"#)
    for (name, id) in [("c", "1.0"), ("d", "1e3"), ("e", "01"), ("f", "+1"), ("g", "NaN")] {
      place.drop("\(name).json", #"{"id":\#(id),"type":"t"}"#)
    }
    let done = try await place.inbox.work()
    #expect(done.stored == 2 && done.retried == 5)
    #expect(place.records.contains("12345678901234567890123.json"))
    let long = try #require(place.records.first { $0.hasPrefix("9999") })
    let record = try #require(place.tree.readText("processed/\(place.tree.names("processed")[0])/\(long)"))
    #expect(record.contains(#","data":\#(data),"createdAt":"#))
    #expect(record.contains(#""attributes":{"n":\#(digits)}"#))
    // Dropped again, they are the same tokens.
    place.drop("again.json", #"{"id":\#(digits.prefix(400)),"type":"t", "data": \#(data),"n":\#(digits)}"#)
    #expect(try await place.inbox.work().duplicates == 1)
  }

  @Test func `A file that its sender holds open for an hour is taken when it is closed, and never flickers`()
    async throws
  {
    let clock = ManualClock("2030-01-01T00:00:00.000Z")
    let files = RecordingFiles()
    let place = try Workplace(files: files, clock: clock, settle: .seconds(2))
    place.drop("a.json", #"{"id":"1","type":"t","#)
    let upload = open("\(place.tree.inbox)/a.json", O_WRONLY | O_APPEND | O_CLOEXEC)
    for _ in 0..<60 {
      clock.advance(by: .seconds(60))
      #expect(try await place.inbox.work().drops == 0)
      #expect(place.tree.names("inbox") == ["a.json"])
    }
    // Only the first look moved it away and back.
    #expect(files.log.filter { $0.hasPrefix("move ") }.count == 2)
    _ = Array(#""data":{"whole":true}}"#.utf8).withUnsafeBytes { write(upload, $0.baseAddress, $0.count) }
    close(upload)
    // It has changed, so it has to settle again.
    var stored = try await place.inbox.work().stored
    clock.advance(by: .seconds(60))
    stored += try await place.inbox.work().stored
    #expect(stored == 1)
    #expect(place.tree.names("retry") == [] && place.tree.names("inbox") == [])
  }

  @Test func `A file that begins with a dot is put aside under a name that is seen, and not taken from retry`()
    async throws
  {
    let place = try Workplace { $0.exclude = [] }
    place.drop(".h.json", #"{"id":"h"}"#)
    place.drop(".l.jsonl", "{\"id\":\"l\",\"type\":\"t\"}\n{\n")
    place.tree.write(#"{"id":"x","type":"t"}"#, to: "retry/.x.json")
    let done = try await place.inbox.work()
    #expect(done.stored == 1 && done.retried == 2)
    let aside = ["_.h.json", "_.h.json.error", "_.l.jsonl.2.json", "_.l.jsonl.2.json.error"]
    #expect(place.tree.names("retry") == [".x.json"] + aside)
    #expect(place.report("retry/_.h.json")?.file == "_.h.json")
    let listed = try EventIndex(place.store.options.layout).page(EventQuery(status: .retry)).events
    #expect(Set(listed.map { "\($0.fileName)" }) == ["_.h.json", "_.l.jsonl.2.json"])
    #expect(try await place.retry.work().failed == 2)
    #expect(place.tree.names("failed") == aside)
    #expect(place.tree.names("retry") == [".x.json"])
    // Back in the inbox it is the original drop.
    place.tree.write(#"{"id":"h","type":"t"}"#, to: "failed/_.h.json")
    place.tree.move("failed/_.h.json", to: "inbox/_.h.json")
    #expect(try await place.inbox.work().stored == 1)
  }

  @Test func `Sockets, pipes and devices are never opened, and folders left alone, whatever their names`() async throws
  {
    let place = try Workplace { $0.recursive = true }
    let inbox = place.tree.inbox.string
    mkfifo("\(inbox)/pipe.jsonl", 0o600)
    mkdir("\(inbox)/folder.json", 0o700)
    let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array("\(inbox)/s.json".utf8)) }
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        #expect(bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0)
      }
    }
    place.drop("folder.json/b.json", #"{"id":"b","type":"t"}"#)
    var expected = ["pipe.jsonl", "s.json"]
    // A device requires root, and a file system that allows devices.
    if mknod("\(inbox)/zero.json", S_IFCHR | 0o600, (1 << 8) | 5) == 0 { expected.append("zero.json") }
    let done = try await place.inbox.work()
    #expect(done.stored == 1 && done.failed == expected.count)
    #expect(place.tree.names("failed").filter { !$0.hasSuffix(".error") } == expected)
    for name in expected { #expect(place.report("failed/\(name)")?.failure.reason == .notARegularFile) }
    #expect(place.tree.names("inbox") == ["folder.json"])
  }

  // MARK: In retry

  @Test func `What is no regular file is never tried, and goes from retry to failed with its reason`() async throws {
    let clock = ManualClock()
    let files = RecordingFiles()
    let place = try Workplace(files: files, clock: clock)
    let retry = place.tree.retry.string
    symlink("/nowhere", "\(retry)/link.json")
    mkfifo("\(retry)/pipe.json", 0o600)
    mkdir("\(retry)/folder.json", 0o700)
    mknod("\(retry)/socket.json", S_IFSOCK | 0o600, 0)
    place.tree.write(#"{"id":"twice","type":"t"}"#, to: "twice")
    link("\(place.tree.path)/twice", "\(retry)/twice.json")
    place.tree.write(#"{"id":"a","type":"t"}"#, to: "retry/a.json")
    // Somebody else's unfinished file.
    place.tree.write("{", to: "retry/.hidden.json")
    for name in ["link", "pipe", "socket"] {
      files.before("open \(name).json") { () throws(Errno) in Issue.record("it was opened") }
    }
    let odd = ["folder.json", "link.json", "pipe.json", "socket.json"]
    let done = try await place.retry.work()
    #expect(done.stored == 1 && done.failed == odd.count)
    #expect(place.tree.names("failed").filter { !$0.hasSuffix(".error") } == odd)
    for name in odd { #expect(place.report("failed/\(name)")?.failure.reason == .notARegularFile) }
    // A file may get its name by a second link, for a moment.
    #expect(place.tree.names("retry") == [".hidden.json", "twice.json"])
    clock.advance(by: .seconds(5))
    #expect(try await place.retry.work().failed == 1)
    #expect(place.tree.names("retry") == [".hidden.json"])
    // All of them need a person, and their reports are not tidied away.
    let groups = try EventIndex(place.store.options.layout).failureGroups(examples: 0)
    #expect(groups.map(\.count) == [odd.count + 1] && groups.map(\.status) == [.failed])
    _ = try await place.retry.work()
    #expect(place.tree.names("failed").count == 2 * (odd.count + 1))
  }

  @Test func `One that cannot be moved holds up no other, and is tried again after pauses`() async throws {
    let clock = ManualClock()
    let files = RecordingFiles()
    let place = try Workplace(files: files, clock: clock)
    symlink("/nowhere", "\(place.tree.retry)/link.json")
    place.tree.write(#"{"id":"a","type":"t"}"#, to: "retry/a.json")
    files.always("move retry/link.json to failed/link.json") { () throws(Errno) in throw .ioError }
    #expect(try await place.retry.work().stored == 1)
    #expect(place.tree.names("retry") == ["link.json"] && place.tree.names("failed") == [])
    files.clear()
    _ = try await place.retry.work()
    #expect(!files.log.contains { $0.hasPrefix("move ") })
    files.always("move retry/link.json to failed/link.json", nil)
    clock.advance(by: .seconds(5))
    #expect(try await place.retry.work().failed == 1)
  }
}
