import ExactJSON
import Operations
import Testing

struct SinkBatchTests {
  private func read(_ text: String) throws(SinkBatchError) -> SinkBatch {
    var document = JSONDocument()
    let bytes = Array(text.utf8)
    return try SinkBatch(bytes.span, scanningIn: &document)
  }

  @Test("The three formats give the same events")
  func formats() throws {
    let first = #"{"eventId":"a","eventType":"t","data":{"eventId":"no"}}"#
    let second = #"{"event\u0049d":"b\n\u00e9","eventType":"u"}"#
    let events: [SinkBatch.Event] = [.init(eventId: "a", eventType: "t"), .init(eventId: "b\né", eventType: "u")]

    let envelope = try read(#" {"batchId":"x","sentAt":"…","count":2,"events":[\#(first), \#(second)]} "#)
    #expect(envelope.format == .envelope && envelope.batchId == "x" && envelope.events == events)
    let array = try read("[\(first),\(second)]")
    #expect(array.format == .array && array.batchId == nil && array.events == events)
    let single = try read(second)
    #expect(single.format == .single && single.events == [events[1]])
  }

  @Test("An event with a member named events is an event")
  func eventWithEvents() throws {
    let batch = try read(#"{"eventId":"a","events":[1,2]}"#)
    #expect(batch.format == .single && batch.events.map(\.eventId) == ["a"])
  }

  @Test("Members of other kinds are as good as none")
  func otherKinds() throws {
    let batch = try read(#"[{"eventId":7,"eventType":null},{}]"#)
    #expect(batch.events == [.init(), .init()])
    #expect(try read(#"{"events":{},"batchId":"x"}"#).format == .single)
    #expect(try read("[]").events.isEmpty)
  }

  @Test("What is no JSON is reported with its place", arguments: ["", "{", #"{"a":1,}"#, "[1 2]", "\u{FEFF}[]"])
  func notJSON(text: String) {
    let error = #expect(throws: SinkBatchError.self) { try read(text) }
    guard case .notJSON = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.description.contains("line 1 column ") == true)
  }

  @Test("JSON without events", arguments: ["1", #""text""#, "null", "[1]", #"{"events":[1]}"#, "[[]]"])
  func noEvents(text: String) {
    #expect(throws: SinkBatchError.noEvents) { try read(text) }
  }
}
