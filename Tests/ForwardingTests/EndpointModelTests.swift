import Events
import Failures
import Forwarding
import Glibc
import Synchronization
import TestSupport
import Testing
import Time

/// Webhooks with any mixture and order of faults, and events at fault, against the sentences of
/// Documentation/contract.md, "Forwarding".
@Suite(.onlyInFullRuns, .timeLimit(.minutes(10))) struct EndpointModelTests {
  /// `EVENTDROP_MODEL_RUNS` in the environment sets how many (48), `EVENTDROP_MODEL_SEED` the first (1).
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
    for seed in Self.seeds {
      let run = try EndpointRun(seed: seed)
      let problems = run.problems
      if !problems.isEmpty {
        let requests = Self.seeds.count == 1 ? "\n\(run.requests)" : ""
        Issue.record("seed \(seed): \(problems.joined(separator: "; ")); \(run.model)\(requests)")
      }
    }
  }
}

/// What a forwarder did with one of these webhooks.
private struct EndpointRun {
  let model: EndpointModel
  private let asked: [SimulatedEndpoint.Request]
  private let taken: [Int64: Duration]
  private let acknowledged: [Int64]
  /// What was ever set aside as refused.
  private let refused: Set<Int64>
  private let failed: Set<Int64>
  /// What is pending or set aside at the end.
  private let left: Set<Int64>
  /// What was set aside without being pending.
  private let strays: [Int64]

  init(seed: UInt64) throws {
    let simulation = Simulation()
    let outbox = FakeOutbox()
    let model = EndpointModel(seed: seed, from: simulation.clock.uptime())
    let endpoint = SimulatedEndpoint(
      simulation.clock, inquiry: { model.inquired(at: $0) }, { model.reaction(to: $0, at: $1) })
    var settings = try ForwardingOptions.simulated
    try model.configure(&settings)
    try simulation.forwarding(
      to: endpoint, from: outbox, seed: seed, { [settings] in $0 = settings },
      { forwarder in
        try await model.pass(simulation.clock, outbox, forwarder)
      })
    (acknowledged, refused, failed, left, strays) = try simulation.run {
      await (
        outbox.acknowledgements.flatMap(\.events),
        Set(outbox.failures.lazy.filter { $0.reason == .rejected }.map(\.event.sequence)), outbox.failedForGood,
        Set(outbox.pendingNumbers + outbox.setAside.map(\.event.sequence)), outbox.strays
      )
    }
    (self.model, asked, taken) = (model, endpoint.requests, endpoint.taken)
  }

  private var good: Set<Int64> { Set(model.arrivals.keys).subtracting(model.poison) }

  /// Which sentences do not hold, each with the evidence.
  var problems: [String] {
    [lost, blamed, stray, repeated, late, inVain, disordered].compactMap(\.self)
  }

  /// No event is lost: everything acceptable was accepted, and only that counts as accepted; the rest is where it can
  /// be seen.
  private var lost: String? {
    let good = good
    let missing = good.subtracting(acknowledged)
    let untrue = Set(acknowledged).filter { taken[$0] == nil }
    let nowhere = Set(model.arrivals.keys).subtracting(acknowledged).subtracting(left)
    guard !missing.isEmpty || !untrue.isEmpty || !nowhere.isEmpty || acknowledged.count > good.count else { return nil }
    return "lost: \(missing.sorted()) not taken, \(untrue.sorted()) only said to be, \(nowhere.sorted()) nowhere"
  }

  /// None is in `failed/` that would have been accepted.
  private var blamed: String? {
    let wronged = failed.subtracting(model.poison)
    return wronged.isEmpty ? nil : "blamed: \(wronged.sorted())"
  }

  /// None is set aside again that was already set aside: while one request holds it, no other does.
  private var stray: String? {
    strays.isEmpty ? nil : "set aside again: \(strays)"
  }

  /// What got no answer may still be processed: it is not sent again at once, except in ever smaller parts while others
  /// go through.
  private var repeated: String? {
    var ends: [Int64: (at: Duration, count: Int)] = [:]
    for request in asked {
      for number in request.events {
        let before = ends[number].flatMap { request.at - $0.at < EndpointModel.shortestPause ? $0.count : nil } ?? 0
        ends[number] = request.unanswered.map { ($0, before + 1) }
        guard request.unanswered != nil, before >= model.mostWithoutPause else { continue }
        return "repeated: \(number) was sent \(before + 1) times without an answer, until \(request.at)"
      }
    }
    return nil
  }

  /// None of the others is later than two probes after the webhook is well.
  private var late: String? {
    let surprises = surprises
    for number in good.sorted() {
      guard let arrived = model.arrivals[number], let taken = taken[number], taken - arrived > model.longestWait
      else { continue }
      let waited = model.longestHealth(from: arrived, to: taken)
      let surprising = surprises.count { arrived <= $0 && $0 <= taken }
      if waited > model.longestWait + EndpointModel.longestProbe * 2 * surprising {
        return "late: \(number) waited \(waited), from \(arrived) to \(taken)"
      }
    }
    return nil
  }

  /// When a probe carried a single event that is never accepted, which could not be known, and nothing went through
  /// until the next probe: this costs both, since the next one again carries the oldest.
  private var surprises: [Duration] {
    var known: Set<Int64> = []
    return asked.indices.compactMap { index in
      let request = asked[index]
      guard request.events.count == 1, model.poison.contains(request.events[0]),
        known.insert(request.events[0]).inserted
      else { return nil }
      // If it was refused alone, others were sent at once.
      let others = asked[index...].indices.dropFirst().prefix { asked[$0].at - asked[$0 - 1].at < .seconds(100) }
      guard others.endIndex < asked.endIndex, others.allSatisfy({ !asked[$0].isTaken }) else { return nil }
      return request.at
    }
  }

  /// While nothing goes through, only probes are sent, and what attempts, searches and returns from `retry/` require.
  private var inVain: String? {
    var (first, count) = (Duration.zero, 0)
    for request in asked {
      if request.isTaken { count = 0 } else { count += 1 }
      if count == 1 { first = request.at }
      let most = model.mostInVain(from: first, to: request.at)
      if count > most { return "in vain: \(count) requests from \(first) to \(request.at), not \(most)" }
    }
    return nil
  }

  /// The order is kept, except for refused events, and for single events that show whose fault it is.
  private var disordered: String? {
    guard model.isInOrder else { return nil }
    var newest: Int64 = 0
    var seen: Set<Int64> = []
    for (index, request) in asked.enumerated() where request.isTaken {
      if request.events.count == 1, index > 0, !asked[index - 1].isTaken { continue }
      for number in request.events where !refused.contains(number) && seen.insert(number).inserted {
        guard number > newest else { return "disordered: \(number) after \(newest), at \(request.at)" }
        newest = number
      }
    }
    return nil
  }

  /// Each of them, one per line.
  var requests: String {
    asked.map { "\($0.at) \($0.events) \($0.isTaken ? "taken" : "in vain")" }.joined(separator: "\n")
  }
}
