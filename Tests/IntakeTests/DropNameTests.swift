import EventStore
import Events
import Intake
import Schedules
import TestSupport
import Testing

/// The name under which a file was dropped is the only one that means anything, whatever the file is called by now.
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
    // One of them is the event, the other a conflict with it; no second event was made.
    #expect(place.records == ["a.json"])
    #expect(place.tree.names("failed").filter { !$0.hasSuffix(".error") }.count == 1)
  }

  @Test func `A name that is not UTF-8 survives the sidecar`() {
    let time = Timestamp(milliseconds: 0)
    let report = FailureReport(
      file: "a", failure: DropFailure(stage: .parse, reason: .invalidJSON, message: ""), attempts: 1,
      firstFailedAt: time, lastFailedAt: time, nextAttemptAt: nil, inbox: "i",
      droppedAs: DropName(bytes: [0x61, 0xFF, 0x2E, 0x6A]))
    #expect(FailureReport(report.encoded) == report)
  }
}
