import Events
import Forwarding
import Synchronization
import TestSupport
import Time

/// A webhook with any mixture and order of faults, events that it never accepts, and senders who bring events
/// meanwhile.
///
/// All of it follows from one seed.
final class EndpointModel: Sendable, CustomStringConvertible {
  typealias Reaction = SimulatedEndpoint.Reaction

  enum Fault: CaseIterable {
    /// Nothing is listening.
    case down
    /// A gateway in front of it says that nothing is listening.
    case gateway
    /// Every workflow fails.
    case failing
    /// It accepts no more for now, and says for how long.
    case full
    /// Only a person can fix it.
    case misconfigured
    /// It refuses everything.
    case refusing
    /// It processes requests, but does not answer.
    case hanging
    /// It does not answer, and processes one request after the other once this is over.
    case queueing
    /// It closes the connection once it has received a request.
    case closing
    case starting
    /// It takes its time, but does answer.
    case slow
  }

  fileprivate struct Period: Sendable {
    var from: Duration
    var until: Duration
    /// One of these with each request.
    var kinds: [Fault]
    /// Its answer if it has to be fixed.
    var misconfiguration: SimulatedEndpoint.Reaction.Answer
    /// Its answer if it refuses everything.
    var refusal: SimulatedEndpoint.Reaction.Answer
  }

  private struct State {
    var random: SplitMix
    var arrivals: [Int64: Duration] = [:]
    /// When everything that was queued is processed, by the period in which it was queued.
    var queueEnds: [Int: Duration] = [:]
  }

  /// Its reaction to each event that it never accepts.
  private let refusals: [Int64: Reaction]
  private let periods: [Period]
  /// How long it takes for each event while it is slow, and for each that was queued.
  private let slowness: Duration
  /// Whether it answers inquiries that bring no event, like n8n.
  private let answersInquiries: Bool
  /// How many events are there at the start, and the maximum that arrive at a time.
  private let backlog: Int64
  private let burst: Int64
  /// How long nobody brings anything.
  private let pause: Duration
  private let lastFault: Duration
  private let end: Duration
  private let state: Mutex<State>
  private let tick: Int
  private let concurrency: Int
  private let attempts: Int
  private let maxEvents: Int

  init(seed: UInt64, from begin: Duration) {
    var random = SplitMix(state: seed)
    var periods: [Period] = []
    var from = begin + .seconds(Int.random(in: 0...60, using: &random))
    for _ in 0..<Int.random(in: 1...5, using: &random) {
      let longest = [20, 120, 900].randomElement(using: &random) ?? 900
      let until = from + .seconds(Int.random(in: 5...longest, using: &random))
      periods.append(Period(from: from, until: until, using: &random))
      from =
        until + .seconds([0, 5, 300].randomElement(using: &random) ?? 0) * Int.random(in: 0...3, using: &random) / 3
    }
    self.periods = periods
    lastFault = from
    end = from + .seconds(4000)
    var refusals: [Int64: Reaction] = [:]
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      refusals[Int64.random(in: 1...80, using: &random)] = Self.refusals.randomElement(using: &random)
    }
    self.refusals = refusals
    slowness = .milliseconds(Int.random(in: 300...4000, using: &random))
    answersInquiries = Bool.random(using: &random)
    backlog = [0, 1, 30, 200].randomElement(using: &random) ?? 0
    let pause: Int64 = [5, 10, 20, 30].randomElement(using: &random) ?? 10
    self.pause = .seconds(pause)
    // In a long outage, more events would arrive than are of use.
    burst = Int64.random(in: 1...pause, using: &random)
    tick = [5, 15, 30, 60].randomElement(using: &random) ?? 15
    concurrency = [1, 1, 1, 3].randomElement(using: &random) ?? 1
    attempts = Int.random(in: 1...5, using: &random)
    maxEvents = [3, 10, 10, 30].randomElement(using: &random) ?? 10
    state = Mutex(State(random: random))
  }

  /// How long refused events wait in `retry/`.
  private static let retry = Backoff(first: .seconds(30), maximum: .seconds(3600))

  private static let refusals: [Reaction] = [
    .init(.status(422)), .init(.status(400)), .init(.status(409)), .init(.status(413)),
    .init(.status(403, body: "blocked by the firewall")), .init(.status(302)), .init(.status(404, body: "<h1>No</h1>")),
    .init(.status(502)), .init(.status(500, body: #"{"message":"Error in workflow"}"#)),
    .init(.status(200, headers: [WebhookRequest.Header("Content-Type", "application/json")])), .init(.none),
    .init(.reset),
  ]

  /// The settings in `config.yaml`.
  func configure(_ options: inout ForwardingOptions) throws {
    options.schedule = try Schedule(["every \(tick)s"])
    options.concurrency = concurrency
    options.attempts = attempts
    options.maxEvents = maxEvents
  }

  /// Whether requests are sent one after the other, so that the order is kept.
  var isInOrder: Bool { concurrency == 1 }

  var description: String {
    "\(maxEvents) at a time, \(attempts) attempts, \(concurrency) side by side, every \(tick) s; "
      + refusals.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.answer)" }.joined(separator: ", ") + "; "
      + periods.map { "\($0.kinds) from \($0.from) to \($0.until)" }.joined(separator: ", ")
  }

  /// When each event arrived.
  var arrivals: [Int64: Duration] { state.withLock(\.arrivals) }
  /// The events that it never accepts.
  var poison: Set<Int64> { Set(refusals.keys) }

  // MARK: The webhook

  func reaction(to events: [Int64], at now: Duration) -> Reaction {
    state.withLock { state in
      let index = periods.firstIndex { $0.from <= now && now < $0.until }
      let kind = index.flatMap { periods[$0].kinds.randomElement(using: &state.random) }
      if let index, let kind, kind != .slow {
        if kind == .queueing {
          let begin = max(state.queueEnds[index] ?? .zero, periods[index].until)
          state.queueEnds[index] = begin + slowness * events.count
        }
        return periods[index].reaction(kind, at: now, using: &state.random)
      }
      var time = kind == .slow ? slowness * events.count : .milliseconds(20)
      if let queue = state.queueEnds.max(by: { $0.value < $1.value }), queue.value > now {
        state.queueEnds[queue.key] = queue.value + slowness * events.count
        time = queue.value + slowness * events.count - now
      }
      guard let refused = events.first(where: { refusals[$0] != nil }), var refusal = refusals[refused] else {
        return Reaction(.status(200), isObeyed: true, after: time)
      }
      refusal.time = time
      return refusal
    }
  }

  /// Its answer to an inquiry without an event.
  func inquired(at now: Duration) -> HTTPAnswer {
    let period = periods.first { $0.from <= now && now < $0.until }
    return answersInquiries ? period?.inquired(at: now) ?? Period.isThere : HTTPAnswer(status: 501)
  }

  // MARK: The senders

  /// Makes events arrive until the end.
  func pass(_ clock: ManualClock, _ outbox: FakeOutbox, _ forwarder: Forwarder) async throws {
    var next: Int64 = 1
    func arrive(_ count: Int64) async {
      guard count > 0 else { return }
      let (now, numbers) = (clock.uptime(), next...(next + count - 1))
      next += count
      state.withLock { state in for number in numbers { state.arrivals[number] = now } }
      await outbox.add(numbers)
      forwarder.notify()
    }
    await arrive(backlog)
    while clock.uptime() < end {
      let now = clock.uptime()
      var step = pause
      if now < lastFault {
        await arrive(state.withLock { Int64.random(in: 0...burst, using: &$0.random) })
      } else {
        // One more from time to time, so that refused events have others beside them.
        step = .seconds(state.withLock { Int.random(in: 5...90, using: &$0.random) })
        if now < lastFault + .seconds(900) {
          await arrive(state.withLock { Int64.random(in: 0...1, using: &$0.random) })
        } else if await outbox.isThrough(poison) {
          return
        }
      }
      if await outbox.bringBackRefused(at: now, after: Self.retry) > 0 {
        forwarder.notify()
      }
      try await clock.sleep(for: step)
    }
  }

  // MARK: What may be expected

  /// The periods in which nothing goes through, or only slowly, until everything queued is processed.
  private var troubles: [(from: Duration, until: Duration)] {
    let ends = state.withLock(\.queueEnds)
    return periods.indices.map { (periods[$0].from, max(periods[$0].until, ends[$0] ?? .zero)) }
  }

  /// How many probes fit into a time at the default settings.
  static func probes(in time: Duration) -> Int {
    var (count, end, interval) = (0, Duration.seconds(5), Duration.seconds(5))
    while end <= time {
      count += 1
      interval = min(interval * 2, .seconds(300))
      end += interval
    }
    return count
  }

  /// How many requests may be sent in vain, one after the other, between two times.
  ///
  /// Nothing is acknowledged in that time, so the circuit opens once, and only a refusal can close it.
  func mostInVain(from begin: Duration, to end: Duration) -> Int {
    // A batch is halved until three events are refused alone: down to the first two, and down from their neighbours to
    // a third. Then two others are sent, to find out whose fault it is.
    let search = halvings + 6
    // Before the circuit opens, each batch under way has its attempts, and has them again if the trouble changes
    // meanwhile. In a mixture, each part of it can have its attempts before it is refused.
    let overlapping = periods.filter { $0.from < end && begin < $0.until }
    let isMixed = overlapping.contains { $0.kinds.count > 1 }
    var most = concurrency * (isMixed ? attempts * search : attempts * 2 + search)
    // Then there is a probe for each interval.
    most += Self.probes(in: end - begin)
    for period in overlapping {
      let time = min(end, period.until) - max(begin, period.from)
      var probes = Self.probes(in: time) + 1
      // A start has one every 5 s for a minute, and the next start only after the interval has grown to its maximum.
      if period.kinds.contains(.starting) { probes += (12 + 6) * (Int(time / .seconds(375)) + 1) }
      // Events refused for the first time are searched, without attempts. In a mixture each probe can cause that.
      most += period.kinds.count > 1 ? probes * search : probes - Self.probes(in: time) + search
    }
    // The same applies once it is well, if events that it never accepts are sent first. Each of these comes back from
    // `retry/`, and so do up to two that were refused alone, too few to show whose fault it is.
    return most + search + (1 + Self.returns(in: end - begin)) * (refusals.count + 2)
  }

  /// How often a batch is halved until an event is alone.
  private var halvings: Int { Int.bitWidth - (maxEvents - 1).leadingZeroBitCount }

  /// How often an event may be sent without an answer, one time after the other, with no pause between them.
  ///
  /// Each of these opens the circuit, so it can only be closed by another event that is acknowledged meanwhile. Then
  /// there is a request of each size down to one event, and another one of that event, since it only counts against an
  /// event that had failed before.
  var mostWithoutPause: Int { halvings + 2 }

  /// How often an event comes back from `retry/` in a given time, before its attempts are used up.
  private static func returns(in time: Duration) -> Int {
    var end = Duration.zero
    return (1..<FakeOutbox.retryAttempts).prefix { number in
      end += retry.ceiling(afterFailures: number)
      return end <= time
    }.count
  }

  /// The longest fault-free part of a time.
  func longestHealth(from begin: Duration, to end: Duration) -> Duration {
    var (longest, from) = (Duration.zero, begin)
    for trouble in troubles where trouble.until > begin && trouble.from < end {
      longest = max(longest, trouble.from - from)
      from = max(from, trouble.until)
    }
    return max(longest, end - from)
  }

  /// How long an event may wait once the webhook is well.
  ///
  /// The next probe is due within an interval after the last one has timed out. If it carries refused events, the event
  /// is delayed by two more: only after two answers does the third carry other content. Then there is a minute for the
  /// batches before, and the tick.
  var longestWait: Duration { Self.longestProbe * 3 + .seconds(tick) + .seconds(60) }

  /// Before the first probe.
  static let shortestPause = Duration.seconds(5)

  /// An interval and a timeout.
  static let longestProbe = Duration.seconds(300 + 10)
}

extension EndpointModel.Period {
  init(from: Duration, until: Duration, using random: inout SplitMix) {
    let faults = EndpointModel.Fault.allCases.filter { $0 != .slow }
    let (one, other) = (
      EndpointModel.Fault.allCases.randomElement(using: &random), faults.randomElement(using: &random)
    )
    let isMixed = Int.random(in: 0..<4, using: &random) == 0
    let json = WebhookRequest.Header("Content-Type", "application/json")
    self.init(
      from: from, until: until,
      kinds: [one, isMixed && one != .slow ? other : nil].compactMap(\.self),
      misconfiguration: [
        .status(401), .status(403, body: "Authorization data is wrong!"), .status(302), .status(405), .status(410),
        .status(404, body: Self.notRegistered), .status(200, headers: [json]),
        .status(400, body: #"{"code":0,"message":"Node \"X\" uses invalid credential"}"#),
        .status(500, body: #"{"code":0,"message":"No Respond to Webhook node found in the workflow"}"#),
      ].randomElement(using: &random) ?? .status(401),
      refusal: .status([400, 409, 413, 422].randomElement(using: &random) ?? 400, body: "no"))
  }

  private static var notRegistered: String {
    #"{"code":404,"message":"The requested webhook \"POST x\" is not registered.","hint":""}"#
  }

  /// An active workflow accepts POST.
  static var isThere: HTTPAnswer {
    HTTPAnswer(
      status: 204, headers: [WebhookRequest.Header("Access-Control-Allow-Methods", "OPTIONS, POST")], body: [])
  }

  /// The stage of a start.
  private func start(at now: Duration) -> EndpointModel.Reaction.Answer {
    switch (now - from) / (until - from) {
    case ..<0.4: .unreached
    case ..<0.6: .status(200, body: "n8n is starting up. Please wait")
    case ..<0.8: .status(404, body: "<pre>Cannot POST /webhook/x</pre>")
    default: .status(404, body: Self.notRegistered)
    }
  }

  func reaction(_ kind: EndpointModel.Fault, at now: Duration, using random: inout SplitMix) -> EndpointModel.Reaction {
    switch kind {
    case .down: EndpointModel.Reaction(.unreached)
    case .gateway: EndpointModel.Reaction(.status([502, 503, 504, 524].randomElement(using: &random) ?? 502))
    case .failing: EndpointModel.Reaction(.status(500, body: #"{"message":"Error in workflow"}"#))
    case .full:
      EndpointModel.Reaction(
        .status(
          [429, 503].randomElement(using: &random) ?? 503,
          headers: [WebhookRequest.Header("Retry-After", "\(Int.random(in: 1...60, using: &random))")]))
    case .misconfigured: EndpointModel.Reaction(misconfiguration)
    case .refusing: EndpointModel.Reaction(refusal)
    case .hanging, .queueing: EndpointModel.Reaction(.none, isObeyed: true)
    case .closing: EndpointModel.Reaction(.reset, isObeyed: true)
    case .starting: EndpointModel.Reaction(start(at: now))
    case .slow: .taken
    }
  }

  /// Its answer to an inquiry without an event; nil: as if it were well.
  func inquired(at now: Duration) -> HTTPAnswer? {
    if kinds == [.misconfigured], case .status(404, let body, _) = misconfiguration {
      return HTTPAnswer(status: 404, body: Array(body.utf8))
    }
    guard kinds == [.starting], case .status(let status, let body, _) = start(at: now) else { return nil }
    return HTTPAnswer(status: status, body: Array(body.utf8))
  }
}
