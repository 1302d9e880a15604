internal import Events
package import Forwarding
package import SystemPackage
package import Time

/// How events are sent to n8n.
package struct ForwardSettings: Sendable, Equatable {
  /// Nil: events are only stored.
  package var url: WebAddress?
  package var schedule = Schedule.default("every 2s")
  /// How soon stored events are sent, ahead of the schedule.
  package var linger = Linger.atMost(.milliseconds(5))
  package var format = BodyFormat.envelope
  package var acknowledge = AcknowledgeRule.status
  package var batch = BatchSettings()
  /// The number of concurrent requests.
  package var concurrency = 1
  /// For one whole exchange.
  package var timeout: Duration = .seconds(10)
  /// The number of attempts to send a batch.
  package var attempts = 5
  package var backoff = Backoff(first: .seconds(1), maximum: .seconds(30))
  /// Between probes.
  package var circuit = Backoff(first: .seconds(5), maximum: .seconds(300))
  package var auth = ForwardAuth.none
  /// `whsec_` and the base64 of 24 to 64 bytes (Standard Webhooks 1.0): signs requests.
  package var secret: Secret?
  package var tls = TLSSettings()
  /// Nil: the environment's.
  package var proxy: WebAddress?
  package var compress = Compression.off

  /// The defaults of `url` and `auth`.
  static let defaultURL = "${N8N_WEBHOOK_URL:-}"
  static let defaultToken = "${N8N_WEBHOOK_TOKEN:-}"

  /// The webhook's address as anybody may see it; without authentication only its path protects the webhook, and is not
  /// shown.
  package var shownURL: String? { url.map { auth == .none ? $0.description : $0.withoutPasswords } }

  mutating func read(_ section: inout Section) {
    let isURLRight = section.read(
      "url", as: .webAddress(ports: WebAddress.webPorts), into: &url, otherwise: Self.defaultURL)
    section.read("schedule", into: &schedule)
    section.read("linger", as: .linger, into: &linger)
    section.read("format", as: .word, into: &format)
    section.read("acknowledge", as: .word, into: &acknowledge)
    section.section("batch") { batch.read(&$0) }
    section.read("concurrency", as: .integer(in: 1...64), into: &concurrency)
    section.read("timeout", as: .duration(in: .milliseconds(10) ... .seconds(3600)), into: &timeout)
    section.read("attempts", as: .integer(in: 1...1000), into: &attempts)
    section.section("backoff") { backoff.read(&$0) }
    section.section("circuit") { circuit.read(&$0) }
    let hasAuth = section.has("auth")
    let isAuthUnset = section.isMissing("auth")
    var isAuthRight = true
    section.section("auth") { isAuthRight = auth.read(&$0, otherwise: isAuthUnset ? Self.defaultToken : nil) }
    section.read("secret", as: .signingSecret, into: &secret)
    section.section("tls") { tls.read(&$0) }
    section.read("proxy", as: .webAddress(ports: WebAddress.proxyPorts), into: &proxy)
    section.read("compress", as: .compression, into: &compress)
    if let url, url.hasUser, auth != .none, isURLRight, isAuthRight, section.reading.seesAll(of: "forward") {
      section.report(
        .userAndAuthentication, ["key": .text(hasAuth ? "forward.auth" : "N8N_WEBHOOK_TOKEN")], in: "url")
    }
  }
}

/// The limits of one request.
package struct BatchSettings: Sendable, Equatable {
  package var maxEvents = 100
  /// In bytes, of the records in one body.
  package var maxBytes = 1 << 20

  mutating func read(_ section: inout Section) {
    section.read("maxEvents", as: .integer(in: 1...10_000), into: &maxEvents)
    section.read("maxBytes", as: .size(in: 1...(1 << 28)), into: &maxBytes)
  }
}

/// Files in PEM format, for a server whose certificate the system does not trust, or that requires one itself.
package struct TLSSettings: Sendable, Equatable {
  package var ca: FilePath?
  package var certificate: FilePath?
  package var key: FilePath?

  mutating func read(_ section: inout Section) {
    let kind = ValueKind.pemFile(in: section.reading.folder)
    section.read("ca", as: kind, into: &ca)
    let isCertificateRight = section.read("certificate", as: kind, into: &certificate)
    let isKeyRight = section.read("key", as: kind, into: &key)
    guard isCertificateRight, isKeyRight, (certificate == nil) != (key == nil) else { return }
    section.report(.halfCertificate, in: certificate == nil ? "key" : "certificate")
  }
}

/// Which bodies are compressed with gzip.
package enum Compression: Sendable, Hashable {
  case off
  /// Those of more bytes than this.
  case above(Int)
}

/// How long stored events wait for more to fill a batch.
package enum Linger: Sendable, Hashable {
  /// Until the schedule is due.
  case off
  case atMost(Duration)
}

extension BodyFormat: Word {}
extension AcknowledgeRule: Word {}
