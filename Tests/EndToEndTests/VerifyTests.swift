import Glibc
import SystemPackage
import TestSupport
import Testing

/// `eventdrop verify` and `reindex`, on trees with every damage that a person or a disk can do.
@Suite(.tags(.spawned)) struct VerifyTests {
  private struct Result {
    var code: Int
    var lines: [String]
    var errors: String
  }

  private func perform(_ site: Site, _ arguments: String...) async throws -> Result {
    let end = try await SpawnedProgram(
      arguments + ["--config", site.tree.path.appending("config.yaml").string]
    ).end()
    return Result(code: end.code, lines: end.output.split(separator: "\n").map(String.init), errors: end.errors)
  }

  /// A tree with ten records, all of them acknowledged, and its one partition.
  private func tree() async throws -> (Site, partition: String) {
    let site = try await Site()
    for number in 0..<10 { site.drop("\(number).json", #"{"id":"e\#(number)","type":"t","data":{"n":\#(number)}}"#) }
    let end = try await site.start(["--once"]).end()
    #expect(end.code == 0)
    return (site, "processed/\(try #require(site.tree.names("processed").first))")
  }

  private func removeCatalog(_ site: Site) {
    for ending in ["", "-wal", "-shm"] { site.tree.remove("state/catalog.sqlite\(ending)") }
  }

  @Test func `All is well with a tree that nobody has touched`() async throws {
    let (site, _) = try await tree()
    let result = try await perform(site, "verify")
    #expect(result.code == 0)
    #expect(result.lines == ["10 records in 1 partition, 10 acknowledgements: all is well"])
  }

  @Test func `Where nothing was stored yet it says so, and makes nothing`() async throws {
    let site = try await Site()
    let before = site.tree.names(".")
    let result = try await perform(site, "verify")
    #expect(result.code == 0 && result.lines == ["nothing is stored yet"])
    #expect(
      try await perform(site, "verify", "--json").lines.first?.hasPrefix(#"{"partitions":0,"records":0,"#) == true)
    #expect(site.tree.names(".") == before)
    // A catalog without its tree is another matter: a file system that is not mounted.
    let (stored, _) = try await tree()
    stored.tree.move("processed", to: "elsewhere")
    let missing = try await perform(stored, "verify")
    #expect(missing.code == 1 && missing.errors.contains("/processed"))
    #expect(!stored.tree.names(".").contains("processed"))
  }

  @Test func `It keeps no daemon from starting, however long it reads`() async throws {
    let (site, _) = try await tree()
    // More findings than a pipe holds, which nobody reads: it blocks in the middle of its work.
    for number in 0..<3000 {
      site.tree.write("x", to: "processed/\(number)-\(String(repeating: "x", count: 200))")
    }
    let verify = try SpawnedProgram(["verify", "--config", site.tree.path.appending("config.yaml").string])
    #expect(try await verify.lineAfter("") != nil)
    site.drop("new.json", #"{"id":"new","type":"t"}"#)
    let end = try await site.start(["--once"]).end()
    #expect(end.code == 0 && site.acknowledged.contains("new"), "\(end.errors)")
    let rest = try await verify.end()
    #expect(rest.code == 1 && rest.output.split(separator: "\n").count == 3000)
  }

  @Test func `What is damaged or astray is found and named`() async throws {
    let (site, partition) = try await tree()
    site.tree.write("{\"eventId\":\"e1\"", to: "\(partition)/e1.json")
    site.tree.write("", to: "\(partition)/e2.json")
    site.tree.move("\(partition)/e3.json", to: "\(partition)/e3-other.json")
    site.tree.write("x", to: "\(partition)/.hidden")
    site.tree.write("x", to: "\(partition)/folder/inner.json")
    site.tree.write("x", to: "processed/notes.txt")
    site.tree.write("x", to: "processed/identities/readme")
    site.tree.write("no digest\n", to: "processed/identities/2020-01-01.ids")
    site.tree.write(site.journal + "nonsense\n{\"batchId\":\"half", to: "\(partition)/forwards.jsonl")
    let record = try #require(site.tree.readText("\(partition)/e4.json"))
    site.tree.write(record, to: "processed/2020-01-01/e4.json")

    let result = try await perform(site, "verify")
    #expect(result.code == 1)
    func names(_ path: String, _ words: String) -> Bool {
      result.lines.contains { $0.contains("/\(path)") && $0.contains(words) }
    }
    #expect(names("\(partition)/e1.json: ", "no record"))
    #expect(names("\(partition)/e2.json: ", "no record"))
    #expect(names("\(partition)/e3-other.json: ", "its name is of another eventId"))
    #expect(names("\(partition)/e3.json: ", "not there"))
    #expect(names("\(partition)/.hidden: ", "neither a record nor the journal"))
    #expect(names("\(partition)/folder: ", "neither a record nor the journal"))
    #expect(names("processed/notes.txt: ", "only partitions"))
    #expect(names("processed/identities/readme: ", "only identity files"))
    #expect(names("processed/identities/2020-01-01.ids:1: ", "no identity"))
    #expect(
      names("\(partition)/forwards.jsonl:\(site.journal.split(separator: "\n").count - 1): ", "no acknowledgement"))
    #expect(names("\(partition)/forwards.jsonl:", "only half there"))
    #expect(names("processed/2020-01-01/e4.json: ", "its time is of the partition"))
    #expect(names("processed/2020-01-01/e4.json: ", "same eventId"))

    // None of it keeps the daemon from working.
    site.drop("new.json", #"{"id":"new","type":"t"}"#)
    let end = try await site.start(["--once"]).end()
    #expect(site.acknowledged.contains("new"), "\(end.errors)")
  }

  @Test func `A time zone that was changed since is no finding`() async throws {
    let site = try await Site(hasSink: false)
    let times = ["2026-11-01T00:30:00Z", "2026-11-01T23:30:00Z"].enumerated().map {
      #"{"eventId":"e\#($0)","eventType":"t","processedAt":{"$date":"\#($1)"},"data":{}}"#
    }
    site.tree.write(times.joined(separator: "\n"), to: "export.json")
    #expect(try await perform(site, "import", "\(site.tree.path)/export.json").code == 0)
    for zone in ["Pacific/Auckland", "Pacific/Pago_Pago", "Pacific/Kiritimati", "UTC"] {
      site.tree.write(site.configuration + "\nprocessed: { timezone: \(zone) }\n", to: "config.yaml")
      let result = try await perform(site, "verify")
      #expect(result.code == 0, "\(zone): \(result.lines)")
    }
    // A day further away than any time zone explains.
    site.tree.write(try #require(site.tree.read("processed/2026-11-01/e1.json")), to: "processed/2026-11-03/e1.json")
    site.tree.remove("processed/2026-11-01/e1.json")
    let result = try await perform(site, "verify")
    #expect(result.code == 1)
    #expect(result.lines.contains { $0.contains("/2026-11-03/e1.json: its time is of the partition 2026-11-01") })
  }

  @Test func `A difference in times is described by times that people read`() async throws {
    let (site, partition) = try await tree()
    for (name, member) in [("e1", "updatedAt"), ("e2", "createdAt")] {
      let record = try #require(site.tree.readText("\(partition)/\(name).json"))
      let time = try #require(record.split(separator: "\"\(member)\":\"").last?.prefix(24))
      site.tree.write(
        record.replacing("\"\(member)\":\"\(time)\"", with: "\"\(member)\":\"2020-01-01T00:00:00.000Z\""),
        to: "\(partition)/\(name).json")
      let result = try await perform(site, "verify")
      #expect(
        result.lines.contains { $0.contains("the catalog has it otherwise (\(member) \(time))") }, "\(result.lines)")
    }
  }

  @Test func `The catalog is mended where it differs from the tree, and nothing is sent again`() async throws {
    let (site, partition) = try await tree()
    // What the catalog has not seen: a record that appears, one that disappears.
    let record = try #require(site.tree.readText("\(partition)/e1.json"))
    site.tree.write(record.replacing("\"e1\"", with: "\"e77\""), to: "\(partition)/e77.json")
    site.tree.remove("\(partition)/e2.json")
    let found = try await perform(site, "verify", "--json")
    #expect(found.code == 1)
    #expect(found.lines.count { $0.hasPrefix(#"{"kind":"catalog","path":""#) } == 2)
    #expect(found.lines.last?.hasPrefix(#"{"partitions":1,"records":10,"#) == true)
    let mended = try await perform(site, "verify", "--repair")
    #expect(mended.code == 0)
    #expect(mended.lines.count { $0.hasPrefix("mended ") } == 2)
    #expect(try await perform(site, "verify").code == 0)
    let before = site.acknowledgements.count
    #expect(try await site.start(["--once"]).end().code == 0)
    #expect(site.acknowledgements.count == before + 1)
    #expect(site.acknowledged.contains("e77"))
  }

  @Test func `The catalog is built again, and knows what was acknowledged`() async throws {
    let (site, _) = try await tree()
    removeCatalog(site)
    #expect(try await perform(site, "verify").code == 1)
    let result = try await perform(site, "reindex")
    #expect(result.code == 0)
    #expect(result.lines.first?.hasPrefix("10 records in ") == true)
    #expect(try await perform(site, "verify").code == 0)
    let before = site.acknowledgements.count
    #expect(try await site.start(["--once"]).end().code == 0)
    #expect(site.acknowledgements.count == before)
    #expect(site.tree.names("state").filter { $0.contains("catalog") } == ["catalog.sqlite"])
  }

  @Test(arguments: [("2026-01-01", "2026-01-02"), ("2026-01-02", "2026-01-01")])
  func `Of two records of one event the later one counts`(earlier: String, later: String) async throws {
    let (site, _) = try await tree()
    for (partition, time) in [(earlier, "2026-01-03T00:00:00.000Z"), (later, "2026-01-04T00:00:00.000Z")] {
      let record =
        #"{"eventId":"twice","eventType":"t","processedAt":"\#(time)","data":{},"createdAt":"\#(time)","updatedAt":"\#(time)","#
        + #""source":{"inbox":"default","file":"a.json","sha256":"\#(String(repeating: "0", count: 64))","bytes":2}}"#
      site.tree.write(record + "\n", to: "processed/\(partition)/twice.json")
    }
    let result = try await perform(site, "reindex")
    #expect(result.code == 0)
    let isLogged = result.errors.contains("an event has two records; the later one counts")
    #expect(isLogged == (later < earlier))
    if isLogged { #expect(result.errors.contains("processed/\(earlier)/twice.json")) }
    let listed = try await perform(site, "list", "--json", "--status", "pending")
    #expect(listed.lines.count == 1)
    #expect(listed.lines.first?.contains(#""file":"\#(later)/twice.json""#) == true)
  }

  @Test(arguments: [0, 100, 5000])
  func `A damaged catalog is built again at the start`(place: Int) async throws {
    let (site, _) = try await tree()
    var catalog = try #require(site.tree.read("state/catalog.sqlite"))
    for index in place..<min(place + 3000, catalog.count) { catalog[index] = 0xA5 }
    removeCatalog(site)
    site.tree.write(catalog, to: "state/catalog.sqlite")
    site.drop("again.json", #"{"id":"e1","type":"t","data":{"n":1}}"#)
    site.drop("new.json", #"{"id":"new","type":"t"}"#)
    let before = site.acknowledgements.count
    let end = try await site.start(["--once"]).end()
    #expect(end.code == 0, "\(end.errors)")
    #expect(site.acknowledgements.count == before + 1)
    #expect(site.records.count == 11)
    #expect(try await perform(site, "verify").code == 0)
  }

  @Test func `While a daemon runs, verify sees nothing wrong, and what would write is refused`() async throws {
    let site = try await Site()
    let daemon = try site.start()
    // One look after the other, each at events that are under way.
    for number in 0..<20 {
      for part in 0..<15 { site.drop("\(number)-\(part).json", #"{"id":"e\#(number)-\#(part)","type":"t"}"#) }
      #expect(await site.waits { site.records.count > number * 15 })
      let result = try await perform(site, "verify")
      #expect(result.code == 0, "\(result.lines)")
    }
    #expect(try await perform(site, "verify", "--repair").code == 75)
    let refused = try await perform(site, "reindex")
    #expect(refused.code == 75)
    #expect(refused.errors.contains("process \(daemon.processID)"))
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
  }
}
