import Glibc
import TestSupport
import Testing

/// `packaging/lake`: the tree as DuckDB reads it, and a day as Parquet.
@Suite(
  .tags(.spawned),
  .enabled(
    if: access("/usr/bin/duckdb", X_OK) == 0, "skipped, because there is no duckdb; apt-get install duckdb brings it"))
struct LakeTests {
  private static let folder = "\(Repository.root)/packaging/lake"
  private static let record =
    #","createdAt":"2026-11-23T03:41:00.123Z","updatedAt":"2026-11-23T03:41:00.123Z","source":{"inbox":"a"}"#

  /// Data that a JSON library would write differently, or that looks like the end of a record.
  private static let data = [
    "a": "{\n  \"total\": 12.50,\n\t\"big\": 12345678901234567890.10\n}",
    "b": #"{"text":"caf\u00e9 \/ \ud83d\ude00","text":"twice","e":1E+2}"#,
    "c": #"[{"eventId":"x","eventType":"t","processedAt":"2026-11-23T03:41:00.123Z","data":{}\#(record)}]"#,
    "d": #""a string""#,
    "e": "-0",
    "f": "null",
  ]

  /// A tree with a record for each of these, acknowledged; in the attributes of the last, too, is what looks like a
  /// record.
  private func filled() async throws -> (site: Site, day: String) {
    let site = try await Site()
    for (id, data) in Self.data {
      let attributes = id == "f" ? #","more":{"data":1\#(Self.record)}"# : #","one":1"#
      site.drop("\(id).json", #"{"eventId":"\#(id)","eventType":"T-\#(id)","data":\#(data)\#(attributes)}"#)
    }
    let end = try await site.start(["--once"]).end()
    #expect(end.code == 0, "\(end)")
    let day = try #require(site.tree.names("processed").first { $0.first?.isNumber == true })
    return (site, day)
  }

  private func archive(_ site: Site, _ day: String) async throws -> SpawnedProgram.End {
    try await SpawnedProgram(
      ["\(site.tree.path)/lake", "\(site.tree.path)/processed/\(day)"], executable: "\(Self.folder)/archive"
    ).end()
  }

  private func ask(_ site: Site, _ question: String) async throws -> [String] {
    let script =
      "cd '\(site.tree.path)/processed' && exec duckdb -init '\(Self.folder)/tree.sql' -bail -noheader -list -c \"$0\""
    let end = try await SpawnedProgram(["-c", script, question], executable: "/bin/sh").end()
    #expect(end.code == 0, "\(question): \(end)")
    return end.output.split(separator: "\n").map(String.init)
  }

  private func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
  }

  @Test func `Tree and Parquet have the bytes of each record and of its data, and its acknowledgement`() async throws {
    let (site, day) = try await filled()
    let end = try await archive(site, day)
    #expect(end.code == 0 && end.errors.isEmpty, "\(end)")
    #expect(site.tree.names("lake/day=\(day)") == ["1.parquet"])
    let expected = try Self.data.keys.sorted().map { id in
      let record = try #require(site.tree.read("processed/\(day)/\(id).json")).dropLast()
      return "\(id)|T-\(id)|\(hex(Self.data[id]?.utf8 ?? "".utf8))|\(hex(record))|200"
    }
    let columns = "eventId, eventType, hex(encode(data)), hex(encode(record)), status"
    let parquet = "read_parquet('\(site.tree.path)/lake/*/*.parquet') WHERE forwardedAt >= updatedAt ORDER BY eventId"
    #expect(try await ask(site, "SELECT \(columns) FROM \(parquet)") == expected)
    #expect(
      try await ask(site, "SELECT \(columns) FROM records JOIN forwards USING (day, eventId) ORDER BY eventId")
        == expected)
  }

  @Test func `A day that comes back gets another file, with what is new of it`() async throws {
    let (site, day) = try await filled()
    for _ in 1...2 {
      let end = try await archive(site, day)
      #expect(end.code == 0, "\(end)")
      #expect(site.tree.names("lake/day=\(day)") == ["1.parquet"])
    }
    site.tree.write(
      (site.tree.readText("processed/\(day)/a.json") ?? "").replacing(#""a""#, with: #""g""#),
      to: "processed/\(day)/g.json")
    let end = try await archive(site, day)
    #expect(end.code == 0, "\(end)")
    #expect(try await ask(site, "SELECT eventId FROM read_parquet('\(site.tree.path)/lake/*/2.parquet')") == ["g"])
  }

  @Test(arguments: ["invalid UTF-8", "a pipe"])
  func `What cannot be packed stays, and leaves nothing half done`(what: String) async throws {
    let (site, day) = try await filled()
    if what == "invalid UTF-8" {
      site.tree.write([0x22, 0xFF, 0x22], to: "processed/\(day)/g.json")
    } else {
      mkfifo("\(site.tree.path)/processed/\(day)/g.json", 0o600)
    }
    let end = try await archive(site, day)
    #expect(end.code == 1 && end.errors.contains("archive: "), "\(end)")
    #expect(site.tree.names("lake/day=\(day)") == [])
  }

  @Test func `The questions on the page have answers`() async throws {
    let (site, day) = try await filled()
    #expect(try await archive(site, day).code == 0)
    let blocks = try Repository.text("packaging/lake/README.md").split(separator: "```sql\n").dropFirst()
    #expect(blocks.count >= 5)
    for block in blocks {
      let question = block.prefix(upTo: try #require(block.firstRange(of: "```")).lowerBound)
        .replacing("/var/lib/eventdrop/lake", with: "\(site.tree.path)/lake")
      _ = try await ask(site, String(question))
    }
    let counted = try await ask(site, "SELECT eventType, count(*) FROM records GROUP BY ALL ORDER BY ALL")
    #expect(counted == Self.data.keys.sorted().map { "T-\($0)|1" })
  }
}
