import ExactJSON
import Operations
import Testing

struct LogTextTests {
  @Test(
    arguments: [
      ("plain", "plain"), ("", #""""#), ("two words", #""two words""#), ("a=b", #""a=b""#),
      (#"say "hi""#, #""say \"hi\"""#),
      (#"C:\x"#, #""C:\\x""#), ("a\nlevel=error", #""a\nlevel=error""#), ("\u{1B}[31m", #""\u{1B}[31m""#),
      ("\u{9B}31m", #""\u{9B}31m""#), ("a\u{2028}b", #""a\u{2028}b""#), ("\u{202E}nosj", #""\u{202E}nosj""#),
      ("\r\n", #""\r\n""#), ("é€😀", "é€😀"), ("\u{7F}", #""\u{7F}""#), ("\u{0}", #""\u{0}""#),
    ])
  func values(text: String, written: String) {
    #expect(LogText.value(text) == written)
  }

  @Test("Bytes that are no UTF-8 are reported byte by byte, all others as they are")
  func bytes() {
    #expect(LogText.text(of: Array("é.json".utf8)) == "é.json")
    #expect(LogText.text(of: Array(#"a\b"#.utf8)) == #"a\b"#)
    #expect(LogText.text(of: [0x61, 0xFF, 0x5C, 0x62]) == #"a\xFF\\b"#)
    #expect(LogText.text(of: [0xC3, 0xA9, 0xC3]) == #"é\xC3"#)
    #expect(LogText.text(of: [0xED, 0xA0, 0x80]) == #"\xED\xA0\x80"#)
    #expect(LogText.text(of: [UInt8]()) == "")
  }

  @Test("Whatever a text holds, it stays one line and one JSON string that says the same")
  func quotesEverything() throws {
    var document = JSONDocument()
    for value in (0...0x2FFF).map(UInt32.init) + [0xFEFF, 0xFFFF, 0x1F600, 0x10FFFF] {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = "a\(Character(scalar))b"
      var bytes: [UInt8] = []
      LogText.appendQuoted(text, to: &bytes)
      try document.scan(bytes.span)
      #expect(JSONText.string(1..<(bytes.count - 1), in: bytes.span) == text)
      let line = String(decoding: bytes, as: UTF8.self)
      #expect(line.unicodeScalars.allSatisfy(LogText.isHarmless))
      #expect(LogText.value(text).unicodeScalars.allSatisfy(LogText.isHarmless))
      #expect(LogText.escaped(text).unicodeScalars.allSatisfy(LogText.isHarmless))
    }
  }
}
