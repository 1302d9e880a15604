import ExactJSON
import TestSupport
import Testing

@Suite(.tags(.fast)) struct JSONPointerTests {
  private func found(_ pointer: String, _ text: String) throws -> String {
    let bytes = Array(text.utf8)
    let document = try scan(bytes)
    switch try JSONPointer(pointer).resolve(in: document, bytes.span) {
    case .missing: return "missing"
    case .duplicate(let member): return "duplicate at \(member.name.lowerBound)"
    case .value(let value): return ExactJSONTests.text(value.range, of: bytes)
    }
  }

  @Test(arguments: [
    // RFC 6901, section 5.
    ("/foo", #"["bar", "baz"]"#), ("/foo/0", #""bar""#), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"), ("/e^f", "3"),
    ("/g|h", "4"), (#"/i\j"#, "5"), (#"/k"l"#, "6"), ("/ ", "7"), ("/m~0n", "8"),
  ])
  func followsTheExamplesOfTheRFC(pointer: String, expected: String) throws {
    let text =
      #"{"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8}"#
    #expect(try found(pointer, text) == expected)
    #expect(try found("", text) == text)
    #expect(try JSONPointer(pointer).description == pointer)
  }

  @Test(arguments: [
    ("", "1", "1"), ("", " [1] ", "[1]"), ("/", "1", "missing"), ("/a", #""a""#, "missing"), ("/0", "[7]", "7"),
    ("/0/0", "[[8]]", "8"),
    ("/a/b/c/1/d", #"{"a":{"b":{"c":[0,{"d":"x"}]}}}"#, #""x""#), ("/a/b", #"{"a":{"c":1}}"#, "missing"),
    ("/a/b", #"{"a":1}"#, "missing"),
    ("/b/c", #"{"a":1}"#, "missing"), ("//", #"{"":{"":3}}"#, "3"), ("/é", #"{"\u00e9":4}"#, "4"),
    ("/a", "{}", "missing"),
    ("/0", #"{"0":1}"#, "1"), ("/01", #"{"01":1}"#, "1"), ("/-", #"{"-":1}"#, "1"), ("/~01", #"{"~1":1}"#, "1"),
    ("/~1~0", #"{"/~":1}"#, "1"),
  ])
  func follows(pointer: String, text: String, expected: String) throws {
    #expect(try found(pointer, text) == expected)
  }

  @Test(arguments: [
    "/-", "/00", "/01", "/3", "/1e0", "/+1", "/-1", "/ 1", "/", "/99999999999999999999999999", "/9223372036854775807",
    "/9223372036854775808", "/a", "/\u{661}",
  ])
  func hasNoSuchElement(pointer: String) throws {
    #expect(try found(pointer, "[0,1,2]") == "missing")
  }

  @Test func findsElementsByTheirIndex() throws {
    let text = "[" + (0..<120).map { "\($0 * 2)" }.joined(separator: ",") + "]"
    for index in [0, 1, 9, 10, 99, 100, 119] { #expect(try found("/\(index)", text) == "\(index * 2)") }
    #expect(try found("/120", text) == "missing")
  }

  @Test(arguments: [
    ("/a", #"{"a":1,"a":1}"#, "duplicate at 8"), ("/a", #"{"a":1,"\u0061":2}"#, "duplicate at 8"),
    ("/b", #"{"a":1,"a":1,"b":2}"#, "2"),
    ("/a/b", #"{"a":{},"a":{"b":1}}"#, "duplicate at 9"), ("/x/a", #"{"x":{"a":1,"a":1}}"#, "duplicate at 13"),
    ("/a/b", #"{"a":{"b":1,"c":2,"c":3}}"#, "1"), ("/a", #"{"a":1,"a":2,"a":3}"#, "duplicate at 8"),
    ("/0/a/b", #"[{"a":1,"a":{"b":2}}]"#, "duplicate at 9"),
  ])
  func findsNamesThatOccurTwice(pointer: String, text: String, expected: String) throws {
    #expect(try found(pointer, text) == expected)
  }

  @Test(arguments: [
    ("a", JSONPointerError.Reason.noSlash, 0), ("#/a", .noSlash, 0), (" /a", .noSlash, 0), ("~", .noSlash, 0),
    ("/~", .invalidEscape, 1), ("/a/b~2", .invalidEscape, 4), ("/~/a", .invalidEscape, 1), ("/~~0", .invalidEscape, 1),
    ("/é~x", .invalidEscape, 3),
  ])
  func refuses(pointer: String, reason: JSONPointerError.Reason, offset: Int) {
    #expect(throws: JSONPointerError(reason: reason, offset: offset)) { try JSONPointer(pointer) }
    #expect(!JSONPointerError(reason: reason, offset: offset).message.isEmpty)
  }

  @Test func hasTokens() throws {
    #expect(try JSONPointer("").tokens == [])
    #expect(try JSONPointer("/").tokens == [[]])
    #expect(try JSONPointer("/a~1b/~0//é").tokens.map { String(decoding: $0, as: UTF8.self) } == ["a/b", "~", "", "é"])
  }
}
