import Glibc
import TestSupport
import Testing

/// Clients that have not been let in learn nothing, get nowhere, and lock nobody out.
@Suite(.tags(.spawned), .timeLimit(.minutes(2))) struct AdminDefenceTests {
  private let token = "0123456789abcdef"

  private func site(_ admin: String = "{ listen: '127.0.0.1:0' }") async throws -> Site {
    let site = try await Site(hasSink: false)
    site.tree.write(site.configuration.replacing("admin: { listen: off }", with: "admin: \(admin)"), to: "config.yaml")
    return site
  }

  @Test(arguments: ["", ", token: 0123456789abcdef"])
  func `Whoever opens connections and does nothing with them keeps nobody out`(token: String) async throws {
    let site = try await site("{ listen: '127.0.0.1:0'\(token) }")
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    let headers = token.isEmpty ? [:] : ["Authorization": "Bearer \(self.token)"]
    let (idle, open) = try await onOwnThread {
      (try (0..<200).map { _ in try LoopbackConnection(port: port) }, try LoopbackConnection(port: port))
    }
    for connection in idle.suffix(30) { try connection.send(Array("GET / HTTP/1.1\r\nHost: ".utf8)) }
    for _ in 0..<3 {
      #expect(try await site.get("/healthz", from: port, headers: headers).status == 200)
      let again = try await onOwnThread { try open.exchange("GET", "/healthz", headers: headers) }
      #expect(again?.status == 200, "who has been let in keeps his connection")
    }
    let descriptors = site.tree.names("/proc/\(program.processID)/fd").count
    #expect(descriptors < 150, "\(descriptors)")
    withExtendedLifetime(idle) {}
  }

  @Test func `Wrong tokens are slowed down, counted and reported; the right one is let in`() async throws {
    let site = try await site("{ listen: '127.0.0.1:0', token: \(token) }")
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    let time = try await onOwnThread {
      let connection = try LoopbackConnection(port: port)
      let clock = ContinuousClock()
      let start = clock.now
      for number in 0..<5 {
        let answer = try connection.exchange("GET", "/api/status", headers: ["Authorization": "Bearer guess\(number)"])
        #expect(answer?.status == 401)
      }
      return clock.now - start
    }
    // A tenth of a second, and twice as much after each.
    #expect(time > .seconds(3))
    #expect(try await program.errorLine(containing: "a wrong token was given") != nil)
    let right = ["Authorization": "Bearer \(token)"]
    let metrics = try await site.get("/metrics", from: port, headers: right)
    #expect(metrics.status == 200 && metrics.body.contains("eventdrop_admin_wrong_tokens_total 5\n"))
  }

  @Test func `Hundreds of wrong tokens do not keep the right one from asking for health`() async throws {
    let site = try await site("{ listen: '127.0.0.1:0', token: \(token) }")
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    let right = ["Authorization": "Bearer \(token)"]
    #expect(try await site.get("/healthz", from: port, headers: right).status == 200)
    let longest = try await onOwnThread {
      let clock = ContinuousClock()
      var guesses: [LoopbackConnection] = []
      var longest = Duration.zero
      for number in 0..<420 {
        // Nobody waits for the answers.
        let guess = try LoopbackConnection(port: port)
        try? guess.send(
          Array("GET /api/status HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer guess\(number)\r\n\r\n".utf8))
        guesses.append(guess)
        guard number % 20 == 19 else { continue }
        let start = clock.now
        #expect(try LoopbackConnection(port: port).exchange("GET", "/healthz", headers: right)?.status == 200)
        longest = max(longest, clock.now - start)
      }
      return longest
    }
    #expect(longest < .seconds(5))
    #expect(try await program.errorLine(containing: "a wrong token was given") != nil)
  }

  @Test(arguments: [
    (["Sec-Fetch-Site": "cross-site"], 403), (["Sec-Fetch-Site": "same-site"], 403), (["Sec-Fetch-Site": "?"], 403),
    (["Origin": "http://127.0.0.1:1"], 403), (["Origin": "null"], 403),
    (["Sec-Fetch-Site": "same-origin"], 404), (["Sec-Fetch-Site": "none"], 404), (["Origin": "http://127.0.0.1"], 404),
    ([:], 404),
  ])
  func `Another site's page learns nothing`(headers: [String: String], status: Int) async throws {
    let site = try await site()
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    #expect(try await site.get("/api/events/nobody", from: port, headers: headers).status == status)
    let health = try await site.get("/healthz", from: port, headers: headers)
    #expect(health.status == (status == 403 ? 403 : 200))
  }

  @Test func `The failed files are reported by cause, all of them`() async throws {
    let site = try await site()
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    for number in 0..<60 { site.tree.write("{}", to: "inbox/a\(number).json") }
    for number in 0..<10 { site.tree.write("{", to: "inbox/b\(number).json") }
    var body = ""
    for _ in 0..<3000
    where
      !(body.contains(#""reason":"missing-event-id","count":60,"#)
      && body.contains(#""reason":"invalid-json","count":10,"#))
    {
      try await Task.sleep(for: .milliseconds(20))
      body = try await site.get("/api/failures", from: port).body
    }
    #expect(body.contains(#""folder":"failed","inbox":"default","reason":"missing-event-id","count":60,"#))
    #expect(body.contains(#""folder":"failed","inbox":"default","reason":"invalid-json","count":10,"#))
    // One without an eventId is opened by its place.
    let cursor = try #require(body.split(separator: #""cursor":""#).dropFirst().first).prefix { $0 != "\"" }
    let account = try await site.get("/api/account?cursor=\(cursor)", from: port)
    #expect(account.status == 200 && account.body.contains(#""stage":"#))
    let status = try await site.get("/api/status", from: port).body
    #expect(status.contains(#""verdict":{"state":"needs-person""#) && status.contains("70 files in failed/"))
    let metrics = try await site.get("/metrics", from: port).body
    #expect(metrics.contains(#"eventdrop_failed_files{folder="failed",inbox="default",reason="missing-event-id"} 60"#))
  }

  @Test func `An inbox that cannot go on is not ready, and says since when and why`() async throws {
    let site = try await site()
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    #expect(try await site.get("/readyz", from: port).status == 200)
    site.tree.move("inbox", to: "elsewhere")
    let answer = try await site.get("/readyz", from: port) { $0.status == 503 }
    #expect(answer.body.contains("the inbox 'default' cannot go on: ") && answer.body.contains("since "))
    #expect(try await site.get("/metrics", from: port).body.contains(#"eventdrop_inbox_ready{inbox="default"} 0"#))
    let status = try await site.get("/api/status", from: port).body
    #expect(status.contains(#""trouble":{"since":"#))
    site.tree.move("elsewhere", to: "inbox")
    #expect(try await site.get("/readyz", from: port) { $0.status == 200 }.status == 200)
  }

  @Test func `When something was last acknowledged is known after a restart too`() async throws {
    let site = try await Site(admin: "'127.0.0.1:0'")
    let (program, port) = try await site.startWithPage()
    site.drop("1.json", #"{"id":"e1","type":"t"}"#)
    #expect(await site.waits { site.acknowledged == ["e1"] })
    func reported(in body: String) -> String? {
      body.split(separator: #""lastAcknowledged":"#).dropFirst().first.map { String($0.prefix { $0 != "," }) }
    }
    let status = try await site.get("/api/status", from: port) { reported(in: $0.body) != "null" }
    let first = reported(in: status.body)
    program.signal(SIGHUP)
    let line = try #require(try await program.errorLine(containing: "the page is at"))
    let digits = try #require(line.split(separator: "127.0.0.1:").last).prefix { $0 != "/" }
    let next = try #require(Int(digits))
    let second = try #require(reported(in: try await site.get("/api/status", from: next).body))
    // To the second: the log may have been written a moment after the answer came.
    #expect(first?.prefix(18) == second.prefix(18), "\(String(describing: first)), \(second)")
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }
}
