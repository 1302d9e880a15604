internal import Catalog
package import Events

/// What an answer means for the events that were sent: the table of Documentation/contract.md, "Answers".
package enum AnswerClass: Hashable, Sendable {
  /// All events are acknowledged.
  case acknowledged
  /// The answer has a result for each event, in the order in which they were sent.
  case results([EventResult])
  /// The webhook is down or overloaded, and will recover by itself.
  case transient(Trouble, retryAfter: Duration?)
  /// The whole request was sent, but its outcome is unknown: it may still be processed.
  case unanswered(Trouble)
  /// Likewise at first; but if it persists, the workflow may be failing because of one of the events.
  case suspicious(Trouble)
  /// The endpoint must be fixed first; the events are not at fault.
  case endpoint(Trouble)
  /// At least one of these events is refused.
  case refused(Trouble)
}

/// What an answer says about one event.
package enum EventResult: Hashable, Sendable {
  case acknowledged
  /// To be sent again.
  case retry(String?)
  /// The answer does not mention it: it stays pending.
  case unnamed
  /// The event itself is refused.
  case reject(String?)
  /// The answer contradicts itself about it: to be sent again.
  case contradicted
}

extension EventResult {
  /// What is wrong, as reported to people; nil if nothing is.
  func trouble(response: String?) -> Trouble? {
    let message: Message
    switch self {
    case .acknowledged: return nil
    case .retry(let why): message = Message(WebhookMessage.later, ["said": .text(why ?? "")])
    case .reject(let why): message = Message(WebhookMessage.rejected, ["said": .text(why ?? "")])
    case .unnamed: message = Message(WebhookMessage.unnamed)
    case .contradicted: message = Message(WebhookMessage.namedTwice)
    }
    return Trouble(message, httpStatus: 200, response: response)
  }
}

/// What makes an event acknowledged.
package enum AcknowledgeRule: String, CaseIterable, Hashable, Sendable {
  /// Any 2xx, except n8n's known non-answers.
  case status
  /// Any 2xx, whatever it says.
  case any
  /// What the answer says about each event.
  case results
}

extension AnswerClass {
  /// The class of an answer.
  ///
  /// - Parameters:
  ///   - answer: The answer.
  ///   - rule: What makes an event acknowledged.
  ///   - eventIds: The events that were sent, in order.
  ///   - now: When the answer came, in milliseconds since 1970.
  ///   - mask: Takes secrets out of what is reported to people. The meaning of the answer is read without it: an
  ///     event's id may contain the same characters as a weak secret.
  package init(
    of answer: HTTPAnswer, rule: AcknowledgeRule, eventIds: [EventID], now: Int64, mask: SecretMask = .nothing
  ) {
    let said = N8NAnswer(answer, mask: mask)
    func trouble(_ code: WebhookMessage, _ arguments: KeyValuePairs<String, Message.Value> = [:]) -> Trouble {
      said.trouble(code, arguments)
    }
    func transient(_ trouble: Trouble) -> AnswerClass {
      .transient(trouble, retryAfter: answer.header("retry-after").flatMap { RetryAfter.parse($0, now: now) })
    }
    let status = Message.Value.integer(answer.status)

    switch answer.status {
    case 200..<300 where rule == .any:
      self = .acknowledged
    case 200..<300:
      if answer.isUnreadable {
        self = .endpoint(trouble(.packedAnswer))
      } else if said.isStartingUp {
        self = .transient(said.start, retryAfter: nil)
      } else if said.message == "Webhook call received", said.isOnlyMessage {
        self = .endpoint(trouble(.notRun))
      } else if said.isEmptyJSON {
        self = .endpoint(trouble(.emptyJSON))
      } else if rule == .status {
        self = .acknowledged
      } else if let results = ResultsAnswer.read(answer.body, eventIds: eventIds, mask: mask) {
        guard results.contains(where: { $0 != .unnamed }) || eventIds.isEmpty else {
          self = .unanswered(trouble(.namesNone))
          return
        }
        self = .results(results)
      } else if said.message == "Workflow was started" {
        self = .endpoint(trouble(.beforeRun))
      } else if answer.isCut {
        self = .endpoint(trouble(.tooLongAnswer, ["mebibytes": .integer(answer.body.count >> 20)]))
      } else {
        self = .endpoint(
          answer.body.isEmpty ? trouble(.emptyAnswer) : trouble(.noResults, ["begun": .text(said.begun)]))
      }
    case 300..<400:
      let target = answer.target.map { mask.applied(to: "\(WebhookAddress($0, hidesPath: mask.hidesPaths))") }
      self = .endpoint(trouble(.redirects, ["status": status, "target": .text(target ?? "")]))
    case _ where said.configurationTrouble != nil:
      self = said.configurationTrouble.map { .endpoint($0) } ?? .endpoint(trouble(.nothingThere))
    case 401: self = .endpoint(trouble(.refusesCredentials, ["said": said.quotable]))
    case 402: self = .endpoint(trouble(.wantsPayment, ["said": said.quotable]))
    case 403: self = .endpoint(trouble(.refusesUs, ["said": said.quotable]))
    case 404 where said.isBeforeRoutes:
      self = .transient(said.start, retryAfter: nil)
    case 404:
      self = .endpoint(said.trouble404)
    case 405: self = .endpoint(trouble(.noPOST))
    case 407: self = .endpoint(trouble(.proxyWantsCredentials))
    case 410: self = .endpoint(trouble(.gone))
    case 406, 415: self = .endpoint(trouble(.noJSON, ["status": status, "said": said.quotable]))
    case 408, 425: self = transient(trouble(.asksAgain, ["status": status]))
    case 428: self = .endpoint(trouble(.wantsConnection, ["said": said.quotable]))
    case 429: self = transient(trouble(.tooMany))
    case 400, 409, 422: self = .refused(trouble(.refuses, ["status": status, "said": said.quotable]))
    case 413: self = .refused(trouble(.tooLarge))
    case 500:
      if said.mayBeAboutOneEvent {
        self = .suspicious(trouble(.workflowFails, ["said": said.quotable]))
      } else {
        self = transient(trouble(.fails, ["said": said.quotable]))
      }
    case 500..<600: self = transient(trouble(.unavailable, ["status": status, "said": said.quotable]))
    default: self = .endpoint(trouble(.saysNothing, ["status": status, "said": said.quotable]))
    }
  }

  /// What it says against each of the events that were sent.
  func troubles(of events: [PendingEvent], response: String?) -> [Trouble: [PendingEvent]] {
    switch self {
    case .acknowledged: return [:]
    case .transient(let trouble, _), .unanswered(let trouble), .suspicious(let trouble), .endpoint(let trouble),
      .refused(let trouble):
      return [trouble: events]
    case .results(let results):
      var found: [Trouble: [PendingEvent]] = [:]
      for (index, event) in events.enumerated() {
        let result = index < results.count ? results[index] : .unnamed
        if let trouble = result.trouble(response: response) { found[trouble, default: []].append(event) }
      }
      return found
    }
  }

  /// The class of an exchange that got no answer; nil if we gave up ourselves.
  package init?(of failure: ExchangeFailure) {
    switch failure.kind {
    case .cancelled: return nil
    case .network where failure.wasSent: self = .unanswered(Self.trouble(.connectionEnded, failure))
    case .timeout where failure.wasSent: self = .unanswered(Self.trouble(.noAnswer, failure))
    case .network: self = .transient(Self.trouble(.unreachable, failure), retryAfter: nil)
    case .timeout: self = .transient(Self.trouble(.timeout, failure), retryAfter: nil)
    case .tls: self = .endpoint(Self.trouble(.noSecureConnection, failure))
    case .proxy(let status) where status == 408 || status == 429 || status >= 500:
      self = .transient(
        Trouble(Message(WebhookMessage.proxyCannotReach, ["status": .integer(status)])), retryAfter: nil)
    case .proxy(407): self = .endpoint(Trouble(Message(WebhookMessage.proxyWantsCredentials)))
    case .proxy(let status):
      self = .endpoint(Trouble(Message(WebhookMessage.proxyRefuses, ["status": .integer(status)])))
    case .configuration: self = .endpoint(Self.trouble(.noRequest, failure))
    }
  }

  private static func trouble(_ code: WebhookMessage, _ failure: ExchangeFailure) -> Trouble {
    Trouble(Message(code, ["why": .text(failure.message)]))
  }
}
