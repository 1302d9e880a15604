import Events
import ExactJSON
import TestSupport
import Testing

/// The messages for texts that are not JSON.
@Suite(.tags(.fast)) struct JSONMessageTests {
  private func failure(_ text: [UInt8], depthLimit: Int = 512) -> JSONError? {
    var document = JSONDocument()
    do {
      try document.scan(text.span, depthLimit: depthLimit)
      return nil
    } catch {
      return error
    }
  }

  @Test(
    arguments: [
      // The text ends too early: always at the number of its bytes.
      ("", "there is no value, only white space or nothing at all"),
      (" \n", "there is no value, only white space or nothing at all"),
      (#"{"a"#, "the text ends inside a string"),
      (#"["\u12"#, "the text ends inside a string"),
      ("[1, ", "the text ends inside an array"),
      (#"{"a":1"#, "the text ends inside an object"),
      (#"{"a" "#, "the text ends before a member's value"),
      ("[-", "the text ends inside a number"),
      ("fal", "the text ends inside 'false'"),
      // Commas, colons, brackets.
      (#"{"a":1,}"#, "a comma must not stand before '}'"),
      ("[1, ]", "a comma must not stand before ']'"),
      ("[,1]", "a value is missing before a comma"),
      (#"{"a":1 "b":2}"#, "a comma is missing between two members"),
      (#"["a" "b"]"#, "a comma is missing between two elements"),
      (#"{"a" 1}"#, "a colon is expected after a member's name, not '1'"),
      (#"{"a":1]"#, "a comma or '}' is expected after a member, not ']'"),
      ("[1}", "a comma or ']' is expected after an element, not '}'"),
      ("{a:1}", "a member's name in double quotes is expected, not 'a'"),
      (#"{"a":}"#, "a value is expected, not '}'"),
      ("]", "a value is expected, not ']'"),
      // From other notations.
      ("['a']", "a string stands in double quotes, not in '"),
      ("[1, // one\n2]", "JSON has no comments"),
      ("[True]", "only true, false, null and numbers stand without quotes"),
      ("[NaN]", "only true, false, null and numbers stand without quotes"),
      ("[nul]", "'null' is expected here, not ']'"),
      ("[falsy]", "'false' is expected here, not 'y'"),
      ("\u{FEFF}{}", "a value is expected, not U+FEFF"),
      ("[\u{A0}1]", "a value is expected, not U+00A0"),
      ("[1,\u{0}]", "a value is expected, not U+0000"),
      // Numbers.
      ("[01]", "a number must not begin with a 0 that other digits follow"),
      ("[+1]", "a number must not begin with '+'"),
      ("[.5]", "a number must not begin with '.'"),
      ("[1.]", "a digit is expected after the decimal point, not ']'"),
      ("[-x]", "a digit is expected after '-', not 'x'"),
      ("[1e+]", "a digit is expected in the exponent, not ']'"),
      ("[0x1F]", "'x' does not belong in a number"),
      (#"{"a":1.2.3}"#, "'.' does not belong in a number"),
      ("1-2", "'-' does not belong in a number"),
      ("[12 x]", "a comma or ']' is expected after an element, not 'x'"),
      // Strings.
      ("[\"a\tb\"]", "U+0009 must be escaped in a string"),
      ("[\"a\nb\"]", "U+000A must be escaped in a string"),
      (#"["\x"]"#, "a backslash and 'x' are not an escape"),
      (#"["\u00é"]"#, #"four hexadecimal digits are expected after '\u', not U+00E9"#),
      (#"["\u00"]"#, #"four hexadecimal digits are expected after '\u', not '"'"#),
      // More after the value.
      ("{} {}", "nothing but white space may follow the value, not '{'"),
      ("true!", "nothing but white space may follow the value, not '!'"),
    ] as [(String, String)])
  func `A mistake is reported in one sentence`(text: String, message: String) {
    #expect(failure(Array(text.utf8))?.message.text(in: .en) == message)
  }

  @Test func `The byte that is not UTF-8 is reported, and the limit`() {
    #expect(failure([0x22, 0x61, 0xFF, 0x22])?.message.text(in: .en) == "byte 0xFF is not valid UTF-8 here")
    #expect(
      failure(Array("[[[[]]]]".utf8), depthLimit: 3)?.message.text(in: .en)
        == "more than 3 objects and arrays stand inside each other")
  }

  @Test func `A decimal comma is named`() {
    let message = failure(Array(#"{"amount":12,50}"#.utf8))?.message
    #expect(message?.text(in: .en).contains("JSON has 12.50") == true)
    #expect(message?.text(in: .fr).contains("un nombre à virgule\u{A0}? JSON veut 12.50") == true)
  }

  @Test func `Every message is one line in each language`() {
    // All bytes at each place of the grammar: no message contains a line break, is empty, or has an unfilled
    // placeholder.
    for head in [
      "", "[", "[1,", "[1", "{", #"{"a""#, #"{"a":"#, #"{"a":1"#, #"{"a":1,"#, "1 ", "-", "1.", "0", "1e", "n", "\"",
      "\"\\", "\"\\u",
    ] {
      for byte in UInt8.min...UInt8.max {
        guard let error = failure(Array(head.utf8) + [byte]) else { continue }
        #expect(error.message.code == error.mistake.rawValue)
        let english = error.message.text(in: .en)
        #expect(!english.isEmpty)
        #expect(english.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F }, "\(head) \(byte)")
        let french = error.message.text(in: .fr)
        #expect(french != english && french.unicodeScalars.allSatisfy { $0.value >= 0x20 })
      }
    }
  }
}
