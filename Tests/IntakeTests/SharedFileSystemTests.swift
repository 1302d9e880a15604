import DurableFiles
import EventStore
import Events
import Glibc
import Intake
import SystemPackage
import TestSupport
import Testing
import Time

/// File systems that not only this kernel may write to, and clocks that are not ours.
@Suite(.tags(.fast, .durability)) struct SharedFileSystemTests {
  /// From linux/magic.h.
  private static let nfs: UInt64 = 0x6969

  private func id(_ name: String) -> String { #"{"id":"\#(name)","type":"t"}"# }

  /// A clock that shows the time of day, so that it matches the file system's.
  private func ownClock(ahead seconds: Int = 0) -> ManualClock {
    ManualClock(Timestamp(milliseconds: Int64(time(nil) + seconds) * 1000).rfc3339)
  }

  @Test(arguments: ["a.jsonl", "a.ndjson"], [Errno?.none, .resourceTemporarilyUnavailable])
  func `Lines are taken after a minute that we have watched ourselves, whatever a lease says`(
    name: String, lease: Errno?
  ) async throws {
    let files = RecordingFiles()
    files.pretend(fileSystemType: Self.nfs)
    if let lease { files.always("lease \(name)") { () throws(Errno) in throw lease } }
    let clock = ownClock()
    let place = try Workplace(files: files, clock: clock, settle: .seconds(2))
    place.drop(name, id("a") + "\n")
    // By its times, it has been there for long.
    clock.advance(by: .seconds(3600))
    for _ in 0..<14 {
      #expect(try await place.inbox.work().stored == 0)
      #expect(place.inbox.waiting[.settling] == 1)
      clock.advance(by: .seconds(4))
    }
    clock.advance(by: .seconds(4))
    #expect(try await place.inbox.work().stored == 1)
    // It was not moved away and back meanwhile.
    #expect(files.log.filter { $0.hasPrefix("move inbox/") }.count == 1)
  }

  @Test func `Every line that another machine adds within a minute is stored`() async throws {
    let files = RecordingFiles()
    files.pretend(fileSystemType: Self.nfs)
    let clock = ownClock()
    let place = try Workplace(files: files, clock: clock, settle: .seconds(2))
    var text = ""
    for number in 1...4 {
      text += id("\(number)") + "\n"
      place.drop("o.jsonl", text)
      for _ in 0..<4 {
        clock.advance(by: .seconds(10))
        _ = try await place.inbox.work()
      }
    }
    for _ in 0..<8 {
      clock.advance(by: .seconds(10))
      _ = try await place.inbox.work()
    }
    #expect(place.records == (1...4).map { "\($0).json" })
  }

  /// Nothing there shows how long a report has been in the inbox, so a run started again every minute would never know.
  @Test(arguments: [true, false])
  func `A report without its file is waited for as what settles, and then removed`(isShared: Bool) async throws {
    let files = RecordingFiles()
    if isShared { files.pretend(fileSystemType: Self.nfs) }
    let clock = ownClock()
    let place = try Workplace(files: files, clock: clock, retryBackoff: .seconds(3600))
    for text in ["{", "{ "] {
      place.drop("a.json", text)
      _ = try await place.inbox.work()
    }
    place.tree.move("retry/a~2.json.error", to: "inbox/a~2.json.error")
    #expect(try await place.inbox.work().unsettled == 1)
    #expect(place.inbox.waiting[.settling] == 1 && place.tree.names("inbox") == ["a~2.json.error"])
    clock.advance(by: .seconds(12))
    #expect(try await place.inbox.work().unsettled == 0)
    #expect(place.tree.names("inbox") == [] && place.inbox.waiting.count == 0)
  }

  @Test(arguments: [90, -90, 86_400 * 365])
  func `A file system's time that is not ours is not compared with it`(ahead: Int) async throws {
    let files = RecordingFiles()
    let clock = ownClock(ahead: ahead)
    let place = try Workplace(files: files, clock: clock, settle: .seconds(2))
    place.drop("a.json", id("a"))
    #expect(try await place.inbox.work().unsettled == 1)
    clock.advance(by: .seconds(1))
    place.drop("a.json", id("a") + " ")
    for _ in 0..<2 {
      #expect(try await place.inbox.work().unsettled == 1)
      clock.advance(by: .seconds(1))
    }
    #expect(try await place.inbox.work().stored == 1)
  }

  @Test func `A clock that is set makes nothing old`() async throws {
    let clock = ownClock()
    let place = try Workplace(clock: clock, settle: .seconds(2))
    _ = try await place.inbox.work()
    clock.set(Timestamp(milliseconds: Int64(time(nil) + 3600) * 1000).rfc3339)
    place.drop("a.json", id("a"))
    #expect(try await place.inbox.work().unsettled == 1)
    clock.advance(by: .seconds(2))
    #expect(try await place.inbox.work().stored == 1)
  }

  @Test func `A backlog on a file system of this machine's own does not wait`() async throws {
    let clock = ownClock()
    let place = try Workplace(clock: clock, settle: .milliseconds(1))
    place.drop("a.json", id("a"))
    usleep(20_000)
    clock.set(Timestamp(milliseconds: Int64(time(nil)) * 1000 + 999).rfc3339)
    // The clock was set only before the first look.
    #expect(try await place.inbox.work().stored <= 1)
  }

  /// Delivery by adding a link and removing the first name, as in OpenSSH's plain rename.
  @Test(arguments: [nil, ".done"] as [String?])
  func `A file that has a second name for a moment is a drop like any other`(marker: String?) async throws {
    let clock = ManualClock()
    let place = try Workplace(clock: clock) { $0.marker = marker }
    place.drop("a.part", id("a"))
    if let marker { place.drop("a.json\(marker)", "") }
    #expect(link("\(place.tree.inbox)/a.part", "\(place.tree.inbox)/a.json") == 0)
    for _ in 0..<4 {
      #expect(try await place.inbox.work().failed == 0)
      clock.advance(by: .milliseconds(500))
    }
    place.tree.remove("inbox/a.part")
    #expect(try await place.inbox.work().stored == 1)
  }

  @Test func `A file system without flags of rename and with an inode for each link loses nothing`() async throws {
    let files = RecordingFiles()
    files.pretend(fileSystemType: 0x6573_5546)
    let clock = ManualClock()
    let place = try Workplace(files: files, clock: clock)
    for name in ["a", "bad"] { place.drop("\(name).json", name == "bad" ? "{" : id(name)) }
    for (from, to) in [("inbox", "default"), ("default", "retry"), ("retry", "retrying"), ("retrying", "failed")] {
      for name in ["a", "bad"] {
        files.always("move \(from)/\(name).json to \(to)/\(name).json") { () throws(Errno) in throw .invalidArgument }
      }
    }
    let done = try await place.inbox.work()
    #expect(done.stored == 1 && done.retried == 1)
    #expect(place.tree.names("inbox") == [])
    clock.advance(by: .seconds(1))
    #expect(try await place.retry.work().failed == 1)
    #expect(place.tree.names("failed") == ["bad.json", "bad.json.error"])
  }
}
