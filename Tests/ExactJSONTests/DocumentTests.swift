import ExactJSON
import TestSupport
import Testing

@Suite(.tags(.fast)) struct DocumentTests {
  @Test func findsMembers() throws {
    let bytes = Array(#" { "a" : 1 , "b\n":"x\"y", "":{"c":[1, {}]},"a":[ ],"t":true,"f":false,"n" : null } "#.utf8)
    let document = try scan(bytes)
    #expect(document.root.kind == .object)
    #expect(document.root.range == 1..<bytes.count - 1)
    #expect(document.members.map { text($0.name, of: bytes) } == ["a", #"b\n"#, "", "a", "t", "f", "n"])
    #expect(document.members.map(\.nameIsEscaped) == [false, true, false, false, false, false, false])
    #expect(document.members.map(\.value.kind) == [.number, .string, .object, .array, .true, .false, .null])
    #expect(
      document.members.map { text($0.value.range, of: bytes) }
        == ["1", #""x\"y""#, #"{"c":[1, {}]}"#, "[ ]", "true", "false", "null"])
    #expect(document.elements.isEmpty)
    #expect(document.depth == 4)
  }

  @Test func findsElements() throws {
    let bytes = Array(#"[1,-2.5e3 ,"é",[[]],{"a":[]}, {} ,null]"#.utf8)
    let document = try scan(bytes)
    #expect(document.root == JSONValue(kind: .array, range: 0..<bytes.count))
    #expect(document.elements.map(\.kind) == [.number, .number, .string, .array, .object, .object, .null])
    #expect(
      document.elements.map { text($0.range, of: bytes) }
        == ["1", "-2.5e3", #""é""#, "[[]]", #"{"a":[]}"#, "{}", "null"])
    #expect(document.members.isEmpty)
  }

  @Test(arguments: [
    ("null", JSONKind.null, 0), ("true", .true, 0), ("false", .false, 0), ("12", .number, 0), (#""a""#, .string, 0),
    ("{}", .object, 1), ("[]", .array, 1), ("[ [ ] ]", .array, 2), (#"{"a":{"b":[]},"c":[]}"#, .object, 3),
  ])
  func reportsKindAndDepth(text: String, kind: JSONKind, depth: Int) throws {
    let document = try scan("\n" + text + " ")
    #expect(document.root == JSONValue(kind: kind, range: 1..<text.utf8.count + 1))
    #expect(document.depth == depth)
  }

  @Test(arguments: ["[", #"{"a":"#, #"[{"":"#])
  func countsDepthToTheLimit(opening: String) throws {
    let brackets = opening == #"[{"":"# ? 2 : 1
    func nested(_ depth: Int) -> [UInt8] {
      let closing = opening == "[" ? "]" : opening == #"{"a":"# ? "}" : "}]"
      let half = depth / brackets
      return Array((String(repeating: opening, count: half) + "0" + String(repeating: closing, count: half)).utf8)
    }
    for limit in [2, 62, 64, 126, 128, 130, 512, 514] {
      #expect(try scan(nested(limit), depthLimit: limit).depth == limit)
      let error = errorOfScan(nested(limit + 2), depthLimit: limit)
      #expect(error?.reason == .tooDeep)
      // The first bracket too many is the first of its round, because all limits are even.
      #expect(error?.offset == limit / brackets * opening.utf8.count)
    }
    #expect(throws: JSONError.self) { try scan(nested(2), depthLimit: 0) }
    #expect(throws: JSONError.self) { try scan("[]", depthLimit: -1) }
    #expect(try scan("1", depthLimit: 0).depth == 0)
  }

  @Test func closesDeepContainersInTheRightOrder() throws {
    // Objects and arrays in an order without repetition: each must be closed by its own bracket.
    var random = SeededGenerator(seed: 5)
    for depth in 1...300 {
      let kinds = (0..<depth).map { _ in Bool.random(using: &random) }
      let opening = kinds.map { $0 ? #"{"":"# : "[" }.joined() + "0"
      let closing = kinds.reversed().map { $0 ? "}" : "]" }
      #expect(try scan(opening + closing.joined()).depth == depth)
      let wrong = Int.random(in: 0..<depth, using: &random)
      var crossed = closing
      crossed[wrong] = crossed[wrong] == "}" ? "]" : "}"
      let error = errorOfScan(opening + crossed.joined())
      #expect(error?.offset == opening.utf8.count + wrong)
    }
  }

  @Test func survivesDeepInput() {
    let million = 1_000_000
    #expect(errorOfScan(Array(repeating: UInt8(ascii: "["), count: million))?.offset == 512)
    let error = errorOfScan(Array(repeating: UInt8(ascii: "["), count: million), depthLimit: .max)
    #expect(error?.reason == .unexpectedEnd)
    #expect(error?.offset == million)
    let whole =
      Array(repeating: UInt8(ascii: "["), count: million) + Array(repeating: UInt8(ascii: "]"), count: million)
    #expect(errorOfScan(whole, depthLimit: million) == nil)
    #expect(errorOfScan(whole, depthLimit: million - 1)?.offset == million - 1)
  }

  @Test func marksTheFirstBracketBeyondTheDepthOfInterest() throws {
    let text = #"{"a":[1],"b":[[2]],"c":{"d":{}}}"#
    #expect(try scan(text).firstTooDeep == nil)
    #expect(try scan(text, depthOfInterest: 3).firstTooDeep == nil)
    #expect(try scan(text, depthOfInterest: 2).firstTooDeep == 14)
    #expect(try scan(text, depthOfInterest: 1).firstTooDeep == 5)
    #expect(try scan(text, depthOfInterest: 0).firstTooDeep == 0)
    #expect(try scan("1", depthOfInterest: 0).firstTooDeep == nil)
    // Even an empty container.
    #expect(try scan("[[],[[]]]", depthOfInterest: 2).firstTooDeep == 5)
  }

  @Test func forgetsTheLastScan() throws {
    var document = JSONDocument()
    try document.scan(Array(#"{"a":[[1]],"b":2}"#.utf8).span, depthOfInterest: 1)
    #expect(document.members.count == 2)
    try document.scan(Array("[3]".utf8).span)
    #expect(document.members.isEmpty)
    #expect(document.elements.count == 1)
    #expect(document.depth == 1)
    #expect(document.firstTooDeep == nil)
    // A failed scan leaves nothing of what it had found.
    #expect(throws: JSONError.self) { try document.scan(Array(#"[1,[2],x]"#.utf8).span, depthOfInterest: 1) }
    #expect(document.root == JSONValue(kind: .null, range: 0..<0))
    #expect(document.elements.isEmpty)
    #expect(document.depth == 0)
    #expect(document.firstTooDeep == nil)
    // Nor does a scan that failed deep inside objects affect the next.
    let deep = String(repeating: #"{"a":"#, count: 200)
    #expect(throws: JSONError.self) { try document.scan(Array(deep.utf8).span) }
    try document.scan(Array("[1]".utf8).span)
    #expect(document.elements.count == 1)
  }

  @Test(arguments: [0, 1, 3, 100]) func notesNoMoreThanIsWanted(limit: Int) throws {
    var document = JSONDocument()
    let object = Array(#"{"a":1,"b":{"c":2},"a":[3],"d":4}"#.utf8)
    try document.scan(object.span, noteLimit: limit)
    #expect(document.members.count == min(limit, 4) && document.hasLeftOut == (limit < 4))
    var names: [String] = []
    JSONText.forEachMember(of: document.root, in: object.span) { names.append(text($0.name, of: object)) }
    #expect(names == ["a", "b", "a", "d"])
    for (pointer, start) in [("/d", 31), ("/b/c", 16)] {
      guard case .value(let value) = try JSONPointer(pointer).resolve(in: document, object.span) else {
        Issue.record("\(pointer) is missing")
        continue
      }
      #expect(value.range.lowerBound == start)
    }
    guard case .duplicate = try JSONPointer("/a").resolve(in: document, object.span) else {
      Issue.record("the second a is not seen")
      return
    }
    let array = Array("[1,[2,7],3,4]".utf8)
    try document.scan(array.span, noteLimit: limit)
    #expect(document.elements.count == min(limit, 4) && document.hasLeftOut == (limit < 4))
    #expect(try JSONPointer("/3").resolve(in: document, array.span) == .value(JSONValue(kind: .number, range: 11..<12)))
    #expect(try JSONPointer("/1/1").resolve(in: document, array.span) == .value(JSONValue(kind: .number, range: 6..<7)))
    #expect(try JSONPointer("/4").resolve(in: document, array.span) == .missing)
    try document.scan(Array("[1]".utf8).span)
    #expect(!document.hasLeftOut)
  }

  @Test func keepsItsMemory() throws {
    var document = JSONDocument()
    let bytes = Array(("{" + (0..<100).map { "\"\($0)\":[]" }.joined(separator: ",") + "}").utf8)
    try document.scan(bytes.span)
    let capacity = document.members.capacity
    let address = document.members.withUnsafeBufferPointer(\.baseAddress)
    for _ in 0..<10 {
      try document.scan(Array("[1]".utf8).span)
      try document.scan(bytes.span)
      #expect(document.members.withUnsafeBufferPointer(\.baseAddress) == address)
    }
    document.clear()
    #expect(document.members.capacity == capacity)
  }
}
