import EventStore
import Events
import Forwarding
import Schedules
import Synchronization
import TestSupport
import Testing

/// Webhooks that are at fault in any mixture, and events that are, against the sentences of Documentation/contract.md,
/// "Forwarding".
@Suite(.onlyInFullRuns, .timeLimit(.minutes(10))) struct EndpointModelTests {
  @Test(arguments: 1...12) func `No event is lost, none is blamed for what is not its fault, and the order stays`(
    seed: Int
  ) async throws {
    let clock = ManualClock()
    let outbox = FakeOutbox()
    let lines = LogKeeper.Lines()
    let model = EndpointModel(seed: UInt64(seed), clock)
    let exchange = ScriptedExchange { request, _ in model.answer(request.eventNumbers) }
    let forwarder = try scriptedForwarder(exchange, outbox, clock, lines) {
      $0.maxEvents = 10
      $0.attempts = 3
    }
    try await running(forwarder) {
      let step = Duration.seconds(2)
      while clock.uptime() < model.end {
        let arriving = model.arrivals(in: step)
        if let last = arriving.last {
          await outbox.add(arriving.lowerBound...last)
          forwarder.notify()
        }
        // The clock of `retry/`.
        if model.isRetryDue() { _ = await outbox.bringBackRefused() }
        clock.advance(by: step)
        for _ in 0..<10 { await Task.yield() }
        try await Task.sleep(for: .microseconds(300))
      }
    }
    let acknowledged = await outbox.acknowledgements.flatMap(\.events)
    let good = Set(model.all).subtracting(model.poison)
    #expect(
      Set(acknowledged).isSuperset(of: good),
      "seed \(seed): \(good.subtracting(acknowledged).sorted()) of \(model.all.count)")
    #expect(Set(acknowledged).isDisjoint(with: model.poison))
    // Five charges would be the end of an event.
    var charges: [Int64: Int] = [:]
    for failure in await outbox.failures where failure.reason == .rejected {
      charges[failure.event.sequence, default: 0] += 1
    }
    for number in await outbox.givenBackNumbers { charges[number, default: 0] -= 1 }
    #expect(charges.filter { good.contains($0.key) && $0.value >= 5 }.isEmpty, "seed \(seed): \(charges)")
    // While nothing went through, only attempts, one search and probes were sent.
    #expect(model.requestsInVain <= model.mostInVain, "seed \(seed): \(model.requestsInVain) of \(model.mostInVain)")
    let isInOrder = model.inOrder(acknowledged.filter(good.contains))
    #expect(isInOrder, "seed \(seed): \(acknowledged)")
  }
}

/// What a webhook is like at each time, and which events it never takes.
private final class EndpointModel: Sendable {
  enum Fault: CaseIterable {
    case down, gateway, full, misconfigured, refusing, hanging, starting
  }

  private struct State {
    var random: SplitMix
    var next: Int64 = 1
    var nextRetry: Duration
    var inVain = 0
    var single: Set<Int64> = []
  }

  let end: Duration
  let poison: Set<Int64>
  private let faults: [(from: Duration, until: Duration, kind: Fault)]
  /// How the webhook refuses what it never takes.
  private let refusal: ScriptedExchange.Step
  private let lastArrival: Duration
  private let clock: ManualClock
  private let state: Mutex<State>

  init(seed: UInt64, _ clock: ManualClock) {
    var random = SplitMix(state: seed)
    self.clock = clock
    let begin = clock.uptime()
    var faults: [(from: Duration, until: Duration, kind: Fault)] = []
    var from = begin + .seconds(Int.random(in: 0...60, using: &random))
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let length = Duration.seconds(Int.random(in: 5...900, using: &random))
      faults.append((from, from + length, Fault.allCases.randomElement(using: &random) ?? .down))
      from += length + .seconds(Int.random(in: 30...300, using: &random))
    }
    self.faults = faults
    lastArrival = from
    // After the last fault, long enough for each probe, and for what comes back from `retry/`.
    end = from + .seconds(3000)
    var poison: Set<Int64> = []
    for _ in 0..<Int.random(in: 0...6, using: &random) { poison.insert(Int64.random(in: 1...80, using: &random)) }
    self.poison = poison
    let refusals: [ScriptedExchange.Step] = [
      .answer(422), .answer(400), .answer(403), .answer(502), .answer(500, body: #"{"message":"Error in workflow"}"#),
      .answer(413),
    ]
    refusal = refusals.randomElement(using: &random) ?? .answer(422)
    state = Mutex(State(random: random, nextRetry: begin + .seconds(600)))
  }

  var all: ClosedRange<Int64> { 1...max(state.withLock(\.next) - 1, 1) }
  var requestsInVain: Int { state.withLock(\.inVain) }

  /// What may be sent in vain at most: for each fault and each bad event some searches, and the probes.
  var mostInVain: Int {
    let long = faults.reduce(Duration.zero) { $0 + ($1.until - $1.from) }
    return 60 + faults.count * 40 + poison.count * 5 * 25 + Int(long / .seconds(60)) * 3
  }

  func answer(_ events: [Int64]) -> ScriptedExchange.Step {
    let now = clock.uptime()
    let fault = faults.first { $0.from <= now && now < $0.until }
    return state.withLock { state in
      if events.count == 1 { state.single.formUnion(events) }
      if let fault {
        state.inVain += 1
        switch fault.kind {
        case .down: return .failure(.network)
        case .gateway: return .answer(502)
        case .full: return .answer(503, headers: [WebhookRequest.Header("Retry-After", "20")])
        case .misconfigured: return .answer(401)
        case .refusing: return .answer(400, body: "no")
        case .hanging: return .unanswered
        case .starting: return .answer(200, body: "n8n is starting up. Please wait")
        }
      }
      guard poison.isDisjoint(with: events) else {
        state.inVain += 1
        return refusal
      }
      return .answer(200)
    }
  }

  func arrivals(in step: Duration) -> Range<Int64> {
    let now = clock.uptime()
    let isOver = now > lastArrival
    guard now < end - .seconds(120) else { return state.withLock { $0.next..<$0.next } }
    return state.withLock { state in
      // Something always comes, so that what is refused has others beside it.
      let count = Int64(
        isOver
          ? (Int.random(in: 0..<30, using: &state.random) == 0 ? 1 : 0) : Int.random(in: 0...2, using: &state.random))
      defer { state.next += count }
      return state.next..<(state.next + count)
    }
  }

  func isRetryDue() -> Bool {
    let now = clock.uptime()
    return state.withLock { state in
      guard now >= state.nextRetry else { return false }
      state.nextRetry = now + .seconds(120)
      return true
    }
  }

  /// Whether these are in order, but for those that were sent alone at any time.
  func inOrder(_ events: [Int64]) -> Bool {
    let single = state.withLock(\.single)
    let others = events.filter { !single.contains($0) }
    return zip(others, others.dropFirst()).allSatisfy { $0 < $1 }
  }
}
