import EventStore
import Events
import Forwarding
import Logging
import Synchronization
import TestSupport
import Testing

/// Events that never get through, before and among others that would.
@Suite(.onlyInFullRuns, .timeLimit(.minutes(10)))
struct StarvationTests {
  private let clock = ManualClock()
  private let outbox = FakeOutbox()
  private let lines = LogKeeper.Lines()

  private func service(
    _ exchange: ScriptedExchange, _ change: (inout ForwardingOptions) -> Void = { _ in }
  ) throws -> Forwarder {
    try scriptedForwarder(exchange, outbox, clock, lines, change)
  }

  /// Lets time pass until something is so; at most so much.
  private func pass(
    _ limit: Duration, until isMet: @Sendable (isolated FakeOutbox) -> Bool, at place: SourceLocation = #_sourceLocation
  ) async throws {
    let end = clock.uptime() + limit
    while await !isMet(outbox), clock.uptime() < end {
      clock.advance(by: .seconds(1))
      for _ in 0..<20 { await Task.yield() }
      try await Task.sleep(for: .milliseconds(1))
    }
    #expect(await isMet(outbox), "not within \(limit)", sourceLocation: place)
  }

  /// Names those events in its answer.
  private static func naming(_ isNamed: @escaping @Sendable (Int64) -> Bool) -> ScriptedExchange {
    ScriptedExchange { request, _ in
      let results = request.eventNumbers.filter(isNamed).map { #"{"eventId":"evt_\#($0)","status":"ok"}"# }
      return .answer(200, body: #"{"results":[\#(results.joined(separator: ","))]}"#)
    }
  }

  /// Fails as n8n does where one of the events is not greater than this.
  private static func failing(upTo limit: Int64) -> ScriptedExchange {
    ScriptedExchange { request, _ in
      request.eventNumbers.contains { $0 <= limit }
        ? .answer(500, body: #"{"message":"Error in workflow"}"#) : .answer(200)
    }
  }

  @Test func `Batches that no answer names let all others go first, and are never forgotten`() async throws {
    let exchange = Self.naming { $0 > 16 }
    await outbox.add(1...18)
    let service = try service(exchange) { $0.acknowledge = .results }
    try await running(service) {
      try await pass(.seconds(120)) { $0.acknowledgements.count == 1 }
      // Three attempts at the first batch, then a probe of each other one.
      #expect(exchange.sent.count == 7 && exchange.sent.last == [17, 18], "\(exchange.sent)")
      #expect(await outbox.pendingNumbers == Array(1...16))
      // What comes then waits for its tick, not for those, however often they are tried.
      for number in Int64(19)...40 {
        await outbox.add(number...number)
        service.notify()
        try await pass(.seconds(12)) { $0.acknowledgements.last?.events == [number] }
        try await pass(.seconds(200)) { [end = clock.uptime() + .seconds(100), clock] _ in clock.uptime() >= end }
      }
      let tried = exchange.sent.filter { $0.contains { $0 <= 16 } }
      for number in Int64(1)...16 { #expect(tried.filter { $0.contains(number) }.count >= 2) }
      // No more than one of these batches in five minutes, once each had its turn: 22 times 112 seconds.
      #expect(tried.count <= 6 + 9, "\(tried.count)")
    }
    #expect(await outbox.pendingNumbers == Array(1...16))
    #expect(await outbox.failures.isEmpty)
    #expect(lines.at(.info).filter { $0.hasPrefix("forwarded") }.count == 23)
    #expect(await service.status().counts.openings == 1)
  }

  @Test func `Once the workflow names them, they go out one after the other`() async throws {
    let exchange = Self.naming { [clock] in $0 > (clock.uptime() < .seconds(2000) ? 16 : 0) }
    await outbox.add(1...18)
    try await running(try service(exchange) { $0.acknowledge = .results }) {
      try await pass(.seconds(1600)) { $0.pendingNumbers.isEmpty }
    }
    let late = exchange.sent.suffix(4)
    #expect(Set(late) == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]], "\(exchange.sent)")
  }

  @Test func `Each run that ends by itself gives those a turn that were put off before, and its own only one`()
    async throws
  {
    let named = Mutex<Set<Int64>>([2])
    let exchange = Self.naming { number in named.withLock { $0.contains(number) } }
    let change = { (options: inout ForwardingOptions) in
      options.acknowledge = .results
      options.attempts = 1
    }
    await outbox.add(1...2)
    _ = try await service(exchange, change).drain()
    #expect(await outbox.pendingNumbers == [1])
    #expect(exchange.sent == [[1, 2]])
    named.withLock { $0 = [1, 4] }
    await outbox.add(3...4)
    _ = try await service(exchange, change).drain()
    #expect(await outbox.pendingNumbers == [3])
    #expect(
      exchange.sent == [[1, 2], [3, 4], [1, 3]] || exchange.sent == [[1, 2], [3, 4], [1]], "\(exchange.sent)")
  }

  @Test func `They get a turn also where something else is always there`() async throws {
    let exchange = Self.naming { [clock] in $0 > (clock.uptime() < .seconds(1300) ? 4 : 0) }
    await outbox.add(1...8)
    try await running(try service(exchange) { $0.acknowledge = .results }) {
      var next: Int64 = 9
      while await !outbox.acknowledgements.contains(where: { $0.events == [1, 2, 3, 4] }), next < 20_000 {
        await outbox.add(next...(next + 39))
        next += 40
        try await pass(.seconds(30)) { [next] in $0.pendingNumbers.filter { $0 > 4 && $0 < next - 8 }.isEmpty }
        clock.advance(by: .seconds(5))
      }
    }
    #expect(await outbox.acknowledgements.contains { $0.events == [1, 2, 3, 4] })
  }

  @Test func `Two hundred events that the workflow fails of hold up the fifty behind them only for a few probes`()
    async throws
  {
    let exchange = Self.failing(upTo: 200)
    await outbox.add(1...250)
    let service = try service(exchange) { $0.maxEvents = 100 }
    try await running(service) {
      try await pass(.seconds(120)) { $0.acknowledgements.count == 1 }
      // Attempts at the first hundred and the search in them; then a hundred, ten, one and another one as probes.
      let before = try #require(exchange.sent.firstIndex(of: Array(201...250)))
      #expect(before <= 3 + 8 + 4, "\(exchange.sent.map(\.count))")
      // Then the others of them get their attempts, too, and wait in `retry/`.
      try await pass(.seconds(300)) { $0.pendingNumbers.isEmpty }
    }
    #expect(await outbox.failures.map(\.event.sequence).sorted() == Array(1...200))
    #expect(exchange.sent.count <= 40, "\(exchange.sent.count)")
  }

  @Test func `Good events get the next probe where all that waits is what the workflow fails of`() async throws {
    let exchange = Self.failing(upTo: 4)
    await outbox.add(1...1)
    let service = try service(exchange) { $0.attempts = 1 }
    try await running(service) {
      // One has failed by itself, which opens the circuit; three more are tried as probes.
      await outbox.wait { $0.failures.count == 1 }
      await outbox.add(2...4)
      try await pass(.seconds(3600)) { [exchange] _ in exchange.requests.count >= 12 }
      #expect(await outbox.pendingNumbers == [2, 3, 4])
      await outbox.add(5...5)
      service.notify()
      try await pass(.seconds(312)) { $0.acknowledgements.count == 1 }
      #expect(exchange.sent[12] == [5], "\(exchange.sent)")
      try await pass(.seconds(300)) { $0.pendingNumbers.isEmpty }
    }
    #expect(await outbox.failures.count == 4)
  }

  @Test func `One bad event among each hundred does not keep the circuit open`() async throws {
    let exchange = ScriptedExchange { request, number in
      if number <= 3 { return .answer(503) }
      // Every hundredth.
      return String(decoding: request.body, as: UTF8.self).contains("50\"")
        ? .answer(500, body: #"{"message":"Error in workflow"}"#) : .answer(200)
    }
    await outbox.add(1...400)
    let service = try service(exchange) { $0.maxEvents = 100 }
    try await running(service) {
      try await pass(.seconds(120)) { $0.acknowledgements.count >= 1 }
      #expect(exchange.sent.prefix(5).map(\.count) == [100, 100, 100, 100, 10])
      try await pass(.seconds(600)) { $0.pendingNumbers.isEmpty }
    }
    #expect(await service.status().counts.openings == 1)
  }
}
