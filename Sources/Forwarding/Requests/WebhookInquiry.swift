internal import Events

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
  /// n8n has nothing at this path: it starts up and has not come to that yet, or the path belongs to no webhook.
  case nothingThere
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
      self =
        answer.status == 200 && said.isStartingUp
        ? .startingUp : said.isBeforeRoutes ? .nothingThere : said.isNotRegistered ? .notRegistered : .unknown
      return
    }
    let methods = field.split(separator: ",").map { $0.filter { !$0.isWhitespace }.uppercased() }
    // n8n begins with it. Where it was not installed for production, it has another list for each other path.
    guard methods.first == "OPTIONS" else {
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
        Message(WebhookMessage.forOtherMethods, ["methods": .text(methods.joined(separator: ", "))]), httpStatus: 404)
    case .notRegistered: N8NAnswer.notRegistered(response: nil)
    case .startingUp, .nothingThere: Trouble(Message(WebhookMessage.startingUp), httpStatus: 404, isStart: true)
    }
  }
}
