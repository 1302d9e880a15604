import ExactJSON
import TestSupport
import Testing

/// What RFC 8259 requires of a JSON text, and decisions on what it leaves open.
@Suite(.tags(.fast)) struct AcceptanceTests {
  @Test(arguments: [
    // Scalars as texts (section 2), white space around them.
    "null", "true", "false", "0", "-0", "42", #""""#, #""asd""#, " [1] ", "\t\r\n null\n", "[]\n", " \n[ ] ",
    // Arrays (section 5).
    "[]", "[ ]", "[[]]", "[[],[[]]]", #"[""]"#, "[null,1,\"1\",{}]", "[1\n]", " [1]", "[2] ", "[1,null,null,null,2]",
    "[true]", "[false,true,null]", "[1 , 2 ,3]", "[[]   ]", "[ 4]",
    // Objects (section 4): names of any kind, also twice.
    "{}", "{ }", #"{"":0}"#, #"{"a":[]}"#, #"{"a":1,"a":1}"#, #"{"a":"b","a":"b"}"#, #"{"a":{"b":{"c":{}}}}"#,
    #"{"\u0000":1}"#, #"{ "min": -1.0e+28, "max": 1.0e+28 }"#, "{\n\"a\": \"b\"\n}", #"{"a":1 , "b" : 2}"#,
    // Numbers (section 6).
    "[123e65]", "[0e+1]", "[0e1]", "[0E1]", "[0E+1]", "[ 4]", "[-0.000000000000000000000000000000000000000001]",
    "[20e1]", "[-0]", "[-123]", "[-1]", "[1E22]", "[1E-2]", "[1E+2]", "[123e45]", "[123.456e78]", "[1e-2]", "[1e+2]",
    "[123]", "[123.456789]", "[0.0]", "[0.5]", "[10]", "[100]", "[1.0e00]",
    // Numbers that no number type holds: the grammar has no bounds.
    "[1e400]", "[-1e9999]", "[0.4e00669999999999999999999999999999999999999999999999999999999999999999999969999]",
    "[123123123123123123123123123123]", "[-123123123123123123123123123123]", "[1e-9999]", "[100000000000000000000]",
    // Strings (section 7).
    #"["\"\\\/\b\f\n\r\t"]"#, #"["\u0060\u012a\u12AB"]"#, #"["\\u0000"]"#, #"["\\n"]"#, #"["\""]"#, #"["\u0012"]"#,
    #"["\uD801\udc37"]"#, #"["\ud83d\ude39\ud83d\udc8d"]"#, #"["\uFFFF"]"#, #"["\u005C"]"#, #"["\u0022"]"#,
    #"["\uDBFF\uDFFE"]"#, #"["\u200B\u2064\uFEFF"]"#, #"["a/*b*/c/*d//e"]"#, "[\"\u{7F}\"]", "[\"a\u{7F}a\"]",
    "[\"€𝄞\"]", "[\"\u{2028}\u{2029}\"]", "[\"\u{FFFF}\"]", "[\"\u{10FFFF}\"]", "[\"\u{1BFFF}\"]",
    "[\"\u{80}\u{7FF}\u{800}\u{D7FF}\u{E000}\u{10000}\"]", "[\"\u{FEFF}\"]", #"[" "]"#, #"["new\u00A0line"]"#,
    "[\"⍂㈴⍂\"]", "[\"π\"]", "[\"asd \"]", #"["\u0061\u30af\u30EA\u30b9"]"#,
    // Left open by the RFC, accepted here: halves of a surrogate pair in escapes are grammatical.
    #"["\uDADA"]"#, #"["\uDd1ea"]"#, #"["\uD800\uD800\n"]"#, #"["\uD888\u1234"]"#, #"["\uDFAA"]"#,
    #"{"\uDFAA":0}"#, #"["\ud800"]"#, #"["\ud800abc"]"#, #"["\uDd1e\uD834"]"#,
  ])
  func accepts(_ text: String) throws {
    let document = try scan(text)
    #expect(!document.root.range.isEmpty)
  }

  @Test(arguments: [
    // Nothing, or more than one thing.
    "", " ", "\n\n", "1 2", "{}{}", "[]]", "[1]x", "[1],", "{},", "null null", "[][]", "{}}", "[1]\u{0}", "{} #",
    "{\"a\":\"b\"}#{}", "{\"a\":true} \"x\"", "\"\"\"", "\"a\" 1", "[1]\u{A0}", "{}/**/", "{}//", "{}/",
    // Not JSON's white space.
    "\u{A0}1", "[\u{A0}]", "[\u{C}]", "[\u{B}1]", "[\u{2060}]", "[\u{3000}]", "\u{FEFF}{}", "\u{FEFF}", "\u{85}[]",
    // Arrays.
    "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1,,2]", "[,]", "[", "[[", "[\"a\"", "[\"a\",", "[1 2]", "[1 true]",
    "[\"\"",
    "[\"\",]", "[\"x\"]]", "[1:2]", "[\"\": 1]", "[3[4]]", "[1}", "[1,\n1\n,1", "[{}", "[a", "[*]", "[x, \"x\"]",
    "[1\n",
    "[\"a\" \"b\"]", "[\"a\"{}]", "[[]{}]", "(1)", "<null>", "[<null>]", "]1[",
    // Objects.
    "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{\"a\"}", "{\"a\",1}", "{\"a\" 1}",
    "{\"a\"::1}", "{\"a\":1,,\"b\":2}", "{\"a\":1 \"b\":2}", "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{[]:1}",
    "{{}:1}",
    "{\"a\":1]", "{\"a\":a}", "{\"a\":1,\"b\"}", "{\"a\":'1'}", "{\"a\":}", "{:1}", "{\"a\":1;}", "{\"a\"=1}",
    "{\"a\":1:2}",
    "{\"a\":/**/1}", "{\"a\":1,/**/}", "{\"x\", null}", "{9999E9999:1}", "{\"a\":\"b\",,\"c\":\"d\"}",
    "{\u{1F1E8}\u{1F1ED}}",
    "{\"a\":\"a", "{\"id\":0,}", "{\"id\":0,,,,,}", "{\"a\":{\"b\":1}", "{key: 'value'}",
    // Numbers.
    "-", "[-]", "[--1]", "[+1]", "[++1234]", "[.5]", "[-.5]", "[1.]", "[1.,2]", "[-2.]", "[0.]", "[0.e1]", "[1.e3]",
    "[01]",
    "[-01]", "[00]", "[-012]", "[012]", "[1e]", "[1E+]", "[1e-]", "[0e]", "[0e+]", "[1.0e]", "[1.0e-]", "[1eE2]",
    "[0.3e]",
    "[1.2.3]", "[1 000.0]", "[1_000]", "[0x1]", "[0x42]", "[1a]", "[1.2a-3]", "[1.8011670033376514H-308]", "[1+2]",
    "[1-2]",
    "[.-1]", "[.2e-3]", "[- 1]", "[-foo]", "[-a]", "[\u{FF11}]", "[Infinity]", "[-Infinity]", "[+Inf]", "[Inf]",
    "[NaN]",
    "[-NaN]", "[9.e+]", "[0.1.2]", "[2.e+3]", "[2.e3]", "[1ea]", "[-1x]", "[123\u{0}]", "1e", "1.", "0.", "-", "01",
    "1x",
    "[1e1.5]", "[0b1]", "[1f]", "[1L]",
    // Literals.
    "t", "tru", "[nul]", "[tru]", "[fals]", "[truth]", "[nulll]", "[TRUE]", "[Null]", "[undefined]", "[nan]",
    "[truefalse]",
    "[n]", "[falsE]", "nu", "abc", "[True]", "trueblue", "[true false]",
    // Strings.
    "\"", "\"abc", "[\"", "[\"a", "\"\\", "[\"\\", "[\"\\\"", "[\"\\u", "[\"\\u0", "[\"\\u00", "[\"\\u00A",
    "[\"\\u00A\"]",
    "[\"\\a\"]", "[\"\\x00\"]", "[\"\\0\"]", "[\"\\'\"]", "[\"\\uqqqq\"]", "[\"\\u12G4\"]", "[\"\\U0041\"]",
    "[\"\\\u{1F300}\"]",
    "[\"\\ \"]", "[\"\\\n\"]", "[\"\\\u{0}\"]", "[\"\\\t\"]", "[\\n]", "[\\u0020\"asd\"]", "['a']", "[\"a]", "[a\"]",
    "\"a\"b",
    "[\"\\uD800\\\"]", "[\"\\uD800\\u\"]", "[\"\\uD800\\u1\"]", "[\"\\uD800\\u1x\"]", "[\"\\u{41}\"]",
    "[\u{201C}a\u{201D}]",
    "[\"new\nline\"]", "[\"\t\"]", "[\"a\u{0}a\"]", "[\"\u{1F}\"]", "[\"\r\"]", "[\u{E9}]", "\u{E5}", "[\"\\\\\\\"]",
    "[\"\\uD834\\uDd\"]", "[\"\\u002\u{E9}\"]", "[\"\\+0041\"]", "[\"\\u+041\"]", "[\"\\u 041\"]", "[\"\\u-041\"]",
  ])
  func refuses(_ text: String) {
    #expect(errorOfScan(text) != nil)
  }

  /// Each is in the middle of a string, far from and near its end, because UTF-8 is checked in two ways.
  @Test(
    arguments: [
      [0x80], [0xBF], [0xC0, 0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xC2, 0xC2], [0xDF, 0x7F],
      [0xDF, 0xC0],
      [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xE0, 0xA0], [0xE0, 0xA0, 0x41], [0xE1, 0x80, 0xC0], [0xE1, 0x7F, 0x80],
      [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xED, 0xA0, 0x80, 0xED, 0xB0, 0x80], [0xEF, 0xBF],
      [0xF0, 0x80, 0x80, 0x80],
      [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x90, 0x80], [0xF0, 0x90, 0x80, 0x41], [0xF1, 0x80, 0x7F, 0x80],
      [0xF3, 0xBF, 0xC0, 0x80],
      [0xF4, 0x90, 0x80, 0x80], [0xF4, 0xBF, 0xBF, 0xBF], [0xF5, 0x80, 0x80, 0x80], [0xF7, 0xBF, 0xBF, 0xBF], [0xF8],
      [0xFC],
      [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0xE9], [0xFC, 0x83, 0xBF, 0xBF, 0xBF, 0xBF],
      [0xE2, 0x82, 0xE2, 0x82, 0xAC],
    ] as [[UInt8]])
  func refusesInvalidUTF8(_ sequence: [UInt8]) {
    for before in ["", "a", "ab", "é", "0123456789"] {
      for after in ["", "z", "0123456789", "é"] {
        let head = Array(#"[""#.utf8) + Array(before.utf8)
        let error = errorOfScan(head + sequence + Array((after + #""]"#).utf8))
        #expect(error?.reason == .invalidUTF8)
        #expect(error?.offset == head.count)
      }
    }
    // Also outside strings, and instead of a text.
    #expect(errorOfScan([0x5B] + sequence + [0x5D])?.reason == .invalidUTF8)
    #expect(errorOfScan(sequence)?.reason == .invalidUTF8)
  }

  @Test func acceptsEveryScalarInAString() throws {
    for value in UInt32(0x20)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value), scalar != "\"", scalar != "\\" else { continue }
      // Read four bytes at a time before three more bytes, one by one at the end.
      if let error = errorOfScan("\"\(scalar)xxx\"") ?? errorOfScan("\"\(scalar)\"") {
        Issue.record("U+\(String(value, radix: 16)): \(error)")
      }
    }
  }

  @Test func refusesEveryControlInAString() {
    for control in UInt8(0)..<0x20 {
      for length in [0, 1, 7, 8, 9, 30] {
        let head = [UInt8(ascii: "\"")] + Array(repeating: UInt8(ascii: "x"), count: length)
        let error = errorOfScan(head + [control] + Array("xxxxxxxxxxxx\"".utf8))
        #expect(error?.reason == .controlCharacterInString)
        #expect(error?.offset == head.count)
      }
    }
  }

  @Test(
    arguments: [
      [0xFF, 0xFE, 0x5B, 0x00, 0x5D, 0x00], [0x5B, 0x00, 0x5D, 0x00], [0x00, 0x5B, 0x00, 0x5D],
      [0xFE, 0xFF, 0x00, 0x5B],
      [0x00], [0x5B, 0x00, 0x22, 0x00], [0xEF, 0xBB, 0xBF, 0x7B, 0x7D], [0xEF, 0xBB],
    ] as [[UInt8]])
  func refusesOtherEncodings(_ bytes: [UInt8]) {
    #expect(errorOfScan(bytes) != nil)
  }
}
