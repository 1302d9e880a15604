internal import EventStore
package import Events

/// What an answer means for the events that were sent: the table of Documentation/contract.md, "Answers".
package enum AnswerClass: Hashable, Sendable {
  /// All events are acknowledged.
  case acknowledged
  /// The answer says something of each event, in the order in which they were sent.
  case results([EventResult])
  /// The webhook is away or overloaded, and will come back by itself.
  case transient(Trouble, retryAfter: Duration?)
  /// The request has gone out whole, and nothing tells what became of it: it may be obeyed yet.
  case unanswered(Trouble)
  /// Likewise at first; but where it lasts, one of the events may be what the workflow fails of.
  case suspicious(Trouble)
  /// The endpoint must be mended first, and it is nobody's fault but its own.
  case endpoint(Trouble)
  /// At least one of these events is refused.
  case refused(Trouble)
}

/// What an answer says of one event.
package enum EventResult: Hashable, Sendable {
  case acknowledged
  /// To be sent again.
  case retry(String?)
  /// The answer does not say: it stays pending.
  case unnamed
  /// The event itself is refused.
  case reject(String?)
}

extension EventResult {
  /// What is wrong, as it is told to people; nil where nothing is.
  func trouble(response: String?) -> Trouble? {
    let (summary, error): (String, String?)
    switch self {
    case .acknowledged: return nil
    case .retry(let why): (summary, error) = ("the workflow wants it later", why)
    case .reject(let why): (summary, error) = ("the workflow rejects the event", why)
    case .unnamed: (summary, error) = ("the answer does not name the event", nil)
    }
    return Trouble(summary + (error.map { ": \($0)" } ?? ""), httpStatus: 200, response: response)
  }
}

/// What makes an event acknowledged.
package enum AcknowledgeRule: String, Hashable, Sendable {
  /// Any 2xx, but for n8n's known non-answers.
  case status
  /// Any 2xx, whatever it says.
  case any
  /// What the answer says of each event.
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
  ///   - mask: Takes secrets out of what is told to people. What the answer means is read without it: an event's id may
  ///     hold the same characters as a weak secret.
  package init(
    of answer: HTTPAnswer, rule: AcknowledgeRule, eventIds: [EventID], now: Int64, mask: SecretMask = .nothing
  ) {
    let said = N8NAnswer(answer, mask: mask)
    func trouble(_ summary: String, hint: String? = nil) -> Trouble {
      Trouble(summary, hint: hint, httpStatus: answer.status, response: said.excerpt)
    }
    func transient(_ summary: String) -> AnswerClass {
      .transient(
        trouble(summary), retryAfter: answer.header("retry-after").flatMap { RetryAfter.parse($0, now: now) })
    }

    switch answer.status {
    case 200..<300 where rule == .any:
      self = .acknowledged
    case 200..<300:
      if answer.isUnreadable {
        self = .endpoint(
          trouble(
            "the answer comes packed in a way that cannot be undone",
            hint: "let the webhook, or what stands before it, answer without Content-Encoding"))
      } else if said.isStartingUp {
        self = .transient(said.start, retryAfter: nil)
      } else if said.message == "Webhook call received", said.isOnlyMessage {
        self = .endpoint(
          trouble(
            "n8n has taken the call without running the workflow",
            hint: "look at the condition under which the Webhook node runs ('Only Run If')"))
      } else if said.isEmptyJSON {
        self = .endpoint(
          trouble(
            "the answer is empty, though it says that it is JSON: n8n answers so when a workflow has failed, or has not"
              + " reached its Respond node",
            hint: "let n8n say something: Respond 'Immediately' without 'No Response Body', or a 'Respond to Webhook'"
              + " node that answers JSON; if the webhook is not n8n, set 'forward.acknowledge: any'"))
      } else if rule == .status {
        self = .acknowledged
      } else if let results = ResultsAnswer.read(answer.body, eventIds: eventIds, mask: mask) {
        guard results.contains(where: { $0 != .unnamed }) || eventIds.isEmpty else {
          self = .unanswered(
            trouble(
              "the answer names none of the events",
              hint: "let the workflow answer for the events that it gets; where it runs out of time, raise"
                + " 'forward.timeout' or lower 'forward.batch.maxEvents'"))
          return
        }
        self = .results(results)
      } else if said.message == "Workflow was started" {
        self = .endpoint(
          trouble(
            "n8n answers before the workflow has run, so that the answer has no results",
            hint: "let the Webhook node respond with a 'Respond to Webhook' node, or set 'forward.acknowledge: status'")
        )
      } else if answer.isCut {
        self = .endpoint(
          trouble(
            "the answer is longer than \(answer.body.count >> 20) MiB, so that its results cannot be read",
            hint: "let the workflow answer with nothing but {\"results\":[…]}, or lower 'forward.batch.maxEvents'"))
      } else {
        self = .endpoint(
          trouble(
            answer.body.isEmpty ? "the answer is empty and has no results" : "the answer has no results\(said.begun)",
            hint: "let the workflow answer {\"results\":[…]}, or set 'forward.acknowledge: status'"))
      }
    case 300..<400:
      let target = answer.header("location").map { mask.applied(to: " to \(WebhookAddress($0))") } ?? ""
      self = .endpoint(
        trouble("the webhook redirects\(target) (\(answer.status))", hint: "set 'forward.url' to where it is now"))
    case _ where said.configurationTrouble != nil:
      self = said.configurationTrouble.map { .endpoint($0) } ?? .endpoint(trouble(""))
    case 401:
      self = .endpoint(
        trouble(
          "the webhook refuses our credentials (401\(said.quoted))",
          hint: "compare 'forward.auth' with the Webhook node's authentication"))
    case 402:
      self = .endpoint(
        trouble("the webhook's service wants to be paid (402\(said.quoted))", hint: "look at its plan and its limits"))
    case 403:
      self = .endpoint(
        trouble(
          "the webhook refuses our credentials, or us (403\(said.quoted))",
          hint: "compare 'forward.auth' with the Webhook node's authentication; see whether the node's option 'Ignore"
            + " Bots' is on, which refuses every program, and whether a firewall stands before n8n"))
    case 404 where said.isBeforeRoutes:
      self = .transient(said.start, retryAfter: nil)
    case 404:
      self = .endpoint(said.trouble404)
    case 405:
      self = .endpoint(
        trouble("the webhook does not take POST requests (405)", hint: "set the Webhook node's HTTP method to POST"))
    case 407:
      self = .endpoint(trouble("the proxy wants credentials (407)", hint: Self.proxyCredentials))
    case 410:
      self = .endpoint(trouble("the webhook is gone for good (410)", hint: "set 'forward.url' to where it is now"))
    case 406, 415:
      self = .endpoint(
        trouble(
          "the webhook does not take JSON, or does not answer in it (\(answer.status)\(said.quoted))",
          hint: "see what answers at this address, and whether 'forward.compress' is taken there"))
    case 408, 425:
      self = transient("the webhook asks for another attempt (\(answer.status))")
    case 428:
      self = .endpoint(
        trouble(
          "the Webhook node asks for a user's connection (428\(said.quoted))",
          hint: "connect the credential's user in n8n, or choose another authentication in the node"))
    case 429:
      self = transient("the webhook has had too many requests (429)")
    case 400, 409, 422:
      self = .refused(trouble("the webhook refuses the request (\(answer.status)\(said.quoted))"))
    case 413:
      self = .refused(
        trouble(
          "the request is too large for the webhook (413)",
          hint: "lower 'forward.batch.maxBytes', or raise the limit of n8n or the proxy before it"))
    case 500:
      if said.mayBeAboutOneEvent {
        self = .suspicious(trouble("the workflow fails (500\(said.quoted))"))
      } else {
        self = transient("the webhook fails (500\(said.quoted))")
      }
    case 500..<600:
      self = transient("the webhook is not available (\(answer.status)\(said.quoted))")
    default:
      self = .endpoint(
        trouble(
          "the webhook answers \(answer.status)\(said.quoted), which says nothing about the events",
          hint: "see what answers at this address"))
    }
  }

  private static let proxyCredentials = "put the proxy's own into 'forward.proxy', as http://user:password@host:port"

  /// What it says against which of the events that were sent.
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

  /// The class of an exchange that had no answer; nil where we gave up ourselves.
  package init?(of failure: ExchangeFailure) {
    switch failure.kind {
    case .cancelled: return nil
    case .network where failure.wasSent:
      self = .unanswered(
        Trouble(
          "the connection ended before there was an answer (\(failure.message))",
          hint: "see whether n8n runs, and what its log says"))
    case .timeout where failure.wasSent:
      self = .unanswered(
        Trouble(
          "the webhook does not answer in time (\(failure.message))",
          hint: "see whether n8n is busy or without a worker, raise 'forward.timeout' or lower"
            + " 'forward.batch.maxEvents'"))
    case .network:
      self = .transient(
        Trouble(
          "the webhook cannot be reached (\(failure.message))",
          hint: "see whether n8n runs, and compare 'forward.url' with its address"),
        retryAfter: nil)
    case .timeout:
      self = .transient(
        Trouble(
          "the webhook does not answer in time (\(failure.message))",
          hint: "see whether n8n is busy, lower 'forward.batch.maxEvents' or raise 'forward.timeout'"),
        retryAfter: nil)
    case .tls:
      self = .endpoint(
        Trouble(
          "there is no secure connection to the webhook (\(failure.message))",
          hint: "look at the certificate, and at 'forward.tls'"))
    case .proxy(let status) where status == 408 || status == 429 || status >= 500:
      self = .transient(Trouble("the proxy cannot reach the webhook (\(status))"), retryAfter: nil)
    case .proxy(407):
      self = .endpoint(Trouble("the proxy wants credentials (407)", hint: Self.proxyCredentials))
    case .proxy(let status):
      self = .endpoint(Trouble("the proxy refuses the connection (\(status))", hint: "look at 'forward.proxy'"))
    case .configuration:
      self = .endpoint(
        Trouble(
          "no request can be made (\(failure.message))", hint: "look at 'forward' in the configuration"))
    }
  }
}
