import Events
import ExactJSON
import TestSupport
import Testing
import Time

/// Reads a document with the default mapping, changed as a test needs it.
private func read(
  _ text: String, name: String = "a.json", change: (inout EventMapping) -> Void = { _ in }
) throws -> [DroppedItem] {
  var mapping = EventMapping(
    inbox: "default", eventId: [try MemberSource("/eventId"), try MemberSource("/id")],
    eventType: [try MemberSource("/eventType"), try MemberSource("/type")], data: [try MemberSource("/data")],
    maxEventSize: 4 << 20)
  change(&mapping)
  var reader = EventReader(mapping: mapping)
  return try reader.events(inDocument: Array(text.utf8), named: DropName(bytes: name.utf8))
}

private func event(
  _ text: String, name: String = "a.json", change: (inout EventMapping) -> Void = { _ in }
) throws -> Event {
  let items = try read(text, name: name, change: change)
  guard items.count == 1, case .event(let event) = items[0] else { throw Unexpected(items: items) }
  return event
}

private func failure(_ text: String, change: (inout EventMapping) -> Void = { _ in }) -> DropFailure? {
  do {
    guard case .failed(let item)? = try read(text, change: change).first else { return nil }
    return item.failure
  } catch {
    return error as? DropFailure
  }
}

private struct Unexpected: Error {
  var items: [DroppedItem]
}

private let time = Timestamp(milliseconds: 1_763_869_260_123)

private func record(of event: Event) -> String {
  String(decoding: event.record(processedAt: time, createdAt: event.createdAt ?? time, updatedAt: time), as: UTF8.self)
}

@Suite(.tags(.fast)) struct EventReaderTests {
  @Test func `A record has its members in order, and data byte for byte`() throws {
    let event = try event(
      "\u{FEFF} { \"more\" : [1,  2], \"data\":{\"n\":1.0e+2, \"n\":9007199254740993, \"s\":\"\\u00e9\\/\"},"
        + "\"eventType\":\"T\",\n \"eventId\":\"e/1\" , \"x\":null} ")
    #expect(
      record(of: event) == #"{"eventId":"e/1","eventType":"T","processedAt":"2025-11-23T03:41:00.123Z","#
        + #""data":{"n":1.0e+2, "n":9007199254740993, "s":"\u00e9\/"},"createdAt":"2025-11-23T03:41:00.123Z","#
        + #""updatedAt":"2025-11-23T03:41:00.123Z","attributes":{"more":[1,  2],"x":null},"#
        + #""source":{"inbox":"default","file":"a.json","sha256":"\#(event.source.sha256)","bytes":123}}"# + "\n")
  }

  /// With so many members, their places are not kept.
  @Test(arguments: [0, 5000, 10_000], [true, false])
  func `An event with very many members becomes the record that it should`(place: Int, isInArray: Bool) throws {
    let members = (0..<10_000).map { #""m\#($0)" : \#($0)"# }
    let own = [#""data" : {"n": 1}"#, #""id":"e""#, #""type" :"t""#]
    let text = "{" + (members[..<place] + own + members[place...]).joined(separator: " , ") + "}"
    let event: Event
    if isInArray {
      guard case .event(let first)? = try read("[\(text), \(text)]").first else {
        Issue.record("it is no event")
        return
      }
      event = first
    } else {
      event = try EventsTests.event(text)
    }
    let attributes = (0..<10_000).map { #""m\#($0)":\#($0)"# }.joined(separator: ",")
    let record = record(of: event)
    #expect(record.hasPrefix(#"{"eventId":"e","eventType":"t","processedAt":"#))
    #expect(record.contains(#","data":{"n": 1},"createdAt""#))
    #expect(record.contains(#","attributes":{\#(attributes)},"source""#))
    // Dropped again, it is the same.
    let again = try EventsTests.event(record)
    #expect(EventsTests.record(of: again).contains(#","attributes":{\#(attributes)},"source""#))
  }

  @Test func `A member that stands twice is seen among very many`() {
    let members = (0..<10_000).map { #""m\#($0)":\#($0)"# }
    let text = "{" + ([#""id":"e""#] + members + [#""type":"t""#, #""id":"f""#]).joined(separator: ",") + "}"
    #expect(failure(text)?.reason == .duplicateMember)
  }

  @Test func `Records of payment services and CloudEvents need no settings`() throws {
    let stripe = try event(
      #"{"id":"evt_1","object":"event","data":{"object":{}},"type":"charge.refunded","livemode":false}"#)
    #expect(stripe.eventId == "evt_1")
    #expect(record(of: stripe).contains(#""attributes":{"object":"event","livemode":false}"#))
    let cloud = try event(#"{"specversion":"1.0","id":"7","source":"/shop","type":"order","data":[1]}"#)
    #expect(record(of: cloud).contains(#""data":[1]"#))
    #expect(record(of: cloud).contains(#""attributes":{"specversion":"1.0","source":"/shop"}"#))
  }

  @Test(arguments: [
    (#"{"eventId":12,"type":"t"}"#, "12"), (#"{"eventId":-0,"type":"t"}"#, "-0"),
    (#"{"eventId":null,"id":"x","type":"t"}"#, "x"), (#"{"\u0069d":"\u00e9\uD83D\uDE00","type":"t"}"#, "é😀"),
    (#"{"id":900719925474099312345678901234567890,"type":"t"}"#, "900719925474099312345678901234567890"),
  ])
  func `An eventId is a string, or an integer by its digits`(text: String, expected: String) throws {
    #expect(try event(text).eventId == EventID(expected))
  }

  @Test(arguments: [
    ("", FailureReason.invalidJSON), ("{", .invalidJSON), ("{} {}", .invalidJSON), ("\"x\"", .notAnObject),
    ("7", .notAnObject),
    (#"{"type":"t"}"#, .missingEventId), (#"{"id":"1"}"#, .missingEventType),
    (#"{"id":"","type":"t"}"#, .invalidEventId),
    (#"{"id":1.5,"type":"t"}"#, .invalidEventId), (#"{"id":1e3,"type":"t"}"#, .invalidEventId),
    (#"{"id":["1"],"type":"t"}"#, .invalidEventId), (#"{"id":"a\u0007","type":"t"}"#, .invalidEventId),
    (#"{"id":"\ud800","type":"t"}"#, .invalidEventId), (#"{"id":"1","type":7}"#, .invalidEventType),
    (#"{"id":"1","type":""}"#, .invalidEventType), (#"{"id":"1","\u0069d":"2","type":"t"}"#, .duplicateMember),
    (#"{"id":"1","type":"t","type":"t"}"#, .duplicateMember),
    (#"{"id":"1","type":"t","data":1,"data":2}"#, .duplicateMember),
    ("[1]", .notAnObject), (#"[{"id":"1"}]"#, .missingEventType), (#"[{"id":"1","type":"t"},"#, .invalidJSON),
  ])
  func `What is not an event is refused, with its reason`(text: String, reason: FailureReason) {
    #expect(failure(text)?.reason == reason)
  }

  @Test func `An id may have 512 bytes, a type 256, and nesting 512`() throws {
    func text(id: Int, type: Int, depth: Int) -> String {
      let data = String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1)
      return
        #"{"id":"\#(String(repeating: "i", count: id))","type":"\#(String(repeating: "t", count: type))","x":\#(data)}"#
    }
    let largest = try event(text(id: 512, type: 256, depth: 512))
    #expect(failure(text(id: 513, type: 1, depth: 2))?.reason == .invalidEventId)
    #expect(failure(text(id: 1, type: 257, depth: 2))?.reason == .invalidEventType)
    #expect(failure(text(id: 1, type: 1, depth: 513))?.message.text(in: .en).contains("deeper than 512") == true)
    // Its record is nested one deeper, and still a drop.
    #expect(try event(record(of: largest)).eventId == largest.eventId)
  }

  @Test func `A record dropped again gives what it gave before, whatever the mapping`() throws {
    let first = try event(
      #"{"order":{"no":7},"kind":"T","payload":{"a": 1},"z":true}"#,
      change: { mapping in
        mapping.eventId = [.pointer(pointer("/order/no"))]
        mapping.eventType = [.pointer(pointer("/kind"))]
        mapping.data = [.pointer(pointer("/payload"))]
      })
    let text = record(of: first)
    #expect(text.contains(#""attributes":{"order":{"no":7},"z":true}"#))
    let again = try event(text.replacing("{\"a\": 1}", with: "{\"a\": 1}"))
    #expect(again.createdAt == time)
    #expect(record(of: again).prefix { $0 != "s" } == text.prefix { $0 != "s" })
    #expect(record(of: again).contains(#""attributes":{"order":{"no":7},"z":true}"#))
    // Edited by a person: white space and order do not matter.
    let edited = "{\n" + text.dropFirst().dropLast(2).replacing(#","createdAt""#, with: ",\n  \"createdAt\"") + "\n}"
    #expect(try event(edited).createdAt == time)
  }

  @Test func `The whole event can be its data, and the file can give its id`() throws {
    let event = try event(
      #"{"a":1}"#, name: "inv.2026.json",
      change: { mapping in
        mapping.eventId = [.fileName]
        mapping.eventTypeDefault = "INVOICE"
        mapping.data = [.pointer(pointer(""))]
      })
    #expect(event.eventId == "inv.2026")
    #expect(record(of: event).contains(#""data":{"a":1},"createdAt""#))
    #expect(!record(of: event).contains("attributes"))
  }

  @Test func `An event over its size is refused`() {
    #expect(
      failure(#"{"id":"1","type":"t","data":"xxxxxxxxxxxxxxxxxxxx"}"#) { $0.maxEventSize = 30 }?.reason == .tooLarge)
  }

  private func pointer(_ text: String) -> JSONPointer {
    do {
      return try JSONPointer(text)
    } catch {
      preconditionFailure("\(text): \(error)")
    }
  }
}

@Suite(.tags(.fast)) struct EventKeyTests {
  @Test(arguments: [
    ("evt_1", "evt_1"), ("a/b", "a%2Fb"), ("..", "%2E."), (".x", "%2Ex"), ("x.y", "x.y"), ("é", "%C3%A9"),
    ("a b~", "a%20b%7E"),
    ("%", "%25"),
  ])
  func `A key is the eventId, percent-encoded`(eventId: String, key: String) {
    #expect(EventKey(eventId: EventID(eventId)).text == key)
    #expect(EventKey.eventId(ofKey: key) == EventID(eventId))
  }

  @Test(arguments: ["a%2fb", "a/b", "%", "%4", "%C3", "%61", ".x", "a~b"])
  func `What is no key has no eventId`(text: String) { #expect(EventKey.eventId(ofKey: text) == nil) }

  @Test func `A long one is cut, and stays distinct`() {
    let plain = String(repeating: "a", count: 200)
    #expect(EventKey(eventId: EventID(plain)).text == plain)
    let long = EventKey(eventId: EventID(plain + "b")).text
    #expect(long.utf8.count == 193)
    #expect(long.hasPrefix(String(repeating: "a", count: 160) + "~"))
    #expect(long != EventKey(eventId: EventID(plain + "c")).text)
    #expect(EventKey.eventId(ofKey: plain) == EventID(plain) && EventKey.eventId(ofKey: long) == nil)
  }
}

@Suite(.tags(.fast)) struct FailureReportTests {
  @Test func `A report reads back as it was written`() throws {
    let report = FailureReport(
      file: "a \"b\".json",
      failure: DropFailure(
        stage: .forward, reason: .rejected, message: "no\nway", place: FailurePlace(line: 1, column: 2, offset: 3),
        eventId: "é", eventType: "t"), httpStatus: 422, response: "{\"x\":1}", attempts: 3, firstFailedAt: time,
      lastFailedAt: time + .seconds(1), nextAttemptAt: time + .seconds(2), inbox: "default")
    #expect(FailureReport(report.encoded(in: .en)) == report)
    let text = String(decoding: report.encoded(in: .en), as: UTF8.self)
    #expect(text.hasPrefix("{\n  \"file\": \"a \\\"b\\\".json\",\n  \"eventId\": \"é\",\n"))
    #expect(text.hasSuffix("\"inbox\": \"default\"\n}\n"))
    #expect(FailureReport(Array("{}".utf8)) == nil)
    #expect(FailureReport(Array("not json".utf8)) == nil)
  }
}
