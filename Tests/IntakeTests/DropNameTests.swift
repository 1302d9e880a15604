import Catalog
import EventStore
import Events
import Failures
import Intake
import SystemPackage
import TestSupport
import Testing
import Time

/// Only the name under which a file was dropped is meaningful, whatever its present name.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct DropNameTests {
  private func place() throws -> Workplace {
    let type = [try MemberSource("/type")]
    return try Workplace {
      $0.mapping.eventId = [.fileName]
      $0.mapping.eventType = type
      $0.exclude = []
    }
  }

  private func mendAll(in place: Workplace) {
    for name in place.tree.names("retry") where !name.hasSuffix(".error") {
      let text = String(decoding: place.tree.read("retry/\(name)") ?? [], as: UTF8.self)
      place.tree.write(text.replacing("kind", with: "type"), to: "retry/\(name)")
    }
  }

  @Test(arguments: [String(repeating: "x", count: 241), ".hidden-no", "plain"])
  func `A name that was changed on the way to retry is not what the event is called`(stem: String) async throws {
    let place = try place()
    let name = "\(stem).json"
    place.drop(name, #"{"kind":"T"}"#)
    #expect(try await place.inbox.work().retried == 1)
    let sidecar = try #require(place.tree.names("retry").first { $0.hasSuffix(".error") })
    #expect(place.report("retry/\(sidecar.dropLast(6))")?.droppedAs?.text == name)
    mendAll(in: place)
    _ = try await place.retry.work()
    place.drop(name, #"{"type":"T"}"#)
    let again = try await place.inbox.work()
    #expect(again.duplicates == 1)
    #expect(place.records.count == 1)
  }

  @Test func `Neither is one that it got because its own was taken`() async throws {
    let place = try place()
    place.drop("a.json", #"{"kind":"T","data":1}"#)
    _ = try await place.inbox.work()
    place.drop("a.json", #"{"kind":"T","data":2}"#)
    _ = try await place.inbox.work()
    #expect(place.tree.names("retry").contains("a~2.json"))
    mendAll(in: place)
    _ = try await place.retry.work()
    // One of them is the event, the other a conflict with it; no second event was created.
    #expect(place.records == ["a.json"])
    #expect(place.tree.names("failed").filter { !$0.hasSuffix(".error") }.count == 1)
  }

  @Test func `A name that is not UTF-8 survives the sidecar`() {
    let time = Timestamp(milliseconds: 0)
    let report = FailureReport(
      file: "a", failure: DropFailure(stage: .parse, reason: .invalidJSON, message: ""), attempts: 1,
      firstFailedAt: time, lastFailedAt: time, nextAttemptAt: nil, inbox: "i",
      droppedAs: DropName(bytes: [0x61, 0xFF, 0x2E, 0x6A]))
    #expect(FailureReport(report.encoded(in: .en)) == report)
  }

  // MARK: On the way back

  /// A file that was set aside as `a~2.json`, in `retry/` or `failed/`.
  private func dropTwice(_ place: Workplace, mending: Bool = true) async throws {
    for data in ["1", "2"] {
      place.drop("a.json", #"{"kind":"T","data":\#(data)}"#)
      _ = try await place.inbox.work()
    }
    // Only the second of the two is left.
    place.tree.remove("retry/a.json")
    place.tree.remove("retry/a.json.error")
    #expect(place.tree.names("retry") == ["a~2.json", "a~2.json.error"])
    guard mending else { return }
    let text = String(decoding: place.tree.read("retry/a~2.json") ?? [], as: UTF8.self)
    place.tree.write(text.replacing("kind", with: "type"), to: "retry/a~2.json")
  }

  private func expectOneRecord(_ place: Workplace) async throws {
    #expect(place.records == ["a.json"])
    let record = place.tree.readText("processed/\(place.tree.names("processed")[0])/a.json") ?? ""
    #expect(record.contains(#""file":"a.json""#))
    #expect(place.tree.names("inbox") == [] && place.tree.names("retry") == [] && place.tree.names("failed") == [])
    place.drop("a.json", #"{"type":"T","data":2}"#)
    #expect(try await place.inbox.work().duplicates == 1)
  }

  @Test(arguments: [true, false])
  func `A file that is moved back has the name that its sender gave it, its sidecar moved along or left behind`(
    isAlong: Bool
  ) async throws {
    let place = try place()
    try await dropTwice(place)
    place.tree.move("retry/a~2.json", to: "inbox/a~2.json")
    if isAlong {
      place.tree.move("retry/a~2.json.error", to: "inbox/a~2.json.error")
    } else {
      // The next look at `retry/` does not forget it.
      _ = try await place.retry.work()
    }
    #expect(try await place.inbox.work().stored == 1)
    try await expectOneRecord(place)
  }

  @Test func `One that is reprocessed by the command has it too, whatever its name is in the inbox`() async throws {
    let place = try place()
    try await dropTwice(place)
    let inbox = Reprocessing.Inbox(name: "default", path: place.options.path, marker: nil) { _ in true }
    let event = try #require(try EventIndex(place.store.options.layout).page(EventQuery(status: .retry)).events.first)
    let moved = try Reprocessing(place.store.options.layout, inboxes: [inbox], isRehearsal: false).move(event)
    guard case .moved = moved else {
      Issue.record("\(moved)")
      return
    }
    #expect(place.tree.names("retry") == [])
    #expect(try await place.inbox.work().stored == 1)
    try await expectOneRecord(place)
  }

  @Test func `It has it also after a stop while it was claimed, and when it fails again`() async throws {
    let tree = TemporaryTree()
    let first = try place()
    try await dropTwice(first, mending: false)
    for (name, to) in [("a~2.json", "state/claims/default/a~2.json"), ("a~2.json.error", "inbox/a~2.json.error")] {
      tree.write(first.tree.read("retry/\(name)") ?? [], to: to)
    }
    let type = [try MemberSource("/type")]
    let place = try Workplace(tree) {
      $0.mapping.eventId = [.fileName]
      $0.mapping.eventType = type
    }
    #expect(try await place.inbox.work().retried == 1)
    #expect(place.report("retry/a~2.json")?.droppedAs?.text == "a.json")
    #expect(tree.names("inbox") == [])
    mendAll(in: place)
    _ = try await place.retry.work()
    try await expectOneRecord(place)
  }

  @Test func `A drop that is put back beside the next one of its name keeps its own`() async throws {
    let files = RecordingFiles()
    let type = [try MemberSource("/type")]
    let place = try Workplace(files: files) {
      $0.mapping.eventId = [.fileName]
      $0.mapping.eventType = type
    }
    place.drop("a.json", #"{"type":"T","data":1}"#)
    let tree = place.tree
    files.before("lease a.json") { () throws(Errno) in
      tree.write(#"{"type":"T","data":2}"#, to: "inbox/a.json")
      throw .resourceTemporarilyUnavailable
    }
    _ = try await place.inbox.work()
    #expect(tree.names("inbox").contains("a~2.json"))
    _ = try await place.inbox.work()
    // One is the event, and the other a conflict with it.
    #expect(place.records == ["a.json"])
    #expect(tree.names("failed").count == 2 && tree.names("inbox") == [])
  }

  @Test func `A file that is set aside while the last one of its name is tried keeps its report`() async throws {
    let files = RecordingFiles()
    let place = try Workplace(files: files, retryBackoff: .seconds(3600))
    place.tree.write(#"{"id":"1","type":"t"}"#, to: "retry/a.json")
    let inbox = place.inbox
    place.drop("a.json", "{")
    _ = try await inbox.work()
    // As `a~2.json`, because its own name is taken; by then it would be free.
    #expect(place.tree.names("retry") == ["a.json", "a~2.json", "a~2.json.error"])
    let tree = place.tree
    files.before("open a.json") {
      tree.move("retry/a~2.json", to: "retry/a.json")
      tree.move("retry/a~2.json.error", to: "retry/a.json.error")
    }
    #expect(try await place.retry.work().stored == 1)
    #expect(tree.names("retry") == ["a.json", "a.json.error"])
  }

  @Test func `A report whose file never comes is tidied away, and one beside a file that waits is kept`() async throws {
    let clock = ManualClock()
    let place = try Workplace(clock: clock, retryBackoff: .seconds(3600))
    for data in ["1", "2"] {
      place.drop("a.json", #"{"kind":"T","data":\#(data)}"#)
      _ = try await place.inbox.work()
    }
    for name in ["a.json", "a~2.json"] { place.tree.move("retry/\(name).error", to: "inbox/\(name).error") }
    for _ in 0..<2 {
      _ = try await place.inbox.work()
      #expect(place.tree.names("inbox") == ["a~2.json.error"])
    }
    clock.advance(by: .seconds(120))
    _ = try await place.inbox.work()
    #expect(place.tree.names("inbox") == [])
    _ = try await place.retry.work()
  }
}
