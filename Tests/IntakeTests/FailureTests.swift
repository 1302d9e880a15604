import EventStore
import Events
import Failures
import Intake
import SystemPackage
import TestSupport
import Testing
import Time

@Suite(.tags(.fast)) struct FailureTests {
  @Test func `An unreadable file is tried twice, then needs a person, with line and column`() async throws {
    let place = try Workplace()
    place.drop("a.json", "{\"eventId\":\"1\",\n \"eventType\" \"t\"}")
    _ = try await place.inbox.work()
    let first = try #require(place.report("retry/a.json"))
    #expect(first.failure.reason == .invalidJSON)
    #expect(first.failure.stage == .parse)
    #expect(first.failure.place == FailurePlace(line: 2, column: 14, offset: 29))
    #expect(first.attempts == 1)
    #expect(first.nextAttemptAt != nil)
    _ = try await place.retry.work()
    let last = try #require(place.report("failed/a.json"))
    #expect(last.attempts == 2)
    #expect(last.nextAttemptAt == nil)
    #expect(last.firstFailedAt == first.firstFailedAt)
    #expect(place.tree.names("retry") == [])
  }

  @Test func `A file in retry that is mended is stored, and its sidecar goes`() async throws {
    let place = try Workplace(retryBackoff: .seconds(3600))
    place.drop("a.json", "{")
    _ = try await place.inbox.work()
    #expect(try await place.retry.work().drops == 0)
    place.tree.write(#"{"id":"1","type":"t"}"#, to: "retry/a.json")
    #expect(try await place.retry.work().stored == 1)
    #expect(place.tree.names("retry") == [])
    #expect(place.records == ["1.json"])
  }

  @Test func `A file in retry whose sidecar is not written yet is not taken for a mended one`() async throws {
    let files = RecordingFiles()
    let place = try Workplace(files: files, retryBackoff: .seconds(3600))
    place.drop("a.json", "{")
    _ = try await place.inbox.work()
    let before = try #require(place.tree.readText("retry/a.json.error"))
    // As it looks between the two: the file exists, the sidecar does not.
    files.before("look at retry/a.json.error") { () throws(Errno) in throw .noSuchFileOrDirectory }
    #expect(try await place.retry.work().drops == 0)
    #expect(place.tree.readText("retry/a.json.error") == before)
    #expect(!files.log.contains("move retry/a.json to retrying/a.json"))
  }

  @Test func `A file in retry that is touched without being mended begins again`() async throws {
    let place = try Workplace(retryBackoff: .seconds(3600))
    place.drop("a.json", "{")
    _ = try await place.inbox.work()
    place.tree.write("[", to: "retry/a.json")
    _ = try await place.retry.work()
    #expect(try #require(place.report("retry/a.json")).attempts == 1)
  }

  @Test
  func `A file in retry that is edited or has no report counts as settling, one that waits for its attempt does not`()
    async throws
  {
    let clock = ManualClock("2026-11-01T10:00:00.000Z")
    let place = try Workplace(clock: clock, settle: .seconds(2), retryBackoff: .seconds(3600))
    for name in ["a", "b"] { place.drop("\(name).json", "{") }
    _ = try await place.inbox.work()
    clock.advance(by: .seconds(3))
    #expect(try await place.inbox.work().retried == 2)
    #expect(try await place.retry.work().unsettled == 0)
    // Its time must differ from the report's.
    try await Task.sleep(for: .milliseconds(20))
    place.tree.write(#"{"id":"1","type":"t"}"#, to: "retry/a.json")
    place.tree.write(#"{"id":"2","type":"t"}"#, to: "retry/c.json")
    let first = try await place.retry.work()
    #expect(first.stored == 0 && first.unsettled == 2)
    clock.advance(by: .seconds(3))
    let second = try await place.retry.work()
    #expect(second.stored == 2 && second.unsettled == 0)
    #expect(place.tree.names("retry") == ["b.json", "b.json.error"])
  }

  @Test func `A name that is taken gets a number before its ending`() async throws {
    let place = try Workplace()
    for _ in 1...3 {
      place.drop("a.json", "{")
      _ = try await place.inbox.work()
    }
    #expect(place.tree.names("retry").filter { !$0.hasSuffix(".error") } == ["a.json", "a~2.json", "a~3.json"])
  }

  @Test func `A name that leaves no room for a sidecar is cut`() async throws {
    let place = try Workplace()
    let name = String(repeating: "n", count: 245) + ".json"
    place.drop(name, "{")
    _ = try await place.inbox.work()
    let got = try #require(place.tree.names("retry").first)
    #expect(got.utf8.count == 214)
    #expect(got.hasPrefix(String(repeating: "n", count: 200) + "~"))
    let both: [String] = [got, "\(got).error"]
    #expect(place.tree.names("retry") == both)
  }

  @Test(arguments: ["failed", "processed"])
  func `A file that is moved back into the inbox is processed again`(from: String) async throws {
    let place = try Workplace()
    place.drop("a.json", #"{"id":"1","type":"t","data":{"a":1},"more":true}"#)
    _ = try await place.inbox.work()
    let partition = "processed/\(place.tree.names("processed")[0])"
    let before = try #require(place.tree.readText("\(partition)/1.json"))
    if from == "failed" {
      place.drop("b.json", #"{"id":"1","type":"t","data":{"a":2}}"#)
      _ = try await place.inbox.work()
      place.tree.move("\(partition)/1.json", to: "record-that-was-wrong.json")
      place.tree.move("failed/b.json", to: "inbox/b.json")
      place.tree.move("failed/b.json.error", to: "inbox/b.json.error")
    } else {
      place.tree.move("\(partition)/1.json", to: "inbox/1.json")
    }
    #expect(try await place.inbox.work().stored == 1)
    let after = try #require(place.tree.readText("\(partition)/1.json"))
    #expect(after.contains(#""data":{"a":\#(from == "failed" ? 2 : 1)}"#))
    #expect(created(in: after) == created(in: before))
    if from == "processed" { #expect(after.contains(#""attributes":{"more":true}"#)) }
    #expect(place.tree.names("inbox") == [])
    #expect(try await place.store.pending().count == 1)
  }

  @Test func `A sidecar whose file was moved away is tidied`() async throws {
    let place = try Workplace(retryBackoff: .seconds(3600))
    place.drop("a.json", "{")
    _ = try await place.inbox.work()
    place.tree.remove("retry/a.json")
    _ = try await place.retry.work()
    #expect(place.tree.names("retry") == [])
  }

  @Test func `Copies of an event that was stored again do not block it, and are superseded`() async throws {
    let place = try Workplace(retryBackoff: .seconds(3600))
    for (name, data) in [("a", "1"), ("b", "2")] {
      place.drop("\(name).json", #"{"id":"\#(name)","type":"t","data":\#(data)}"#)
    }
    _ = try await place.inbox.work()
    let batch = try #require(try await place.store.nextBatch(maxEvents: 10, maxBytes: 1 << 20, onlyFull: false))
    let failures = batch.events.map { ForwardFailure(event: $0, reason: .rejected, message: "no") }
    _ = try await place.store.fail(failures)
    #expect(place.records == [])
    #expect(place.tree.names("retry").count == 4)
    // The same data, and other data.
    place.drop("a2.json", #"{"id":"a","type":"t","data":1}"#)
    place.drop("b2.json", #"{"id":"b","type":"t","data":3}"#)
    let done = try await place.inbox.work()
    // The one with the same data is gone, and the other needs a person, and is counted.
    #expect(done.stored == 2 && done.failed == 1)
    #expect(place.tree.names("retry") == [])
    #expect(place.tree.names("failed") == ["b.json", "b.json.error"])
    #expect(try #require(place.report("failed/b.json")).failure.reason == .superseded)
  }

  @Test func `A copy whose data nobody could read needs a person, and is not said to differ`() async throws {
    let place = try Workplace(retryBackoff: .seconds(3600))
    place.drop("a.json", #"{"id":"a","data":1}"#)
    #expect(try await place.inbox.work().retried == 1)
    place.drop("a.json", #"{"id":"a","type":"t","data":1}"#)
    #expect(try await place.inbox.work().stored == 1)
    #expect(place.tree.names("retry") == [])
    #expect(place.tree.names("failed") == ["a.json", "a.json.error"])
    let failure = try #require(place.report("failed/a.json")?.failure)
    #expect(failure.reason == .superseded && failure.message.description.contains("perhaps with other data"))
  }

  private func created(in record: String) -> Substring? {
    record.range(of: #""createdAt":""#).map { record[$0.upperBound...].prefix(24) }
  }
}

extension String {
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      formIndex(after: &start)
    }
    return nil
  }
}
