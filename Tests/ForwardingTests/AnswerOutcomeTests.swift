import Events
import Failures
import Forwarding
import Operations
import TestSupport
import Testing

/// What happens to three events, depending on the webhook's answer: from the bytes of the sink's presets through the
/// answer's class to the outcome, without a network.
@Suite(.tags(.fast)) struct AnswerOutcomeTests {
  enum Outcome: Sendable {
    /// All are acknowledged, after this many requests.
    case acknowledged(requests: Int)
    /// One request was made, then the circuit opened; each event was tried alone, if anything had answered; all are
    /// pending, and the message says what to do.
    case waiting(String)
    /// This many requests were made, then the circuit opened; all failed for this reason.
    case givenUp(requests: Int, FailureReason, String)
    /// Each was sent alone in the end and was refused: there is no other to show that the endpoint is not at fault, so
    /// all are pending.
    case refused(String)
  }

  struct Row: Sendable, CustomTestStringConvertible {
    var answers: [ScriptedExchange.Step]
    var rule: AcknowledgeRule
    var outcome: Outcome
    var testDescription: String

    init(_ name: String, _ answers: ScriptedExchange.Step..., rule: AcknowledgeRule = .status, then outcome: Outcome) {
      self.answers = answers
      self.rule = rule
      self.outcome = outcome
      testDescription = rule == .status ? name : "\(name), acknowledge: \(rule.rawValue)"
    }

    /// What the sink answers with this preset, and what follows.
    init(
      _ preset: SinkPreset, _ later: ScriptedExchange.Step..., rule: AcknowledgeRule = .status, then outcome: Outcome
    ) {
      self.init(preset.rawValue, rule: rule, then: outcome)
      answers = [.answer(preset.answer(to: "/webhook/eventdrop"))] + later
    }

    init(_ status: Int, _ later: ScriptedExchange.Step..., then outcome: Outcome) {
      self.init("status \(status)", then: outcome)
      answers = [.answer(.plain(status))] + later
    }
  }

  static let acknowledged: [Row] = [
    Row(.n8nStarted, then: .acknowledged(requests: 1)),
    Row(.n8nEmpty, rule: .any, then: .acknowledged(requests: 1)),
    Row(.n8nStarting, rule: .any, then: .acknowledged(requests: 1)),
    Row(.n8nNoData, then: .acknowledged(requests: 1)),
    Row("an empty answer that does not say it is JSON", .answer(200), then: .acknowledged(requests: 1)),
    Row(201, then: .acknowledged(requests: 1)), Row(204, then: .acknowledged(requests: 1)),
    Row(
      "results",
      .answer(
        200,
        body: """
          {"results":[{"eventId":"evt_1","status":"ok"},{"eventId":"evt_2","status":"duplicate"},
          {"eventId":"evt_3","status":"ok"}]}
          """), rule: .results, then: .acknowledged(requests: 1)),
    // What passes by itself is waited for.
    Row(500, .answer(200), then: .acknowledged(requests: 2)),
    Row(.n8nStarting, .answer(200), then: .acknowledged(requests: 2)),
    Row(.n8nDatabaseDown, .answer(200), then: .acknowledged(requests: 2)),
    Row(
      "429 with Retry-After", .answer(429, headers: [WebhookRequest.Header("Retry-After", "1")]), .answer(200),
      then: .acknowledged(requests: 2)),
  ]

  static let transient: [Row] =
    [408, 425, 429, 500, 520].map {
      Row($0, then: .givenUp(requests: 5, .unreachable, "(\($0)"))
    } + [
      Row(.n8nStarting, then: .givenUp(requests: 2, .unreachable, "n8n is starting up")),
      Row(.n8nStarting404, then: .givenUp(requests: 2, .unreachable, "n8n is starting up")),
      Row(.n8nCancelled, then: .givenUp(requests: 5, .unreachable, "cancelled manually")),
      Row(.caddyTooLarge, then: .givenUp(requests: 5, .unreachable, "(502")),
      Row(.n8nDatabaseDown, then: .givenUp(requests: 5, .unreachable, "Database is not ready!")),
      Row(.proxyBadGateway, then: .givenUp(requests: 5, .unreachable, "(502")),
      Row(.proxyUnavailable, then: .givenUp(requests: 5, .unreachable, "(503")),
      Row(.proxyTimeout, then: .givenUp(requests: 5, .unreachable, "(504")),
      Row(.cloudflareTimeout, then: .givenUp(requests: 5, .unreachable, "(524")),
      Row("no connection", .failure(.network), then: .givenUp(requests: 2, .unreachable, "see whether n8n runs")),
      Row("no connection in time", .failure(.timeout), then: .givenUp(requests: 2, .unreachable, "'forward.timeout'")),
      // One of the events may be at fault: since all fail alone, none is.
      Row(.n8nWorkflowError, then: .givenUp(requests: 6, .unreachable, "'Error in workflow'")),
      Row(.n8nTimedOut, then: .givenUp(requests: 6, .unreachable, "timed out")),
      Row(
        .n8nTooLarge, then: .givenUp(requests: 6, .unreachable, "'There was a problem executing the workflow'")),
    ]

  static let endpoint: [Row] = [
    Row("no answer", .unanswered, then: .waiting("'forward.timeout'")),
    Row("an empty answer", .answer(200), rule: .results, then: .waiting("let the workflow")),
    Row(402, then: .waiting("(402")), Row(406, then: .waiting("(406")), Row(415, then: .waiting("(415")),
    Row(.n8nFiltered, then: .waiting("'Only Run If'")),
    // A failed workflow of n8n 1.x answers like this: taking it for an acknowledgement would lose the events.
    Row(.n8nEmpty, then: .waiting("'Respond to Webhook'")),
    Row(.n8nEmpty, rule: .results, then: .waiting("'Respond to Webhook'")),
    Row(.n8n1Failed, then: .waiting("'Respond to Webhook'")),
    Row(.n8nNotRegistered, then: .waiting("activate the workflow")),
    Row(.n8nTestURL, then: .waiting("production URL")),
    Row(.n8nAddress, then: .waiting("Allowlist")), Row(.n8n1Address, then: .waiting("Allowlist")),
    Row(.n8nNotConnected, then: .waiting("(428")),
    Row(.n8nInvalidCredential, then: .waiting("uses invalid credential")),
    Row(.n8nUnknownNode, then: .waiting("Unrecognized node type")),
    Row(.n8nNoRespond, then: .waiting("No Respond to Webhook node found")),
    Row(.n8nUnusedRespond, then: .waiting("Unused Respond to Webhook node found")),
    Row(.n8nNoItem, then: .waiting("set the Webhook node's Respond to 'Immediately'")),
    Row(.n8nWrongBasic, then: .waiting("compare 'forward.auth'")),
    Row(.n8nNoToken, then: .waiting("compare 'forward.auth'")),
    Row(.n8nWrongToken, then: .waiting("compare 'forward.auth'")),
    Row(.n8nNoData, rule: .results, then: .waiting("let the workflow")),
    Row(.n8nQueue, then: .waiting("'forward.timeout'")),
    Row(.n8nWrongMethod, then: .waiting("HTTP method to POST")),
    Row(.n8nUnauthorized, then: .waiting("compare 'forward.auth'")),
    Row(.n8nForbidden, then: .waiting("compare 'forward.auth'")),
    Row(.n8nNoCredential, then: .waiting("the Webhook node has no credential")),
    Row(.n8nWorkflowNotStarted, then: .waiting("open the workflow in n8n")),
    Row(.n8nStarted, rule: .results, then: .waiting("'Respond to Webhook'")),
    Row(404, then: .waiting("production URL")), Row(405, then: .waiting("HTTP method to POST")),
    Row(407, then: .waiting("forward.proxy")), Row(410, then: .waiting("forward.url")),
    Row(301, then: .waiting("redirects")), Row(308, then: .waiting("redirects")),
    // Unforeseen answers keep events, too.
    Row(418, then: .waiting("says nothing about the events")),
    Row("certificate", .failure(.tls), then: .waiting("forward.tls")),
  ]

  static let refused: [Row] = [
    Row(400, then: .refused("(400")), Row(409, then: .refused("(409")), Row(422, then: .refused("(422")),
    Row(.n8nInvalidJSON, then: .refused("'Failed to parse request body'")),
    Row(.proxyTooLarge, then: .refused("batch.maxBytes")),
  ]

  @Test(arguments: acknowledged + transient + endpoint + refused)
  func `What a webhook answers decides what becomes of events`(row: Row) async throws {
    let (clock, outbox, lines) = (ManualClock(), FakeOutbox(), LogKeeper.Lines())
    let exchange = ScriptedExchange { _, number in row.answers[min(number, row.answers.count) - 1] }
    await outbox.add(1...3)
    let forwarder = try scriptedForwarder(exchange, outbox, clock, lines) {
      $0.acknowledge = row.rule
      $0.attempts = 2
    }
    _ = await clock.passing { await forwarder.drain() }
    let acknowledged = await outbox.acknowledgements.flatMap(\.events)
    let (failures, pending) = await (outbox.failures, outbox.pendingNumbers)
    let interruption = await forwarder.status().interruption
    switch row.outcome {
    case .acknowledged(let requests):
      #expect(acknowledged == [1, 2, 3] && failures.isEmpty && interruption == nil)
      #expect(exchange.requests.count == requests)
    case .waiting(let words):
      #expect(acknowledged == [] && failures.isEmpty && pending == [1, 2, 3])
      let isReached = if case .failure = row.answers[0] { false } else { true }
      #expect(exchange.sent.first == [1, 2, 3] && exchange.sent.dropFirst().allSatisfy { $0.count == 1 })
      #expect(exchange.sent.dropFirst().flatMap(\.self).sorted() == (isReached ? [1, 2, 3] : []))
      #expect("\(try #require(interruption).trouble)".contains(words), "\(String(describing: interruption))")
    case .givenUp(let requests, let reason, let words):
      #expect(acknowledged == [] && failures.map(\.event.sequence).sorted() == [1, 2, 3])
      #expect(failures.allSatisfy { $0.reason == reason && $0.message.description.contains(words) }, "\(failures)")
      #expect(exchange.requests.count == requests)
      #expect("\(try #require(interruption).trouble)".contains(words), "\(String(describing: interruption))")
    case .refused(let words):
      #expect(acknowledged == [] && pending == [1, 2, 3])
      #expect(failures.allSatisfy { $0.reason == .rejected && $0.message.description.contains(words) }, "\(failures)")
      // All together, two of them, then each of the three.
      #expect(exchange.requests.count == 5)
      #expect("\(try #require(interruption).trouble)".contains(words), "\(String(describing: interruption))")
    }
  }

  @Test func `Each preset of the sink has its row`() {
    let rows = Set((Self.acknowledged + Self.transient + Self.endpoint + Self.refused).map(\.testDescription))
    for preset in SinkPreset.allCases { #expect(rows.contains(preset.rawValue)) }
  }
}

extension ScriptedExchange.Step {
  /// What the sink would send, as it arrives from the wire.
  static func answer(_ answer: SinkAnswer) -> Self {
    guard let status = answer.status else { return .unanswered }
    let type = answer.contentType.isEmpty ? [] : [WebhookRequest.Header("Content-Type", answer.contentType)]
    return .answer(status, body: answer.body, headers: type)
  }
}
