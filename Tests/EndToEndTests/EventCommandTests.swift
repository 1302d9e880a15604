import Glibc
import SystemPackage
import TestSupport
import Testing

/// `list`, `show`, `report` and `reprocess`, as a shell sees them.
@Suite(.tags(.spawned)) struct EventCommandTests {
  private func perform(_ site: Site, _ arguments: String...) async throws -> SpawnedProgram.End {
    try await perform(site, arguments)
  }

  private func perform(_ site: Site, _ arguments: [String]) async throws -> SpawnedProgram.End {
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
    #expect(try await perform(site, "list", "--since", "1h ago", "--limit", "2").output.contains("there are more"))
    #expect(try await perform(site, "list", "--since", "yesterday").code == 64)
    #expect(try await perform(site, "list", "--since", "yesterday ago").code == 64)
  }

  @Test func `The list goes on behind each place, also within one millisecond, until each event was reported`()
    async throws
  {
    let site = try await Site()
    let lines = (1...120).map { #"{"id":"e\#($0)","type":"t"}"# }
    site.drop("all.jsonl", lines.joined(separator: "\n"))
    #expect(try await site.start(["--once"]).end().code == 0)
    // Also among failed files with the same time.
    let report = { (name: String) in
      #"{"file":"\#(name)","stage":"parse","reason":"invalid-json","message":"m","attempts":1,"#
        + #""firstFailedAt":"2026-11-23T12:00:00.000Z","lastFailedAt":"2026-11-23T12:00:00.000Z","inbox":"default"}"#
    }
    for number in 1...5 {
      site.tree.write("{", to: "failed/ \(number) %-_.json")
      site.tree.write(report(" \(number) %-_.json"), to: "failed/ \(number) %-_.json.error")
    }
    for limit in ["50", "3"] {
      var listed: [String] = []
      var place: [String] = []
      for _ in 0..<60 {
        let output = try await perform(site, ["list", "--limit", limit] + place).output
        var rows = output.split(separator: "\n").dropFirst()
        let hint = "there are more; the next ones: the same with "
        place = []
        if let last = rows.last, last.hasPrefix(hint) {
          place = last.dropFirst(hint.count).split(separator: " ").map(String.init)
          rows.removeLast()
        }
        listed += rows.map { row in row.split(separator: " ").dropFirst(3).joined(separator: " ") }
        guard !place.isEmpty else { break }
      }
      #expect(listed.count == 125 && Set(listed).count == 125, "\(listed)")
    }
    #expect(try await perform(site, "list", "--json", "--limit", "1").output.contains(#","cursor":""#))
    #expect(try await perform(site, "list", "--cursor", "nonsense").code == 64)
  }

  @Test func `Times that people see are of their time zone, those for programs of UTC`() async throws {
    let site = try await site()
    let configuration = try #require(site.tree.readText("config.yaml"))
    site.tree.write(configuration + "\ntimezone: Asia/Kolkata\n", to: "config.yaml")
    for arguments in [["list"], ["show", "o1"], ["status"]] {
      let shown = try await perform(site, arguments).output
      #expect(shown.contains("+05:30 ") && !shown.contains("Z "), "\(shown)")
      let json = try await perform(site, arguments + ["--json"]).output
      #expect(json.contains(#"Z""#) && !json.contains("+05:30"), "\(json)")
    }
  }

  @Test func `The status says by which schedule things are done, and only of what is done`() async throws {
    let site = try await Site()
    let next = {
      try await perform(site, "status", "--json").output.split(separator: #""nextRuns":"#).last.map(String.init)
    }
    site.tree.write(site.configuration + "\nretention: { keep: forever }\n", to: "config.yaml")
    let own = #"[{"name":"inbox default","schedule":"every 50ms","at":null},"#
    #expect(try await next()?.hasPrefix(own + #"{"name":"retry","schedule":"every 50ms","at":null}],"#) == true)
    site.tree.write(
      site.configuration.replacing("forward:\n", with: "forward:\n  url: \(site.url)\n")
        + "\nretention: { schedule: '0 3 * * *' }\n", to: "config.yaml")
    let status = try await next() ?? ""
    #expect(status.contains(#"{"name":"forward","schedule":"every 50ms","at":null}"#), "\(status)")
    #expect(
      status.contains(#"{"name":"retention","schedule":"0 3 * * *","at":"2"#) && status.contains(#"T03:00:00.000Z"}"#))
    let text = try await perform(site, "status").output
    #expect(text.contains("\n  inbox default        every 50ms\n"), "\(text)")
    site.tree.write(site.configuration + "\nretention: { schedule: '0 0 30 2 *' }\n", to: "config.yaml")
    #expect(try await next()?.contains(#""schedule":"0 0 30 2 *","at":null}]"#) == true)
    #expect(try await perform(site, "status").output.contains("\n  retention            never  0 0 30 2 *\n"))
  }

  @Test(.enabled(if: Terminal.isThere, "skipped, because there is no script(1); apt-get install bsdutils brings it"))
  func `On a terminal no row is wider than it, and nothing stands on the progress bar's line`() async throws {
    let site = try await site()
    let narrow = try await Terminal.run(
      ["list", "--config", site.tree.path.appending("config.yaml").string], columns: 60)
    #expect(narrow.count == 6 && narrow.allSatisfy { $0.count <= 60 + 9 }, "\(narrow)")
    #expect(narrow.contains { $0.contains("\u{1B}[32mforw") })
    let plain = try await Terminal.run(
      ["list", "--config", site.tree.path.appending("config.yaml").string], columns: 60, environment: ["NO_COLOR": "1"])
    #expect(plain.count == 6 && plain.allSatisfy { $0.count <= 60 && !$0.contains("\u{1B}") }, "\(plain)")
    let status = try await Terminal.run(
      ["status", "--config", site.tree.path.appending("config.yaml").string], columns: 40)
    #expect(status.allSatisfy { $0.count <= 40 }, "\(status)")
    // Whatever precedes a carriage return on a line is erased before more is written there.
    for arguments in [["reprocess", "--type", "order"], ["verify"]] {
      site.tree.write("x", to: "processed/stray")
      let lines = try await Terminal.run(
        arguments + ["--config", site.tree.path.appending("config.yaml").string], columns: 300)
      #expect(lines.contains { $0.contains(arguments[0] == "verify" ? "/stray: " : "moved ") }, "\(lines)")
      for line in lines {
        let parts = line.split(separator: "\r\u{1B}[K", omittingEmptySubsequences: false)
        #expect(parts.allSatisfy { !$0.contains("ing  ") || !$0.contains("/") }, "\(lines)")
      }
    }
  }

  @Test func `A table has no colour and is not cut where nobody watches`() async throws {
    let site = try await site()
    let table = try await perform(site, "list").output
    #expect(!table.contains("\u{1B}"))
    #expect(table.contains("failed/conflict.json: conflict"))
  }

  @Test func `The whole way of an event is shown`() async throws {
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
    #expect(try await perform(site, "reprocess", "o/2").code == 0)
    _ = try await site.start(["--once"]).end()
    let again = try await perform(site, "show", "o/2").output
    #expect(again.contains("recorded again: somebody moved or dropped it"), "\(again)")
    #expect(again.split(separator: "acknowledged by the webhook").count == 3, "\(again)")
    let unknown = try await perform(site, "show", "nobody")
    #expect(unknown.code == 1)
    #expect(unknown.errors.contains("nothing is known about an event 'nobody'"))
  }

  @Test func `The attempts in vain to forward an event are shown, and why`() async throws {
    let site = try await Site()
    _ = try await site.stopSink()
    try await site.startSink(["--fail-first", "2", "--status", "503", "--body", "too busy"])
    site.drop("1.json", #"{"id":"o1","type":"order","data":{"n":1}}"#)
    let daemon = try site.start()
    #expect(await site.waits { site.acknowledgements == ["o1"] })
    let json = try await perform(site, "show", "o1", "--json").output
    let attempt = try Regex(
      #"\{"attemptedAt":"[^"]+","batchId":"[^"]+","events":1,"httpStatus":503,"message":"[^"]+","code":"webhook-unavailable","arguments":\{"status": 503, "said": "too busy"\},"response":"too busy"\}"#
    )
    #expect(json.matches(of: attempt).count == 2, "\(json)")
    let lines = try await perform(site, "show", "o1").output.split(separator: "\n")
    #expect(lines.filter { $0.contains("not forwarded (HTTP 503, batch ") && $0.contains("too busy") }.count == 2)
    #expect(lines.filter { $0.hasSuffix("recorded again, back from retry (unreachable)") }.count == 1)
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
  }

  @Test func `The status shows names and messages on their lines, whatever is in them, and whence each file came`()
    async throws
  {
    let site = try await Site()
    site.tree.write(
      site.configuration.replacing(
        "  - path: inbox\n", with: "  - path: other\n    name: second\n    settle: 20ms\n  - path: inbox\n"),
      to: "config.yaml")
    site.tree.write("{", to: "other/\u{1B}[31mred\u{202E}.json")
    site.drop("two\nlines.json", #"{"id":"\#u{1B}]0;title\u0007"}"#)
    // Not UTF-8.
    let bytes = Array("\(site.tree.path)/inbox/".utf8) + [0xFF, 0x2E, 0x6A, 0x73, 0x6F, 0x6E, 0]
    site.tree.write("{", to: "inbox/odd.part")
    let isRenamed = bytes.withUnsafeBytes { raw in
      raw.baseAddress.map { rename("\(site.tree.path)/inbox/odd.part", $0.assumingMemoryBound(to: CChar.self)) } == 0
    }
    #expect(isRenamed)
    #expect(try await site.start(["--once"]).end().code == 1)
    let lines = try await perform(site, "status").output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(!lines.contains { $0.unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{202E}" } })
    for name in [#"/\u{1B}[31mred\u{202E}.json"#, #"/two\nlines.json"#, #"/\xFF.json"#] {
      #expect(lines.contains { $0.contains(name) }, "\(name): \(lines)")
    }
    let json = try await perform(site, "status", "--json").output
    for (name, inbox) in [
      ("\\u001b[31mred\\u202e.json", "second"), (#"two\nlines.json"#, "default"), (#"\\xFF.json"#, "default"),
    ] {
      #expect(json.contains(#""file":"\#(name)","inbox":"\#(inbox)""#), "\(json)")
    }
  }

  @Test func `A file without a report is shown and moved by the commands that the status offers`() async throws {
    let site = try await Site()
    site.tree.write(#"{"eventId":"x1","eventType":"T"}"#, to: "failed/x.json")
    site.tree.write("{", to: "failed/y.json")
    site.tree.write("{", to: "failed/y.json.error")
    #expect(try await perform(site, "status").output.contains("list --config"))
    let list = try await perform(site, "list", "--status", "failed").output
    #expect(list.contains("failed/x.json: no-report") && list.contains("failed/y.json: no-report"), "\(list)")
    let shown = try await perform(site, "show", "x.json")
    #expect(shown.code == 0 && shown.output.contains("there is no readable report beside it"), "\(shown)")
    #expect(!shown.output.contains("attempt"), "\(shown.output)")
    #expect(try await perform(site, "report").output.contains("failed: 2"))
    #expect(try await perform(site, "reprocess", "x.json").code == 0)
    #expect(site.tree.names("inbox") == ["x.json"])
    let discarded = try await perform(site, "discard", "--status", "failed", "--reason", "no-report")
    #expect(discarded.code == 0 && discarded.output.contains("/failed/y.json"), "\(discarded)")
    #expect(site.tree.names("failed") == [])
    #expect(try await site.start(["--once"]).end().code == 0)
    #expect(site.records == ["x1.json"])
  }

  @Test func `A name that is no UTF-8 is taken as its bytes, and as it is printed`() async throws {
    let site = try await Site()
    let path = site.tree.path
    /// Runs a command whose words a shell makes: a text cannot have such bytes.
    func shell(_ words: String) async throws -> SpawnedProgram.End {
      let program = SpawnedProgram.path(of: "eventdrop")
      return try await SpawnedProgram(
        ["-c", #"cd "$0"; b=$(printf 'b\377.json'); exec "\#(program)" \#(words)"#, path.string], executable: "/bin/sh"
      ).end()
    }
    let make = #"""
      mkdir -p failed; b=$(printf 'b\377.json'); for name in failed/$b inbox/$b i$b; do printf '{"id":"e","type":"t"}' >"$name"; done
      cp config.yaml "$(printf 'c\377.yaml')"
      """#
    #expect(try await SpawnedProgram(["-c", "cd '\(path)'; \(make)"], executable: "/bin/sh").end().code == 0)
    for name in [#""$b""#, #"'b\xFF.json'"#] {
      let shown = try await shell("show \(name)")
      #expect(shown.code == 0 && shown.output.contains(#"failed/b\xFF.json"#), "\(shown)")
      #expect(try await shell("reprocess --dry-run \(name)").code == 0)
      #expect(try await shell("discard --dry-run \(name)").code == 0)
      let tried = try await shell("test inbox/\(name)")
      #expect(tried.code == 0 && tried.output.contains(#"{"eventId":"e","eventType":"t""#), "\(tried)")
      let imported = try await shell("import i\(name)")
      #expect(imported.code == 1 && !imported.errors.contains("there is no such file"), "\(imported)")
    }
    for name in [#""$(printf 'c\377.yaml')""#, #"'c\xFF.yaml'"#] {
      let list = try await shell("list --config \(name)")
      #expect(list.code == 0 && list.output.contains(#"failed/b\xFF.json: no-report"#), "\(list)")
    }
    // A name that only looks like one of these is itself.
    site.tree.write("{", to: #"failed/t\xFE.json"#)
    #expect(try await shell(#"discard 't\xFE.json'"#).code == 0)
    #expect(try await shell(#"discard "$b""#).code == 0)
    #expect(site.tree.names("failed") == [])
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
    // The conflict: remove its record, move the file back.
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

  @Test func `Only what was written since then is reprocessed`() async throws {
    let site = try await Site()
    site.tree.write(
      #"{"eventId":"old","eventType":"t","processedAt":{"$date":"2020-01-01T10:00:00Z"},"data":{}}"#, to: "export.json")
    #expect(try await perform(site, "import", site.tree.path.appending("export.json").string).code == 0)
    site.drop("new.json", #"{"id":"new","type":"t"}"#)
    #expect(try await site.start(["--once"]).end().code == 0)
    #expect(site.records == ["new.json", "old.json"])
    #expect(try await perform(site, "reprocess", "--since", "2120-01-01").output == "no such events\n")
    let rehearsal = try await perform(site, "reprocess", "--since", "1d", "--dry-run")
    #expect(rehearsal.output.contains("/new.json") && !rehearsal.output.contains("/old.json"))
    #expect(site.tree.names("inbox") == [])
    #expect(try await perform(site, "reprocess", "--since", "1d").code == 0)
    #expect(site.tree.names("inbox") == ["new.json"])
    #expect(try await perform(site, "reprocess", "--since", "2019-12-31").code == 0)
    #expect(site.tree.names("inbox") == ["new.json", "old.json"])
  }

  @Test func `What is said besides an eventId holds as well, and an event that is not there is an error`() async throws
  {
    let site = try await site()
    for options in [
      ["--type", "payment"], ["--since", "2030-01-01"], ["--until", "2020-01-01"], ["--inbox", "other"],
      ["--status", "pending"], ["--reason", "rejected"],
    ] {
      let end = try await perform(site, ["reprocess", "o/2"] + options)
      #expect(end.code == 1 && end.output.isEmpty, "\(end)")
      #expect(end.errors.contains("event 'o/2' has no file that could be moved"))
    }
    #expect(try await perform(site, "reprocess", "nope").code == 1)
    #expect(try await perform(site, "reprocess", "--type", "nope").code == 0)
    #expect(site.tree.names("inbox").isEmpty && site.records.count == 3)
    let end = try await perform(site, ["reprocess", "o/2", "--type", "order", "--since", "1d", "--inbox", "default"])
    #expect(end.code == 0 && site.tree.names("inbox") == ["o%2F2.json"])
  }
}
