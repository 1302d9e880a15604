import EventStore
import Events
import Forwarding
import Logging
import Synchronization
import TestSupport
import Time

/// A webhook in simulated time: a rule says what it does with which events, and its clock how long that takes.
final class SimulatedEndpoint: HTTPExchange {
  /// What it does with a request.
  struct Reaction: Sendable {
    enum Answer: Sendable {
      case status(Int, body: String = "", headers: [WebhookRequest.Header] = [])
      /// Nobody listens.
      case unreached
      /// None, as long as the caller waits.
      case none
      /// The connection is closed after the request was sent.
      case reset
    }

    var answer: Answer
    /// Whether its workflow runs for these events, now or later, regardless of the answer.
    var isObeyed: Bool
    var time: Duration

    init(_ answer: Answer, isObeyed: Bool = false, after time: Duration = .milliseconds(20)) {
      self.answer = answer
      self.isObeyed = isObeyed
      self.time = time
    }

    static var taken: Reaction { Reaction(.status(200), isObeyed: true) }
  }

  private struct State {
    var requests: [(at: Duration, events: [Int64])] = []
    var obeyed: [Int64: Int] = [:]
    /// When an answer said first that it has an event.
    var taken: [Int64: Duration] = [:]
  }

  private let state = Mutex(State())
  private let clock: ManualClock
  private let timeout: Duration
  private let rule: @Sendable ([Int64], _ now: Duration) -> Reaction

  init(
    _ clock: ManualClock, timeout: Duration = .seconds(10),
    _ rule: @escaping @Sendable ([Int64], _ now: Duration) -> Reaction
  ) {
    self.clock = clock
    self.timeout = timeout
    self.rule = rule
  }

  var requests: [(at: Duration, events: [Int64])] { state.withLock(\.requests) }
  /// How often it has obeyed each event.
  var obeyed: [Int64: Int] { state.withLock(\.obeyed) }
  var taken: [Int64: Duration] { state.withLock(\.taken) }

  func send(_ request: WebhookRequest) async throws(ExchangeFailure) -> HTTPAnswer {
    // It has no word for those who ask without an event.
    if request.method == .options { return HTTPAnswer(status: 501) }
    let events = request.eventNumbers
    let reaction = rule(events, clock.uptime())
    state.withLock { state in
      state.requests.append((clock.uptime(), events))
      if reaction.isObeyed { for event in events { state.obeyed[event, default: 0] += 1 } }
    }
    do {
      if case .none = reaction.answer { try await clock.sleep(for: timeout) }
      try await clock.sleep(for: min(reaction.time, timeout))
    } catch {
      throw ExchangeFailure(.cancelled, "simulated")
    }
    guard reaction.time < timeout else { throw ExchangeFailure(.timeout, "simulated", wasSent: true) }
    switch reaction.answer {
    case .status(let status, let body, let headers):
      if 200..<300 ~= status {
        state.withLock { state in
          for event in events where state.taken[event] == nil { state.taken[event] = clock.uptime() }
        }
      }
      return HTTPAnswer(status: status, headers: headers, body: Array(body.utf8))
    case .unreached: throw ExchangeFailure(.network, "simulated")
    case .none: throw ExchangeFailure(.timeout, "simulated", wasSent: true)
    case .reset: throw ExchangeFailure(.network, "simulated", wasSent: true)
    }
  }
}

extension Simulation {
  /// Runs a forwarder of the default settings while `body` does.
  func forwarding(
    to endpoint: SimulatedEndpoint, from outbox: FakeOutbox, seed: UInt64 = 1,
    lines: LogKeeper.Lines = LogKeeper.Lines(),
    _ change: @escaping @Sendable (inout ForwardingOptions) -> Void = { _ in },
    _ body: @escaping @Sendable (Forwarder) async throws -> Void
  ) throws {
    let clock = clock
    let dice = Mutex(SplitMix(state: seed))
    var options = ForwardingOptions(
      url: "http://n8n.example/webhook/x", address: "http://n8n.example/webhook/x",
      schedule: try Schedule(["every 2s"]), timeZone: .utc, userAgent: "eventdrop/test")
    change(&options)
    let forwarder = Forwarder(
      options, outbox: outbox, exchange: endpoint, clock: clock,
      logger: Logger(label: "test") { _ in LogKeeper(lines: lines, logLevel: .notice) },
      random: { dice.withLock { Double.random(in: 0...1, using: &$0) } })
    try run {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await forwarder.run() }
        defer { group.cancelAll() }
        try await body(forwarder)
      }
    }
  }
}
