import Catalog
import DurableFiles
import EventStore
import Glibc
import Intake
import SystemPackage
import TestSupport
import Testing
import Time

/// Nothing is skipped silently.
@Suite(.tags(.fast)) struct WaitingTests {
  private func id(_ name: String) -> String { #"{"id":"\#(name)","type":"t"}"# }

  private func age(_ place: Workplace, _ name: String, _ seconds: Int) {
    var times = [
      timespec(tv_sec: 1_700_000_000 - seconds, tv_nsec: 0), timespec(tv_sec: 1_700_000_000 - seconds, tv_nsec: 0),
    ]
    #expect(utimensat(AT_FDCWD, "\(place.tree.inbox)/\(name)", &times, AT_SYMLINK_NOFOLLOW) == 0)
  }

  @Test func `What lies in an inbox is counted by reason, with the oldest and its name`() async throws {
    let place = try Workplace { $0.marker = ".done" }
    for name in ["a.json", "b.json", "c.txt", "d.part", "lonely.json.done", "folder/x.json"] {
      place.drop(name, id("x"))
    }
    for (name, seconds) in [("a.json", 5), ("b.json", 50), ("c.txt", 500), ("d.part", 5), ("folder", 7)] {
      age(place, name, seconds)
    }
    _ = try await place.inbox.work()
    let waiting = place.inbox.waiting
    #expect(waiting[.noMarker] == 2 && waiting[.noPattern] == 3 && waiting[.subFolder] == 1)
    #expect(waiting.groups[.noMarker]?.name == "b.json")
    #expect(waiting.groups[.noPattern]?.name == "c.txt")
    #expect(waiting.groups[.noPattern]?.oldest == Timestamp(milliseconds: (1_700_000_000 - 500) * 1000))
    #expect(waiting.groups[.subFolder]?.name == "folder")
    #expect(waiting.count == 6)
    // A query beside the daemon gets the same.
    #expect(WaitingFiles.last(of: "default", in: place.store.folders.state)?.groups == waiting.groups)
    for name in ["a.json.done", "b.json.done"] { place.drop(name, "") }
    _ = try await place.inbox.work()
    #expect(place.inbox.waiting[.noMarker] == 0)
    #expect(WaitingFiles.last(of: "default", in: place.store.folders.state)?[.noMarker] == 0)
  }

  @Test func `Names and markers match upper and lower case alike`() async throws {
    let place = try Workplace { $0.marker = ".done" }
    for name in ["A.JSON", "b.Json", "c.json", "d.JSONL", "E.PART", "~F.JSON"] { place.drop(name, id(name)) }
    for name in ["A.JSON.DONE", "B.JSON.DONE", "c.json.done", "d.JSONL.Done"] { place.drop(name, "") }
    #expect(try await place.inbox.work().stored == 4)
    #expect(place.tree.names("inbox") == ["E.PART", "~F.JSON"])
    #expect(place.inbox.waiting[.noPattern] == 2)
  }

  @Test func `One marker is not taken for two files`() async throws {
    let place = try Workplace { $0.marker = ".done" }
    for name in ["a.json", "A.json"] { place.drop(name, id(name)) }
    place.drop("A.json.done", "")
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.tree.names("inbox") == ["a.json"])
    #expect(place.inbox.waiting.groups[.noMarker]?.name == "a.json")
  }

  @Test func `Files that are open, settle or find no room say so`() async throws {
    let clock = ManualClock("2030-01-01T00:00:00.000Z")
    let place = try Workplace(clock: clock, settle: .seconds(2))
    place.drop("a.json", id("a"))
    let upload = open("\(place.tree.inbox)/a.json", O_WRONLY | O_APPEND | O_CLOEXEC)
    defer { close(upload) }
    _ = try await place.inbox.work()
    #expect(place.inbox.waiting[.settling] == 1)
    clock.advance(by: .seconds(2))
    for _ in 0..<3 {
      _ = try await place.inbox.work()
      #expect(place.inbox.waiting[.open] == 1 && place.inbox.waiting.count == 1)
      clock.advance(by: .seconds(2))
    }
  }

  @Test func `An inbox that is not there says so`() async throws {
    let place = try Workplace()
    place.tree.move("inbox", to: "elsewhere")
    await #expect(throws: StorageError.self) { try await place.inbox.work() }
    #expect(place.inbox.waiting[.notReachable] == 1)
    #expect(place.inbox.waiting.groups[.notReachable]?.name == place.tree.inbox.string)
    place.tree.move("elsewhere", to: "inbox")
    _ = try await place.inbox.work()
    #expect(place.inbox.waiting.count == 0)
  }

  @Test func `With sub-folders, they are counted in all of them`() async throws {
    let place = try Workplace { $0.recursive = true }
    for name in ["a.txt", "shop/b.txt", "shop/deep/c.txt", ".hidden/d.txt"] { place.drop(name, "") }
    _ = try await place.inbox.work()
    #expect(place.inbox.waiting[.noPattern] == 3)
    #expect(place.inbox.waiting[.subFolder] == 1)
    #expect(place.inbox.waiting.groups[.subFolder]?.name == ".hidden")
  }
}
