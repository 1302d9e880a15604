import ExactJSON
import TestSupport
import Testing

@Suite(.tags(.fast)) struct ErrorTests {
  @Test(
    arguments: [
      // The text ends too early: always at the number of its bytes.
      ("", 0, .unexpectedEnd),
      (" \n", 2, .unexpectedEnd),
      (#"{"a"#, 3, .unexpectedEnd),
      (#"["\u12"#, 6, .unexpectedEnd),
      ("[1, ", 4, .unexpectedEnd),
      (#"{"a":1"#, 6, .unexpectedEnd),
      (#"{"a" "#, 5, .unexpectedEnd),
      ("[-", 2, .unexpectedEnd),
      ("fal", 3, .unexpectedEnd),
      // Commas, colons, brackets.
      (#"{"a":1,}"#, 7, .unexpectedByte),
      ("[1, ]", 4, .unexpectedByte),
      ("[,1]", 1, .unexpectedByte),
      (#"{"a":1 "b":2}"#, 7, .unexpectedByte),
      (#"["a" "b"]"#, 5, .unexpectedByte),
      (#"{"a" 1}"#, 5, .unexpectedByte),
      (#"{"a":1]"#, 6, .unexpectedByte),
      ("[1}", 2, .unexpectedByte),
      ("{a:1}", 1, .unexpectedByte),
      (#"{"a":}"#, 5, .unexpectedByte),
      ("]", 0, .unexpectedByte),
      // From other notations.
      ("['a']", 1, .unexpectedByte),
      ("[1, // one\n2]", 4, .unexpectedByte),
      ("[True]", 1, .invalidLiteral),
      ("[NaN]", 1, .invalidLiteral),
      ("[nul]", 4, .invalidLiteral),
      ("[falsy]", 5, .invalidLiteral),
      ("\u{FEFF}{}", 0, .unexpectedByte),
      ("[\u{A0}1]", 1, .unexpectedByte),
      ("[1,\u{0}]", 3, .unexpectedByte),
      // Numbers.
      ("[01]", 2, .invalidNumber),
      ("[+1]", 1, .invalidNumber),
      ("[.5]", 1, .invalidNumber),
      ("[1.]", 3, .invalidNumber),
      ("[-x]", 2, .invalidNumber),
      ("[1e+]", 4, .invalidNumber),
      ("[0x1F]", 2, .invalidNumber),
      (#"{"a":1.2.3}"#, 8, .invalidNumber),
      ("1-2", 1, .invalidNumber),
      ("[12 x]", 4, .unexpectedByte),
      // Strings.
      ("[\"a\tb\"]", 3, .controlCharacterInString),
      ("[\"a\nb\"]", 3, .controlCharacterInString),
      (#"["\x"]"#, 3, .invalidEscape),
      (#"["\u00é"]"#, 6, .invalidEscape),
      (#"["\u00"]"#, 6, .invalidEscape),
      // More after the value.
      ("{} {}", 3, .trailingContent),
      ("true!", 4, .trailingContent),
    ] as [(String, Int, JSONError.Reason)])
  func reportsReasonAndOffset(text: String, offset: Int, reason: JSONError.Reason) {
    let error = errorOfScan(text)
    #expect(error?.offset == offset)
    #expect(error?.reason == reason)
  }

  @Test func reportsTheByteThatIsNotUTF8() {
    let error = errorOfScan([0x22, 0x61, 0xFF, 0x22])
    #expect(error?.offset == 2)
    #expect(error?.mistake == .invalidUTF8)
    #expect(error?.found == "0xFF")
    // A sequence cut off by the end may only have ended early.
    #expect(errorOfScan([0x22, 0xE2, 0x82])?.reason == .unexpectedEnd)
    #expect(errorOfScan([0x22, 0xE2, 0x82])?.offset == 3)
    #expect(errorOfScan([0x22, 0xE0, 0x80])?.reason == .invalidUTF8)
    #expect(errorOfScan([0x22, 0xE0, 0x80])?.offset == 1)
  }

  @Test func reportsTheLimit() {
    let error = errorOfScan(Array("[[[[]]]]".utf8), depthLimit: 3)
    #expect(error?.mistake == .tooDeep)
    #expect(error?.limit == 3)
    #expect(error.map(String.init(describing:)) == "json-too-deep at byte 3")
  }
}

@Suite(.tags(.fast)) struct TextPlaceTests {
  @Test(arguments: [
    ("", 0, 1, 1), ("abc", 0, 1, 1), ("abc", 2, 1, 3), ("abc", 3, 1, 4),
    ("a\nb", 1, 1, 2), ("a\nb", 2, 2, 1), ("a\n\nb", 3, 3, 1), ("a\n", 2, 2, 1),
    ("a\r\nb", 1, 1, 2), ("a\r\nb", 2, 1, 3), ("a\r\nb", 3, 2, 1), ("a\rb", 2, 2, 1), ("\r\r\n\n", 4, 4, 1),
    ("a\r", 2, 2, 1),
    ("é€𝄞x", 2, 1, 2), ("é€𝄞x", 5, 1, 3), ("é€𝄞x", 9, 1, 4), ("é€𝄞x", 10, 1, 5),
    // Inside a scalar.
    ("é€𝄞x", 1, 1, 1), ("é€𝄞x", 4, 1, 2), ("é€𝄞x", 8, 1, 3),
    // Combining marks are separate scalars.
    ("e\u{301}x", 3, 1, 3),
  ])
  func findsLineAndColumn(text: String, offset: Int, line: Int, column: Int) {
    let place = TextPlace(offset: offset, in: Array(text.utf8).span)
    #expect(place.line == line)
    #expect(place.column == column)
    #expect(place.offset == offset)
  }

  @Test func staysWithinTheBytes() {
    let bytes = Array("a\nbc".utf8)
    for (offset, nearest) in [(-1, 0), (.min, 0), (5, 4), (.max, 4)] {
      #expect(TextPlace(offset: offset, in: bytes.span) == TextPlace(offset: nearest, in: bytes.span))
    }
    #expect(TextPlace(offset: 9, in: [UInt8]().span) == TextPlace(offset: 0, in: [UInt8]().span))
  }

  @Test func countsAsTheTextIsShown() {
    var random = SeededGenerator(seed: 11)
    let interesting: [UInt8] = [
      0x41, 0x80, 0xBF, 0xC3, 0xA9, 0xE2, 0x82, 0xAC, 0xED, 0xA0, 0xF0, 0x9F, 0x98, 0x80, 0xFF, 0x0A,
    ]
    for _ in 0..<3000 {
      let bytes = (0..<Int.random(in: 1...9, using: &random)).map { _ in interesting.randomElement(using: &random) ?? 0
      }
      let place = TextPlace(offset: bytes.count, in: bytes.span)
      let lines = String(decoding: bytes, as: UTF8.self).unicodeScalars.split(
        separator: "\n", omittingEmptySubsequences: false)
      #expect(place.line == lines.count)
      #expect(place.column == 1 + (lines.last?.count ?? 0), "\(bytes)")
    }
  }
}
