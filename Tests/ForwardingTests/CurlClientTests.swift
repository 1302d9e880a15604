import Forwarding
import TestSupport
import Testing
import Time

@Suite("Exchanges over libcurl", .tags(.fast), .timeLimit(.minutes(10)))
struct CurlClientTests {
  private let request = WebhookRequest(
    headers: [
      WebhookRequest.Header("Content-Type", "application/json"), WebhookRequest.Header("User-Agent", "eventdrop/test"),
      WebhookRequest.Header("Idempotency-Key", "00ff"), WebhookRequest.Header("X-Empty", ""),
    ], body: Array(#"{"a":"é"}"#.utf8))

  private func exchange(
    _ url: String, timeout: Duration = .seconds(300), answerLimit: Int? = 1 << 20,
    _ change: (inout ForwardingOptions) -> Void = { _ in }
  ) throws -> CurlClient {
    var options = ForwardingOptions(
      url: url, address: url, schedule: try Schedule(["every 2s"]), timeZone: .utc, userAgent: "eventdrop/test")
    // Other tests may delay this one: neither limit should be reached by chance.
    options.timeout = timeout
    // A proxy in the environment must not come between us and the loopback interface.
    options.proxy = ""
    options.idleLimit = .seconds(600)
    change(&options)
    return CurlClient(options, answerLimit: answerLimit)
  }

  private func failure(of exchange: CurlClient) async -> ExchangeFailure? {
    do throws(ExchangeFailure) {
      _ = try await exchange.send(request)
      return nil
    } catch {
      return error
    }
  }

  @Test("What is sent arrives, byte for byte")
  func sent() async throws {
    let webhook = try MisbehavingWebhook(.status(201, body: "ok", headers: ["Retry-After:  7 ", "X-A: b"]))
    defer { webhook.stop() }
    let answer = try await exchange(webhook.url).send(request)
    #expect(answer.status == 201)
    #expect(answer.body == Array("ok".utf8))
    #expect(answer.header("retry-after") == "7")
    let got = try #require(webhook.requests.first)
    #expect(got.method == "POST")
    #expect(got.target == "/webhook/events")
    #expect(got.body == request.body)
    #expect(got.headers["content-type"] == "application/json")
    #expect(got.headers["user-agent"] == "eventdrop/test")
    #expect(got.headers["idempotency-key"] == "00ff")
    #expect(got.headers["x-empty"] == "")
    #expect(got.headers["expect"] == nil)
    #expect(got.headers["transfer-encoding"] == nil)
    #expect(got.headers["content-length"] == "\(request.body.count)")
  }

  @Test("A body of more than a megabyte, with zeros in it")
  func large() async throws {
    let webhook = try MisbehavingWebhook(.status(200))
    defer { webhook.stop() }
    let body = (0..<1_500_000).map { UInt8(truncatingIfNeeded: $0) }
    let answer = try await exchange(webhook.url).send(WebhookRequest(headers: request.headers, body: body))
    #expect(answer.status == 200)
    #expect(webhook.requests.first?.body == body)
    #expect(webhook.requests.first?.headers["expect"] == nil)
  }

  @Test("An empty body")
  func empty() async throws {
    let webhook = try MisbehavingWebhook(.status(200))
    defer { webhook.stop() }
    _ = try await exchange(webhook.url).send(WebhookRequest(headers: [], body: []))
    #expect(webhook.requests.first?.headers["content-length"] == "0")
  }

  @Test("One connection serves many exchanges")
  func keepAlive() async throws {
    let webhook = try MisbehavingWebhook(.status(200, body: "x"))
    defer { webhook.stop() }
    let exchange = try exchange(webhook.url)
    for _ in 0..<5 { _ = try await exchange.send(request) }
    #expect(webhook.requests.map(\.connection) == [1, 1, 1, 1, 1])
  }

  @Test("Many at a time")
  func parallel() async throws {
    let webhook = try MisbehavingWebhook { request, _ in
      .status(200, body: String(decoding: request.body, as: UTF8.self))
    }
    defer { webhook.stop() }
    let exchange = try exchange(webhook.url)
    let echoes = try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<40 {
        group.addTask {
          let body = Array("body \(number)".utf8)
          return try await exchange.send(WebhookRequest(headers: [], body: body)).body == body
        }
      }
      return try await group.reduce(into: [Bool]()) { $0.append($1) }
    }
    #expect(echoes == Array(repeating: true, count: 40))
  }

  @Test("Errors are answers like others, and redirects are not followed", arguments: [301, 404, 429, 500, 503])
  func statuses(status: Int) async throws {
    let webhook = try MisbehavingWebhook(.status(status, body: "why", headers: ["Location: /elsewhere"]))
    defer { webhook.stop() }
    let answer = try await exchange(webhook.url).send(request)
    #expect(answer.status == status)
    #expect(answer.body == Array("why".utf8))
    #expect(webhook.requests.count == 1)
  }

  @Test("An interim answer is not the answer")
  func interim() async throws {
    let webhook = try MisbehavingWebhook(
      .raw(
        Array("HTTP/1.1 103 Early\r\nX-A: early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\nX-A: late\r\n\r\ny".utf8)
      ))
    defer { webhook.stop() }
    let answer = try await exchange(webhook.url).send(request)
    #expect(answer.status == 200)
    #expect(answer.header("x-a") == "late")
  }

  @Test("A long answer is kept up to the limit, and the connection stays good")
  func longAnswer() async throws {
    let webhook = try MisbehavingWebhook(.status(200, body: String(repeating: "z", count: 300_000)))
    defer { webhook.stop() }
    let exchange = try exchange(webhook.url, answerLimit: 1000)
    let answer = try await exchange.send(request)
    #expect(answer.body == Array(repeating: UInt8(ascii: "z"), count: 1000) && answer.isCut)
    _ = try await exchange.send(request)
    #expect(webhook.requests.map(\.connection) == [1, 1])
  }

  @Test("An answer that says something of each event may be longer")
  func longResults() async throws {
    let webhook = try MisbehavingWebhook(.status(200, body: String(repeating: "z", count: 3 << 20)))
    defer { webhook.stop() }
    for (rule, length) in [(AcknowledgeRule.status, 1 << 20), (.results, 3 << 20)] {
      let answer = try await exchange(webhook.url, answerLimit: nil) { $0.acknowledge = rule }.send(request)
      #expect(answer.body.count == length && answer.isCut == (rule == .status))
    }
  }

  @Test("Nobody listens")
  func refused() async throws {
    let failure = try await failure(of: exchange(try MisbehavingWebhook.closedAddress()))
    #expect(failure?.kind == .network)
    #expect(failure?.message.isEmpty == false)
  }

  @Test("Closed without an answer, cut short, and no HTTP at all", arguments: [0, 1, 2])
  func cutShort(way: Int) async throws {
    let webhook = try MisbehavingWebhook(
      [.closed, .half(bytes: 100), .raw(Array("220 smtp.example ready\r\n".utf8))][way])
    defer { webhook.stop() }
    #expect(try await failure(of: exchange(webhook.url))?.kind == .network)
  }

  @Test("The time-out covers the whole exchange", arguments: [0, 1])
  func timeout(way: Int) async throws {
    // Silence, or a head without the body that it announces.
    let webhook = try MisbehavingWebhook { _, _ in
      way == 0 ? .silence : .delayed(milliseconds: 3000, .status(200))
    }
    defer { webhook.stop() }
    #expect(try await failure(of: exchange(webhook.url, timeout: .milliseconds(200)))?.kind == .timeout)
  }

  @Test("A task that is cancelled gets its answer at once")
  func cancelled() async throws {
    let webhook = try MisbehavingWebhook(.silence, .status(200))
    defer { webhook.stop() }
    let exchange = try exchange(webhook.url)
    let task = Task { await failure(of: exchange) }
    await webhook.waitForRequests(1)
    task.cancel()
    #expect(await task.value?.kind == .cancelled)
    // The next one works, over another connection.
    #expect(try await exchange.send(request).status == 200)
    #expect(webhook.requests.map(\.connection) == [1, 2])
  }

  @Test("A task that was cancelled before sends nothing")
  func cancelledBefore() async throws {
    let webhook = try MisbehavingWebhook(.status(200))
    defer { webhook.stop() }
    let exchange = try exchange(webhook.url)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await failure(of: exchange)
    }
    #expect(await task.value?.kind == .cancelled)
    // The first request to be sent is the one after it.
    _ = try await exchange.send(request)
    #expect(webhook.requests.count == 1)
  }

  @Test(
    "What cannot be an address or a header field is said so",
    arguments: [
      "ftp://127.0.0.1/x", "http://", "file:///etc/passwd", "not a url at all",
    ])
  func addresses(url: String) async throws {
    #expect(try await failure(of: exchange(url))?.kind == .configuration)
  }

  @Test("No field can carry another one", arguments: ["a\r\nX-B: c", "a\nb", "a\0"])
  func injection(value: String) async throws {
    let webhook = try MisbehavingWebhook(.status(200))
    defer { webhook.stop() }
    await #expect(throws: ExchangeFailure.self) {
      _ = try await exchange(webhook.url).send(
        WebhookRequest(headers: [WebhookRequest.Header("X-A", value)], body: []))
    }
    await #expect(throws: ExchangeFailure.self) {
      _ = try await exchange(webhook.url).send(
        WebhookRequest(headers: [WebhookRequest.Header(value, "x")], body: []))
    }
    #expect(webhook.requests.isEmpty)
  }

  @Test("Files of certificates that are not there")
  func tls() async throws {
    let webhook = try MisbehavingWebhook(.status(200))
    defer { webhook.stop() }
    let url = webhook.url.replacing("http:", with: "https:")
    let missing = try exchange(url) { $0.caFile = "/nonexistent/ca.pem" }
    #expect(await failure(of: missing)?.kind == .tls)
    let key = try exchange(url) {
      $0.certificateFile = "/nonexistent/c.pem"
      $0.keyFile = "/nonexistent/k.pem"
    }
    #expect(await failure(of: key)?.kind == .tls)
  }

  @Test("A connection can be tried without sending anything")
  func connect() async throws {
    let webhook = try MisbehavingWebhook(.status(200))
    defer { webhook.stop() }
    let client = try exchange(webhook.url)
    #expect(await client.connect() == nil)
    #expect(await client.connect() == nil)
    #expect(webhook.requests.isEmpty)
    #expect(try await client.send(request).status == 200)
    #expect(webhook.requests.count == 1)
    #expect(try await exchange(MisbehavingWebhook.closedAddress()).connect()?.kind == .network)
    #expect(try await exchange("ftp://127.0.0.1/").connect()?.kind == .configuration)
  }

  @Test("A proxy gets the request, and its refusal is reported as its own")
  func proxy() async throws {
    let proxy = try MisbehavingWebhook { request, _ in
      request.method == "CONNECT" ? .status(403) : .status(200, body: "by proxy")
    }
    defer { proxy.stop() }
    let plain = try exchange("http://n8n.invalid/x") { $0.proxy = "http://127.0.0.1:\(proxy.port)" }
    #expect(try await plain.send(request).body == Array("by proxy".utf8))
    #expect(proxy.requests.first?.target == "http://n8n.invalid/x")
    let secure = try exchange("https://n8n.invalid/x") { $0.proxy = "http://127.0.0.1:\(proxy.port)" }
    #expect(await failure(of: secure)?.kind == .proxy(status: 403))
  }

  @Test(
    "A proxy's address that cannot be used is reported without its password",
    arguments: ["htp://user:hunter2@127.0.0.1:1", "http://user:hunter2@127.0.0.1:99999"])
  func proxyAddress(proxy: String) async throws {
    let failure = await failure(of: try exchange("http://n8n.invalid/x") { $0.proxy = proxy })
    #expect(failure?.kind == .configuration)
    #expect(failure?.message.contains("proxy") == true)
    #expect(failure?.message.contains("hunter2") == false)
  }
}
