/// One POST and its answer: the boundary between the decisions and the network.
package protocol HTTPExchange: Sendable {
  /// Sends a request and reads its answer.
  ///
  /// - Throws: `ExchangeFailure`; of kind `cancelled` if the task is cancelled.
  func send(_ request: WebhookRequest) async throws(ExchangeFailure) -> HTTPAnswer
}

/// What is sent to the webhook.
package struct WebhookRequest: Sendable {
  package enum Method: String, Sendable {
    case post = "POST"
    /// Asks which methods are allowed; it has no body.
    case options = "OPTIONS"
  }

  package struct Header: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package var method: Method
  package var headers: [Header]
  package var body: [UInt8]
  /// The address; nil for the webhook's own URL.
  package var url: String?

  package init(method: Method = .post, url: String? = nil, headers: [Header], body: [UInt8]) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
  }
}

/// What the webhook answered.
package struct HTTPAnswer: Hashable, Sendable {
  package var status: Int
  package var headers: [WebhookRequest.Header]
  /// The first bytes of the body, decoded, up to the limit.
  package var body: [UInt8]
  /// Whether there was more of the body.
  package var isCut: Bool
  /// Whether the body's coding cannot be decoded; then nothing of it is kept.
  package var isUnreadable = false

  package init(status: Int, headers: [WebhookRequest.Header] = [], body: [UInt8] = [], isCut: Bool = false) {
    self.status = status
    self.headers = headers
    self.body = body
    self.isCut = isCut
  }

  /// The first field with that name, in any case (RFC 9110, section 5.1).
  package func header(_ name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }

  /// Where it redirects to; nil if it does not.
  var target: String? { (300..<400).contains(status) ? header("location") : nil }
}

/// Why there is no answer.
package struct ExchangeFailure: Error, Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// The network, or the other side: refused, reset, cut short, no such host.
    case network
    /// The exchange took too long.
    case timeout
    /// TLS: an untrusted certificate, an unreadable file, no common version.
    case tls
    /// The proxy refuses; the status is the proxy's.
    case proxy(status: Int)
    /// The address or an option cannot be used at all.
    case configuration
    /// We gave up ourselves. It says nothing about the webhook.
    case cancelled
  }

  package var kind: Kind
  /// What happened, for people.
  package var message: String
  /// Whether the other side may have the whole request, so that it may be processed.
  package var wasSent: Bool

  package init(_ kind: Kind, _ message: String, wasSent: Bool = false) {
    self.kind = kind
    self.message = message
    self.wasSent = wasSent
  }
}
