import ExactJSON
import TestSupport
import Testing

@Suite(.tags(.fast)) struct JSONTextTests {
  @Test(arguments: [
    ("", ""), ("abc", "abc"), (#"\"\\\/"#, #""\/"#), (#"\b\f\n\r\t"#, "\u{8}\u{C}\n\r\t"), (#"a\u0041b"#, "aAb"),
    (#"\u00e9\u00E9é"#, "ééé"), (#"\u20AC"#, "€"), (#"\ud834\uDD1E"#, "𝄞"), (#"x\uDBFF\uDFFFy"#, "x\u{10FFFF}y"),
    (#"\u0000"#, "\u{0}"), (#"\\u0041"#, #"\u0041"#), (#"\uFFFE\ufeff"#, "\u{FFFE}\u{FEFF}"),
    (#"\uD7FF\uE000"#, "\u{D7FF}\u{E000}"),
    (#"\ud800\udc00"#, "\u{10000}"),
  ])
  func resolvesEscapes(written: String, meant: String) throws {
    let bytes = Array("\"\(written)\"".utf8)
    _ = try scan(bytes)
    #expect(
      JSONText.string(1..<bytes.count - 1, in: bytes.span)?.unicodeScalars.elementsEqual(meant.unicodeScalars) == true)
    var output: [UInt8] = [1, 2]
    #expect(JSONText.appendUnescaped(1..<bytes.count - 1, of: bytes.span, to: &output) == true)
    #expect(output == [1, 2] + Array(meant.utf8))
  }

  @Test(arguments: [
    #"\ud800"#, #"\udc00"#, #"a\ud800b"#, #"\ud800\ud800\udc00"#, #"\udc00\ud800"#, #"\ud834x\udd1e"#, #"\ud834\n"#,
    #"\ud800\u0041"#, #"é\uDFFF"#, #"\ud83d\ude00\ud83d"#,
  ])
  func hasNoStringForLoneSurrogates(written: String) throws {
    let bytes = Array("\"\(written)\"".utf8)
    _ = try scan(bytes)
    #expect(JSONText.string(1..<bytes.count - 1, in: bytes.span) == nil)
    var output: [UInt8] = [1, 2]
    #expect(JSONText.appendUnescaped(1..<bytes.count - 1, of: bytes.span, to: &output) == false)
    #expect(output == [1, 2])
  }

  @Test(arguments: [#"\"#, #"\x"#, #"\u"#, #"\u12"#, #"\u12G4"#, #"\ud834\u"#, #"\ud834\"#])
  func hasNoStringForWhatIsNoEscape(written: String) {
    let bytes = Array(written.utf8)
    #expect(JSONText.string(0..<bytes.count, in: bytes.span) == nil)
    #expect(JSONText.string(0..<1, in: [0xFF].span) == nil)
  }

  @Test func comparesNames() throws {
    let bytes = Array(
      #"{"eventId":1,"event\u0049d":2,"eventid":3,"eventId ":4,"":5,"\ud800":6,"caf\u00e9":7,"event\/Id":8}"#.utf8)
    let members = try scan(bytes).members
    func named(_ name: String) -> [String] {
      members.filter { JSONText.name(of: $0, in: bytes.span, equals: Array(name.utf8)) }.map {
        text($0.value.range, of: bytes)
      }
    }
    #expect(named("eventId") == ["1", "2"])
    #expect(named("") == ["5"])
    #expect(named("café") == ["7"])
    #expect(named("event/Id") == ["8"])
    #expect(named("event\\u0049d").isEmpty)
    #expect(named("\u{FFFD}").isEmpty)
    #expect(members.filter { JSONText.name(of: $0, in: bytes.span, equals: "eventId") }.count == 2)
    #expect(members.filter { JSONText.name(of: $0, in: bytes.span, equals: "é") }.isEmpty)
    #expect(JSONText.name(of: members[4], in: bytes.span, equals: "") == true)
  }

  @Test func splitsNestedValues() throws {
    let bytes = Array(#" {"a": {"x":1, "y" : [ 2,{"z":3} ]}, "b":[ ]} "#.utf8)
    let document = try scan(bytes)
    var members: [JSONMember] = []
    JSONText.members(of: document.root, in: bytes.span, into: &members)
    #expect(members == document.members)
    let outer = try #require(members.first?.value)
    JSONText.members(of: outer, in: bytes.span, into: &members)
    #expect(members.map { text($0.name, of: bytes) } == ["x", "y"])
    let list = try #require(members.last?.value)
    var elements: [JSONValue] = []
    JSONText.elements(of: list, in: bytes.span, into: &elements)
    #expect(elements.map { text($0.range, of: bytes) } == ["2", #"{"z":3}"#])
    // Of another kind: none, and the previous ones are gone.
    JSONText.members(of: list, in: bytes.span, into: &members)
    #expect(members.isEmpty)
    JSONText.elements(of: outer, in: bytes.span, into: &elements)
    #expect(elements.isEmpty)
  }

  @Test func splitsValuesOfAnyDepth() throws {
    let bytes = Array((String(repeating: "[", count: 600) + String(repeating: "]", count: 600)).utf8)
    let document = try scan(bytes, depthLimit: 600)
    var elements: [JSONValue] = []
    JSONText.elements(of: document.root, in: bytes.span, into: &elements)
    #expect(elements == document.elements)
  }

  @Test func leavesNothingOfABrokenValue() {
    let bytes = Array(#"{"a":1,"b":2,x}[1,2,x]"#.utf8)
    var members: [JSONMember] = []
    JSONText.members(of: JSONValue(kind: .object, range: 0..<15), in: bytes.span, into: &members)
    #expect(members.isEmpty)
    var elements: [JSONValue] = []
    JSONText.elements(of: JSONValue(kind: .array, range: 15..<22), in: bytes.span, into: &elements)
    #expect(elements.isEmpty)
    JSONText.elements(of: JSONValue(kind: .array, range: 0..<0), in: bytes.span, into: &elements)
    #expect(elements.isEmpty)
  }

  @Test(arguments: [
    ("", #""""#), ("a/b", #""a/b""#), (#"""#, #""\"""#), (#"\"#, #""\\""#), ("\n\t\r\u{8}\u{C}", #""\n\t\r\b\f""#),
    ("\u{0}\u{1}\u{1F}", #""\u0000\u0001\u001f""#), ("é€𝄞 \u{A0}", "\"é€𝄞 \u{A0}\""),
    // Invisible characters, and those that change the direction of the rest.
    ("\u{7F}\u{9B}\u{2028}\u{202E}", #""\u007f\u009b\u2028\u202e""#),
    ("\u{AD}\u{200B}\u{200D}\u{2066}\u{FEFF}\u{3164}", #""\u00ad\u200b\u200d\u2066\ufeff\u3164""#),
    ("\u{E0041}\u{FFFF}", #""\udb40\udc41\uffff""#),
    ("a\"b\\c\nd", #""a\"b\\c\nd""#),
  ])
  func quotes(meant: String, written: String) {
    var output: [UInt8] = []
    JSONText.appendQuoted(meant.utf8, to: &output)
    #expect(String(decoding: output, as: UTF8.self) == written)
  }

  @Test func `What is only passed on keeps what can stay`() {
    var output: [UInt8] = []
    JSONText.appendQuotedVerbatim("\u{7F}é\u{202E}\n\u{1}".utf8, to: &output)
    #expect(String(decoding: output, as: UTF8.self) == "\"\u{7F}é\u{202E}\\n\\u0001\"")
  }

  @Test func whatIsQuotedIsReadBackTheSame() throws {
    var random = SeededGenerator(seed: 3)
    for round in 0..<5000 {
      let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
        round % 2 == 0 ? UInt8.random(in: 0...0x7F, using: &random) : UInt8.random(in: .min ... .max, using: &random)
      }
      var output: [UInt8] = []
      JSONText.appendQuoted(bytes, to: &output)
      // Bytes that are not UTF-8 are repaired as the standard library repairs them.
      let shown = String(decoding: bytes, as: UTF8.self)
      let document = try scan(output)
      #expect(document.root.kind == .string)
      let read = JSONText.string(1..<output.count - 1, in: output.span)
      #expect(read?.unicodeScalars.elementsEqual(shown.unicodeScalars) == true, "\(bytes)")
      // The same from a collection whose bytes are not contiguous.
      var other: [UInt8] = []
      JSONText.appendQuoted(bytes.lazy.map { $0 }, to: &other)
      #expect(other == output)
    }
  }
}
