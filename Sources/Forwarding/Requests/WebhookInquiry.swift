/// What n8n tells of a webhook without running anything: `OPTIONS` with an `Origin`, whatever it is, names the methods that an
/// active workflow takes at this path, and needs no credentials.
package enum WebhookInquiry: Hashable, Sendable {
  /// An active workflow takes POST.
  case takesPOST
  /// One takes other methods only.
  case takesOnly([String])
  /// No active workflow has this path.
  case notRegistered
  case startingUp
  /// Something else answers, or nothing.
  case unknown

  /// Asks.
  ///
  /// - Parameters:
  ///   - exchange: Over which connection.
  ///   - options: Where.
  /// - Returns: What it tells.
  package static func ask(_ exchange: any HTTPExchange, _ options: ForwardingOptions) async -> WebhookInquiry {
    let headers = [
      WebhookRequest.Header("Origin", "http://localhost"), WebhookRequest.Header("User-Agent", options.userAgent),
    ]
    do throws(ExchangeFailure) {
      return WebhookInquiry(try await exchange.send(WebhookRequest(method: .options, headers: headers, body: [])))
    } catch {
      return .unknown
    }
  }

  /// Reads an answer.
  package init(_ answer: HTTPAnswer) {
    let said = N8NAnswer(answer)
    guard answer.status == 204, let field = answer.header("access-control-allow-methods") else {
      self = said.isBeforeRoutes || answer.status == 200 && said.isStartingUp ? .startingUp : .unknown
      return
    }
    let methods = field.split(separator: ",").map { $0.filter { !$0.isWhitespace }.uppercased() }
    guard methods.contains("OPTIONS") else {
      self = .unknown
      return
    }
    let others = methods.filter { $0 != "OPTIONS" && !$0.isEmpty }
    self = others.isEmpty ? .notRegistered : others.contains("POST") ? .takesPOST : .takesOnly(others)
  }

  /// What is wrong; nil where nothing is, or nobody knows.
  package var trouble: Trouble? {
    switch self {
    case .takesPOST, .unknown: nil
    case .takesOnly(let methods):
      Trouble(
        "the webhook is registered for \(methods.joined(separator: ", ")) and not for POST (404)",
        hint: "set the Webhook node's HTTP method to POST", httpStatus: 404)
    case .notRegistered: N8NAnswer.notRegistered(response: nil)
    case .startingUp: Trouble("n8n is starting up", httpStatus: 404, isStart: true)
    }
  }
}
