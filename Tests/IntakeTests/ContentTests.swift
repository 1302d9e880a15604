import EventStore
import Events
import Glibc
import Intake
import TestSupport
import Testing

/// Drops that are compressed, or not in UTF-8.
@Suite(.onlyInFullRuns) struct ContentTests {
  private func gzip(_ place: Workplace, _ name: String) {
    #expect(system("gzip -f '\(place.tree.path)/inbox/\(name)'") == 0)
  }

  private func place(charset: String = "utf-8") throws -> Workplace {
    try Workplace { options in
      options.include += ["*.gz"]
      options.charset = Charset(charset)
    }
  }

  private func record(_ place: Workplace, _ name: String) -> String? {
    place.tree.names("processed").lazy.compactMap { place.tree.readText("processed/\($0)/\(name)") }.first
  }

  @Test func `Packed files are read like any other`() async throws {
    let place = try place()
    place.drop("one.json", #"{"id":"1","type":"t","data":{"n":1.0}}"#)
    place.drop("several.json", #"[{"id":"2","type":"t"},{"id":"3"}]"#)
    place.drop("lines.jsonl", "{\"id\":\"4\",\"type\":\"t\"}\n\n{\"id\":\"5\",\"type\":\"t\"}\nbad\n")
    for name in ["one.json", "several.json", "lines.jsonl"] { gzip(place, name) }
    let done = try await place.inbox.work()
    #expect(done.stored == 4)
    #expect(place.records == ["1.json", "2.json", "4.json", "5.json"])
    #expect(record(place, "1.json")?.contains(#""data":{"n":1.0},"#) == true)
    #expect(record(place, "5.json")?.contains(#""file":"lines.jsonl.gz""#) == true)
    #expect(
      place.tree.names("retry") == [
        "lines.jsonl.gz.3.json", "lines.jsonl.gz.3.json.error", "several.json.gz.2.json",
        "several.json.gz.2.json.error",
      ])
    #expect(place.tree.names("inbox") == [])
  }

  @Test func `Several packed parts in a row are one file`() async throws {
    let place = try place()
    place.drop("a.jsonl", "{\"id\":\"1\",\"type\":\"t\"}\n")
    place.drop("b.jsonl", "{\"id\":\"2\",\"type\":\"t\"}\n")
    gzip(place, "a.jsonl")
    gzip(place, "b.jsonl")
    #expect(system("cd '\(place.tree.path)/inbox' && cat b.jsonl.gz >> a.jsonl.gz && rm b.jsonl.gz") == 0)
    #expect(try await place.inbox.work().stored == 2)
  }

  @Test func `A packed file that was broken off, or is none, explains itself, and what came before is stored`()
    async throws
  {
    let place = try place()
    let lines = (0..<3000).map { "{\"id\":\"e\($0)\",\"type\":\"t\",\"data\":\(Int.random(in: 0..<Int.max))}\n" }
      .joined()
    place.drop("cut.jsonl", lines)
    gzip(place, "cut.jsonl")
    let whole = try #require(place.tree.read("inbox/cut.jsonl.gz"))
    place.tree.write(whole.dropLast(9), to: "inbox/cut.jsonl.gz")
    place.drop("none.json.gz", #"{"id":"x","type":"t"}"#)
    let done = try await place.inbox.work()
    #expect(done.retried == 2)
    #expect(place.report("retry/cut.jsonl.gz")?.failure.reason.rawValue == "invalid-gzip")
    #expect(place.report("retry/cut.jsonl.gz")?.failure.message.description.contains("broken off") == true)
    #expect(place.report("retry/none.json.gz")?.failure.reason.rawValue == "invalid-gzip")
    // The rest of the upload arrives.
    let before = place.records.count
    place.tree.write(whole, to: "retry/cut.jsonl.gz")
    #expect(try await place.retry.work().stored == 3000 - before)
    #expect(place.records.count == 3000)
  }

  @Test func `A packed file that unpacks to more than is kept in memory is refused`() async throws {
    let place = try place()
    #expect(
      system(
        "( printf '{\"id\":\"1\",\"type\":\"t\",\"data\":\"'; head -c 80000000 /dev/zero | tr '\\0' x; printf '\"}' )"
          + " | gzip > '\(place.tree.path)/inbox/bomb.json.gz'") == 0)
    #expect(try await place.inbox.work().retried == 1)
    #expect(place.report("retry/bomb.json.gz")?.failure.reason.rawValue == "too-large")
  }

  /// An array too large to be read as a whole, with elements of all kinds and sizes, at odd places.
  private static let largeArray: (text: String, ids: [String], bad: [Int]) = {
    var text = "\u{FEFF} [\n"
    var ids: [String] = []
    var bad: [Int] = []
    for number in 1... {
      guard text.utf8.count < 17 << 20 else { break }
      if number > 1 { text += number.isMultiple(of: 3) ? "," : "\t,\r\n  " }
      switch number % 1000 {
      case 7: text += "-1.5e3"
      case 8: text += #""a ] string, \" with { all of it \\""#
      case 9: text += "true"
      case 10: text += #"[{"id":"inner","type":"t"}]"#
      case 11: text += #"{"id":"e\#(number)","type":"t","data":{"a":tru}}"#
      default:
        let filling = String(repeating: #"]}\"[{\\é"#, count: number * 7919 % 1500)
        text += #"{"id":"e\#(number)","type":"t","data":{"n":\#(number).0,"x":["\#(filling)"]}}"#
        ids.append("e\(number).json")
        continue
      }
      bad.append(number)
    }
    return (text, ids.sorted(), bad)
  }()

  @Test(arguments: [true, false])
  func `An array that is too large for memory is read part by part, packed or not`(isPacked: Bool) async throws {
    let place = try Workplace {
      $0.include += ["*.gz"]
      $0.maxFileSize = 1 << 30
    }
    let (text, ids, bad) = Self.largeArray
    place.drop("a.json", text + "\n]\n")
    if isPacked { gzip(place, "a.json") }
    let name = isPacked ? "a.json.gz" : "a.json"
    let done = try await place.inbox.work()
    #expect(done.stored == ids.count)
    #expect(place.records == ids)
    let parts = bad.map { "\(name).\($0).json" }.sorted()
    #expect(place.tree.names("retry").filter { !$0.hasSuffix(".error") } == parts)
    #expect(place.tree.names("inbox") == [])
    // The same bytes as in a file by itself.
    #expect(record(place, "e3.json")?.contains(#""data":{"n":3.0,"x":[""#) == true)
    #expect(record(place, "e3.json")?.contains(#""index":3"#) == true)
  }

  @Test(arguments: ["", "] x", " {\"id\":\"no-comma\",\"type\":\"t\"}]"])
  func `Of a large array that is not whole, the events before the mistake are stored, and the file explains itself`(
    end: String
  ) async throws {
    let place = try Workplace { $0.maxFileSize = 1 << 30 }
    let ids = Self.largeArray.ids
    let text = Self.largeArray.text + end
    place.drop("a.json", text)
    #expect(try await place.inbox.work().stored == ids.count)
    let failure = try #require(place.report("retry/a.json")?.failure)
    #expect(failure.reason == .invalidJSON)
    let lines = text.utf8.count { $0 == 0x0A }
    #expect(try #require(failure.place).line >= lines)
    #expect(try #require(failure.place).offset <= text.utf8.count)
  }

  @Test(arguments: [("windows-1252", [0xE9, 0x80] as [UInt8]), ("iso-8859-15", [0xE9, 0xA4])])
  func `What a legacy system writes in its charset is stored in UTF-8`(charset: String, bytes: [UInt8]) async throws {
    let place = try place(charset: charset)
    place.tree.write(Array(#"{"id":"1","type":"t","data":""#.utf8) + bytes + Array("\"}".utf8), to: "inbox/1.json")
    #expect(try await place.inbox.work().stored == 1)
    #expect(record(place, "1.json")?.contains(#""data":"é€","#) == true)
    // A record is a valid drop there as well: it is already in UTF-8.
    place.tree.move("processed/\(place.tree.names("processed")[0])/1.json", to: "inbox/1.json")
    #expect(try await place.inbox.work().stored == 1)
    #expect(record(place, "1.json")?.contains(#""data":"é€","#) == true)
  }

  @Test func `UTF-16 is read with a byte order mark and line by line`() async throws {
    let place = try place(charset: "utf-16")
    let text = "{\"id\":\"1\",\"type\":\"t\",\"data\":\"é\"}\n{\"id\":\"2\",\"type\":\"t\"}\n{\"id\":\"ü\"}\n"
    place.tree.write([0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, to: "inbox/a.jsonl")
    #expect(try await place.inbox.work().stored == 2)
    #expect(record(place, "1.json")?.contains(#""data":"é","#) == true)
    // The bad one is again a file in the inbox's charset, so that it can be repaired and put back.
    let part = try #require(place.tree.read("retry/a.jsonl.3.json"))
    #expect(part.starts(with: [0xFF, 0xFE]))
    #expect(part.count == 2 + 2 * #"{"id":"ü"}"#.utf16.count)
  }

  @Test func `A converter that holds back the last character gives it away at the end`() async throws {
    let place = try Workplace { $0.charset = Charset("windows-1258") }
    place.drop("a.json", #"{"id":"a","type":"t"}"#)
    place.drop("b.jsonl", #"{"id":"b","type":"t"}"# + "\n" + #"{"id":"c","type":"t"}"#)
    #expect(try await place.inbox.work().stored == 3)
  }

  @Test func `A packed file of no bytes is no packed file`() async throws {
    let place = try Workplace { $0.include = ["*.gz"] }
    place.drop("a.jsonl.gz", "")
    _ = try await place.inbox.work()
    #expect(place.report("retry/a.jsonl.gz")?.failure.reason == .invalidGzip)
  }

  @Test func `Bytes that are no characters of the charset are refused with their place`() async throws {
    let place = try place(charset: "shift_jis")
    place.tree.write(Array(#"{"id":"1","type":"#.utf8) + [0xFF, 0xFF], to: "inbox/1.json")
    #expect(try await place.inbox.work().retried == 1)
    let report = try #require(place.report("retry/1.json"))
    #expect(report.failure.reason.rawValue == "invalid-charset")
    #expect(report.failure.message.description.contains("offset 17"))
  }
}

/// Files that are not what their inbox expects, and the messages that say what they are.
@Suite(.onlyInFullRuns) struct ContentGuessTests {
  private func place(charset: String = "utf-8") throws -> Workplace {
    try Workplace { options in
      options.include += ["*.gz"]
      options.charset = Charset(charset)
    }
  }

  private static let event = #"{"id":"1","type":"t"}"#

  private static func wide(_ text: String, bytes: Int, isBig: Bool) -> [UInt8] {
    text.utf8.flatMap { byte in
      let zeros = [UInt8](repeating: 0, count: bytes - 1)
      return isBig ? zeros + [byte] : [byte] + zeros
    }
  }

  struct Guess: Sendable, CustomTestStringConvertible {
    var testDescription: String { "\(name) in \(charset)" }
    var name: String
    var bytes: [UInt8]
    var said: String
    var charset = "utf-8"
  }

  static let guesses: [Guess] = [
    Guess(name: "a.json", bytes: [0xFF, 0xFE] + wide(event, bytes: 2, isBig: false), said: "set charset: utf-16 "),
    Guess(name: "a.jsonl", bytes: [0xFE, 0xFF] + wide(event, bytes: 2, isBig: true), said: "set charset: utf-16 "),
    Guess(name: "b.json", bytes: wide(event, bytes: 2, isBig: false), said: "set charset: utf-16le"),
    Guess(name: "b.ndjson", bytes: wide(event, bytes: 2, isBig: true), said: "set charset: utf-16be"),
    Guess(name: "c.json", bytes: wide(event, bytes: 4, isBig: false), said: "set charset: utf-32le"),
    Guess(name: "c.json", bytes: [0, 0, 0xFE, 0xFF] + wide(event, bytes: 4, isBig: true), said: "set charset: utf-32"),
    Guess(
      name: "d.json", bytes: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3],
      said: "is packed with gzip; give its name the ending .gz"),
    Guess(name: "d.jsonl", bytes: [0x50, 0x4B, 3, 4, 20, 0], said: "is a ZIP archive; unpack it"),
    Guess(name: "d.json", bytes: [0x28, 0xB5, 0x2F, 0xFD, 4], said: "is packed with zstd"),
    Guess(name: "e.json", bytes: Array("<?xml version=\"1.0\"?><o/>".utf8), said: "looks like XML"),
    Guess(name: "e.json", bytes: Array("\n<!DOCTYPE HTML><html>".utf8), said: "looks like an HTML page"),
    Guess(name: "e.json", bytes: Array("id;type;sum\n1;t;3\n".utf8), said: "looks like a table (CSV, with ;"),
    Guess(
      name: "f.json", bytes: Array(#"{"id":"caf"#.utf8) + [0xE9] + Array(#"","type":"t"}"#.utf8),
      said: "set charset: windows-1252"),
    Guess(
      name: "g.json", bytes: Array("\(event)\n\(event)\n".utf8),
      said: "has one event a line; give its name the ending .jsonl"),
    Guess(
      name: "h.json", bytes: [0xC0, 0x7F, 0x89, 0x84, 0x7F, 0x7A, 0x7F, 0xF1, 0x7F, 0xD0],
      said: "looks like EBCDIC; set charset: ibm-1047"),
    Guess(
      name: "i.json", bytes: Array(event.utf8), said: "looks like UTF-8, and the charset of this inbox is utf-16",
      charset: "utf-16"),
    Guess(name: "j.json.gz", bytes: Array(event.utf8), said: "is JSON that is not packed; take the .gz off its name"),
    Guess(name: "j.json.gz", bytes: [0x50, 0x4B, 3, 4, 20, 0], said: "is a ZIP archive"),
  ]

  @Test(arguments: guesses)
  func `What a file seems to be is said, with the cure`(guess: Guess) async throws {
    let place = try place(charset: guess.charset)
    place.tree.write(guess.bytes, to: "inbox/\(guess.name)")
    let done = try await place.inbox.work()
    #expect(done.stored == 0 && done.retried == 1, "\(done)")
    #expect(place.report("retry/\(guess.name)")?.failure.message.description.contains(guess.said) == true)
  }

  @Test func `A line that is not in UTF-8 says so, and the others are stored`() async throws {
    let place = try place()
    place.tree.write(
      Array("\(Self.event)\n{\"id\":\"2\",\"type\":\"caf".utf8) + [0xE9]
        + Array("\"}\n{\"id\":\"3\",\"type\":\"t\"}\n".utf8),
      to: "inbox/a.jsonl")
    #expect(try await place.inbox.work().stored == 2)
    #expect(
      place.report("retry/a.jsonl.2.json")?.failure.message.description.contains("set charset: windows-1252") == true)
  }

  // MARK: Packed files' ends

  private func packed(_ place: Workplace, _ name: String, _ text: String) throws -> [UInt8] {
    place.tree.write(text, to: "p/\(name)")
    #expect(system("gzip -nf '\(place.tree.path)/p/\(name)'") == 0)
    return try #require(place.tree.read("p/\(name).gz"))
  }

  @Test(arguments: ["one.json", "lines.jsonl"]) func `Zeros behind packed data are padding`(name: String) async throws {
    let place = try place()
    for zeros in [1, 512, 70_000, 200_000] {
      let bytes = try packed(place, name, "{\"id\":\"\(zeros)\",\"type\":\"t\"}\n")
      place.tree.write(bytes + [UInt8](repeating: 0, count: zeros), to: "inbox/\(name).gz")
      #expect(try await place.inbox.work().stored == 1)
    }
    #expect(place.tree.names("retry") == [])
  }

  @Test func `What stands behind packed data is reported as that, and what came before is stored`() async throws {
    let place = try place()
    let bytes = try packed(place, "a.jsonl", "\(Self.event)\n{\"id\":\"2\",\"type\":\"t\"}\n")
    for (index, tail) in [[0, 0, 7], Array("garbage".utf8), [0x1E]].enumerated() {
      place.tree.write(bytes + tail.map { UInt8($0) }, to: "inbox/\(index).jsonl.gz")
      _ = try await place.inbox.work()
      let message = place.report("retry/\(index).jsonl.gz")?.failure.message.description ?? ""
      #expect(message.contains("behind the packed data, which are whole"), "\(message)")
      #expect(message.contains("The 2 events before that are stored"), "\(message)")
    }
    #expect(place.records == ["1.json", "2.json"])
    // A damaged compressed file is not reported as uncompressed.
    var damaged = bytes
    damaged[damaged.count - 6] ^= 0xFF
    place.tree.write(damaged, to: "inbox/x.jsonl.gz")
    _ = try await place.inbox.work()
    #expect(place.report("retry/x.jsonl.gz")?.failure.message.description.contains("is damaged behind") == true)
  }

  // MARK: EBCDIC

  @Test func `NEL ends the lines of EBCDIC, and stays what it is inside the strings of a document`() async throws {
    let place = try place(charset: "ibm-1047")
    func ebcdic(_ text: String) -> [UInt8] {
      place.tree.write(text, to: "p/t")
      #expect(system("cd '\(place.tree.path)/p' && iconv -f utf-8 -t IBM1047 t > e") == 0)
      return place.tree.read("p/e") ?? []
    }
    place.tree.write(ebcdic("\(Self.event)\u{85}\u{85}{\"id\":\"2\",\"type\":\"t\"}\u{85}"), to: "inbox/a.jsonl")
    place.tree.write(ebcdic("[\u{85}{\"id\":\"3\",\"type\":\"a\u{85}b\"}\u{85}]\u{85}"), to: "inbox/b.json")
    place.tree.write(ebcdic("{\"id\":\"4\",\u{85}\"type\":\"q\\\"\"}\u{85}"), to: "inbox/c.json")
    #expect(try await place.inbox.work().stored == 4)
    #expect(place.records == ["1.json", "2.json", "3.json", "4.json"])
    let third = place.tree.names("processed").lazy.compactMap { place.tree.readText("processed/\($0)/3.json") }.first
    #expect(third?.contains("\"eventType\":\"a\u{85}b\"") == true || third?.contains("\\u0085") == true)
  }

  /// The text has three times the bytes of the file, and characters are cut between its parts.
  @Test(arguments: ["a.json", "a.jsonl", "a.json.gz"], 0..<3)
  func `A large file in another charset is converted in parts`(name: String, shift: Int) async throws {
    let place = try Workplace {
      $0.charset = Charset("windows-1252")
      $0.include += ["*.gz"]
    }
    func event(_ id: Int) -> [UInt8] {
      Array(#"{"id":"\#(id)","type":"t","data":"\#(String(repeating: "x", count: shift))"#.utf8)
        + [UInt8](repeating: 0x80, count: 1_000_000) + Array("\"}".utf8)
    }
    let isLines = name.hasSuffix("l")
    let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    let events = (1...8).map(event)
    place.tree.write(
      Array((isLines ? "" : "[").utf8) + events.joined(separator: Array((isLines ? "\n" : ",").utf8))
        + Array((isLines ? "" : "]").utf8), to: "inbox/\(plain)")
    if plain != name { #expect(system("gzip '\(place.tree.inbox)/\(plain)'") == 0) }
    #expect(try await place.inbox.work().stored == 8)
    let day = place.tree.names("processed")[0]
    let record = try #require(place.tree.readText("processed/\(day)/3.json"))
    #expect(record.contains("\"\(String(repeating: "x", count: shift))\(String(repeating: "€", count: 1_000_000))\""))
  }
}
