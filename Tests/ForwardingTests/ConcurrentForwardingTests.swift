import EventStore
import Events
import Forwarding
import TestSupport
import Testing
import Time

/// Several requests under way, in simulated time.
@Suite(.tags(.fast)) struct ConcurrentForwardingTests {
  private let simulation = Simulation()
  private let outbox = FakeOutbox()

  private func acknowledged() throws -> [Int64] {
    try simulation.run { [outbox] in await outbox.acknowledgements.flatMap(\.events).sorted() }
  }

  @Test func `What was set aside while another request was under way comes back once that one is acknowledged`()
    throws
  {
    let begin = simulation.clock.uptime()
    // The first batch fails at once; the second one is acknowledged later, and closes the circuit before any probe.
    let endpoint = SimulatedEndpoint(simulation.clock) { events, now in
      if events.contains(5) { return .init(.status(200), isObeyed: true, after: .seconds(3)) }
      return now - begin < .seconds(1) ? .init(.status(502)) : .taken
    }
    let (clock, outbox) = (simulation.clock, outbox)
    try simulation.forwarding(
      to: endpoint, from: outbox,
      {
        $0.concurrency = 2
        $0.maxEvents = 4
        $0.attempts = 1
      },
      { forwarder in
        await outbox.add(1...8)
        forwarder.notify()
        try await clock.sleep(for: .seconds(3_600))
      })
    #expect(try acknowledged() == Array(1...8))
    #expect(endpoint.requests.last.map { $0.at - begin < .seconds(10) } == true, "\(endpoint.requests)")
    #expect(try simulation.run { await outbox.setAside.isEmpty })
  }

  @Test func `After a probe that was only refused, one batch at a time goes out, and none has attempts`() throws {
    let begin = simulation.clock.uptime()
    let endpoint = SimulatedEndpoint(simulation.clock) { events, now in
      if now - begin > .seconds(14) { return .taken }
      return events == [1, 2, 3, 4] && now - begin > .seconds(4) ? .init(.status(400)) : .init(.status(503))
    }
    let (clock, outbox) = (simulation.clock, outbox)
    try simulation.forwarding(
      to: endpoint, from: outbox,
      {
        $0.concurrency = 3
        $0.maxEvents = 4
        $0.attempts = 2
      },
      { forwarder in
        await outbox.add(1...40)
        forwarder.notify()
        try await clock.sleep(for: .seconds(3_600))
      })
    let afterwards = endpoint.requests.filter { .seconds(4)..<(.seconds(14)) ~= $0.at - begin }
    #expect(afterwards.map(\.events) == [[1, 2, 3, 4], [1, 2]])
    // It was still the same outage: the next probe is due after twice the interval.
    let next = endpoint.requests.first { $0.at - begin >= .seconds(14) }
    #expect(next.flatMap { next in afterwards.last.map { next.at - $0.at >= .seconds(10) } } == true)
    // Once an event is acknowledged, several are under way again.
    #expect(Dictionary(grouping: endpoint.requests.suffix(8), by: \.at).values.contains { $0.count == 3 })
    #expect(try acknowledged() == Array(1...40))
  }
}
