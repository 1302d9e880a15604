package import Events

/// What n8n reveals about a webhook without running anything: `OPTIONS` with any `Origin` returns the methods that an
/// active workflow accepts at this path, and needs no credentials.
package enum WebhookInquiry: Hashable, Sendable {
  /// An active workflow accepts POST.
  case takesPOST
  /// One accepts only other methods.
  case takesOnly([String])
  /// No active workflow has this path.
  case notRegistered
  case startingUp
  /// n8n has nothing at this path: it is starting and has not registered it yet, or the path belongs to no webhook.
  case nothingThere
  /// n8n is running, and the path belongs to no webhook.
  case noWebhookPath
  /// n8n returns this one method, but there may be others: for a path with a variable part it returns only one.
  case takesAtLeast(String)
  /// It does not answer, or it, its database or a proxy says that it cannot at the moment.
  case unavailable(Message)
  /// Something else answers, with this status.
  case unknown(Int)

  /// Asks.
  ///
  /// - Parameters:
  ///   - exchange: The connection.
  ///   - options: The address.
  /// - Returns: What it says.
  package static func ask(_ exchange: any HTTPExchange, _ options: ForwardingOptions) async -> WebhookInquiry {
    let headers = [
      WebhookRequest.Header("Origin", "http://localhost"), WebhookRequest.Header("User-Agent", options.userAgent),
    ]
    let url = WebhookAddress.withoutLastSlash(options.url)
    do throws(ExchangeFailure) {
      let answer = try await exchange.send(WebhookRequest(method: .options, url: url, headers: headers, body: []))
      return WebhookInquiry(answer, isVariable: WebhookAddress.mayBeVariable(options.url))
    } catch {
      let failure = ExchangeFailure(error.kind, SecretMask(options.secrets).applied(to: error.message))
      guard let trouble = AnswerClass(of: failure).flatMap({ Fault($0)?.trouble }) else {
        return .unavailable(Message(WebhookMessage.noRequest, ["why": .text(failure.message)]))
      }
      return .unavailable(trouble.message)
    }
  }

  /// Reads an answer.
  ///
  /// - Parameters:
  ///   - answer: The answer.
  ///   - isVariable: Whether the path may have a variable part.
  package init(_ answer: HTTPAnswer, isVariable: Bool = false) {
    let said = N8NAnswer(answer)
    guard answer.status == 204, let field = answer.header("access-control-allow-methods") else {
      self =
        answer.status == 200 && said.isStartingUp
        ? .startingUp : said.isBeforeRoutes ? .nothingThere : said.isNotRegistered ? .notRegistered : .other(answer)
      return
    }
    let methods = field.split(separator: ",").map { $0.filter { !$0.isWhitespace }.uppercased() }
    // For a webhook's path, n8n lists it first.
    guard methods.first == "OPTIONS" else {
      self = Self.isOfEditor(answer) ? .noWebhookPath : .unknown(answer.status)
      return
    }
    let others = methods.filter { $0 != "OPTIONS" && !$0.isEmpty }
    self =
      others.isEmpty
      ? .notRegistered
      : others.contains("POST")
        ? .takesPOST : isVariable && others.count == 1 ? .takesAtLeast(others[0]) : .takesOnly(others)
  }

  /// Whether n8n answers as it does for its editor, at every path that is not a webhook's, if it is not installed for
  /// production: the header fields that it allows are those of its editor.
  private static func isOfEditor(_ answer: HTTPAnswer) -> Bool {
    let fields = answer.header("access-control-allow-headers")?.lowercased() ?? ""
    return fields.contains("push-ref") && fields.contains("browser-id")
  }

  private static func other(_ answer: HTTPAnswer) -> WebhookInquiry {
    guard answer.status >= 500,
      case .transient(let trouble, _) = AnswerClass(of: answer, rule: .status, eventIds: [], now: 0)
    else { return .unknown(answer.status) }
    return .unavailable(trouble.message)
  }

  /// What is wrong; nil if nothing is, or if it is unknown.
  package var trouble: Trouble? {
    switch self {
    case .takesPOST, .takesAtLeast, .unavailable, .unknown: nil
    case .takesOnly(let methods):
      Trouble(
        Message(WebhookMessage.forOtherMethods, ["methods": .text(methods.joined(separator: ", "))]), httpStatus: 404)
    case .notRegistered: N8NAnswer.notRegistered(response: nil)
    case .noWebhookPath: Trouble(Message(WebhookMessage.nothingThere), httpStatus: 404)
    case .startingUp, .nothingThere: Trouble(Message(WebhookMessage.startingUp), httpStatus: 404, isStart: true)
    }
  }
}

extension WebhookAddress {
  /// The URL under which n8n answers for the same webhook: in a call it ignores a slash at the end of the path, but not
  /// in an inquiry.
  static func withoutLastSlash(_ url: String) -> String? {
    let end = url.firstIndex { $0 == "?" || $0 == "#" } ?? url.endIndex
    guard url[..<end].hasSuffix("/"), let scheme = url.firstRange(of: "://"),
      let first = url[scheme.upperBound..<end].firstIndex(of: "/"), url.index(after: first) < end
    else { return nil }
    return String(url[..<end].dropLast()) + url[end...]
  }

  /// Whether n8n may have a path with a variable part, such as `/orders/:shop`, at this URL: it is preceded by the
  /// node's own id.
  static func mayBeVariable(_ url: String) -> Bool {
    let path = url.prefix { $0 != "?" && $0 != "#" }
    return path.contains(/\/[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\/./)
  }
}
