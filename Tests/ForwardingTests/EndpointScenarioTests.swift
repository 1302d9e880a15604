import Catalog
import Events
import Failures
import Forwarding
import TestSupport
import Testing
import Time

/// What Documentation/contract.md, "Forwarding", promises for a large backlog, at the default settings and in simulated
/// time.
@Suite(.onlyInFullRuns, .timeLimit(.minutes(5))) struct EndpointScenarioTests {
  private let simulation = Simulation()
  private let outbox = FakeOutbox()
  private let count: Int64 = 10_000

  private var all: Set<Int64> { Set(1...count) }

  private func fill() async { await outbox.add(1...count) }

  /// Waits until nothing that can be sent is pending, or the time is over.
  private func wait(atMost duration: Duration) async throws {
    let end = simulation.clock.uptime() + duration
    while await outbox.pendingNumbers != [], simulation.clock.uptime() < end {
      try await simulation.clock.sleep(for: .milliseconds(500))
    }
  }

  private static let refusals: [(String, SimulatedEndpoint.Reaction)] = [
    ("403", .init(.status(403, body: "blocked by the firewall"))), ("302", .init(.status(302))),
    ("404", .init(.status(404, body: "<h1>Not here</h1>"))), ("409", .init(.status(409))),
    ("502", .init(.status(502))), ("a time-out", .init(.none)), ("a reset", .init(.reset)),
  ]

  @Test(arguments: 0..<7) func `One event that is refused holds up ten thousand others for a minute at most`(
    refusal: Int
  ) throws {
    let (name, reaction) = Self.refusals[refusal]
    let culprit: Int64 = 5_050
    let endpoint = SimulatedEndpoint(simulation.clock) { events, _ in events.contains(culprit) ? reaction : .taken }
    let begin = simulation.clock.uptime()
    try simulation.forwarding(to: endpoint, from: outbox) { _ in
      await fill()
      try await wait(atMost: .seconds(3_600))
    }
    let end = try run { await outbox.acknowledgements.flatMap(\.events) }
    #expect(Set(end) == all.subtracting([culprit]), "\(name)")
    let last = try #require(endpoint.taken.values.max()) - begin
    #expect(last <= .seconds(60), "\(name): \(last)")
    let failures = try run { await outbox.failures }
    #expect(failures.last?.event.sequence == culprit, "\(name)")
  }

  private func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
    try simulation.run(body)
  }

  @Test func `Events that are refused in a row again and again keep no other from its turn`() throws {
    let clock = simulation.clock
    let endpoint = SimulatedEndpoint(clock) { events, _ in
      // As long as no others are waiting, the request that would judge them gets no answer, and they are given back.
      !events.allSatisfy { $0 > 3 } ? .init(.status(422)) : events.contains(4) ? .init(.none) : .taken
    }
    try simulation.forwarding(to: endpoint, from: outbox, { $0.maxEvents = 3 }) { _ in
      await outbox.add(1...4)
      try await clock.sleep(for: .seconds(3_600))
      #expect(await outbox.pendingNumbers == [1, 2, 3, 4])
      await outbox.add(5...6)
      try await clock.sleep(for: .seconds(330))
      #expect(await outbox.acknowledgements.flatMap(\.events) == [5, 6])
      #expect(await outbox.setAside.map(\.event.sequence).sorted() == [1, 2, 3, 4])
      #expect(await outbox.refusals == [1: 1, 2: 1, 3: 1, 4: 1])
    }
  }

  @Test func `A day in which all is refused costs a probe each interval, and no event`() throws {
    let clock = simulation.clock
    let begin = clock.uptime()
    let day = Duration.seconds(86_400)
    let endpoint = SimulatedEndpoint(clock) { _, now in
      now < begin + day ? .init(.status(400, body: "no")) : .taken
    }
    try simulation.forwarding(to: endpoint, from: outbox) { _ in
      await fill()
      try await clock.sleep(for: day)
      #expect(await outbox.setAside.count <= 100)
      try await wait(atMost: .seconds(3_600))
    }
    let inVain = endpoint.requests.filter { $0.at < begin + day }.count
    // Doubling from 5 s to 5 min: 6 probes in the first 5 min 15 s, then 12 an hour; and what it took to find out.
    #expect(inVain <= 320)
    let acknowledged = try run { await outbox.acknowledgements.flatMap(\.events) }
    #expect(Set(acknowledged) == all)
    let single = Set(endpoint.requests.filter { $0.events.count == 1 }.flatMap(\.events))
    let others = acknowledged.filter { !single.contains($0) }
    #expect(others == others.sorted())
  }

  @Test func `An hour without an answer makes no more copies than a batch and one for each probe`() throws {
    let clock = simulation.clock
    let begin = clock.uptime()
    let hour = Duration.seconds(3_600)
    let endpoint = SimulatedEndpoint(clock) { _, now in
      now < begin + hour ? .init(.none, isObeyed: true) : .taken
    }
    try simulation.forwarding(to: endpoint, from: outbox) { _ in
      await fill()
      try await clock.sleep(for: hour)
      try await wait(atMost: .seconds(3_600))
    }
    let probes = endpoint.requests.filter { $0.at < begin + hour }.count - 1
    let twice = endpoint.obeyed.values.count { $0 == 2 }
    #expect(endpoint.obeyed.values.allSatisfy { $0 <= 2 })
    #expect(twice <= 100 + probes)
    #expect(Set(endpoint.taken.keys) == all)
  }

  @Test(arguments: [AcknowledgeRule.status, .results]) func `A slow workflow is met by smaller batches`(
    rule: AcknowledgeRule
  ) throws {
    let clock = simulation.clock
    let endpoint = SimulatedEndpoint(clock) { events, _ in
      let results = events.map { #"{"eventId":"evt_\#($0)","status":"ok"}"# }.joined(separator: ",")
      return .init(
        .status(200, body: rule == .results ? #"{"results":[\#(results)]}"# : ""), isObeyed: true,
        after: .milliseconds(500) * events.count)
    }
    try simulation.forwarding(
      to: endpoint, from: outbox, { $0.acknowledge = rule },
      { _ in
        await fill()
        try await wait(atMost: .seconds(86_400))
      })
    #expect(Set(endpoint.taken.keys) == all)
    let copies = endpoint.obeyed.values.reduce(0, +)
    #expect(copies <= 2 * Int(count))
    #expect(endpoint.obeyed.values.allSatisfy { $0 <= 2 })
  }
}
