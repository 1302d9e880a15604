import Forwarding
import Logging
import TestSupport
import Testing
import Time

/// With an HTTP proxy between eventdrop and n8n.
@Suite(.tags(.spawned), .onlyInFullRuns, .timeLimit(.minutes(10)))
struct ProxyTests {
  private let outbox = FakeOutbox()
  private let lines = LogKeeper.Lines()
  /// As written in a URL: `p@ssw0rd`; with its user, in base64, `dXNlcjpwQHNzdzByZA==`.
  private let password = "p%40ssw0rd"

  private func forwarder(
    to url: String, through port: Int, _ change: (inout ForwardingOptions) -> Void = { _ in }
  ) async throws -> Forwarder {
    var options = ForwardingOptions(
      url: url, address: url, schedule: try Schedule(["every 2s"]), timeZone: .utc, userAgent: "eventdrop/test")
    options.proxy = "http://user:\(password)@127.0.0.1:\(port)"
    options.timeout = .seconds(60)
    options.attempts = 1
    change(&options)
    await outbox.add(1...1)
    return Forwarder(
      options, outbox: outbox, exchange: CurlClient(options), clock: ManualClock(),
      logger: Logger(label: "test") { _ in LogKeeper(lines: lines) })
  }

  @Test func `Plain HTTP is asked of the proxy, with its credentials`() async throws {
    let proxy = try MisbehavingWebhook(.status(200))
    defer { proxy.stop() }
    #expect(try await forwarder(to: "http://n8n.invalid/webhook/x", through: Int(proxy.port)).drain())
    #expect(await outbox.acknowledgements.map(\.events) == [[1]])
    let request = try #require(proxy.requests.first)
    #expect(request.method == "POST" && request.target == "http://n8n.invalid/webhook/x")
    #expect(request.headers["proxy-authorization"] == "Basic dXNlcjpwQHNzdzByZA==")
  }

  @Test(
    .enabled(if: Certificates.openssl != nil, "skipped, because there is no openssl; apt-get install openssl brings it")
  )
  func `HTTPS goes through a tunnel, and the proxy gets to see neither request nor token`() async throws {
    let made = try await Certificates()
    let server = try await SecureWebhook(made)
    let proxy = try TunnelProxy()
    defer { proxy.stop() }
    let forwarder = try await forwarder(to: server.url, through: proxy.port) {
      $0.caFile = made.authority
      $0.authentication = .bearer("t0psecret")
    }
    #expect(await forwarder.drain(), "\(lines.all)")
    #expect(await outbox.acknowledgements.map(\.events) == [[1]])
    let asked = try #require(proxy.requests.first)
    #expect(proxy.requests.count == 1 && asked.hasPrefix("CONNECT 127.0.0.1:\(server.port) HTTP/1.1\r\n"))
    #expect(asked.contains("Proxy-Authorization: Basic dXNlcjpwQHNzdzByZA==") && !asked.contains("t0psecret"))
    let got = try await server.stop()
    #expect(got.first == "POST /webhook/events HTTP/1.1" && got.contains("Authorization: Bearer t0psecret"))
    #expect(!got.joined().lowercased().contains("proxy"))
  }

  @Test(arguments: ["http", "https"])
  func `A proxy that wants other credentials is named, with what to do, and its password is not`(
    scheme: String
  ) async throws {
    let proxy = try MisbehavingWebhook { request, _ in
      .status(
        407, body: "wrong: \(request.headers["proxy-authorization"] ?? "none") p@ssw0rd",
        headers: ["Proxy-Authenticate: Basic realm=\"p\""])
    }
    defer { proxy.stop() }
    let forwarder = try await forwarder(to: "\(scheme)://n8n.invalid/webhook/x", through: Int(proxy.port))
    #expect(await !forwarder.drain())
    #expect(proxy.requests.count == 1 && proxy.requests.first?.headers["proxy-authorization"] != nil)
    // No attempt is spent: the event waits until somebody has fixed it.
    #expect(await outbox.failures.isEmpty)
    #expect(await outbox.pendingNumbers == [1])
    let line = try #require(lines.at(.error).first)
    #expect(lines.at(.error).count == 1 && line.contains("the proxy wants credentials (407)"), "\(line)")
    #expect(line.contains("'forward.proxy'") && line.contains("http://n8n.invalid/") == (scheme == "http"))
    let trouble = try #require(await forwarder.status().interruption?.trouble)
    let notes = await outbox.notes.map(\.text).joined()
    for text in [lines.all, "\(trouble)", trouble.response ?? "", notes] {
      for secret in [password, "p@ssw0rd", "dXNlcjpwQHNzdzByZA=="] { #expect(!text.contains(secret), "\(text)") }
    }
  }
}
