import Events
import Forwarding
import Logging
import Synchronization
import TestSupport
import Time

/// A webhook in simulated time: a rule determines what it does with which events, and its clock how long that takes.
final class SimulatedEndpoint: HTTPExchange {
  /// What it does with a request.
  struct Reaction: Sendable {
    enum Answer: Sendable {
      case status(Int, body: String = "", headers: [WebhookRequest.Header] = [])
      /// Nothing is listening.
      case unreached
      /// No answer, as long as the caller waits.
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

  /// The request, whether the answer said that it has the events, and when it was given up without an answer.
  typealias Request = (at: Duration, events: [Int64], isTaken: Bool, unanswered: Duration?)

  private struct State {
    var requests: [Request] = []
    var obeyed: [Int64: Int] = [:]
    /// When an answer first said that it has an event.
    var taken: [Int64: Duration] = [:]
  }

  private let state = Mutex(State())
  private let clock: ManualClock
  private let timeout: Duration
  private let inquiry: @Sendable (_ now: Duration) -> HTTPAnswer
  private let rule: @Sendable ([Int64], _ now: Duration) -> Reaction

  /// - Parameters:
  ///   - clock: Its clock.
  ///   - timeout: How long a caller waits.
  ///   - inquiry: Its answer to an inquiry without an event; by default, it does not support them.
  ///   - rule: What it does with a request for these events.
  init(
    _ clock: ManualClock, timeout: Duration = .seconds(10),
    inquiry: @escaping @Sendable (_ now: Duration) -> HTTPAnswer = { _ in HTTPAnswer(status: 501) },
    _ rule: @escaping @Sendable ([Int64], _ now: Duration) -> Reaction
  ) {
    self.clock = clock
    self.timeout = timeout
    self.inquiry = inquiry
    self.rule = rule
  }

  var requests: [Request] { state.withLock(\.requests) }
  /// How often it has processed each event.
  var obeyed: [Int64: Int] { state.withLock(\.obeyed) }
  var taken: [Int64: Duration] { state.withLock(\.taken) }

  func send(_ request: WebhookRequest) async throws(ExchangeFailure) -> HTTPAnswer {
    if request.method == .options { return inquiry(clock.uptime()) }
    let events = request.eventNumbers
    let reaction = rule(events, clock.uptime())
    let place = state.withLock { state in
      state.requests.append((clock.uptime(), events, false, nil))
      if reaction.isObeyed { for event in events { state.obeyed[event, default: 0] += 1 } }
      return state.requests.count - 1
    }
    do {
      if case .none = reaction.answer { try await clock.sleep(for: timeout) }
      try await clock.sleep(for: min(reaction.time, timeout))
    } catch {
      throw ExchangeFailure(.cancelled, "simulated")
    }
    func unanswered(_ kind: ExchangeFailure.Kind) -> ExchangeFailure {
      state.withLock { $0.requests[place].unanswered = clock.uptime() }
      return ExchangeFailure(kind, "simulated", wasSent: true)
    }
    guard reaction.time < timeout else { throw unanswered(.timeout) }
    switch reaction.answer {
    case .status(let status, let body, let headers):
      if 200..<300 ~= status, reaction.isObeyed {
        state.withLock { state in
          state.requests[place].isTaken = true
          for event in events where state.taken[event] == nil { state.taken[event] = clock.uptime() }
        }
      }
      return HTTPAnswer(status: status, headers: headers, body: Array(body.utf8))
    case .unreached: throw ExchangeFailure(.network, "simulated")
    case .none: throw unanswered(.timeout)
    case .reset: throw unanswered(.network)
    }
  }
}

extension ForwardingOptions {
  /// The default settings.
  static var simulated: ForwardingOptions {
    get throws {
      ForwardingOptions(
        url: "http://n8n.example/webhook/x", address: "http://n8n.example/webhook/x",
        schedule: try Schedule(["every 2s"]), timeZone: .utc, userAgent: "eventdrop/test")
    }
  }
}

extension Simulation {
  /// Runs a forwarder with the default settings while `body` runs.
  func forwarding(
    to endpoint: SimulatedEndpoint, from outbox: FakeOutbox, seed: UInt64 = 1,
    lines: LogKeeper.Lines = LogKeeper.Lines(),
    _ change: @escaping @Sendable (inout ForwardingOptions) -> Void = { _ in },
    _ body: @escaping @Sendable (Forwarder) async throws -> Void
  ) throws {
    let clock = clock
    let dice = Mutex(SplitMix(state: seed))
    var options = try ForwardingOptions.simulated
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
