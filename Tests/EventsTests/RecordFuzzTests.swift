import Events
import ExactJSON
import TestSupport
import Testing
import Time

/// Reads texts that look nearly like drops, records and sidecars: each is read or refused; and what is read as an event
/// makes a record that reads as the same event.
@Suite(.onlyInFullRuns) struct RecordFuzzTests {
  private let starts = [
    #"{"eventId":"e/1","eventType":"T","data":{"n":1.0e+2,"s":"\u00e9\/"},"more":[1,2]}"#,
    #"[{"id":1,"type":"t"},{"id":"b","type":"t","data":[]}]"#,
    #"{"eventId":"e1","eventType":"t","processedAt":"2026-11-23T03:41:00.123Z","data":{"a":[{}]},"#
      + #""createdAt":"2026-11-23T03:41:00.123Z","updatedAt":"2026-11-23T03:41:00.123Z","attributes":{"x":null},"#
      + #""source":{"inbox":"default","file":"a.json","sha256":"\#(String(repeating: "0a", count: 32))","bytes":512}}"#
      + "\n",
    #"{"file":"a.json","stage":"parse","reason":"invalid-json","message":"m","line":1,"column":2,"offset":1,"#
      + #""attempts":1,"firstFailedAt":"2026-11-23T03:41:00.123Z","lastFailedAt":"2026-11-23T03:41:00.123Z","inbox":"i"}"#,
  ].map { Array($0.utf8) }
  private let words = [
    "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "null", "\"data\":", "\"eventId\":",
    "\"eventType\":",
    "\"source\":{}", "-0", "1e999", "\u{FEFF}", " ", "\n", "true", "\u{7F}", "é", "\"\"",
  ].map { Array($0.utf8) }

  @Test func `Changed drops, records and sidecars are read or refused, and events stay the same in their records`()
    throws
  {
    var reader = EventReader(
      mapping: EventMapping(
        inbox: "default", eventId: [try MemberSource("/eventId"), try MemberSource("/id")],
        eventType: [try MemberSource("/eventType"), try MemberSource("/type")], data: [try MemberSource("/data")],
        maxEventSize: 4 << 20))
    let name = DropName(bytes: "a.json".utf8)
    let time = Timestamp(milliseconds: 1_763_869_260_123)
    var document = JSONDocument()
    var events = 0
    for seed in Fuzzing.seeds {
      var numbers = SeededNumbers(seed: seed)
      let text = numbers.changed(starts.randomElement(using: &numbers) ?? [], words: words)
      _ = try? ProcessedEvent(text.span, using: &document)
      _ = FailureReport(text)
      guard let items = try? reader.events(inDocument: text, named: name) else { continue }
      for case .event(let event) in items {
        events += 1
        let record = event.record(processedAt: time, createdAt: event.createdAt ?? time, updatedAt: time)
        let read = try ProcessedEvent(record.span, using: &document)
        #expect(read.eventId == event.eventId && read.eventType == event.eventType, "seed \(seed)")
        guard case .event(let again)? = try reader.events(inDocument: record, named: name).first else {
          throw Lost(seed: seed)
        }
        #expect(again.eventId == event.eventId && again.eventType == event.eventType, "seed \(seed)")
        #expect(again.dataDigest == event.dataDigest, "seed \(seed)")
        #expect(again.createdAt == (event.createdAt ?? time), "seed \(seed)")
      }
    }
    #expect(events > 0)
  }

  private struct Lost: Error {
    var seed: UInt64
  }
}
