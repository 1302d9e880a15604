import ExactJSON
import TestSupport
import Testing

/// Strings of all lengths, at all alignments: the scan reads several bytes at a time, and must stop in time.
@Suite(.tags(.fast)) struct StringLengthTests {
  @Test func readsStringsOfAllLengthsAndNothingBeyond() throws {
    let memory = try #require(GuardedBytes(capacity: 4096))
    var document = JSONDocument()
    for length in 0...200 {
      let body = (0..<length).map { UInt8(ascii: "a") + UInt8($0 % 26) }
      let whole: [UInt8] = [0x22] + body + [0x22]
      let scanned = memory.holding(whole)
      try document.scan(scanned.span)
      #expect(document.root == JSONValue(kind: .string, range: 0..<length + 2))
      #expect(JSONText.string(1..<length + 1, in: scanned.span) == String(decoding: body, as: UTF8.self))
      #expect(JSONText.isCompact(0..<length + 2, of: scanned.span) == true)
      // Not closed, closed too late, closed by an escaped quote.
      #expect(throws: JSONError.self) { try document.scan(memory.holding([0x22] + body).span) }
      #expect(throws: JSONError.self) { try document.scan(memory.holding(whole + [0x22]).span) }
      #expect(throws: JSONError.self) { try document.scan(memory.holding([0x22] + body + [0x5C, 0x22]).span) }
    }
  }

  @Test(arguments: [#"\""#, #"\\"#, #"\u00e9"#, #"\n"#, "é", "€", "𝄞", "éé", "\u{7F}", "ab"])
  func readsWhatIsSpecialAtEveryPlace(special: String) throws {
    let memory = try #require(GuardedBytes(capacity: 4096))
    var document = JSONDocument()
    for length in stride(from: 0, through: 200, by: 7) {
      for place in 0...length {
        let before = String(repeating: "x", count: place)
        let after = String(repeating: "y", count: length - place)
        let bytes = memory.holding(Array("[\"\(before)\(special)\(after)\"]".utf8))
        try document.scan(bytes.span)
        #expect(document.elements.map(\.range) == [1..<bytes.count - 1])
        let escaped = special.hasPrefix("\\")
        try document.scan(memory.holding(Array("{\"\(before)\(special)\(after)\":1}".utf8)).span)
        #expect(document.members.first?.nameIsEscaped == escaped)
      }
    }
  }

  @Test(arguments: [UInt8]([0x00, 0x1F, 0x0A, 0x80, 0xFF, 0xC0]))
  func refusesWhatIsWrongAtEveryPlace(wrong: UInt8) throws {
    let memory = try #require(GuardedBytes(capacity: 4096))
    var document = JSONDocument()
    for length in 0...100 {
      for place in 0...length {
        var body = [UInt8](repeating: 0x78, count: length)
        body.insert(wrong, at: place)
        do throws(JSONError) {
          try document.scan(memory.holding([0x22] + body + [0x22]).span)
          Issue.record("accepted \(wrong) at \(place) of \(length)")
        } catch {
          #expect(error.offset == place + 1)
        }
      }
    }
  }

  @Test func readsNothingBeyondAnyCutText() throws {
    let memory = try #require(GuardedBytes(capacity: 4096))
    var document = JSONDocument()
    for sample in EndsAndMutationTests.samples {
      let bytes = Array(sample.utf8)
      for lower in bytes.indices {
        for upper in lower...bytes.count {
          let part = memory.holding(Array(bytes[lower..<upper]))
          try? document.scan(part.span)
          var output: [UInt8] = []
          JSONText.appendCompact(0..<part.count, of: part.span, to: &output)
          _ = TextPlace(offset: part.count, in: part.span)
        }
      }
    }
  }

  @Test func skipsWhiteSpaceOfAllLengths() throws {
    let memory = try #require(GuardedBytes(capacity: 4096))
    var document = JSONDocument()
    for length in 0...100 {
      for white in [" ", "\n", "\t", "\r", "\n  ", "  \n"] {
        let space = String(String(repeating: white, count: length).prefix(length))
        let bytes = memory.holding(Array("\(space)[\(space)1\(space),\(space)2\(space)]\(space)".utf8))
        try document.scan(bytes.span)
        #expect(document.elements.count == 2)
        #expect(document.root.range.count == bytes.count - 2 * space.utf8.count)
        // Anything but white space ends it.
        let wrong = memory.holding(Array("\(space)\u{C}".utf8))
        #expect(throws: JSONError.self) { try document.scan(wrong.span) }
      }
    }
  }
}
