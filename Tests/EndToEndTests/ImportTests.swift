import Glibc
import SystemPackage
import TestSupport
import Testing

/// `eventdrop import`, with the output of mongoexport.
@Suite(.tags(.spawned)) struct ImportTests {
  private static let export = """
    {"_id":{"$oid":"65a1b2c3d4e5f60718293a4b"},"eventId":"e1","eventType":"order","processedAt":{"$date":"2026-11-01T10:00:00.123Z"},"data":{"total":{"$numberDecimal":"12.50"},"big":{"$numberLong":"9007199254740993"},"at":{"$date":{"$numberLong":"1762000000000"}},"odd":{"$numberDouble":"NaN"},"ref":{"$oid":"65a1b2c3d4e5f60718293a4b"},"list":[{"$numberInt":"1"},{"a":{"b":2}}],"bin":{"$binary":{"base64":"AA==","subType":"00"}}},"createdAt":{"$date":"2026-10-31T10:00:00Z"},"updatedAt":{"$date":"2026-11-02T10:00:00Z"},"__v":{"$numberInt":"0"}}
    {"eventId":{"$numberLong":"42"},"eventType":"order","processedAt":{"$date":{"$numberLong":"1762000000000"}},"data":{}}

    {"eventId":"bad"}
    not json
    {"eventId":"e1","eventType":"order","processedAt":{"$date":"2026-11-01T10:00:00.123Z"},"data":{"other":true}}

    """

  private func perform(_ site: Site, _ arguments: String...) async throws -> SpawnedProgram.End {
    try await SpawnedProgram(arguments + ["--config", site.tree.path.appending("config.yaml").string]).end()
  }

  private func importing(_ site: Site) async throws -> SpawnedProgram.End {
    try await perform(site, "import", site.tree.path.appending("export.json").string)
  }

  @Test func `Documents are taken over into their partitions, as forwarded, losing no digit`() async throws {
    let site = try await Site()
    site.tree.write(Self.export, to: "export.json")
    let end = try await importing(site)
    #expect(end.code == 1)
    #expect(end.output.hasPrefix("2 events taken over, 0 were there already, 3 not taken over"))
    #expect(end.errors.contains("export.json:3: not taken over: it has no processedAt"))
    #expect(end.errors.contains("export.json:4: not taken over: it is not valid JSON"))
    #expect(end.errors.contains("export.json:5: not taken over: the eventId 'e1' belongs to another event"))
    let record = try #require(site.tree.readText("processed/2026-11-01/e1.json"))
    #expect(
      record.hasPrefix(
        #"{"eventId":"e1","eventType":"order","processedAt":"2026-11-01T10:00:00.123Z","data":{"total":12.50,"#
          + #""big":9007199254740993,"at":"2025-11-01T12:26:40.000Z","odd":"NaN","ref":"65a1b2c3d4e5f60718293a4b","#
          + #""list":[1,{"a":{"b":2}}],"bin":{"$binary":{"base64":"AA==","subType":"00"}}},"#
          + #""createdAt":"2026-10-31T10:00:00.000Z","updatedAt":"2026-11-02T10:00:00.000Z","#
          + #""attributes":{"_id":"65a1b2c3d4e5f60718293a4b","__v":0},"source":{"inbox":"import","file":"export.json""#),
      "\(record)")
    #expect(site.tree.names("processed/2025-11-01") == ["42.json", "forwards.jsonl"])
    #expect(try await perform(site, "verify").code == 0)
    // Nothing of it is sent, not even after the catalog was rebuilt.
    for ending in ["", "-wal", "-shm"] { site.tree.remove("state/catalog.sqlite\(ending)") }
    #expect(try await site.start(["--once"]).end().code == 0)
    #expect(try await site.stopSink() == "")
    // A drop of the same event is a duplicate.
    #expect(try await perform(site, "list", "--json", "--status", "forwarded").output.split(separator: "\n").count == 2)
  }

  @Test(arguments: [
    #"{"$date":{"$numberLong":"-62198755200000"}}"#, #"{"$date":{"$numberLong":"253402300800000"}}"#,
    #"{"$date":{"$numberLong":"9223372036854775807"}}"#, #"{"$date":{"$numberLong":"-9223372036854775808"}}"#,
    #"{"$date":{"$numberLong":"99999999999999999999"}}"#, #"{"$date":-62198755200000}"#, #"{ "$date" : 1e300 }"#,
    #"{"$date":"+010000-01-01T00:00:00Z"}"#, #"{"$date":"0000-12-31T23:59:59Z"}"#, #"{"$date":"nonsense"}"#,
    #"{"$date":null}"#, #"{"$date":[]}"#, #"{"$date":{"$numberLong":{"$date":"x"}}}"#,
  ])
  func `A date that no text of RFC 3339 stands for is kept as it is, and refused where a time is needed`(
    date: String
  ) async throws {
    let site = try await Site(hasSink: false)
    let good = #"{"$date":"2026-11-01T10:00:00Z"}"#
    func document(_ id: String, _ processedAt: String, _ updatedAt: String, _ data: String) -> String {
      #"{"eventId":"\#(id)","eventType":"t","processedAt":\#(processedAt),"updatedAt":\#(updatedAt),"data":{"d":[\#(data)]},"x":\#(data)}"#
    }
    let isNothing = date.contains("null")
    site.tree.write(
      [document("e1", good, good, date), document("e2", date, good, "1"), document("e3", good, date, "1")]
        .joined(separator: "\n"), to: "export.json")
    let end = try await importing(site)
    #expect(
      end.code == 1 && end.output.hasPrefix("1 event taken over, 0 were there already, 2 not"), "\(isNothing) \(end)")
    #expect(
      end.errors.contains("export.json:2: not taken over: its processedAt is not a date of the years 0001 to 9999"))
    #expect(end.errors.contains("export.json:3: not taken over: its updatedAt is not a date of the years 0001 to 9999"))
    let record = try #require(site.tree.readText("processed/2026-11-01/e1.json"))
    #expect(
      record.contains(#""data":{"d":[\#(date)]},"#) && record.contains(#""attributes":{"x":\#(date)}"#), "\(record)")
    #expect(try await perform(site, "verify").code == 0)
  }

  @Test(arguments: [
    ("9999-12-31T23:30:00Z", "Europe/Paris"), ("0001-01-01T00:30:00Z", "America/New_York"),
    ("9999-12-31T12:30:00Z", "Pacific/Kiritimati"),
  ])
  func `A time that falls on a day outside the years 0001 to 9999 by the clocks of the partitions is refused`(
    time: String, zone: String
  ) async throws {
    let site = try await Site(hasSink: false)
    let document = #"{"eventId":"e1","eventType":"t","processedAt":{"$date":"\#(time)"},"data":{}}"#
    site.tree.write(document, to: "export.json")
    site.tree.write(site.configuration + "\nprocessed: { timezone: \(zone) }\n", to: "config.yaml")
    let end = try await importing(site)
    #expect(end.code == 1 && end.output.hasPrefix("0 events taken over"), "\(end)")
    #expect(end.errors.contains("in processed.timezone (\(zone))"))
    #expect(site.tree.names("processed") == [])
    // It has a day in UTC.
    site.tree.write(site.configuration, to: "config.yaml")
    #expect(try await importing(site).code == 0)
    #expect(site.tree.names("processed") == [String(time.prefix(10))])
    #expect(try await perform(site, "verify").code == 0)
    for ending in ["", "-wal", "-shm"] { site.tree.remove("state/catalog.sqlite\(ending)") }
    #expect(try await site.start(["--once"]).end().code == 0)
    #expect(site.records == ["e1.json"])
  }

  @Test func `Run again, it takes over only what is missing, and an array is read as well`() async throws {
    let site = try await Site(hasSink: false)
    let lines = (0..<1200).map {
      #"{"eventId":"e\#($0)","eventType":"t","processedAt":{"$date":"2026-11-0\#($0 % 9 + 1)T10:00:00Z"},"data":{"n":\#($0)}}"#
    }
    site.tree.write("[" + lines.prefix(700).joined(separator: ",\n") + "]\n", to: "export.json")
    #expect(try await importing(site).output.hasPrefix("700 events taken over, 0 were"))
    site.tree.write(lines.joined(separator: "\n"), to: "export.json")
    let end = try await importing(site)
    #expect(end.code == 0)
    #expect(end.output.hasPrefix("500 events taken over, 700 were there already, 0 not"))
    #expect(site.records.count == 1200)
  }

  @Test func `Killed half-way and run again, each event is there once, and none is sent`() async throws {
    let site = try await Site()
    let count = 20_000
    let lines = (0..<count).map {
      #"{"eventId":"e\#($0)","eventType":"t","processedAt":{"$date":"2026-11-0\#($0 % 9 + 1)T10:00:00Z"},"data":{"n":\#($0)}}"#
    }
    site.tree.write(lines.joined(separator: "\n"), to: "export.json")
    let configuration = site.tree.path.appending("config.yaml").string
    // Each time it gets further than before.
    for goal in [1, 3000, 8000] {
      let first = try SpawnedProgram([
        "import", site.tree.path.appending("export.json").string, "--config", configuration,
      ])
      #expect(Site.waitsInPlace { site.records.count >= goal })
      first.signal(SIGKILL)
      #expect(try await first.end().code == 128 + SIGKILL)
    }
    let there = site.records.count
    #expect(there < count)
    let end = try await importing(site)
    #expect(end.code == 0 && end.output.contains(", 0 not taken over"), "\(end)")
    #expect(Set(site.records).count == count && site.records.count == count)
    #expect(site.acknowledged.count == count)
    #expect(try await perform(site, "verify").code == 0)
    #expect(try await site.start(["--once"]).end().code == 0)
    #expect(try await site.stopSink() == "")
  }

  @Test(arguments: [
    // --pretty, --jsonArray --pretty, --jsonArray on one line, an array formatted by hand.
    "{\n\t\"eventId\": \"1\",\n\t\"eventType\": \"t\", \"processedAt\": { \"$date\": \"2026-11-01T10:00:00Z\" }\n}\n{\n\t\"eventId\": \"2\",\n\t\"eventType\": \"t\", \"processedAt\": { \"$date\": \"2026-11-01T10:00:00Z\" }\n}\n",
    "[{\n  \"eventId\": \"1\",\n  \"eventType\": \"t\", \"processedAt\": { \"$date\": \"2026-11-01T10:00:00Z\" }\n},\n{\n  \"eventId\": \"2\", \"eventType\": \"t\", \"processedAt\": { \"$date\": \"2026-11-01T10:00:00Z\" }\n}]\n",
    "[{\"eventId\":\"1\",\"eventType\":\"t\",\"processedAt\":\"2026-11-01T10:00:00Z\"},{\"eventId\":\"2\",\"eventType\":\"t\",\"processedAt\":\"2026-11-01T10:00:00Z\"}]",
    "\u{FEFF}[\n{\n\"eventId\":\"1\",\"eventType\":\"t\",\"processedAt\":\"2026-11-01T10:00:00Z\"\n}\n,\n{\"eventId\":\"2\",\"eventType\":\"t\",\"processedAt\":\"2026-11-01T10:00:00Z\"}\n]\n",
  ])
  func `An export is read however it is laid out`(export: String) async throws {
    let site = try await Site(hasSink: false)
    site.tree.write(export, to: "export.json")
    let end = try await importing(site)
    #expect(end.code == 0 && end.output.hasPrefix("2 events taken over"), "\(end)")
    #expect(site.records == ["1.json", "2.json"])
  }

  @Test func `One cause is reported once, with how often it came`() async throws {
    let site = try await Site(hasSink: false)
    let bad = (0..<500).map { #"{"eventId":"e\#($0)","eventType":"t"}"# }.joined(separator: "\n")
    site.tree.write(bad + "\n" + (0..<50).map { "no \($0)" }.joined(separator: "\n"), to: "export.json")
    let end = try await importing(site)
    #expect(end.code == 1)
    let lines = end.errors.split(separator: "\n").filter { $0.contains("not taken over") }
    #expect(lines.count == 4, "\(end.errors)")
    #expect(lines.contains { $0.contains("499 more documents not taken over, for the same reason as number 1") })
    #expect(end.output.contains("550 not taken over"))
    // A file that is not an export yields one sentence.
    site.tree.write([0x1F, 0x8B, 8, 0], to: "export.json")
    let packed = try await importing(site)
    #expect(packed.errors.split(separator: "\n").filter { $0.contains("export.json") }.count == 1, "\(packed)")
    #expect(packed.errors.contains("is packed with gzip"))
  }

  @Test func `What is advised helps with an export, and is no setting of an inbox`() async throws {
    let site = try await Site(hasSink: false)
    let time = #""processedAt":"2026-11-01T10:00:00Z""#
    let document = #"{"eventId":"1","eventType":"t",\#(time)}"#
    let utf16 = document.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let cases: [(export: [UInt8], words: String)] = [
      (Array(#"{"eventId":"1",\#(time)}"#.utf8), "it has no member eventType; add it to the export"),
      (Array(#"{"eventType":"t",\#(time)}"#.utf8), "it has no member eventId; add it to the export"),
      ([0xFF, 0xFE] + utf16, "it looks like UTF-16; convert it first, as with iconv -f utf-16 -t utf-8"),
      (utf16, "it looks like UTF-16LE; convert it first, as with iconv -f utf-16le -t utf-8"),
      ([0x1F, 0x8B, 8, 0], "it is packed with gzip; unpack it first"),
      ([0x50, 0x4B, 3, 4], "it is packed with ZIP; unpack it first"),
    ]
    for (export, words) in cases {
      site.tree.write(export, to: "export.json")
      let end = try await importing(site)
      #expect(end.code == 1 && end.errors.contains("not taken over: \(words)"), "\(end)")
      #expect(!end.errors.contains("inbox"), "\(end)")
    }
  }

  @Test func `It is refused while a daemon runs, and where there is no file`() async throws {
    let site = try await Site()
    #expect(try await importing(site).code == 64)
    site.tree.write(Self.export, to: "export.json")
    let daemon = try site.start()
    #expect(try await daemon.errorLine(containing: "started") != nil)
    #expect(try await importing(site).code == 75)
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
  }
}
