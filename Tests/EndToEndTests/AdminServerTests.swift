import Glibc
import SystemPackage
import TestSupport
import Testing

/// The built daemon's health, metrics and API, over HTTP.
@Suite(.tags(.spawned)) struct AdminServerTests {
  private func site(_ admin: String = "{ listen: '127.0.0.1:0' }", hasSink: Bool = true) async throws -> Site {
    let site = try await Site(hasSink: hasSink)
    site.tree.write(site.configuration.replacing("admin: { listen: off }", with: "admin: \(admin)"), to: "config.yaml")
    return site
  }

  @Test func `Health, status, events and metrics are reported`() async throws {
    let site = try await site()
    let (program, port) = try await site.startWithPage()
    #expect(try await site.get("/healthz", from: port).status == 200)
    #expect(try await site.get("/readyz", from: port).status == 200)
    site.drop("1.json", #"{"id":"e/1 ä","type":"t","data":{"n":1.50}}"#)
    site.drop("2.json", #"{"id":"e2","type":"t"}"#)
    #expect(await site.waits { site.acknowledged == ["e/1 ä", "e2"] })
    site.drop("3.json", #"{"type":"t"}"#)
    #expect(await site.waits { site.tree.names("failed").contains("3.json") })

    let status = try await site.get("/api/status", from: port) {
      $0.body.contains(#""forwarded":2"#) && $0.body.contains(#""failed":1"#)
    }.body
    #expect(status.contains(#""running":true"#) && status.contains(#""pending":0"#))
    #expect(status.contains(#""reason":"missing-event-id""#))

    let first = try await site.get("/api/events?type=t&status=forwarded&limit=1", from: port)
    #expect(first.status == 200 && first.body.contains(#""eventId":"e2""#))
    let cursor = try #require(first.body.split(separator: #""next":""#).last).prefix { $0 != "\"" }
    let second = try await site.get("/api/events?type=t&status=forwarded&limit=1&cursor=\(cursor)", from: port)
    #expect(second.body.contains("e/1 ä") && second.body.contains(#""next":null"#))

    let event = try await site.get("/api/events/e%2F1%20%C3%A4", from: port)
    #expect(event.status == 200 && event.body.contains(#""data":{"n":1.50}"#))
    #expect(try await site.get("/api/events/e2/record", from: port).body.hasPrefix(#"{"eventId":"e2""#))
    #expect(try await site.get("/api/events/nobody", from: port).status == 404)
    let account = try await site.get("/api/account?id=e%2F1+%C3%A4", from: port)
    #expect(account.status == 200 && account.body.contains(#""recordBytes":"#) && !account.body.contains("1.50"))
    let unknown = try await site.get("/api/account?id=nobody", from: port)
    #expect(unknown.status == 200 && unknown.body == "null")
    #expect(try await site.get("/api/account", from: port).status == 400)
    #expect(try await site.get("/api/overview", from: port).body.contains(#""ready":true"#))

    let metrics = try await site.get("/metrics", from: port)
    #expect(metrics.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
    #expect(metrics.body.contains(#"eventdrop_events_total{inbox="default",outcome="stored"} 2"#))
    #expect(metrics.body.contains(#"eventdrop_forward_events_total{outcome="acknowledged"} 2"#))
    #expect(metrics.body.contains("eventdrop_forward_delay_seconds_count 2\n"))
    #expect(metrics.body.contains("eventdrop_ready 1\n"))
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }

  @Test func `The events of a partition are asked for by its date, whatever zone days have elsewhere`() async throws {
    let site = try await site(hasSink: false)
    // Two days of the calendar, at any time: they are 26 hours apart.
    site.tree.write(
      (site.tree.readText("config.yaml") ?? "")
        + "\ntimezone: Pacific/Pago_Pago\nprocessed: { timezone: Pacific/Kiritimati }\n", to: "config.yaml")
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    site.drop("1.json", #"{"id":"e1","type":"t"}"#)
    #expect(await site.waits { site.records == ["e1.json"] })
    let date = try #require(site.tree.names("processed").first { $0.hasPrefix("2") })
    func finds(_ parameters: String) async throws -> Bool {
      let answer = try await site.get("/api/events?\(parameters)", from: port)
      #expect(answer.status == 200)
      return answer.body.contains(#""eventId":"e1""#)
    }
    #expect(try await finds("partition=\(date)"))
    #expect(try await finds("partition=\(date)&since=1h&type=t"))
    #expect(try await !finds("partition=\(date)&until=1h"))
    #expect(try await !finds("partition=2020-01-01"))
    #expect(try await !finds("since=\(date)&until=\(date)"))
  }

  @Test(arguments: [
    ("/api/events?status=lost", "status: "), ("/api/events?limit=0", "limit: "), ("/api/events?since=soon", "since: "),
    ("/api/events?colour=red", "there is no 'colour'"), ("/api/events?cursor=x", "cursor: "),
    ("/api/events?type=%FF", "UTF-8"),
    ("/api/events?partition=today", "partition: "), ("/api/events?limit=1&limit=2", "twice"),
  ])
  func `A question that makes no sense gets a clear answer`(path: String, message: String) async throws {
    let site = try await site(hasSink: false)
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    let answer = try await site.get(path, from: port)
    #expect(answer.status == 400)
    #expect(answer.body.contains(message))
  }

  @Test func `While the webhook is away it is not ready, and says why`() async throws {
    let site = try await site(hasSink: false)
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    site.drop("1.json", #"{"id":"e1","type":"t"}"#)
    let answer = try await site.get("/readyz", from: port) { $0.status == 503 }
    #expect(answer.status == 503 && answer.body.contains("the circuit is open"))
    #expect(try await site.get("/healthz", from: port).status == 200)
    #expect(try await site.get("/metrics", from: port).body.contains("eventdrop_circuit_open 1\n"))
    try await site.startSink()
    #expect(try await site.get("/readyz", from: port) { $0.status == 200 }.status == 200)
  }

  @Test func `While records of pending events are missing it is not ready, and says how many`() async throws {
    let site = try await site(hasSink: false)
    for name in ["a", "b"] { site.drop("\(name).json", #"{"id":"\#(name)","type":"t"}"#) }
    let once = try SpawnedProgram(["run", "--once", "--config", site.tree.path.appending("config.yaml").string])
    _ = try await once.end()
    let partition = try #require(site.tree.names("processed").first { $0.hasPrefix("2") })
    site.tree.move("processed/\(partition)/b.json", to: "elsewhere.json")
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    let answer = try await site.get("/readyz", from: port)
    #expect(answer.status == 503 && answer.body.contains("1 pending event has no record"), "\(answer)")
    #expect(try await site.get("/metrics", from: port).body.contains("eventdrop_ready 0\n"))
    #expect(try await site.get("/healthz", from: port).status == 200)
  }

  @Test func `A folder that is moved away is made again and used, and that is said`() async throws {
    let site = try await site()
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    #expect(try await site.get("/readyz", from: port).status == 200)
    site.tree.move("failed", to: "elsewhere")
    _ = try await program.errorLine(containing: "another folder lies in the place")
    #expect(symlink("nowhere", site.tree.path.appending("inbox/link.json").string) == 0)
    #expect(await site.waits { site.tree.names("failed").contains("link.json.error") })
    #expect(site.tree.names("elsewhere").isEmpty)
  }

  @Test func `With a token, nobody gets in without it`() async throws {
    let site = try await site("{ listen: '127.0.0.1:0', token: s3cret }")
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    for path in ["/", "/healthz", "/metrics", "/api/status", "/page.js", "/nowhere"] {
      let answer = try await site.get(path, from: port)
      #expect(answer.status == 401 && answer.headers["www-authenticate"]?.hasPrefix("Basic ") == true)
    }
    // "any:s3cret", "any:s3cre", "any:s3crets3cret"
    for (field, status) in [
      ("Bearer s3cret", 200), ("bearer  s3cret", 200), ("Basic YW55OnMzY3JldA==", 200), ("Basic ?", 401),
      ("s3cret", 401), ("Bearer s3cre", 401), ("Bearer s3cretx", 401), ("Bearer s3crets3cret", 401), ("Bearer ", 401),
      ("Basic YW55OnMzY3Jl", 401), ("Bearer s3cret", 200),
    ] {
      #expect(
        try await site.get("/healthz", from: port, headers: ["Authorization": field]).status == status, "\(field)")
    }
  }

  @Test func `Only this machine's names are answered, and only reading`() async throws {
    let site = try await site()
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    let (foreign, written) = try await onOwnThread {
      let connection = try LoopbackConnection(port: port)
      try connection.send(Array("GET /api/status HTTP/1.1\r\nHost: rebound.example\r\n\r\n".utf8))
      let foreign = String(decoding: try connection.receive(), as: UTF8.self)
      return (foreign, try LoopbackConnection(port: port).exchange("POST", "/api/status"))
    }
    #expect(foreign.hasPrefix("HTTP/1.1 421"))
    #expect(written?.status == 405)
  }

  @Test func `The page may load nothing from elsewhere and run nothing that is not its own`() async throws {
    let site = try await site()
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    let page = try await site.get("/", from: port)
    #expect(page.status == 200)
    #expect(page.headers["content-security-policy"]?.hasPrefix("default-src 'none'; script-src 'self'") == true)
    #expect(!page.body.contains("<script>") && !page.body.contains(" style=") && !page.body.contains("//"))
    let scripts = ["texts", "messages", "tools", "plots", "failures", "events", "partitions", "page"].map { "\($0).js" }
    for name in scripts + ["page.css", "icon.svg"] {
      #expect(page.body.contains("\"\(name)\""))
      let file = try await site.get("/\(name)", from: port)
      #expect(file.status == 200)
      for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
        #expect(!file.body.contains(word))
      }
    }
    let script = try await site.get("/page.js", from: port)
    let tag = try #require(script.headers["etag"])
    #expect(try await site.get("/page.js", from: port, headers: ["If-None-Match": tag]).status == 304)
  }

  @Test func `Where the port is taken, the daemon says so and works on`() async throws {
    let first = try await site()
    let (other, port) = try await first.startWithPage()
    defer { other.signal(SIGKILL) }
    let second = try await site("{ listen: '127.0.0.1:\(port)' }")
    let program = try second.start()
    #expect(try await program.errorLine(containing: "the port is taken") != nil)
    second.drop("1.json", #"{"id":"e1","type":"t"}"#)
    #expect(await second.waits { second.acknowledged == ["e1"] })
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }

  @Test func `An open connection does not hold up the end, and a configuration read again has its page`() async throws {
    let site = try await site()
    let (program, port) = try await site.startWithPage()
    let connection = try await onOwnThread {
      let connection = try LoopbackConnection(port: port)
      _ = try connection.exchange("GET", "/healthz")
      return connection
    }
    program.signal(SIGHUP)
    #expect(try await program.errorLine(containing: "the page is at") != nil)
    program.signal(SIGTERM)
    let end = try await program.end()
    #expect(end.code == 0 && !end.errors.contains("not everything was finished"))
    withExtendedLifetime(connection) {}
  }

  @Test func `An address that others can reach needs a token`() async throws {
    let site = try await site("{ listen: '0.0.0.0:0' }")
    let end = try await site.start().end()
    #expect(end.code == 78)
    #expect(end.errors.contains("admin.token must be set"))
  }
}
