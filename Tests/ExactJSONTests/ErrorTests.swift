import ExactJSON
import TestSupport
import Testing

@Suite(.tags(.fast)) struct ErrorTests {
  @Test(
    arguments: [
      // The end comes too early: always the number of bytes.
      ("", 0, .unexpectedEnd, "there is no value, only white space or nothing at all"),
      (" \n", 2, .unexpectedEnd, "there is no value, only white space or nothing at all"),
      (#"{"a"#, 3, .unexpectedEnd, "the text ends inside a string"),
      (#"["\u12"#, 6, .unexpectedEnd, "the text ends inside a string"),
      ("[1, ", 4, .unexpectedEnd, "the text ends inside an array"),
      (#"{"a":1"#, 6, .unexpectedEnd, "the text ends inside an object"),
      (#"{"a" "#, 5, .unexpectedEnd, "the text ends before a member's value"),
      ("[-", 2, .unexpectedEnd, "the text ends inside a number"),
      ("fal", 3, .unexpectedEnd, "the text ends inside 'false'"),
      // Commas, colons, brackets.
      (#"{"a":1,}"#, 7, .unexpectedByte, "a comma must not stand before '}'"),
      ("[1, ]", 4, .unexpectedByte, "a comma must not stand before ']'"),
      ("[,1]", 1, .unexpectedByte, "a value is missing before a comma"),
      (#"{"a":1 "b":2}"#, 7, .unexpectedByte, "a comma is missing between two members"),
      (#"["a" "b"]"#, 5, .unexpectedByte, "a comma is missing between two elements"),
      (#"{"a" 1}"#, 5, .unexpectedByte, "a colon is expected after a member's name, not '1'"),
      (#"{"a":1]"#, 6, .unexpectedByte, "a comma or '}' is expected after a member, not ']'"),
      ("[1}", 2, .unexpectedByte, "a comma or ']' is expected after an element, not '}'"),
      ("{a:1}", 1, .unexpectedByte, "a member's name in double quotes is expected, not 'a'"),
      (#"{"a":}"#, 5, .unexpectedByte, "a value is expected, not '}'"),
      ("]", 0, .unexpectedByte, "a value is expected, not ']'"),
      // What other notations have.
      ("['a']", 1, .unexpectedByte, "a string stands in double quotes, not in '"),
      ("[1, // one\n2]", 4, .unexpectedByte, "JSON has no comments"),
      ("[True]", 1, .invalidLiteral, "only true, false, null and numbers stand without quotes"),
      ("[NaN]", 1, .invalidLiteral, "only true, false, null and numbers stand without quotes"),
      ("[nul]", 4, .invalidLiteral, "'null' is expected here, not ']'"),
      ("[falsy]", 5, .invalidLiteral, "'false' is expected here, not 'y'"),
      ("\u{FEFF}{}", 0, .unexpectedByte, "a value is expected, not U+FEFF"),
      ("[\u{A0}1]", 1, .unexpectedByte, "a value is expected, not U+00A0"),
      ("[1,\u{0}]", 3, .unexpectedByte, "a value is expected, not U+0000"),
      // Numbers.
      ("[01]", 2, .invalidNumber, "a number must not begin with a 0 that other digits follow"),
      ("[+1]", 1, .invalidNumber, "a number must not begin with '+'"),
      ("[.5]", 1, .invalidNumber, "a number must not begin with '.'"),
      ("[1.]", 3, .invalidNumber, "a digit is expected after the decimal point, not ']'"),
      ("[-x]", 2, .invalidNumber, "a digit is expected after '-', not 'x'"),
      ("[1e+]", 4, .invalidNumber, "a digit is expected in the exponent, not ']'"),
      ("[0x1F]", 2, .invalidNumber, "'x' does not belong in a number"),
      (#"{"a":1.2.3}"#, 8, .invalidNumber, "'.' does not belong in a number"),
      ("1-2", 1, .invalidNumber, "'-' does not belong in a number"),
      ("[12 x]", 4, .unexpectedByte, "a comma or ']' is expected after an element, not 'x'"),
      // Strings.
      ("[\"a\tb\"]", 3, .controlCharacterInString, "U+0009 must be escaped in a string"),
      ("[\"a\nb\"]", 3, .controlCharacterInString, "U+000A must be escaped in a string"),
      (#"["\x"]"#, 3, .invalidEscape, "a backslash and 'x' are no escape"),
      (#"["\u00é"]"#, 6, .invalidEscape, #"four hexadecimal digits are expected after '\u', not U+00E9"#),
      (#"["\u00"]"#, 6, .invalidEscape, #"four hexadecimal digits are expected after '\u', not a double quote"#),
      // More after the value.
      ("{} {}", 3, .trailingContent, "nothing but white space may follow the value, not '{'"),
      ("true!", 4, .trailingContent, "nothing but white space may follow the value, not '!'"),
    ] as [(String, Int, JSONError.Reason, String)])
  func tellsReasonOffsetAndMessage(text: String, offset: Int, reason: JSONError.Reason, message: String) {
    let error = errorOfScan(text)
    #expect(error?.offset == offset)
    #expect(error?.reason == reason)
    #expect(error?.message == message)
  }

  @Test func tellsTheByteThatIsNotUTF8() {
    let error = errorOfScan([0x22, 0x61, 0xFF, 0x22])
    #expect(error?.offset == 2)
    #expect(error?.message == "byte 0xFF is not valid UTF-8 here")
    // A sequence that the end cuts off may only have come to an early end.
    #expect(errorOfScan([0x22, 0xE2, 0x82])?.reason == .unexpectedEnd)
    #expect(errorOfScan([0x22, 0xE2, 0x82])?.offset == 3)
    #expect(errorOfScan([0x22, 0xE0, 0x80])?.reason == .invalidUTF8)
    #expect(errorOfScan([0x22, 0xE0, 0x80])?.offset == 1)
  }

  @Test func tellsTheLimit() {
    let error = errorOfScan(Array("[[[[]]]]".utf8), depthLimit: 3)
    #expect(error?.message == "more than 3 objects and arrays stand inside each other")
    #expect(error.map(String.init(describing:)) == "more than 3 objects and arrays stand inside each other (at byte 3)")
  }

  @Test func everyMessageIsOneLine() {
    // All bytes where each kind of thing is expected: no message breaks its line or is empty.
    for head in [
      "", "[", "[1,", "[1", "{", #"{"a""#, #"{"a":"#, #"{"a":1"#, #"{"a":1,"#, "1 ", "-", "1.", "0", "1e", "n", "\"",
      "\"\\", "\"\\u",
    ] {
      for byte in UInt8.min...UInt8.max {
        guard let error = errorOfScan(Array(head.utf8) + [byte]) else { continue }
        #expect(!error.message.isEmpty)
        #expect(error.message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F }, "\(head) \(byte)")
      }
    }
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
    // Combining marks are scalars of their own.
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
