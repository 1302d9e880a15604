internal import Glibc
package import Time

/// How events are forwarded, according to the configuration.
package struct ForwardingOptions: Sendable {
  package typealias Format = BodyFormat
  package typealias Acknowledge = AcknowledgeRule
  package typealias Authentication = WebhookAuth

  /// The whole URL, including secrets.
  package var url: String
  /// Without anything that may be secret, for logs.
  package var address: String
  package var schedule: Schedule
  /// How long after something was stored a partial batch is sent; nil: only at the schedule's ticks.
  package var linger: Duration?
  /// The time zone of the schedule's cron expressions.
  package var timeZone: TimeZoneRules
  package var format = Format.envelope
  package var acknowledge = Acknowledge.status
  package var maxEvents = 100
  /// The size of a request's body.
  package var maxBytes = 1 << 20
  /// How many batches are under way at a time; 1 keeps the order.
  package var concurrency = 1
  /// For one whole exchange, from looking up the host to the last byte of the answer.
  package var timeout: Duration = .seconds(10)
  /// How often a batch is sent before its files move to `retry/`.
  package var attempts = 5
  package var backoff = Backoff(first: .seconds(1), maximum: .seconds(30))
  /// Between probes.
  package var circuit = Backoff(first: .seconds(5), maximum: .seconds(300))
  package var authentication = Authentication.none
  /// `whsec_…`: signs requests.
  package var signingSecret: String?
  /// Larger bodies are compressed with gzip; nil: none is.
  package var packedAbove: Int?
  /// A file of certificates to trust besides the system's.
  package var caFile: String?
  /// Our own certificate and its key, in PEM files.
  package var certificateFile: String?
  package var keyFile: String?
  /// A URL; nil: as in the environment (`https_proxy`, `http_proxy`, `no_proxy`); empty: none.
  package var proxy: String?
  /// How long a connection may have been idle and still be reused.
  ///
  /// n8n closes one after 5 s (Node's default), and one that it is about to close must not be used.
  package var idleLimit: Duration = .seconds(4)
  /// Such as `eventdrop/1.0.0`.
  package var userAgent: String

  package init(url: String, address: String, schedule: Schedule, timeZone: TimeZoneRules, userAgent: String) {
    self.url = url
    self.address = address
    self.schedule = schedule
    self.timeZone = timeZone
    self.userAgent = userAgent
  }

  /// How many events go into one request.
  var eventsPerRequest: Int { format == .single ? 1 : max(maxEvents, 1) }

  /// How many bytes of records, each with its newline, fit into one request.
  var recordBytesPerRequest: Int { max(maxBytes - format.overhead, 1) }

  /// What must not appear in our output.
  var secrets: [String] {
    authentication.secrets + ([url] + (proxy.map { [$0] } ?? Self.environmentProxies)).flatMap(WebhookAddress.secrets)
      + [signingSecret].compactMap(\.self)
      + (isProtectedByPath ? WebhookAddress.pathSecrets(in: url) : [])
  }

  /// Whether nothing but its path protects the webhook.
  var isProtectedByPath: Bool { authentication.secrets.isEmpty }

  /// What must not be seen of an address to which the webhook redirects: the way in there, as `url` is here.
  func secrets(inTarget target: String) -> [String] {
    WebhookAddress.secrets(in: target) + (isProtectedByPath ? WebhookAddress.pathSecrets(in: target) : [])
  }

  /// The proxies from which libcurl chooses (libcurl-env(3)).
  private static var environmentProxies: [String] {
    let names = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    let found = names.compactMap { (name: String) in getenv(name).map { String(cString: $0) } }
    // libcurl takes one without a scheme for an HTTP proxy.
    return found.map { $0.contains("://") ? $0 : "http://\($0)" }
  }
}
