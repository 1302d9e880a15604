import Glibc
import SystemPackage
import TestSupport
import Testing

/// The built program, from a drop to n8n and back.
@Suite(.tags(.spawned)) struct MainJobTests {
  @Test func `A drop is stored, arrives at the webhook in a batch, and is acknowledged`() async throws {
    let site = try await Site()
    let daemon = try site.start()
    site.drop("order.json", #"{"eventId":"ord-1","eventType":"ORDER_PROCESSED","data":{"total":12.50}}"#)
    #expect(await site.waits { site.journal.contains(#""eventIds":["ord-1"]"#) })
    #expect(site.records == ["ord-1.json"])
    #expect(site.tree.names("inbox") == [])
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
    let received = try await site.stopSink()
    #expect(received.contains(#""eventIds":["ord-1"]"#))
  }

  @Test func `A webhook that is down for a while loses nothing and sends nothing to failed`() async throws {
    let site = try await Site(hasSink: false)
    let daemon = try site.start()
    for number in 1...20 { site.drop("\(number).json", #"{"id":"e\#(number)","type":"t"}"#) }
    // The log says once that forwarding pauses.
    #expect(try await daemon.errorLine(containing: "forwarding pauses") != nil)
    try await site.startSink()
    #expect(await site.waits { site.acknowledged.count == 20 })
    #expect(site.acknowledged == Set((1...20).map { "e\($0)" }))
    #expect(site.tree.names("failed") == [])
    #expect(await site.waits { site.tree.names("retry") == [] })
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
  }

  @Test func `Large bodies are packed, and arrive as they were`() async throws {
    let site = try await Site()
    site.tree.write(
      site.configuration.replacing("forward:\n", with: "forward:\n  compress: 100\n"), to: "config.yaml")
    let text = String(repeating: "packed ", count: 1000)
    site.drop("1.json", #"{"id":"e1","type":"t","data":{"text":"\#(text)"}}"#)
    #expect(try await site.start(["--once"]).end().code == 0)
    #expect(site.acknowledged == ["e1"])
    let received = try await site.stopSink()
    // The sink prints how many bytes arrived over the network, and the events that it found in them.
    #expect(received.contains(#""eventIds":["e1"]"#))
    let bytes = received.split(separator: #""bytes":"#).last.flatMap { Int($0.prefix { $0.isNumber }) }
    #expect(try #require(bytes) < text.utf8.count / 4)
  }

  @Test func `A refused event among fifty is found; the others go through`() async throws {
    let site = try await Site(sinkArguments: ["--reject", "e7"])
    for number in 1...50 { site.drop("\(number).json", #"{"id":"e\#(number)","type":"t"}"#) }
    let daemon = try site.start()
    #expect(await site.waits { site.acknowledged.count == 49 })
    #expect(await site.waits { site.tree.names("failed") == ["e7.json", "e7.json.error"] })
    let sidecar = try #require(site.tree.readText("failed/e7.json.error"))
    #expect(sidecar.contains(#""reason": "rejected""#))
    #expect(sidecar.contains(#""httpStatus": 400"#))
    #expect(sidecar.contains(#""stage": "forward""#))
    #expect(!sidecar.contains("nextAttemptAt"))
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
  }

  @Test func `Killed again and again under load, every event is stored once and acknowledged`() async throws {
    let site = try await Site()
    let count = 400
    for round in 0..<8 {
      let daemon = try site.start()
      for number in (round * 50)..<(round * 50 + 50) {
        site.drop("\(number).json", #"{"id":"e\#(number)","type":"t","data":{"number":\#(number)}}"#)
      }
      // The moment differs from round to round, so that the kill interrupts different work.
      try await Task.sleep(for: .milliseconds(150 + round * 37))
      daemon.signal(SIGKILL)
      #expect(try await daemon.end().code == 137)
    }
    let once = try site.start(["--once"])
    #expect(try await once.end().code == 0)
    #expect(site.records == (0..<count).map { "e\($0).json" }.sorted())
    #expect(site.acknowledged.count == count)
    #expect(site.tree.names("failed") + site.tree.names("retry") + site.tree.names("inbox") == [])
  }

  @Test func `A second daemon is refused and names the first`() async throws {
    let site = try await Site()
    let first = try site.start()
    #expect(await site.waits { site.tree.readText("state/lock")?.hasPrefix("\(first.processID)") ?? false })
    let second = try await site.start().end()
    #expect(second.code == 75)
    #expect(second.errors.contains("process \(first.processID)"))
    first.signal(SIGINT)
    #expect(try await first.end().code == 0)
  }

  @Test func `It is refused also if the lock's file was removed, and a question sees the first`() async throws {
    let site = try await Site()
    let first = try site.start()
    #expect(await site.waits { site.tree.readText("state/lock")?.hasPrefix("\(first.processID)") ?? false })
    site.tree.remove("state/lock")
    #expect(try await site.start().end().code == 75)
    #expect(site.tree.names("state").contains("lock") == false)
    let check = try SpawnedProgram(["check", "--config", site.tree.path.appending("config.yaml").string])
    #expect(try await check.end().output.contains("an eventdrop is running"))
    first.signal(SIGINT)
    #expect(try await first.end().code == 0)
  }

  @Test func `A catalog that turns out to be damaged is built again by the daemon that meets it`() async throws {
    let site = try await Site(hasSink: false)
    let events = (0..<6000).map { #"{"id":"event-\#($0)","type":"t"}"# }
    site.drop("all.jsonl", events.joined(separator: "\n") + "\n")
    _ = try await site.start(["--once"], environment: ["N8N_WEBHOOK_URL": ""]).end()
    let pages = try #require(site.tree.read("state/catalog.sqlite")).count / 4096
    #expect(pages > 110)
    let file = open(site.tree.path.appending("state/catalog.sqlite").string, O_WRONLY)
    let noise = [UInt8](repeating: 0xA5, count: 4096)
    for page in 40..<(pages - 60) { #expect(pwrite(file, noise, 4096, off_t(page * 4096)) == 4096) }
    close(file)
    let daemon = try site.start(environment: ["N8N_WEBHOOK_URL": ""])
    #expect(try await daemon.errorLine(containing: "started") != nil)
    site.drop("again.jsonl", (events[..<3000] + [#"{"id":"new","type":"t"}"#]).joined(separator: "\n") + "\n")
    #expect(try await daemon.errorLine(containing: "the catalog is damaged") != nil)
    #expect(await site.waits { site.tree.names("inbox").isEmpty && site.records.contains("new.json") })
    #expect(site.records.count == 6001)
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
  }

  @Test func `A hang-up reads the configuration again; a wrong one is reported and not taken`() async throws {
    let site = try await Site(hasSink: false)
    let daemon = try site.start()
    #expect(await site.waits { site.tree.names("inbox-2") == [] && site.tree.names("").contains("state") })
    site.drop("a.json", #"{"id":"1","type":"t"}"#)
    #expect(await site.waits { site.records == ["1.json"] })
    site.tree.write("inboxes: 7\n", to: "config.yaml")
    daemon.signal(SIGHUP)
    let logged = try await daemon.errorLineAfter(#"{"time":"#)
    #expect(logged != nil)
    site.drop("b.json", #"{"id":"2","type":"t"}"#)
    #expect(await site.waits { site.records == ["1.json", "2.json"] })
    site.tree.write(site.configuration.replacing("path: inbox", with: "path: inbox-2"), to: "config.yaml")
    daemon.signal(SIGHUP)
    #expect(await site.waits { site.tree.names("").contains("inbox-2") })
    site.tree.write(#"{"id":"3","type":"t"}"#, to: "inbox-2/c.json")
    #expect(await site.waits { site.records == ["1.json", "2.json", "3.json"] })
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
  }

  @Test func `Run once says how many files it leaves to senders who are still writing`() async throws {
    let site = try await Site()
    site.drop("a.json", #"{"id":"a","type":"t"}"#)
    site.drop("b.json", #"{"id":"b","#)
    let upload = open("\(site.tree.inbox)/b.json", O_WRONLY | O_APPEND | O_CLOEXEC)
    let end = try await site.start(["--once"]).end()
    #expect(end.code == 0)
    let logged = end.errors.split(separator: "\n").filter { $0.contains("something is left in an inbox") }
    #expect(logged.count == 1 && logged[0].contains(#""files":"1""#), "\(end.errors)")
    #expect(site.records == ["a.json"] && site.tree.names("inbox") == ["b.json"])
    _ = Array(#""type":"t"}"#.utf8).withUnsafeBytes { write(upload, $0.baseAddress, $0.count) }
    close(upload)
    let next = try await site.start(["--once"]).end()
    #expect(next.code == 0 && !next.errors.contains("something is left"))
    #expect(site.records == ["a.json", "b.json"])
  }

  @Test func `The exit code of run once says whether anything is left`() async throws {
    let site = try await Site()
    site.drop("a.json", #"{"id":"1","type":"t"}"#)
    #expect(try await site.start(["--once"]).end().code == 0)
    #expect(site.acknowledged == ["1"])
    site.drop("b.json", "{")
    #expect(try await site.start(["--once"]).end().code == 1)
    #expect(site.tree.names("retry").contains("b.json") || site.tree.names("failed").contains("b.json"))
  }

  @Test func `A wrong configuration is reported line by line`() async throws {
    let site = try await Site(hasSink: false)
    site.tree.write("inboxs: []\nforward:\n  timeout: soon\n", to: "config.yaml")
    let end = try await site.start().end()
    #expect(end.code == 78)
    #expect(end.errors.contains("config.yaml:1:1: unknown key 'inboxs'; did you mean 'inboxes'?\n"))
    #expect(end.errors.contains("config.yaml:3:12: forward.timeout: "))
    #expect(try await SpawnedProgram(["run", "--onec"]).end().code == 64)
  }
}
