import Events
import ExactJSON
import TestSupport
import Testing
import Time

/// Where the inbox's mapping finds the eventId.
@Suite(.tags(.fast)) struct MappingTests {
  private func mapping(
    _ eventId: [MemberSource], prefix: String = "", type: [String] = ["/eventType", "/type"], typeDefault: String? = nil
  ) throws -> EventMapping {
    EventMapping(
      inbox: "till", eventId: eventId, eventIdPrefix: prefix, eventType: try type.map { try MemberSource($0) },
      data: [try MemberSource("/data")], eventTypeDefault: typeDefault, maxEventSize: 1 << 20)
  }

  private func event(
    _ text: String, _ mapping: EventMapping, named name: String = "a.json",
    isOnRecord: @escaping @Sendable (RecordClaim) -> Bool = { _ in false }
  ) throws -> Event {
    var reader = EventReader(mapping: mapping, isOnRecord: isOnRecord)
    let items = try reader.events(inDocument: Array(text.utf8), named: DropName(bytes: name.utf8))
    switch try #require(items.first) {
    case .event(let event): return event
    case .failed(let item): throw item.failure
    }
  }

  private func id(_ text: String, _ mapping: EventMapping) throws -> String { try event(text, mapping).eventId.text }

  private func reason(_ text: String, _ mapping: EventMapping) -> FailureReason? {
    do {
      _ = try event(text, mapping)
      return nil
    } catch {
      return (error as? DropFailure)?.reason
    }
  }

  @Test(arguments: [
    (#"{"shop":"a","no":"1"}"#, "a:1"),
    (#"{"shop":"a:b","no":"1"}"#, "a%3Ab:1"),
    (#"{"shop":"a","no":"b:1"}"#, "a:b:1"),
    (#"{"shop":"a%3Ab","no":"1%:"}"#, "a%253Ab:1%:"),
    (#"{"shop":7,"no":-1}"#, "7:-1"),
    (#"{"shop":"é","no":"ß"}"#, "é:ß"),
  ])
  func `Members are joined so that no two lists of parts give one id`(text: String, id expected: String) throws {
    let mapping = try mapping([try MemberSource(parts: ["/shop", "/no"]), try MemberSource("/id")], typeDefault: "T")
    #expect(try id(text, mapping) == expected)
  }

  @Test func `Of a list all must be there; else the next entry counts`() throws {
    let mapping = try mapping([try MemberSource(parts: ["/shop", "/no"]), try MemberSource("/id")], typeDefault: "T")
    #expect(try id(#"{"shop":"a","id":"9"}"#, mapping) == "9")
    #expect(try id(#"{"shop":null,"no":1,"id":"9"}"#, mapping) == "9")
    #expect(reason(#"{"shop":"a"}"#, mapping) == .missingEventId)
    #expect(reason(#"{"shop":{},"no":"1","id":"9"}"#, mapping) == .invalidEventId)
    #expect(reason(#"{"shop":"","no":"1"}"#, mapping) == .invalidEventId)
    #expect(reason(#"{"shop":"\#(String(repeating: ":", count: 200))","no":"1"}"#, mapping) == .invalidEventId)
  }

  @Test func `What gave only a part of the id stays in the attributes`() throws {
    let mapping = try mapping([try MemberSource(parts: ["/shop", "/no"])], typeDefault: "T")
    let record = try event(#"{"shop":"a","no":1,"data":{}}"#, mapping)
      .record(processedAt: .init(milliseconds: 0), createdAt: .init(milliseconds: 0), updatedAt: .init(milliseconds: 0))
    #expect(String(decoding: record, as: UTF8.self).contains(#""attributes":{"shop":"a","no":1}"#))
  }

  @Test func `A CloudEvent is known by its source and its id`() throws {
    let mapping = try mapping([try MemberSource("/eventId"), try MemberSource("@cloudevent"), try MemberSource("/id")])
    func text(_ source: String, specversion: String = #""specversion":"1.0","#) -> String {
      #"{\#(specversion)"id":"1","source":"\#(source)","type":"sold","data":{}}"#
    }
    #expect(try id(text("/till/1"), mapping) == "/till/1:1")
    #expect(try id(text("/till/2"), mapping) == "/till/2:1")
    #expect(try id(text("urn:till"), mapping) == "urn%3Atill:1")
    #expect(try id(text("/till/1", specversion: ""), mapping) == "1")
    #expect(try id(#"{"specversion":"1.0","id":"1","type":"sold"}"#, mapping) == "1")
  }

  @Test(arguments: [#""""#, "true", "1.5", "[]"])
  func `What is there and is no eventId is not passed over for the next entry`(value: String) throws {
    let mapping = try mapping([try MemberSource("/eventId"), try MemberSource("/id"), try MemberSource("@sha256")])
    #expect(reason(#"{"eventId":\#(value),"id":"1","type":"T"}"#, mapping) == .invalidEventId)
  }

  @Test func `A prefix stands before whatever is found`() throws {
    for (source, expected) in [("/id", "A-1"), ("@filename", "A-a")] {
      #expect(try id(#"{"id":1,"type":"T"}"#, mapping([try MemberSource(source)], prefix: "A-")) == expected)
    }
    let long = String(repeating: "x", count: 511)
    #expect(
      reason(#"{"id":"\#(long)","type":"T"}"#, try mapping([try MemberSource("/id")], prefix: "A-")) == .invalidEventId)
  }

  // MARK: Drops in the shape of a record

  private let record = """
    {"eventId":"1","eventType":"T","processedAt":"2026-11-23T03:41:00.123Z","data":{"a":1},\
    "createdAt":"2026-11-22T03:41:00.123Z","updatedAt":"2026-11-23T03:41:00.123Z",\
    "source":{"inbox":"till","file":"a.json","sha256":"\(String(repeating: "0", count: 64))","bytes":9}}
    """

  @Test func `A record is one where the mapping finds what it says of itself`() throws {
    let event = try event(record, mapping([try MemberSource("/eventId")]))
    #expect(event.eventId.text == "1")
    #expect(event.createdAt?.rfc3339 == "2026-11-22T03:41:00.123Z")
  }

  @Test func `A sender in the shape of a record decides no more than the mapping lets it`() throws {
    let bySum = try mapping([.sha256], type: ["/none"], typeDefault: "TILL")
    let dropped = try event(record, bySum)
    #expect(dropped.eventId.text == dropped.source.sha256)
    #expect(dropped.eventType == "TILL")
    #expect(dropped.createdAt == nil)
    #expect(try id(record, mapping([try MemberSource("/eventId")], prefix: "A-")) == "A-1")
    #expect(
      try event(record, mapping([try MemberSource("/eventId")], type: ["/none"], typeDefault: "X")).eventType == "X")
    #expect(reason(record, try mapping([try MemberSource("/id")])) == .missingEventId)
  }

  @Test func `One that is known from this inbox with the same data is that record`() throws {
    let data = Array(#"{"a":1}"#.utf8)
    let digest = JSONText.digest(of: 0..<data.count, in: data.span)
    let mapping = try mapping([.sha256], prefix: "A-")
    // White space between tokens does not matter.
    for text in [record + "\n", record.replacing(#"{"a":1}"#, with: #" { "a" : 1 } "#)] {
      let event = try event(text, mapping) { claim in
        claim.eventId.text == "1" && claim.inbox == "till" && claim.cameFrom == "till" && claim.dataDigest == digest
      }
      #expect(event.eventId.text == "1")
      #expect(event.eventType == "T")
    }
  }
}
