import Events
import Failures
import Forwarding
import Logging
import TestSupport
import Testing
import Time

@Suite(
  .tags(.spawned), .onlyInFullRuns,
  .enabled(if: Certificates.openssl != nil, "skipped, because there is no openssl; apt-get install openssl brings it"),
  .timeLimit(.minutes(10)))
struct SecureForwardingTests {
  /// The result of sending one event.
  struct Result {
    var status: ForwardingStatus
    var acknowledged: [Int64]
    var failures: [ForwardFailure]
    var pending: [Int64]
    var lines: LogKeeper.Lines
    /// What the server received.
    var request: [String]
  }

  private func send(
    to server: SecureWebhook, url: String? = nil, _ change: (inout ForwardingOptions) -> Void
  ) async throws -> Result {
    var options = ForwardingOptions(
      url: url ?? server.url, address: url ?? server.url, schedule: try Schedule(["every 2s"]), timeZone: .utc,
      userAgent: "eventdrop/test")
    options.proxy = ""
    options.timeout = .seconds(60)
    // Trouble considered transient is given up at once.
    options.attempts = 1
    change(&options)
    let outbox = FakeOutbox()
    await outbox.add(1...1)
    let lines = LogKeeper.Lines()
    let forwarder = Forwarder(
      options, outbox: outbox, exchange: CurlClient(options), clock: ManualClock(),
      logger: Logger(label: "test") { _ in LogKeeper(lines: lines) })
    _ = await forwarder.drain()
    let request = try await server.stop()
    return Result(
      status: await forwarder.status(), acknowledged: await outbox.acknowledgements.flatMap(\.events),
      failures: await outbox.failures, pending: await outbox.pendingNumbers, lines: lines, request: request)
  }

  /// Nothing was sent, no attempt is spent, and the log says once why and what to do.
  private func expectWaiting(_ result: Result, because why: String) {
    #expect(result.request == [] && result.acknowledged == [])
    #expect(result.failures.isEmpty && result.pending == [1])
    let trouble = result.status.interruption?.trouble
    #expect(trouble?.summary.contains("no secure connection") == true, "\(result.lines.all)")
    #expect(trouble?.summary.contains(why) == true, "\(result.lines.all)")
    #expect(trouble?.hint?.contains("'forward.tls'") == true)
    #expect(result.lines.at(.error).count == 1)
    #expect(result.lines.at(.error).first?.contains(why) == true)
  }

  @Test func `An authority of one's own is trusted where its file is named`() async throws {
    let made = try await Certificates()
    let result = try await send(to: SecureWebhook(made)) { $0.caFile = made.authority }
    #expect(result.acknowledged == [1] && result.status.interruption == nil)
    #expect(result.request.first == "POST /webhook/events HTTP/1.1")
  }

  @Test func `An authority that nobody knows is refused, and the event waits`() async throws {
    let made = try await Certificates()
    let result = try await send(to: SecureWebhook(made)) { _ in }
    expectWaiting(result, because: "certificate")
  }

  @Test func `An authority of the same name with another key is refused`() async throws {
    let (made, other) = (try await Certificates(), try await Certificates())
    let result = try await send(to: SecureWebhook(made)) { $0.caFile = other.authority }
    expectWaiting(result, because: "certificate")
  }

  @Test func `A certificate for another host is refused`() async throws {
    let made = try await Certificates()
    let result = try await send(to: SecureWebhook(made, showing: .elsewhere)) { $0.caFile = made.authority }
    expectWaiting(result, because: "127.0.0.1")
  }

  @Test func `A certificate that has expired is refused`() async throws {
    let made = try await Certificates()
    let result = try await send(to: SecureWebhook(made, showing: .expired)) { $0.caFile = made.authority }
    expectWaiting(result, because: "expired")
  }

  @Test func `A certificate of our own is shown where it is demanded`() async throws {
    let made = try await Certificates()
    let result = try await send(to: SecureWebhook(made, isDemanding: true)) {
      $0.caFile = made.authority
      $0.certificateFile = made.certificate(.client)
      $0.keyFile = made.key(.client)
    }
    #expect(result.acknowledged == [1] && result.request != [], "\(result.lines.all)")
  }

  // Since TLS 1.3, the refusal comes after the handshake, while waiting for an answer.
  @Test(arguments: ["-tls1_2", "-tls1_3"])
  func `Where a certificate is demanded and none is set, the event waits`(version: String) async throws {
    let made = try await Certificates()
    let result = try await send(to: SecureWebhook(made, isDemanding: true, [version])) { $0.caFile = made.authority }
    expectWaiting(result, because: "alert")
  }

  @Test func `A server of old that speaks no TLS 1.2 is refused`() async throws {
    let made = try await Certificates()
    let server = try await SecureWebhook(made, ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
    let result = try await send(to: server) { $0.caFile = made.authority }
    expectWaiting(result, because: "")
  }

  @Test func `A server that speaks no TLS at all is no passing trouble`() async throws {
    let made = try await Certificates()
    let webhook = try MisbehavingWebhook(.raw(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)))
    defer { webhook.stop() }
    let url = webhook.url.replacing("http:", with: "https:")
    let result = try await send(to: SecureWebhook(made), url: url) { _ in }
    expectWaiting(result, because: "")
  }
}
