import EventStore
import Events
import Forwarding
import Glibc
import Synchronization
import TestSupport
import Testing
import Time

/// Webhooks that are at fault in any mixture and order, and events that are, against the sentences of
/// Documentation/contract.md, "Forwarding".
@Suite(.onlyInFullRuns, .timeLimit(.minutes(10))) struct EndpointModelTests {
  /// `EVENTDROP_MODEL_RUNS` in the environment says how many (48), `EVENTDROP_MODEL_SEED` the first (1).
  private static let seeds: Range<UInt64> = {
    func number(_ name: String, or other: UInt64) -> UInt64 {
      getenv(name).flatMap { UInt64(String(cString: $0)) } ?? other
    }
    let first = number("EVENTDROP_MODEL_SEED", or: 1)
    return first..<(first + number("EVENTDROP_MODEL_RUNS", or: 48))
  }()

  @Test
  func
    `No event is lost, none is blamed for what is not its fault, none waits longer than it must, and the order stays`()
    throws
  {
    for seed in Self.seeds { try check(seed) }
  }

  private func check(_ seed: UInt64) throws {
    let simulation = Simulation()
    let outbox = FakeOutbox()
    let model = EndpointModel(seed: seed, from: simulation.clock.uptime())
    let endpoint = SimulatedEndpoint(simulation.clock) { model.reaction(to: $0, at: $1) }
    try simulation.forwarding(
      to: endpoint, from: outbox, seed: seed,
      {
        $0.maxEvents = 10
        $0.attempts = 3
      },
      { forwarder in
        try await model.pass(simulation.clock, outbox, forwarder)
      })
    let (acknowledged, failures, givenBack) = try simulation.run {
      await (outbox.acknowledgements.flatMap(\.events), outbox.failures, outbox.givenBackNumbers)
    }
    let good = Set(model.arrivals.keys).subtracting(model.poison)
    #expect(
      Set(acknowledged).isSuperset(of: good),
      "seed \(seed): \(good.subtracting(acknowledged).sorted()) of \(model.arrivals.count)")
    #expect(Set(acknowledged).isDisjoint(with: model.poison), "seed \(seed)")
    // Five charges would be the end of an event.
    var charges: [Int64: Int] = [:]
    for failure in failures where failure.reason == .rejected { charges[failure.event.sequence, default: 0] += 1 }
    for number in givenBack { charges[number, default: 0] -= 1 }
    #expect(charges.filter { good.contains($0.key) && $0.value >= 5 }.isEmpty, "seed \(seed): \(charges)")
    // While nothing went through, only attempts, searches and probes were sent.
    let inVain = endpoint.requests.count { model.isAtFault(at: $0.at) }
    #expect(inVain <= model.mostInVain, "seed \(seed): \(inVain) of \(model.mostInVain)")
    let surprises = Self.surprises(endpoint.requests, model.poison)
    for number in good {
      guard let arrived = model.arrivals[number], let taken = endpoint.taken[number] else { continue }
      let waited = model.longestHealth(from: arrived, to: taken)
      let surprising = surprises.count { arrived <= $0 && $0 <= taken }
      #expect(
        waited <= model.longestWait + .seconds(600) * surprising,
        """
        seed \(seed): \(number) waited \(waited), from \(arrived) to \(taken); \(model)
        \(endpoint.requests.filter { $0.at >= arrived - .seconds(900) && $0.at <= taken }.map { "\($0.at) \($0.events)" }.joined(separator: "\n"))
        """)
    }
    let single = Set(endpoint.requests.filter { $0.events.count == 1 }.flatMap(\.events))
    let others = acknowledged.filter { good.contains($0) && !single.contains($0) }
    #expect(others == others.sorted(), "seed \(seed): \(others)")
  }
}

extension EndpointModelTests {
  /// When a probe carried one single event that is never taken, and that nobody could know: it costs one probe, and the next
  /// one is of the oldest again.
  fileprivate static func surprises(_ requests: [(at: Duration, events: [Int64])], _ poison: Set<Int64>) -> [Duration] {
    var known: Set<Int64> = []
    return zip(requests, requests.dropFirst()).compactMap { request, next in
      guard request.events.count == 1, poison.contains(request.events[0]), known.insert(request.events[0]).inserted,
        next.at - request.at >= .seconds(100)
      else { return nil }
      return request.at
    }
  }
}

/// What a webhook is like at each time, and which events it never takes.
private final class EndpointModel: Sendable, CustomStringConvertible {
  enum Fault: CaseIterable {
    case down, gateway, full, misconfigured, refusing, hanging, starting, slow
  }

  private struct State {
    var random: SplitMix
    var arrivals: [Int64: Duration] = [:]
  }

  let poison: Set<Int64>
  private let faults: [(from: Duration, until: Duration, kind: Fault)]
  /// How the webhook refuses what it never takes.
  private let refusal: SimulatedEndpoint.Reaction
  /// What it takes for each event while it is slow.
  private let slowness: Duration
  private let lastArrival: Duration
  private let end: Duration
  private let state: Mutex<State>

  init(seed: UInt64, from begin: Duration) {
    var random = SplitMix(state: seed)
    var faults: [(from: Duration, until: Duration, kind: Fault)] = []
    var from = begin + .seconds(Int.random(in: 0...60, using: &random))
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let length = Duration.seconds(Int.random(in: 5...900, using: &random))
      faults.append((from, from + length, Fault.allCases.randomElement(using: &random) ?? .down))
      from += length + .seconds(Int.random(in: 0...300, using: &random))
    }
    self.faults = faults
    lastArrival = from
    // After the last fault, long enough for each probe, and for what comes back from `retry/`.
    end = from + .seconds(3000)
    var poison: Set<Int64> = []
    for _ in 0..<Int.random(in: 0...6, using: &random) { poison.insert(Int64.random(in: 1...80, using: &random)) }
    self.poison = poison
    let refusals: [SimulatedEndpoint.Reaction] = [
      .init(.status(422)), .init(.status(400)), .init(.status(403)), .init(.status(302)), .init(.status(409)),
      .init(.status(502)), .init(.status(500, body: #"{"message":"Error in workflow"}"#)), .init(.status(413)),
      .init(.none), .init(.reset),
    ]
    refusal = refusals.randomElement(using: &random) ?? refusals[0]
    slowness = .milliseconds(Int.random(in: 300...4000, using: &random))
    state = Mutex(State(random: random))
  }

  var description: String {
    "\(poison.sorted()) are refused with \(refusal.answer); "
      + faults.map { "\($0.kind) from \($0.from) to \($0.until)" }.joined(separator: ", ")
  }

  var arrivals: [Int64: Duration] { state.withLock(\.arrivals) }

  private func fault(at now: Duration) -> Fault? { faults.first { $0.from <= now && now < $0.until }?.kind }

  func isAtFault(at now: Duration) -> Bool { ![nil, .slow].contains(fault(at: now)) }

  /// What may be sent in vain at most: for each fault some attempts and a search, and the probes.
  var mostInVain: Int {
    faults.reduce(0) { $0 + 40 + Int(($1.until - $1.from) / .seconds(60)) * 3 }
  }

  /// The longest part of a time that was free of faults.
  func longestHealth(from begin: Duration, to end: Duration) -> Duration {
    var (longest, from) = (Duration.zero, begin)
    for fault in faults where fault.until > begin && fault.from < end {
      longest = max(longest, fault.from - from)
      from = fault.until
    }
    return max(longest, end - from)
  }

  /// Two probes, and what batches before it may take.
  var longestWait: Duration { .seconds(2 * 300 + 120) }

  func reaction(to events: [Int64], at now: Duration) -> SimulatedEndpoint.Reaction {
    switch fault(at: now) {
    case .down: return .init(.unreached)
    case .gateway: return .init(.status(502))
    case .full: return .init(.status(503, headers: [WebhookRequest.Header("Retry-After", "20")]))
    case .misconfigured: return .init(.status(401))
    case .refusing: return .init(.status(400, body: "no"))
    case .hanging: return .init(.none, isObeyed: true)
    case .starting: return .init(.status(200, body: "n8n is starting up. Please wait"))
    case .slow, nil: break
    }
    guard poison.isDisjoint(with: events) else { return refusal }
    return fault(at: now) == .slow
      ? .init(.status(200), isObeyed: true, after: slowness * events.count) : .taken
  }

  /// Lets events come until the end.
  func pass(_ clock: ManualClock, _ outbox: FakeOutbox, _ forwarder: Forwarder) async throws {
    var next: Int64 = 1
    var nextRetry = clock.uptime() + .seconds(600)
    while clock.uptime() < end {
      let now = clock.uptime()
      // Something always comes, so that what is refused has others beside it.
      let count = state.withLock { state in
        now > lastArrival
          ? (now < end - .seconds(1500) && Int.random(in: 0..<30, using: &state.random) == 0 ? 1 : 0)
          : Int.random(in: 0...2, using: &state.random)
      }
      if count > 0 {
        let numbers = next...(next + Int64(count) - 1)
        next = numbers.upperBound + 1
        state.withLock { state in for number in numbers { state.arrivals[number] = now } }
        await outbox.add(numbers)
        forwarder.notify()
      }
      // The clock of `retry/`.
      if now >= nextRetry {
        nextRetry = now + .seconds(120)
        _ = await outbox.bringBackRefused()
        forwarder.notify()
      }
      try await clock.sleep(for: .seconds(2))
    }
  }
}
