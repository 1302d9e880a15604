import ExactJSON
import Operations
import Testing
import Time

struct SinkRequestTests {
  private let time = Timestamp(milliseconds: 1_795_405_260_123)

  private func request(_ events: [SinkBatch.Event], batchId: String? = "b1", key: String? = nil) -> SinkRequest {
    SinkRequest(
      receivedAt: time, method: "POST", path: "/webhook/x", bytes: 2048, idempotencyKey: key,
      contentType: "Application/JSON ; charset=utf-8",
      content: .batch(SinkBatch(format: .envelope, batchId: batchId, events: events)))
  }

  @Test("People get a line for the request and one for each event")
  func text() {
    let events = [SinkBatch.Event(eventId: "a", eventType: "t"), .init(eventId: "b\n\u{1B}[2J")]
    let lines = request(events).textLines(answered: .accepted)
    #expect(
      lines == [
        "\(time.rfc3339)  POST /webhook/x  2 events, batch b1, 2.0 KiB, answered 200", "  a  t",
        #"  "b\n\u{1B}[2J"  (no eventType)"#,
      ])
    let dropped = request([], batchId: nil).textLines(answered: .none)
    #expect(dropped == ["\(time.rfc3339)  POST /webhook/x  0 events, 2.0 KiB, closed without an answer"])
  }

  @Test("Programs get one JSON object")
  func json() throws {
    let line = request([.init(eventId: "a\n\"", eventType: "t"), .init()]).jsonLine(answered: .accepted)
    #expect(
      String(decoding: line, as: UTF8.self) == #"{"receivedAt":"\#(time.rfc3339)","path":"/webhook/x","batchId":"b1","#
        + #""count":2,"bytes":2048,"status":200,"eventIds":["a\n\"",null]}"#)
    let dropped = request([], batchId: nil).jsonLine(answered: .none)
    let rest = #""batchId":null,"count":0,"bytes":2048,"status":null,"eventIds":[]}"#
    #expect(String(decoding: dropped, as: UTF8.self).hasSuffix(rest))
  }

  @Test("The batch's id is the body's, else the header's")
  func batchId() {
    #expect(request([], batchId: "body", key: "header").batchId == "body")
    #expect(request([], batchId: nil, key: "header").batchId == "header")
  }

  @Test("It is remarked what n8n would not read", arguments: ["text/plain", nil, "application/cloudevents-batch+json"])
  func remarks(type: String?) {
    var other = request([.init(eventId: "a", eventType: "t")])
    #expect(other.remark == nil)
    other.contentType = type
    #expect(other.remark?.hasPrefix("n8n reads application/json only") == true)
    #expect(other.textLines(answered: .accepted)[0].contains("n8n reads application/json only"))
    #expect(String(decoding: other.jsonLine(answered: .accepted), as: UTF8.self).contains(#""remark":"n8n reads"#))
  }
}
