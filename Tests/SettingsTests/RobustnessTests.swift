import Settings
import SystemPackage
import TestSupport
import Testing

/// Reads bytes as a configuration, and checks that each report has a place inside them.
private func probe(_ bytes: [UInt8]) {
  do {
    _ = try Configuration(
      yaml: bytes, file: "c", folder: "/etc", environment: ["U": "x", "E": ""],
      readFile: { path in
        guard path != "/etc/none" else { throw Errno.noSuchFileOrDirectory }
        return Array("text\n".utf8)
      })
  } catch {
    let lines = bytes.count { $0 == 0x0A || $0 == 0x0D || $0 == 0x85 || $0 == 0xA8 || $0 == 0xA9 } + 2
    #expect(!error.problems.isEmpty)
    #expect(error.problems.allSatisfy { (1...lines).contains($0.line) && (1...(bytes.count + 2)).contains($0.column) })
    // One line each, whatever the text contains.
    #expect(error.description.split(separator: "\n").count == error.problems.count)
  }
}

@Suite(.onlyInFullRuns) struct RobustnessTests {
  @Test func `Every beginning of the shipped file is read or refused`() async throws {
    // Not on a thread that other tests wait for.
    try await onOwnThread {
      #expect(shippedFile.count > 1000)
      for end in shippedFile.indices { probe(Array(shippedFile[..<end])) }
    }
  }

  @Test func `Texts with bytes changed, pieces moved and words put in are read or refused`() async throws {
    // Not on a thread that other tests wait for.
    try await onOwnThread {
      let words = [
        "${U}", "${E}", "${file:x}", "${file:none}", "${", "$$", "&a ", "*a", "!!str ", "<<: ", "- ", "? ", ": ", "[",
        "]",
        "{", "}", "|\n ", ">-\n ", "'", "\"", "\\", "#", "\t", "---\n", "...\n", "%YAML 1.1\n", "null", "~", "0", "-1",
        "99999999999999999999", "every ", "* * * * *", "@", "/", "\u{FEFF}", "\r", "\u{2028}", "é", "\0", "forever",
        "off",
        "auth: { basic: { user: u, password: p } }", "inboxes:", "name: b\n",
      ].map { Array($0.utf8) }
      for seed in Fuzzing.seeds {
        var numbers = SeededNumbers(seed: seed)
        // Most of the file is left out, so that the changes matter more.
        let start = Int.random(in: 0..<shippedFile.count, using: &numbers)
        let end = min(shippedFile.count, start + Int.random(in: 1...1500, using: &numbers))
        probe(numbers.changed(Array(shippedFile[start..<end]), words: words))
      }
    }
  }

  @Test(arguments: [
    "[", "{", "- ", "? ", "a: ", "&a ", "!a ", "*a ", "[[", "{a: ", "'", "\"", "#", "|", "\n", " ", "\t", "---\n",
    "- -\n",
    "- {}\n", "a: {}\n", "${U}", "${U:-", "$", "%A\n", "\\", "é", "[],", "? a\n", ": \n", ",", "\u{2028}",
  ])
  func `A megabyte of one thing is read or refused`(piece: String) async throws {
    // Not on a thread that other tests wait for.
    try await onOwnThread {
      let count = (1 << 20) / piece.utf8.count
      let many = Array(repeatElement(Array(piece.utf8), count: count).joined())
      probe(many)
      probe(Array("log: { level: \"".utf8) + many.prefix((1 << 20) - 30) + Array("\" }\n".utf8))
      probe(Array("inboxes:\n".utf8) + many.prefix((1 << 20) - 30))
    }
  }

  @Test func `Many different things take no time that grows with their square`() async throws {
    // Not on a thread that other tests wait for.
    try await onOwnThread {
      func many(_ count: Int, _ begin: String, _ item: (Int) -> String, _ end: String = "") {
        probe(Array((begin + (0..<count).map(item).joined() + end).utf8))
      }
      many(80_000, "", { "key\($0): x\n" })
      many(40_000, "inboxes:\n", { "- { name: a\($0) }\n" })
      many(256, "inboxes:\n", { "- { name: a\($0), path: p/\($0) }\n" })
      many(100_000, "inboxes: [{ include: [", { "a\($0)," }, "] }]")
      many(20_000, "retry: { schedule: [", { "every \($0 + 1)s," }, "] }")
      many(50_000, "forward: { auth: { jwt: { secret: s, claims: {", { "c\($0): 1," }, "} } } }")
    }
  }

  /// Found by random input.
  @Test(arguments: ["a\\nb", "every\\r5s", "* * * *\\N*", "@\\Lhourly", "1\\P 2 3 4 5"])
  func `A mistake is reported on one line, whatever stands in it`(schedule: String) {
    probe(Array("retry: { schedule: \"\(schedule)\" }\n".utf8))
    #expect(problems("retry: { schedule: \"\(schedule)\" }\n").count == 1)
  }

  @Test func `Aliases multiply nothing`() {
    let bomb = (1...25).map {
      "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ","))]\n"
    }
    #expect(problems("a0: &a0 [x]\n" + bomb.joined()).first?.contains("unknown key 'a0'") == true)
    #expect(
      problems("log: &a [*a]").contains("1:10: an alias, '*' and a name, is not supported here; write the value out"))
  }

  @Test func `What variables stand for is bounded`() {
    let found = problems(
      "inboxes: [{ include: [\(Array(repeating: "\"${BIG}\"", count: 100).joined(separator: ", "))] }]",
      environment: ["BIG": String(repeating: "x", count: 100_000)])
    // The first 41 add up to less than 4 MiB.
    #expect(found.count == 59)
    #expect(
      found.first == "1:433: inboxes[].include: the value of '${BIG}' makes the configuration larger than 4 MiB")
  }

  @Test func `A configuration has at most a mebibyte`() {
    func text(_ count: Int) -> String { "#" + String(repeating: "x", count: count - 1) }
    #expect(problems(text(1 << 20)) == [])
    #expect(
      problems(text((1 << 20) + 1)) == [
        "1:1: a configuration of more than 1 MiB is not read; this one has 1048577 bytes"
      ])
  }

  @Test func `Values are nested as deep as claims can be, and no deeper`() {
    func nested(_ depth: Int) -> [String] {
      problems(
        "forward: { auth: { jwt: { secret: s, claims: { a: "
          + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + " } } } }")
    }
    #expect(nested(27) == [])
    #expect(nested(28) == ["1:78: values are nested more than 32 deep here"])
  }

  @Test func `More mistakes than anybody reads are not all reported`() {
    let found = problems((0..<3000).map { "key\($0): x\n" }.joined())
    #expect(found.count == 1001)
    #expect(found.last?.hasSuffix("there are more mistakes than can be listed; mend these first") == true)
  }
}
