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

  @Test func `What had no answer is not sent again by the one who sent it, whatever closes the circuit meanwhile`()
    throws
  {
    let begin = simulation.clock.uptime()
    // Both batches are answered at the same moment: the first opens the circuit, and the second closes it at once.
    let endpoint = SimulatedEndpoint(simulation.clock) { events, now in
      let time = now == begin ? Duration.seconds(1) : .milliseconds(20)
      return events.contains(3)
        ? .init(.reset, isObeyed: true, after: time) : .init(.status(200), isObeyed: true, after: time)
    }
    let (clock, outbox) = (simulation.clock, outbox)
    try simulation.forwarding(
      to: endpoint, from: outbox,
      {
        $0.concurrency = 2
        $0.maxEvents = 4
      },
      { forwarder in
        await outbox.add(1...8)
        forwarder.notify()
        for number in Int64(9)...12 {
          try await clock.sleep(for: .seconds(60))
          await outbox.add(number...number)
        }
        try await clock.sleep(for: .seconds(60))
      })
    // It is sent with fewer and fewer others.
    #expect(endpoint.requests.filter { $0.events.contains(3) }.map(\.events) == [[1, 2, 3, 4], [3, 4], [3]])
    #expect(try acknowledged() == [1, 2] + Array(4...12))
    #expect(try simulation.run { await outbox.failures.map(\.event.sequence) } == [3])
  }

  @Test func `Several events without an answer are sought at a time, each in ever smaller parts`() throws {
    // Each batch has one of them.
    let endpoint = SimulatedEndpoint(simulation.clock) { events, _ in
      events.contains { $0 % 10 == 4 } ? .init(.reset, isObeyed: true) : .taken
    }
    let (clock, outbox) = (simulation.clock, outbox)
    try simulation.forwarding(
      to: endpoint, from: outbox,
      {
        $0.concurrency = 3
        $0.maxEvents = 10
      },
      { forwarder in
        await outbox.add(1...90)
        forwarder.notify()
        for number in Int64(91)...93 {
          try await clock.sleep(for: .seconds(600))
          await outbox.add(number...number)
        }
        try await clock.sleep(for: .seconds(600))
      })
    #expect(try acknowledged() == (1...93).filter { $0 % 10 != 4 })
    #expect(try simulation.run { await outbox.strays } == [])
    // Half of it each time, and the single event twice.
    #expect(endpoint.obeyed.values.allSatisfy { $0 <= 5 }, "\(endpoint.requests)")
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
