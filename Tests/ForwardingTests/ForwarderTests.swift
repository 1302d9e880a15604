import Catalog
import EventStore
import Events
import Failures
import Forwarding
import Logging
import Synchronization
import TestSupport
import Testing
import Time

@Suite("The forwarder", .tags(.fast), .timeLimit(.minutes(10)))
struct ForwarderTests {
  private let clock = ManualClock()
  private let outbox = FakeOutbox()
  private let lines = LogKeeper.Lines()

  private func service(
    _ exchange: ScriptedExchange, _ change: (inout ForwardingOptions) -> Void = { _ in }
  ) throws -> Forwarder {
    try scriptedForwarder(exchange, outbox, clock, lines, change)
  }

  @Test("What was left from before goes out at once, oldest first, and is noted")
  func leftovers() async throws {
    let exchange = ScriptedExchange(.answer(202))
    await outbox.add(1...6)
    await running(try service(exchange)) {
      await outbox.wait { $0.acknowledgements.count == 2 }
    }
    #expect(exchange.sent == [[1, 2, 3, 4], [5, 6]])
    let noted = await outbox.acknowledgements
    #expect(noted.map(\.events) == [[1, 2, 3, 4], [5, 6]])
    #expect(noted.map(\.status) == [202, 202])
    for (note, request) in zip(noted, exchange.requests) {
      #expect(request.headers.contains(WebhookRequest.Header("Idempotency-Key", note.batchId)))
      #expect(request.headers.contains(WebhookRequest.Header("Content-Type", "application/json")))
      #expect(request.headers.contains(WebhookRequest.Header("User-Agent", "eventdrop/test")))
    }
    #expect(
      exchange.bodies[1]
        == #"{"batchId":"\#(noted[1].batchId)","sentAt":"2026-11-23T12:00:00.000Z","timeoutMs":10000,"count":2,"events":[\#(FakeOutbox.record(5)),\#(FakeOutbox.record(6))]}"#
    )
  }

  @Test("A full batch leaves at once, the rest on the next tick")
  func ticks() async throws {
    let exchange = ScriptedExchange(.answer(200))
    let service = try service(exchange)
    await running(service) {
      await clock.waitForSleeper(for: .seconds(10))
      // Both looks at the start have found nothing.
      await outbox.wait { $0.emptyLooks >= 2 }
      await outbox.add(1...6)
      service.notify()
      await outbox.wait { $0.acknowledgements.count == 1 && $0.emptyLooks >= 3 }
      #expect(exchange.sent == [[1, 2, 3, 4]])
      clock.advance(by: .seconds(10))
      await outbox.wait { $0.acknowledgements.count == 2 }
      #expect(exchange.sent == [[1, 2, 3, 4], [5, 6]])
    }
  }

  @Test("What was stored leaves after its linger, with what was stored meanwhile; what comes during a request gathers")
  func linger() async throws {
    let exchange = ScriptedExchange(.answer(200))
    let service = try service(exchange) { $0.linger = .milliseconds(5) }
    await running(service) {
      await clock.waitForSleeper(for: .seconds(10))
      await outbox.wait { $0.emptyLooks >= 2 }
      await outbox.add(1...1)
      service.notify()
      await clock.waitForSleeper(for: .milliseconds(5))
      await outbox.add(2...3)
      service.notify()
      #expect(exchange.sent == [])
      clock.advance(by: .milliseconds(5))
      await outbox.wait { $0.acknowledgements.count == 1 }
      #expect(exchange.sent == [[1, 2, 3]])
    }
  }

  @Test("A clock that is set back does not stop the ticks")
  func clockSetBack() async throws {
    let exchange = ScriptedExchange(.answer(200))
    let service = try service(exchange)
    await running(service) {
      await clock.waitForSleeper(for: .seconds(10))
      await outbox.wait { $0.emptyLooks >= 2 }
      clock.set("2026-11-23T11:00:00.000Z")
      await outbox.add(1...1)
      clock.advance(by: .seconds(10))
      await clock.waitForSleeper(for: .seconds(10))
      clock.advance(by: .seconds(10))
      await outbox.wait { $0.acknowledgements.count == 1 }
    }
  }

  @Test("Each attempt at a set has the same batchId and its own time")
  func attempts() async throws {
    let exchange = ScriptedExchange(.answer(503), .failure(.timeout), .answer(200))
    await outbox.add(1...2)
    await running(try service(exchange)) {
      await clock.waitForSleeper(for: .seconds(1))
      #expect(exchange.requests.count == 1)
      clock.advance(by: .seconds(1))
      await clock.waitForSleeper(for: .seconds(2))
      #expect(exchange.requests.count == 2)
      clock.advance(by: .seconds(2))
      await outbox.wait { $0.acknowledgements.count == 1 }
    }
    #expect(Set(exchange.requests.compactMap { $0.headers.first { $0.name == "Idempotency-Key" } }).count == 1)
    #expect(Set(exchange.bodies).count == 3)
    #expect(lines.at(.warning).count == 2)
    #expect(await outbox.failures.isEmpty)
  }

  @Test("Attempts used up: files to retry, circuit open; the next probe has them back, at their old place")
  func usedUp() async throws {
    let exchange = ScriptedExchange(
      .answer(503), .answer(503), .answer(503, body: "Database is not ready!"), .answer(503), .answer(200))
    let service = try service(exchange)
    await outbox.add(1...6)
    await running(service) {
      await clock.waitForSleeper(for: .seconds(1))
      clock.advance(by: .seconds(1))
      await clock.waitForSleeper(for: .seconds(2))
      clock.advance(by: .seconds(2))
      await outbox.wait { $0.failures.count == 4 }
      await clock.waitForSleeper(for: .seconds(5))
      let interruption = await service.status().interruption
      #expect(interruption?.trouble.httpStatus == 503)
      #expect(interruption?.nextProbe == clock.now() + .seconds(5))
      #expect(exchange.requests.count == 3)
      clock.advance(by: .seconds(5))
      await clock.waitForSleeper(for: .seconds(10))
      #expect(exchange.sent.last == [1, 2, 3, 4])
      #expect(await outbox.setAside.isEmpty)
      clock.advance(by: .seconds(10))
      await outbox.wait { $0.acknowledgements.count == 2 }
    }
    #expect(await outbox.acknowledgements.map(\.events) == [[1, 2, 3, 4], [5, 6]])
    let failures = await outbox.failures
    #expect(failures.map(\.event.sequence) == [1, 2, 3, 4])
    #expect(failures.allSatisfy { $0.reason == .unreachable && $0.httpStatus == 503 })
    #expect(failures.first?.response == "Database is not ready!")
    #expect(await service.status().interruption == nil)
    // What passes within a minute is not an alarm.
    #expect(lines.at(.error).isEmpty && lines.at(.warning).filter { $0.contains("forwarding pauses") }.count == 1)
    #expect(lines.at(.notice).count == 1)
    #expect(lines.at(.notice).first?.contains("15s") == true)
  }

  @Test("While the endpoint is broken nobody's attempts are spent, for however long")
  func endpoint() async throws {
    let exchange = ScriptedExchange { _, number in
      number <= 8
        ? .answer(404, body: #"{"message":"The requested webhook \"POST x\" is not registered."}"#) : .answer(200)
    }
    let service = try service(exchange)
    await outbox.add(1...9)
    await running(service) {
      for wait in [5, 10, 20, 40, 80, 160, 300, 300] {
        await clock.waitForSleeper(for: .seconds(wait))
        #expect(await outbox.failures.isEmpty)
        clock.advance(by: .seconds(wait))
      }
      await outbox.wait { $0.acknowledgements.count == 3 }
    }
    #expect(exchange.requests.count == 11)
    // Every other probe carries another single event, since the answer may be about the content.
    let first = [Int64](1...4)
    #expect(exchange.sent.prefix(9) == [first, first, first, [5], first, [9], first, [6], first])
    #expect(await outbox.acknowledgements.map(\.events) == [first, [5, 6, 7, 8], [9]])
    let line = try #require(lines.at(.error).first)
    #expect(lines.at(.error).count == 1)
    #expect(line.contains("activate the workflow"))
    #expect(line.contains("https://n8n.example/webhook/x"))
    #expect(await service.status().counts.openings == 1)
    let notes = await outbox.notes
    // An earlier process may have left it open.
    #expect(notes.first?.state == .closed && notes.last?.state == .closed)
    let note = try #require(notes.dropFirst().first)
    #expect(note.state == .open && note.since == Timestamp(rfc3339: "2026-11-23T12:00:00.000Z"))
    #expect(note.until == Timestamp(rfc3339: "2026-11-23T12:00:05.000Z"))
    #expect(note.message?.text(in: .en).hasPrefix("n8n has no active webhook") == true)
    #expect(note.message?.advice?.text(in: .en).hasPrefix("activate the workflow") == true)
  }

  @Test("A workflow that fails of everything is probed at intervals that double, as any other that is away")
  func failsOfEverything() async throws {
    let exchange = ScriptedExchange(.answer(500, body: #"{"message":"Error in workflow"}"#))
    let hourly = try Schedule(["every 1h"])
    let service = try service(exchange) {
      $0.attempts = 1
      $0.schedule = hourly
    }
    await outbox.add(1...4)
    await running(service) {
      // Two events have failed alone, and the circuit has opened; all wait in `retry/`.
      await outbox.wait { $0.failures.count == 4 }
      await outbox.add(5...8)
      service.notify()
      // The first probes carry the oldest four; then every other one carries one that was not among those.
      for wait in [5, 10, 20, 40, 80, 160] {
        await clock.waitForSleeper(for: .seconds(wait))
        clock.advance(by: .seconds(wait))
      }
      await exchange.waitForRequests(10)
    }
    let first = [Int64](1...4)
    #expect(exchange.sent.suffix(6) == [first, first, [5], first, [8], first])
    #expect(exchange.requests.count == 10)
    #expect(await outbox.pendingNumbers == Array(1...8))
    #expect(await outbox.failures.allSatisfy { $0.reason == .unreachable })
  }

  @Test("A refused event is found, and the others go through in their order")
  func refused() async throws {
    let exchange = ScriptedExchange { request, _ in
      String(decoding: request.body, as: UTF8.self).contains("evt_3\"")
        ? .answer(422, body: "no such order") : .answer(200)
    }
    await outbox.add(1...4)
    await running(try service(exchange)) {
      await outbox.wait { $0.pendingNumbers.isEmpty }
    }
    #expect(exchange.sent == [[1, 2, 3, 4], [1, 2], [3, 4], [3], [4]])
    let failures = await outbox.failures
    #expect(failures.map(\.event.sequence) == [3])
    #expect(failures.first?.reason == .rejected)
    #expect(failures.first?.httpStatus == 422)
    #expect(failures.first?.response == "no such order")
  }

  @Test("Results decide about each event")
  func results() async throws {
    let exchange = ScriptedExchange(
      .answer(
        200,
        body:
          #"{"results":[{"eventId":"evt_1","status":"ok"},{"eventId":"evt_2","status":"reject","error":"unknown customer"}]}"#
      ), .answer(200, body: #"{"results":[{"eventId":"evt_3","status":"duplicate"}]}"#))
    await outbox.add(1...3)
    await running(try service(exchange) { $0.acknowledge = .results }) {
      // Events that are not named are sent with the next batch.
      await outbox.wait { $0.failures.count == 1 }
      await clock.waitForSleeper(for: .seconds(10))
      clock.advance(by: .seconds(10))
      await outbox.wait { $0.pendingNumbers.isEmpty }
    }
    #expect(exchange.sent == [[1, 2, 3], [3]])
    #expect(await outbox.acknowledgements.map(\.events) == [[1], [3]])
    let failure = try #require(await outbox.failures.first)
    #expect(failure.event.sequence == 2)
    #expect(failure.reason == .rejected)
    #expect(failure.message.description.contains("unknown customer"))
  }

  @Test("An answer that names none of the events is none: the circuit opens, and single ones are the probes")
  func unnamed() async throws {
    let exchange = ScriptedExchange { request, number in
      let named = request.eventNumbers.filter { $0 > 4 }
      // It stops here.
      if number == 4 { return .held(200) }
      return .answer(
        200, body: #"{"results":[\#(named.map { #"{"eventId":"evt_\#($0)","status":"ok"}"# }.joined(separator: ","))]}"#
      )
    }
    await outbox.add(1...8)
    let service = try service(exchange) { $0.acknowledge = .results }
    await running(service) {
      await clock.waitForSleeper(for: .seconds(5))
      #expect(exchange.sent == [[1, 2, 3, 4]])
      #expect(await service.status().interruption?.trouble.summary.contains("names none") == true)
      clock.advance(by: .seconds(5))
      // Another one goes through; then half of what was not answered is tried, and another one shows at once whose
      // fault it is.
      await exchange.waitForRequests(4)
      #expect(exchange.sent == [[1, 2, 3, 4], [5], [1, 2], [6]])
    }
    #expect(await outbox.failures.isEmpty)
    #expect(await outbox.pendingNumbers == [1, 2, 3, 4, 6, 7, 8])
  }

  @Test("A webhook that hangs gets each event at most twice, and says once what to change")
  func hanging() async throws {
    let exchange = ScriptedExchange(.unanswered)
    await outbox.add(1...12)
    let hourly = try Schedule(["every 1h"])
    let service = try service(exchange) { $0.schedule = hourly }
    await running(service) {
      for number in 1...20 {
        await clock.waitForSleeper(for: .seconds(min(5 << (number - 1), 300)))
        clock.advance(by: .seconds(300))
        await exchange.waitForRequests(number + 1)
      }
    }
    let sent = exchange.sent.prefix(21)
    #expect(sent.first == [1, 2, 3, 4] && sent.dropFirst().allSatisfy { $0.count == 1 })
    // Those that have not been sent yet come first, oldest first.
    #expect(sent.dropFirst().flatMap(\.self) == Array(5...12) + Array(1...12))
    #expect(await outbox.failures.isEmpty)
    #expect(await outbox.pendingNumbers.count == 12)
    #expect(lines.at(.warning).filter { $0.contains("'forward.timeout'") && $0.contains("fewer events") }.count == 1)
  }

  @Test("Where three single events in a row are refused and no other goes through, it is the endpoint")
  func allRefused() async throws {
    let exchange = ScriptedExchange { _, number in .answer(number <= 13 ? 400 : 200) }
    await outbox.add(1...9)
    let hourly = try Schedule(["every 1h"])
    let service = try service(exchange) { $0.schedule = hourly }
    await running(service) {
      await clock.waitForSleeper(for: .seconds(5))
      #expect(exchange.sent == [[1, 2, 3, 4], [1, 2], [1], [2], [3, 4], [3], [4], [9]])
      #expect(await service.status().interruption?.trouble.summary.contains("alone is refused") == true)
      #expect(await outbox.pendingNumbers == Array(1...9))
      #expect(await outbox.setAside.isEmpty)
      for wait in [5, 10, 20, 40, 80, 160] {
        await clock.waitForSleeper(for: .seconds(wait))
        clock.advance(by: .seconds(wait))
      }
      await outbox.wait { $0.pendingNumbers.isEmpty }
    }
    #expect(await outbox.failures.isEmpty)
  }

  @Test("What was charged before it was clear is given back")
  func givenBack() async throws {
    let exchange = ScriptedExchange(.answer(422))
    let service = try service(exchange) { $0.attempts = 1 }
    await running(service) {
      for number in Int64(1)...3 {
        await outbox.add(number...number)
        service.notify()
        clock.advance(by: .seconds(10))
        await exchange.waitForRequests(Int(number))
        if number < 3 { await outbox.wait { $0.setAside.count == Int(number) } }
      }
      await clock.waitForSleeper(for: .seconds(5))
      #expect(await outbox.setAside.isEmpty)
      #expect(await outbox.pendingNumbers == [1, 2, 3])
    }
  }

  @Test("An open circuit whose reason was a 404 asks without an event")
  func inquiry() async throws {
    let isActive = Mutex(false)
    let exchange = ScriptedExchange(
      inquiry: HTTPAnswer(
        status: 204, headers: [WebhookRequest.Header("Access-Control-Allow-Methods", "OPTIONS")])
    ) { _, _ in
      isActive.withLock { $0 }
        ? .answer(200)
        : .answer(404, body: #"{"code":404,"message":"The requested webhook \"POST x\" is not registered."}"#)
    }
    await outbox.add(1...4)
    await running(try service(exchange)) {
      for wait in [5, 10, 20] {
        await clock.waitForSleeper(for: .seconds(wait))
        clock.advance(by: .seconds(wait))
      }
      await clock.waitForSleeper(for: .seconds(40))
      #expect(exchange.requests.count == 1)
    }
  }

  @Test("n8n that starts is reported as that, is no alarm, and is probed at the first interval")
  func starting() async throws {
    let exchange = ScriptedExchange { _, number in
      switch number {
      case 1...2: .answer(503, body: #"{"code":503,"message":"Database is not ready!"}"#)
      case 3: .answer(200, body: "n8n is starting up. Please wait")
      case 4: .answer(404, body: "<pre>Cannot POST /webhook/x</pre>")
      case 5...6: .answer(404, body: #"{"code":404,"message":"The requested webhook \"POST x\" is not registered."}"#)
      default: .answer(200)
      }
    }
    await outbox.add(1...4)
    let service = try service(exchange)
    try await running(service) {
      var steps = 0
      while await !outbox.pendingNumbers.isEmpty || steps == 0, steps < 60 {
        steps += 1
        clock.advance(by: .seconds(1))
        for _ in 0..<20 { await Task.yield() }
        try await Task.sleep(for: .milliseconds(2))
        if let interruption = await service.status().interruption {
          #expect(interruption.trouble.summary == "n8n is starting up" && interruption.mendsItself)
        }
      }
      // The pauses of two attempts, then a probe every five seconds.
      #expect(steps <= 40)
    }
    #expect(lines.at(.error).isEmpty)
    #expect(!lines.all.contains("activate the workflow"))
    #expect(await outbox.notes.contains { $0.state == .mending && $0.message?.text(in: .en) == "n8n is starting up" })
  }

  @Test("A secret that stands in an eventId is masked in what is shown, and not in what is understood")
  func secretInEventId() async throws {
    let exchange = ScriptedExchange(
      .answer(
        200,
        body:
          #"{"results":[{"eventId":"evt_1","status":"ok"},{"eventId":"evt_2","status":"reject","error":"evt_ no"}]}"#))
    await outbox.add(1...2)
    await running(
      try service(exchange) {
        $0.acknowledge = .results
        $0.authentication = .bearer("evt_")
      }
    ) {
      await outbox.wait { $0.acknowledgements.count + $0.failures.count == 2 }
    }
    #expect(exchange.requests.count == 1)
    #expect(await outbox.acknowledgements.map(\.events) == [[1]])
    let failure = try #require(await outbox.failures.first)
    #expect(failure.event.sequence == 2)
    #expect(failure.reason == .rejected)
    #expect(failure.message.description.contains("*** no"))
    #expect(failure.response?.contains("evt_") == false)
  }

  @Test("A batch that was composed under other settings is sent in requests that these allow")
  func composedBefore() async throws {
    let exchange = ScriptedExchange(.answer(200))
    await outbox.add(1...3)
    let before = try #require(try await outbox.nextBatch(maxEvents: 100, maxBytes: 1 << 20, onlyFull: false))
    try await outbox.release(before, dissolving: false)
    await running(try service(exchange) { $0.format = .single }) {
      await outbox.wait { $0.pendingNumbers.isEmpty }
    }
    #expect(exchange.bodies == (1...3).map { FakeOutbox.record($0) })
  }

  @Test("Retry-After is waited for")
  func retryAfter() async throws {
    let exchange = ScriptedExchange(
      .answer(429, headers: [WebhookRequest.Header("Retry-After", "60")]), .answer(200))
    await outbox.add(1...1)
    await running(try service(exchange)) {
      await clock.waitForSleeper(for: .seconds(60))
      #expect(exchange.requests.count == 1)
      clock.advance(by: .seconds(60))
      await outbox.wait { $0.acknowledgements.count == 1 }
    }
  }

  @Test("What the webhook has taken is not sent again while the store cannot note it")
  func storeFails() async throws {
    let exchange = ScriptedExchange(.answer(200))
    let service = try service(exchange)
    await outbox.add(1...4)
    await outbox.fail("acknowledge", times: 2)
    await running(service) {
      await clock.waitForSleeper(for: .seconds(1))
      #expect(await service.status().isStoreFailing)
      clock.advance(by: .seconds(1))
      await clock.waitForSleeper(for: .seconds(2))
      clock.advance(by: .seconds(2))
      await outbox.wait { $0.acknowledgements.count == 1 }
      await outbox.wait { $0.releases == [true] }
    }
    #expect(exchange.requests.count == 1)
    #expect(lines.at(.error).count == 1)
    #expect(await !service.status().isStoreFailing)
  }

  @Test("A store that cannot be read is asked again", arguments: ["nextBatch", "records", "release"])
  func storeUnreadable(operation: String) async throws {
    let exchange = ScriptedExchange(.answer(200))
    await outbox.add(1...4)
    await outbox.fail(operation, times: 1)
    await running(try service(exchange)) {
      await clock.waitForSleeper(for: .seconds(1))
      clock.advance(by: .seconds(1))
      await outbox.wait { $0.releases == [true] }
    }
    #expect(await outbox.acknowledgements.map(\.events) == [[1, 2, 3, 4]])
    #expect(exchange.requests.count == 1)
  }

  @Test("Records that a person has moved away are not sent and not waited for")
  func gone() async throws {
    let exchange = ScriptedExchange(.answer(200))
    await outbox.add(1...4)
    await outbox.lose(2)
    await running(try service(exchange)) {
      await outbox.wait { $0.pendingNumbers.isEmpty }
    }
    #expect(exchange.sent == [[1, 3, 4]])
    #expect(await outbox.forgotten == [2])
  }

  @Test("A batch of which nothing is left")
  func allGone() async throws {
    let exchange = ScriptedExchange(.answer(200))
    await outbox.add(1...1)
    await outbox.lose(1)
    await running(try service(exchange)) {
      await outbox.wait { $0.releases == [true] }
    }
    #expect(exchange.requests.isEmpty)
    #expect(await outbox.forgotten == [1])
  }

  @Test("A probe of which nothing is left makes room for the next")
  func goneProbe() async throws {
    let exchange = ScriptedExchange(.answer(401), .answer(200))
    await outbox.add(1...5)
    await running(try service(exchange)) {
      await clock.waitForSleeper(for: .seconds(5))
      for number in Int64(1)...4 { await outbox.lose(number) }
      clock.advance(by: .seconds(5))
      await outbox.wait { $0.acknowledgements.count == 1 }
    }
    #expect(exchange.sent == [[1, 2, 3, 4], [5]])
  }

  // MARK: Stopping

  @Test("A stop lets what is under way finish, and sends nothing more")
  func gracefulStop() async throws {
    let exchange = ScriptedExchange(.held(200))
    let service = try service(exchange)
    await outbox.add(1...8)
    let run = Task { await service.run() }
    await exchange.waitForRequests(1)
    await service.stop()
    exchange.release()
    await run.value
    #expect(exchange.requests.count == 1)
    #expect(await outbox.acknowledgements.map(\.events) == [[1, 2, 3, 4]])
    #expect(await outbox.releases == [true])
  }

  @Test("What is given up spends nothing, and the batch stays as it was", arguments: [true, false])
  func cancelled(byTask: Bool) async throws {
    let exchange = ScriptedExchange(.held(200))
    let service = try service(exchange)
    await outbox.add(1...4)
    let run = Task { await service.run() }
    await exchange.waitForRequests(1)
    await service.stop()
    if byTask { run.cancel() } else { await service.cancel() }
    await run.value
    #expect(await outbox.failures.isEmpty)
    #expect(await outbox.acknowledgements.isEmpty)
    #expect(await outbox.releases == [false])
    #expect(await outbox.pendingNumbers == [1, 2, 3, 4])
    #expect(await service.status().counts.requests == 0)
  }

  @Test("A refusal that was found before a stop is noted, the rest stays a batch")
  func stopWhileSeeking() async throws {
    let exchange = ScriptedExchange { _, number in number <= 3 ? .answer(422) : .held(200) }
    let service = try service(exchange)
    await outbox.add(1...4)
    let run = Task { await service.run() }
    await exchange.waitForRequests(4)
    #expect(exchange.sent == [[1, 2, 3, 4], [1, 2], [1], [2]])
    await service.stop()
    exchange.release()
    await run.value
    #expect(await outbox.failures.map(\.event.sequence) == [1])
    #expect(await outbox.acknowledgements.map(\.events) == [[2]])
    #expect(await outbox.pendingNumbers == [3, 4])
    #expect(await outbox.releases == [false])
  }

  @Test("A stop does not wait for a pause, a probe or a tick", arguments: [503, 404, 200])
  func stopWhileWaiting(status: Int) async throws {
    let exchange = ScriptedExchange(.answer(status))
    let service = try service(exchange)
    await outbox.add(1...4)
    let run = Task { await service.run() }
    await clock.waitForSleeper(for: .seconds(status == 503 ? 1 : status == 404 ? 5 : 10))
    await exchange.waitForRequests(1)
    await service.stop()
    await run.value
    #expect(exchange.requests.count == 1)
  }

  // MARK: Draining

  @Test("Draining sends everything without a tick, and returns")
  func drain() async throws {
    let exchange = ScriptedExchange { _, number in number == 2 ? .answer(400) : .answer(200) }
    await outbox.add(1...5)
    let service = try service(exchange)
    #expect(await service.drain())
    #expect(exchange.sent == [[1, 2, 3, 4], [5]])
    #expect(await service.movedAside == 1)
    #expect(await outbox.acknowledgements.map(\.events) == [[1, 2, 3, 4]])
    #expect(!clock.hasSleepers)
  }

  @Test("Draining ends when the circuit opens and three single others do not go through, and leaves the rest pending")
  func drainInterrupted() async throws {
    let exchange = ScriptedExchange(.answer(401))
    await outbox.add(1...9)
    let service = try service(exchange)
    #expect(await !service.drain())
    #expect(exchange.sent == [[1, 2, 3, 4], [5], [9], [6]])
    #expect(await service.status().interruption?.trouble.httpStatus == 401)
    #expect(await outbox.pendingNumbers.count == 9)
    #expect(await outbox.releases == [false, false, false, false])
    #expect(await !service.drain())
    #expect(exchange.requests.count == 4)
    #expect(!clock.hasSleepers)
  }

  @Test("Draining waits for nobody who does not listen")
  func drainUnreached() async throws {
    let exchange = ScriptedExchange(.failure(.network))
    await outbox.add(1...9)
    let service = try service(exchange) { $0.attempts = 1 }
    #expect(await !service.drain())
    #expect(await !service.drain())
    #expect(exchange.requests.count == 1 && !clock.hasSleepers)
  }

  @Test("Draining ends where an answer without an event shows that nothing is there")
  func drainUnregistered() async throws {
    let exchange = ScriptedExchange(
      inquiry: HTTPAnswer(
        status: 204, headers: [WebhookRequest.Header("Access-Control-Allow-Methods", "OPTIONS")])
    ) { _, _ in
      .answer(404, body: #"{"code":404,"message":"The requested webhook \"POST x\" is not registered."}"#)
    }
    await outbox.add(1...9)
    let service = try service(exchange)
    #expect(await !service.drain())
    #expect(await !service.drain())
    #expect(exchange.requests.count == 1 && !clock.hasSleepers)
  }

  private static let refusals: [ScriptedExchange.Step] = [
    .answer(403), .answer(302), .answer(404), .answer(422), .answer(413), .answer(502), .unanswered,
    .answer(500, body: #"{"message":"Error in workflow"}"#), .answer(401),
  ]

  @Test(
    "Draining finds the event that is refused, whatever the answer, and forwards all others", arguments: 0..<9, 1...7)
  func drainNarrows(refusal: Int, culprit: Int64) async throws {
    let exchange = ScriptedExchange { request, _ in
      request.eventNumbers.contains(culprit) ? Self.refusals[refusal] : .answer(200)
    }
    await outbox.add(1...9)
    let service = try service(exchange) { $0.attempts = 1 }
    #expect(await service.drain(), "\(exchange.sent)")
    #expect(await outbox.acknowledgements.flatMap(\.events).sorted() == (1...9).filter { $0 != culprit })
    #expect(await outbox.setAside.map(\.event.sequence) == [culprit])
    #expect(await outbox.setAside.map(\.reason) == [.rejected])
    #expect(exchange.requests.count <= 16, "\(exchange.sent)")
    #expect(!clock.hasSleepers)
  }

  @Test("Draining forwards what comes behind an event that nobody takes, and was alone before")
  func drainLater() async throws {
    let exchange = ScriptedExchange { request, _ in request.eventNumbers.contains(1) ? .answer(403) : .answer(200) }
    await outbox.add(1...1)
    let service = try service(exchange)
    #expect(await !service.drain())
    #expect(exchange.sent == [[1]])
    await outbox.add(2...3)
    #expect(await service.drain())
    #expect(await outbox.acknowledgements.flatMap(\.events) == [2, 3])
    #expect(await outbox.setAside.map(\.event.sequence) == [1])
  }

  // MARK: Restarts

  @Test("What had no answer is not sent again as a whole after a restart, but single events that were sent least")
  func restartUnanswered() async throws {
    await outbox.add(1...8)
    let hanging = ScriptedExchange(.unanswered)
    #expect(try await !service(hanging).drain())
    #expect(hanging.sent == [[1, 2, 3, 4], [5], [6], [7]])
    #expect(try await !service(hanging).drain())
    #expect(hanging.sent.dropFirst(4).allSatisfy { $0.count == 1 } && hanging.sent[4] == [8])
    // The daemon continues in the same way.
    let count = hanging.requests.count
    let daemon = try service(hanging)
    await running(daemon) {
      await hanging.waitForRequests(count + 1)
      await clock.waitForSleeper(for: .seconds(10))
      #expect(await daemon.status().interruption?.since == Timestamp(rfc3339: "2026-11-23T12:00:00.000Z"))
    }
    #expect(hanging.sent.dropFirst(4).allSatisfy { $0.count == 1 })
    let slow = ScriptedExchange { request, _ in request.eventNumbers.count > 2 ? .unanswered : .answer(200) }
    #expect(try await service(slow).drain())
    #expect(slow.sent.allSatisfy { $0.count <= 2 }, "\(slow.sent)")
    #expect(await outbox.pendingNumbers.isEmpty)
  }

  @Test("What is known of one webhook says nothing of another")
  func restartElsewhere() async throws {
    await outbox.add(1...8)
    #expect(try await !service(ScriptedExchange(.unanswered)).drain())
    let other = ScriptedExchange(.answer(200))
    #expect(try await service(other) { $0.address = "https://other.example/webhook/x" }.drain())
    #expect(other.sent == [[1, 2, 3, 4], [5, 6, 7, 8]])
  }

  @Test("An event that failed while others went through is sought after a restart, not sent with all others again")
  func restartSuspect() async throws {
    await outbox.add(1...8)
    let exchange = ScriptedExchange { request, number in
      if number == 3 { return .held(200) }
      return request.eventNumbers.contains(2) ? .answer(403) : .answer(200)
    }
    let first = try service(exchange)
    let drain = Task { await first.drain() }
    // The batch is refused, a single other event goes through, and half of the batch is under way when the process
    // ends.
    await exchange.waitForRequests(3)
    #expect(exchange.sent == [[1, 2, 3, 4], [5], [1, 2]])
    await first.cancel()
    drain.cancel()
    _ = await drain.value
    #expect(try await service(exchange).drain())
    #expect(exchange.sent[3] == [1, 2])
    #expect(await outbox.setAside.map(\.event.sequence) == [2])
  }

  // MARK: Whose fault it is

  @Test("Three that are refused in a row hold up nobody, and nothing overtakes what is in order")
  func threeInARow() async throws {
    for culprits in [Set<Int64>([1, 2, 3]), [2, 3, 4], [6, 7, 8], [10, 11, 12], [1, 2, 3, 5, 6, 7]] {
      let outbox = FakeOutbox()
      let exchange = ScriptedExchange { request, _ in
        culprits.isDisjoint(with: request.eventNumbers) ? .answer(200) : .answer(422)
      }
      await outbox.add(1...13)
      let service = try scriptedForwarder(exchange, outbox, clock, lines) { _ in }
      #expect(await service.drain())
      #expect(await outbox.acknowledgements.flatMap(\.events) == (1...13).filter { !culprits.contains($0) })
      #expect(await service.status().counts.openings == 0)
    }
  }

  @Test("Another event that has no answer counts as unanswered, and nothing is held against the refused ones")
  func contrastUnanswered() async throws {
    let exchange = ScriptedExchange { request, _ in
      request.eventNumbers.contains { $0 > 4 } ? .unanswered : .answer(422)
    }
    await outbox.add(1...9)
    let hourly = try Schedule(["every 1h"])
    let service = try service(exchange) { $0.schedule = hourly }
    await running(service) {
      await clock.waitForSleeper(for: .seconds(5))
      #expect(exchange.sent.last == [9], "\(exchange.sent)")
      await outbox.wait { $0.pendingNumbers == Array(1...9) }
      #expect(await service.status().interruption?.trouble.summary.contains("does not answer in time") == true)
      // A single event is next, and none of those that were sent alone.
      let count = exchange.requests.count
      clock.advance(by: .seconds(5))
      await exchange.waitForRequests(count + 1)
      #expect(exchange.sent[count] == [5])
    }
  }

  @Test("The next in order that has no answer is no proof against the three that were refused before it")
  func isolatedUnanswered() async throws {
    let exchange = ScriptedExchange { request, _ in
      request.eventNumbers.contains { $0 < 4 } ? .answer(422) : .unanswered
    }
    await outbox.add(1...4)
    await running(try service(exchange)) {
      await clock.waitForSleeper(for: .seconds(5))
      #expect(exchange.sent == [[1, 2, 3, 4], [1, 2], [1], [2], [3, 4], [3], [4]])
      await outbox.wait { $0.releases == [false] }
      #expect(await outbox.pendingNumbers == [1, 2, 3, 4])
      #expect(await outbox.failures.isEmpty)
    }
  }

  @Test("No probe is of an event that was refused before while others went through, if another one waits")
  func probesOthers() async throws {
    let isBroken = Mutex(false)
    let exchange = ScriptedExchange { request, _ in
      isBroken.withLock { $0 } ? .answer(401) : request.eventNumbers.contains(1) ? .answer(403) : .answer(200)
    }
    await outbox.add(1...4)
    let service = try service(exchange)
    #expect(await service.drain())
    #expect(await outbox.setAside.map(\.event.sequence) == [1])
    isBroken.withLock { $0 = true }
    _ = await outbox.bringBackRefused()
    await outbox.add(5...6)
    await running(service) {
      await clock.waitForSleeper(for: .seconds(5))
      clock.advance(by: .seconds(5))
      await clock.waitForSleeper(for: .seconds(10))
      #expect(exchange.sent.last == [6])
    }
  }

  // MARK: What is reported

  @Test("A pause between two attempts is reported with its end and its reason")
  func pauseIsReported() async throws {
    let exchange = ScriptedExchange(.answer(503), .answer(200))
    await outbox.add(1...1)
    let service = try service(exchange)
    await running(service) {
      await clock.waitForSleeper(for: .seconds(1))
      let end = clock.now() + .seconds(1)
      #expect(await service.status().nextAttempt == end)
      let note = await outbox.notes.last
      #expect(note?.state == .pausing && note?.until == end && note?.message?.text(in: .en).contains("503") == true)
      await service.flush()
      await outbox.wait { $0.acknowledgements.count == 1 }
      #expect(await service.status().nextAttempt == nil)
      #expect(await outbox.notes.last?.state == .closed)
    }
  }

  @Test("A flush that comes while an attempt or a probe is under way ends the pause after it", arguments: [503, 401])
  func flushMeanwhile(status: Int) async throws {
    let exchange = ScriptedExchange(.held(status), .held(status), .answer(200))
    await outbox.add(1...1)
    let service = try service(exchange)
    await running(service) {
      await exchange.waitForRequests(1)
      if status == 503 {
        await service.flush()
        exchange.release()
        await exchange.waitForRequests(2)
      } else {
        exchange.release()
        await clock.waitForSleeper(for: .seconds(5))
        clock.advance(by: .seconds(5))
        await exchange.waitForRequests(2)
      }
      await service.flush()
      exchange.release()
      await outbox.wait { $0.acknowledgements.count == 1 }
    }
    #expect(exchange.requests.count == 3)
  }

  @Test("Draining ends where the store cannot go on")
  func drainWithoutStore() async throws {
    let exchange = ScriptedExchange(.answer(200))
    await outbox.add(1...4)
    await outbox.fail("acknowledge", times: 3)
    let service = try service(exchange)
    let task = Task { await service.drain() }
    await clock.waitForSleeper(for: .seconds(1))
    clock.advance(by: .seconds(1))
    await clock.waitForSleeper(for: .seconds(2))
    clock.advance(by: .seconds(2))
    #expect(await !task.value)
    #expect(exchange.requests.count == 1)
    #expect(await outbox.releases == [false])
  }

  @Test("Draining ends where the answers never name an event, which stays pending")
  func drainUnnamed() async throws {
    let exchange = ScriptedExchange(.answer(200, body: #"{"results":[{"eventId":"evt_2","status":"ok"}]}"#))
    await outbox.add(1...2)
    let service = try service(exchange) {
      $0.acknowledge = .results
      $0.attempts = 1
    }
    #expect(await !service.drain())
    #expect(exchange.sent == [[1, 2], [1]])
    #expect(await outbox.pendingNumbers == [1])
    #expect(await outbox.failures.isEmpty)
  }

  @Test("Draining does not sit through a long silence that the webhook asks for")
  func drainSilenced() async throws {
    let exchange = ScriptedExchange(
      .answer(429, headers: [WebhookRequest.Header("Retry-After", "3600")]), .answer(200))
    await outbox.add(1...9)
    let forwarder = try service(exchange)
    #expect(await forwarder.drain() == false)
    #expect(exchange.requests.count == 1)
    #expect(await outbox.failures.isEmpty)
    #expect(await outbox.pendingNumbers.count == 9)
    #expect(lines.at(.warning).first?.contains("1h") == true)
  }

  @Test("Nothing to drain")
  func drainEmpty() async throws {
    let exchange = ScriptedExchange(.answer(200))
    let service = try service(exchange)
    #expect(await service.drain())
    #expect(exchange.requests.isEmpty)
  }

  // MARK: Several at a time

  @Test("So many batches are under way as are allowed")
  func concurrency() async throws {
    let exchange = ScriptedExchange(.held(200))
    await outbox.add(1...12)
    await running(try service(exchange) { $0.concurrency = 2 }) {
      await exchange.waitForRequests(2)
      #expect(exchange.requests.count == 2)
      exchange.release()
      await exchange.waitForRequests(3)
      exchange.release()
      await outbox.wait { $0.acknowledgements.count == 3 }
    }
    #expect(Set(exchange.sent) == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]])
  }

  @Test("With several workers there is still one probe, of the oldest batch")
  func oneProbe() async throws {
    let exchange = ScriptedExchange { _, number in .held(number <= 3 ? 401 : 200) }
    await outbox.add(1...12)
    await running(try service(exchange) { $0.concurrency = 3 }) {
      await exchange.waitForRequests(3)
      exchange.release()
      await outbox.wait { $0.releases.count == 3 }
      await clock.waitForSleeper(for: .seconds(5))
      clock.advance(by: .seconds(5))
      await exchange.waitForRequests(4)
      #expect(exchange.requests.count == 4)
      #expect(exchange.sent.last == [1, 2, 3, 4])
      exchange.release()
      await exchange.waitForRequests(6)
      exchange.release()
      await outbox.wait { $0.acknowledgements.count == 3 }
    }
    #expect(exchange.requests.count == 6)
    #expect(lines.at(.error).count == 1)
  }

  // MARK: What is shown

  @Test("No secret gets into the log or a sidecar, even where the webhook quotes it")
  func secrets() async throws {
    let exchange = ScriptedExchange { request, _ in
      let headers = request.headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
      return .answer(400, body: "bad request\n\(headers)")
    }
    await outbox.add(1...1)
    let secrets = ["t0psecret", "s3cret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
    await running(
      try service(exchange) {
        $0.authentication = .jwt(secret: secrets[0], claims: [])
        $0.signingSecret = secrets[2]
      }
    ) {
      await outbox.wait { $0.failures.count == 1 }
    }
    let token = try #require(exchange.requests.first?.headers.first { $0.name == "Authorization" }?.value.dropFirst(7))
    let failure = try #require(await outbox.failures.first)
    let shown = lines.all + failure.message.description + (failure.response ?? "")
    #expect(shown.contains("bad request"))
    #expect(!shown.contains(token))
    for secret in secrets { #expect(!shown.contains(secret)) }
    #expect(exchange.requests.first?.headers.contains { $0.name == "webhook-signature" } == true)
  }

  @Test(
    "Where the webhook redirects to is shown as the webhook's own address is, also where the body quotes it",
    arguments: [
      (
        "https://u:p4ssword@n8n.example/other/very-secret-redirect?key=t0ken", "https://n8n.example/…rect",
        "https://n8n.example/other/very-secret-redirect"
      ),
      ("/other/very-secret-redirect?key=t0ken", "/…rect", "/other/very-secret-redirect"),
    ])
  func redirect(target: String, hint: String, path: String) async throws {
    for (authentication, shown) in [(WebhookAuth.none, hint), (.bearer("t0psecret"), path)] {
      let outbox = FakeOutbox()
      let lines = LogKeeper.Lines()
      let exchange = ScriptedExchange(
        .answer(302, body: "Found. Redirecting to \(target)", headers: [.init("Location", target)]))
      await outbox.add(1...1)
      let service = try scriptedForwarder(exchange, outbox, clock, lines) { $0.authentication = authentication }
      _ = await service.drain()
      let trouble = try #require(await service.status().lastTrouble?.trouble)
      let text = trouble.message.text(in: .en)
      #expect(text.contains("redirects to \(shown) (302)"), "\(text)")
      let all = lines.all + text + (trouble.response ?? "")
      #expect(all.contains("Redirecting to"))
      let secrets = ["p4ssword", "t0ken"] + (shown == hint ? ["very-secret-redirect"] : [])
      for secret in secrets { #expect(!all.contains(secret), "\(secret) in \(all)") }
    }
  }
}
