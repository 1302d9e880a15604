import Glibc
import SystemPackage
import TestSupport
import Testing

/// `list`, `show`, `report` and `reprocess`, as a shell sees them.
@Suite struct EventCommandTests {
  private func perform(_ site: Site, _ arguments: String...) async throws -> SpawnedProgram.End {
    try await SpawnedProgram(arguments + ["--config", site.tree.path.appending("config.yaml").string]).end()
  }

  /// Two acknowledged orders and a payment, a conflict in `failed/`, and a broken file in `retry/`.
  private func site() async throws -> Site {
    let site = try await Site()
    site.tree.write(
      site.configuration.replacing(
        "backoff: { first: 100ms, max: 200ms }", with: "backoff: { first: 1h, max: 1h }"),
      to: "config.yaml")
    site.drop("1.json", #"{"id":"o1","type":"order","data":{"n":1}}"#)
    site.drop("2.json", #"{"id":"o/2","type":"order","data":{"n":2}}"#)
    site.drop("3.json", #"{"id":"p1","type":"payment"}"#)
    #expect(try await site.start(["--once"]).end().code == 0)
    site.drop("conflict.json", #"{"id":"o1","type":"order","data":{"n":99}}"#)
    site.drop("broken.json", #"{"id":"#)
    #expect(try await site.start(["--once"]).end().code == 1)
    #expect(site.tree.names("retry") == ["broken.json", "broken.json.error"])
    return site
  }

  @Test func `Events are listed by type, status and reason, the newest first`() async throws {
    let site = try await site()
    let all = try await perform(site, "list", "--json")
    #expect(all.output.split(separator: "\n").count == 5)
    let orders = try await perform(site, "list", "--json", "--type", "order", "--status", "forwarded")
    #expect(
      Set(orders.output.split(separator: "\n").map { $0.prefix(16) }) == [#"{"eventId":"o1","#, #"{"eventId":"o/2""#])
    #expect(try await perform(site, "list", "--json", "--status", "failed").output.contains(#""reason":"conflict""#))
    #expect(try await perform(site, "list", "--status", "pending").output == "no such events\n")
    #expect(try await perform(site, "list", "--until", "2020-01-01").output == "no such events\n")
    #expect(try await perform(site, "list", "--since", "1h", "--limit", "2").output.contains("there are more"))
    #expect(try await perform(site, "list", "--limit", "0").code == 64)
    #expect(try await perform(site, "list", "--since", "yesterday").code == 64)
  }

  @Test func `A table has no colour and is not cut where nobody watches`() async throws {
    let site = try await site()
    let table = try await perform(site, "list").output
    #expect(!table.contains("\u{1B}"))
    #expect(table.contains("failed/conflict.json: conflict"))
  }

  @Test func `One event tells its whole way`() async throws {
    let site = try await site()
    let shown = try await perform(site, "show", "o1")
    #expect(shown.code == 0)
    for words in [
      "first recorded", "acknowledged by the webhook (HTTP 200", "failed (attempt 1)", "/failed/conflict.json",
    ] {
      #expect(shown.output.contains(words), "\(shown.output)")
    }
    let json = try await perform(site, "show", "o/2", "--json").output
    #expect(json.contains(#""status":"forwarded""#))
    #expect(json.contains(#""record":{"eventId":"o/2","eventType":"order","#))
    #expect(json.contains(#""forwards":[{"batchId":""#))
    let unknown = try await perform(site, "show", "nobody")
    #expect(unknown.code == 1)
    #expect(unknown.errors.contains("nothing is known of an event 'nobody'"))
  }

  @Test func `One event tells which attempts to forward it were in vain, and why`() async throws {
    let site = try await Site()
    _ = try await site.stopSink()
    try await site.startSink(["--fail-first", "2", "--status", "503", "--body", "too busy"])
    site.drop("1.json", #"{"id":"o1","type":"order","data":{"n":1}}"#)
    let daemon = try site.start()
    #expect(await site.waits { site.acknowledgements == ["o1"] })
    let json = try await perform(site, "show", "o1", "--json").output
    let attempt = try Regex(
      #"\{"attemptedAt":"[^"]+","batchId":"[^"]+","events":1,"httpStatus":503,"message":"[^"]+","response":"too busy"\}"#
    )
    #expect(json.matches(of: attempt).count == 2, "\(json)")
    let lines = try await perform(site, "show", "o1").output.split(separator: "\n")
    #expect(lines.filter { $0.contains("not forwarded (HTTP 503, batch ") && $0.contains("too busy") }.count == 2)
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
  }

  @Test func `A report counts by day, type and status`() async throws {
    let site = try await site()
    let lines = try await perform(site, "report", "--json").output.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines.contains { $0.contains(#""eventType":"order","status":"forwarded","count":2,"#) })
    #expect(lines.contains { $0.contains(#""eventType":"order","status":"failed","count":1,"#) })
    #expect(try await perform(site, "report").output.contains("forwarded: 3"))
  }

  @Test func `What is reprocessed is forwarded again, while the daemon runs`() async throws {
    let site = try await site()
    let daemon = try site.start()
    let before = site.acknowledgements.count
    let moved = try await perform(site, "reprocess", "o/2")
    #expect(moved.code == 0)
    #expect(moved.output.contains("/inbox/o%2F2.json"))
    #expect(await site.waits { site.acknowledgements.count == before + 1 })
    #expect(site.acknowledgements.last == "o/2")
    // The conflict: its record away, the file back.
    site.tree.remove("processed/\(site.tree.names("processed").first ?? "")/o1.json")
    #expect(try await perform(site, "reprocess", "--reason", "conflict").code == 0)
    #expect(await site.waits { site.acknowledgements.count == before + 2 })
    #expect(site.tree.names("failed") == [])
    #expect(site.record("o1.json").map { String(decoding: $0, as: UTF8.self).contains(#""n":99"#) } == true)
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
  }

  @Test func `All of a type is moved, a rehearsal moves nothing, and nothing is overwritten`() async throws {
    let site = try await site()
    let rehearsal = try await perform(site, "reprocess", "--type", "order", "--status", "forwarded", "--dry-run")
    #expect(rehearsal.output.split(separator: "\n").count == 2)
    #expect(site.records.count == 3)
    site.tree.write("occupied", to: "inbox/o1.json")
    #expect(try await perform(site, "reprocess", "--type", "order", "--status", "forwarded").code == 0)
    #expect(site.tree.names("inbox") == ["o%2F2.json", "o1.json", "o1~2.json"])
    #expect(site.tree.readText("inbox/o1.json") == "occupied")
    #expect(try await perform(site, "reprocess").code == 64)
  }
}
