import ExactJSON
import TestSupport
import Testing

/// Compact copies, and comparing token by token.
@Suite(.tags(.fast)) struct TokenTests {
  private func compact(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var output: [UInt8] = []
    JSONText.appendCompact(0..<bytes.count, of: bytes.span, to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  private func isCompact(_ text: String) -> Bool {
    JSONText.isCompact(0..<text.utf8.count, of: Array(text.utf8).span)
  }

  private func same(_ first: String, _ second: String) -> Bool {
    let (first, second) = (Array(first.utf8), Array(second.utf8))
    let forth = JSONText.sameTokens(0..<first.count, of: first.span, 0..<second.count, of: second.span)
    let back = JSONText.sameTokens(0..<second.count, of: second.span, 0..<first.count, of: first.span)
    #expect(forth == back)
    return forth
  }

  @Test(arguments: [
    ("{ }", "{}"), (" [ 1 , 2 ] ", "[1,2]"),
    ("{\n  \"a b\" : \" \\\" x \" ,\r\n\t\"c\":null}", #"{"a b":" \" x ","c":null}"#),
    (#""\\" "#, #""\\""#), ("\t1e5\n", "1e5"), ("[ true,false , null ]", "[true,false,null]"),
    (#"[" é € "]"#, #"[" é € "]"#),
    ("", ""), ("  ", ""),
  ])
  func leavesWhiteSpaceOut(written: String, expected: String) {
    #expect(compact(written) == expected)
    #expect(isCompact(expected))
    #expect(isCompact(written) == (written == expected))
    #expect(same(written, expected))
  }

  @Test func appendsOnlyTheRange() {
    let bytes = Array(#"{"a": [ 1, 2 ], "b":3}"#.utf8)
    var output: [UInt8] = [0x78]
    JSONText.appendCompact(6..<14, of: bytes.span, to: &output)
    #expect(String(decoding: output, as: UTF8.self) == "x[1,2]")
    #expect(JSONText.isCompact(6..<14, of: bytes.span) == false)
    #expect(JSONText.isCompact(16..<21, of: bytes.span) == true)
    #expect(JSONText.sameTokens(6..<14, of: bytes.span, 1..<6, of: output.span) == true)
  }

  @Test(arguments: [
    ("1", "1.0"), ("1", "10"), ("1e2", "1E2"), ("\"a\"", "\"\\u0061\""), ("\" \"", "\"\""), ("\"a b\"", "\"ab\""),
    ("[1,2]", "[2,1]"), (#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#), ("[]", "{}"), ("[[]]", "[]"), ("null", "\"null\""),
    ("[1]", "[1"), ("[12]", "[1 2]"), ("\"\\\" \"", "\"\\\"  \""), ("", "1"), ("[true]", "[tru e]"),
  ])
  func distinguishesDifferentTokens(first: String, second: String) {
    #expect(!same(first, second))
  }

  @Test func agreesWithTokensOfRandomTexts() throws {
    for seed in UInt64(0)..<500 {
      var source = RandomJSON(seed: seed)
      let bytes = source.text()
      let root = try scan(bytes).root
      var output: [UInt8] = []
      JSONText.appendCompact(root.range, of: bytes.span, to: &output)
      // The compact copy is valid, compact, its own copy, and has the same tokens.
      let copy = try scan(output)
      #expect(copy.root == JSONValue(kind: root.kind, range: 0..<output.count))
      #expect(JSONText.isCompact(copy.root.range, of: output.span) == true)
      #expect(JSONText.isCompact(root.range, of: bytes.span) == (root.range.count == output.count))
      #expect(JSONText.sameTokens(root.range, of: bytes.span, copy.root.range, of: output.span) == true)
      var again: [UInt8] = []
      JSONText.appendCompact(copy.root.range, of: output.span, to: &again)
      #expect(again == output)
      // Inserting white space between tokens changes nothing else.
      let respaced = source.respaced(tokens(output))
      #expect(JSONText.sameTokens(0..<respaced.count, of: respaced.span, root.range, of: bytes.span) == true)
      var once: [UInt8] = []
      JSONText.appendCompact(0..<respaced.count, of: respaced.span, to: &once)
      #expect(once == output)
      // Another byte within a token makes another value.
      var other = respaced
      if let place = other.indices.filter({ ![0x20, 0x0A, 0x0D, 0x09].contains(other[$0]) }).randomElement(
        using: &source.random)
      {
        other[place] ^= 0x40
        #expect(JSONText.sameTokens(0..<other.count, of: other.span, root.range, of: bytes.span) == false)
      }
    }
  }

  /// The tokens of a compact text.
  private func tokens(_ compact: [UInt8]) -> [[UInt8]] {
    var tokens: [[UInt8]] = []
    var inString = false
    var escaped = false
    var inWord = false
    for byte in compact {
      if inString {
        tokens[tokens.count - 1].append(byte)
        if escaped { escaped = false } else if byte == 0x5C { escaped = true } else if byte == 0x22 { inString = false }
        continue
      }
      let structural = Array("{}[],:\"".utf8).contains(byte)
      if inWord && !structural { tokens[tokens.count - 1].append(byte) } else { tokens.append([byte]) }
      inString = byte == 0x22
      inWord = !structural
    }
    return tokens
  }
}
