import EventStore
import Events
import Failures
import Forwarding
import Glibc
import Intake
import Logging
import StoreSupport
import Synchronization
import TestSupport
import Testing
import Time

/// n8n is down for a week, by the test's clock.
@Suite(.onlyInFullRuns, .timeLimit(.minutes(10)))
struct LongOutageTests {
  // In its own process, so that the memory it holds is only this test's.
  @Test func `A week without n8n costs no event, no memory and no more than a probe each interval`() async {
    await #expect(processExitsWith: .success) {
      try await Week().pass()
    }
  }
}

/// Seven days in which 20,000 events arrive and n8n accepts none, then a day in which it accepts them all.
private struct Week {
  static let arrivals = 160
  static let eventsAtATime: Int64 = 125
  static let count = arrivals * Int(eventsAtATime)
  static let hours = Duration.seconds(7 * 86_400) / arrivals
  /// The memory that may be added in the second half, in which eleven megabytes are stored.
  ///
  /// The store's caches are small enough to be full long before.
  static let slackInKiB = 2 * 1024

  let tree = TemporaryTree()
  let clock = ManualClock("2026-11-21T12:00:00.000Z")
  let webhook: AbsentWebhook
  let lines = LogKeeper.Lines()
  let store: RecordStore
  let retry: RetryQueue
  let forwarder: Forwarder

  init() throws {
    let logger = Logger(label: "test") { [lines] _ in LogKeeper(lines: lines, logLevel: .notice) }
    webhook = AbsentWebhook(clock)
    store = try RecordStore(
      StoreOptions(
        tree.layout,
        recentBytes: 256 << 10, catalogCacheBytes: 512 << 10), clock: clock,
      logger: logger)
    retry = try RetryQueue(
      inboxes: [
        InboxOptions(
          name: "default", path: tree.inbox, settle: .zero, include: ["*.json"], exclude: [], mapping: .ofIds(),
          maxFileSize: 1 << 20, portion: 500)
      ], settle: .zero, store: store, clock: clock, logger: logger)
    let options = ForwardingOptions(
      url: "http://n8n.example/", address: "http://n8n.example/", schedule: try Schedule(["every 2s"]), timeZone: .utc,
      userAgent: "eventdrop/test")
    forwarder = Forwarder(
      options, outbox: store, exchange: webhook, clock: clock, logger: logger, random: { 0.9 })
    store.whenStored { [weak forwarder] in forwarder?.notify() }
  }

  func pass() async throws {
    let service = Task { await forwarder.run() }
    let begin = clock.uptime()
    var held: [Int] = []
    for number in 0..<Self.arrivals {
      try await pass(until: begin + Self.hours * number)
      try await arrive(Int64(number))
      // What was given up before the circuit opened comes back by itself, and waits like everything pending.
      _ = try await retry.work()
      #expect(tree.names("failed") == [])
      #expect(tree.names("retry") == [])
      held.append(try residentKiB())
    }
    try await pass(until: begin + .seconds(7 * 86_400))
    held.append(try residentKiB())
    // Each event is pending or, if a workflow repeatedly failed because of it, in `retry/` beside its sidecar.
    #expect(try await store.pending().count + tree.names("retry").count / 2 == Self.count)
    try expectProbes(since: begin)
    expectFlat(held)
    #expect(lines.at(.error).count == 1)

    webhook.comeBack()
    let back = clock.uptime()
    while webhook.firstTaken == nil { try await passToNextProbe() }
    #expect(try #require(webhook.firstTaken) - back <= .seconds(300))
    // What is left over from full batches leaves with a tick, and what is in `retry/` by its own clock.
    while try await store.pending().count > 0 || tree.names("retry") != [] {
      clock.advance(by: .seconds(30))
      _ = try await retry.work()
      try await Task.sleep(for: .milliseconds(2))
    }
    await forwarder.stop()
    await service.value
    #expect(webhook.taken.count == Self.count && webhook.taken.values.allSatisfy { $0 == 1 })
    expectJournals()
    #expect(tree.names("failed") + tree.names("retry") == [])
    #expect(lines.at(.notice).filter { $0.contains("takes events again") }.count == 1)
  }

  // MARK: What happens

  /// Lets time pass, with all probes due in it.
  private func pass(until end: Duration) async throws {
    while clock.uptime() < end {
      if webhook.requests.count < 5 {
        // The first batch has its attempts; the pauses between them are not intervals of probes.
        try await waits { clock.hasSleepers }
        clock.advance(by: .milliseconds(100))
        try await Task.sleep(for: .microseconds(200))
      } else if let next = try await nextProbe(), next < end {
        try await passToNextProbe()
      } else {
        clock.advance(by: end - clock.uptime())
      }
    }
  }

  private func passToNextProbe() async throws {
    let count = webhook.requests.count
    guard let next = try await nextProbe() else { return }
    clock.advance(by: next - clock.uptime())
    try await waits { webhook.requests.count > count }
  }

  /// When the next probe is due, by the monotonic clock; nil once the circuit is closed.
  private func nextProbe() async throws -> Duration? {
    var next: Duration?
    try await waits {
      guard let interruption = await forwarder.status().interruption else { return webhook.isBack }
      next = interruption.nextProbe.map { clock.uptime() + ($0 - clock.now()) }
      return next.map { $0 > clock.uptime() } ?? false
    }
    return next
  }

  private func arrive(_ number: Int64) async throws {
    var reader = EventReader(mapping: .ofIds())
    let text = String(repeating: "x", count: number == 0 ? 8 : 1024)
    let events = (1...Self.eventsAtATime).map { index in
      #"{"id":"evt_\#(number * Self.eventsAtATime + index)","type":"t","data":{"text":"\#(text)"}}"#
    }
    let file = Array("[\(events.joined(separator: ","))]".utf8)
    let items = try reader.events(inDocument: file, named: DropName(bytes: "a.json".utf8))
    _ = try await store.commit(
      items.compactMap { item in
        guard case .event(let event) = item else { return nil }
        return Submission(event)
      })
  }

  private func waits(until isMet: () async throws -> Bool) async throws {
    while try await !isMet() { try await Task.sleep(for: .microseconds(100)) }
  }

  // MARK: What is expected

  /// The attempts of one batch, then a probe at each of the intervals in Documentation/contract.md, "Answers", and
  /// nothing in between.
  private func expectProbes(since begin: Duration) throws {
    let times = webhook.requests
    let probes = zip(times.dropFirst(4), times.dropFirst(5)).map { $1 - $0 }
    let intervals = [5, 10, 20, 40, 80, 160, 300].map { Duration.seconds($0) }
    #expect(probes.dropFirst().prefix(6) == intervals.dropFirst())
    // On the day on which n8n says that it is starting, it is probed every 5 s for a minute, and then less often again.
    let short = probes.dropFirst(7).filter { $0 < .seconds(300) }
    #expect(short.count <= 20 && short.allSatisfy { intervals.contains($0) }, "\(short)")
    // The clock may advance by a step between the last attempt of the first batch and the opening of the circuit.
    #expect(try #require(probes.first) - intervals[0] <= .milliseconds(100))
    // A week has 2,016 times five minutes.
    #expect((2010...2040).contains(probes.count), "\(probes.count) probes")
  }

  private func expectFlat(_ held: [Int]) {
    let (early, late) = (held[held.count / 2], held[held.count - 1])
    #expect(late - early <= Self.slackInKiB, "\(early) KiB half-way, \(late) KiB at the end")
  }

  private func expectJournals() {
    var acknowledged: [String: Int] = [:]
    for day in tree.names("processed") {
      for line in (tree.readText("processed/\(day)/forwards.jsonl") ?? "").split(separator: "\n") {
        for id in line.split(separator: #""evt_"#).dropFirst() {
          acknowledged[String(id.prefix { $0.isNumber }), default: 0] += 1
        }
      }
    }
    #expect(acknowledged.count == Self.count && acknowledged.values.allSatisfy { $0 == 1 })
  }

  /// proc_pid_statm(5): the second number is resident pages.
  private func residentKiB() throws -> Int {
    let stream = try #require(fopen("/proc/self/statm", "re"))
    defer { fclose(stream) }
    var buffer = [CChar](repeating: 0, count: 256)
    _ = fgets(&buffer, 256, stream)
    let words = buffer.split(separator: 0x20)
    let pages = try #require(Int(String(decoding: words[1].map { UInt8(bitPattern: $0) }, as: UTF8.self)))
    return pages * Int(getpagesize()) / 1024
  }
}

/// A webhook that is down in several ways in turn, a day each, and keeps no request.
private final class AbsentWebhook: HTTPExchange {
  private struct State {
    var requests: [Duration] = []
    var taken: [String: Int] = [:]
    var firstTaken: Duration?
    var isBack = false
  }

  private let state = Mutex(State())
  private let clock: ManualClock
  private let begin: Duration

  init(_ clock: ManualClock) {
    self.clock = clock
    begin = clock.uptime()
  }

  /// When each arrived, by the monotonic clock.
  var requests: [Duration] { state.withLock(\.requests) }
  /// How often each event was accepted.
  var taken: [String: Int] { state.withLock(\.taken) }
  var firstTaken: Duration? { state.withLock(\.firstTaken) }
  var isBack: Bool { state.withLock(\.isBack) }

  func comeBack() { state.withLock { $0.isBack = true } }

  func send(_ request: WebhookRequest) async throws(ExchangeFailure) -> HTTPAnswer {
    guard request.method == .post else { return HTTPAnswer(status: 501) }
    let now = clock.uptime()
    let isBack = state.withLock { state in
      state.requests.append(now)
      guard state.isBack else { return false }
      state.firstTaken = state.firstTaken ?? now
      return true
    }
    if isBack {
      for part in String(decoding: request.body, as: UTF8.self).split(separator: #"{"eventId":""#).dropFirst() {
        state.withLock { $0.taken[String(part.prefix { $0 != "\"" }), default: 0] += 1 }
      }
      return HTTPAnswer(status: 200, body: Array(#"{"message":"Workflow was started"}"#.utf8))
    }
    switch Int((now - begin) / .seconds(86_400)) % 5 {
    case 0: throw ExchangeFailure(.network, "Connection refused")
    case 1: return HTTPAnswer(status: 503, body: Array("Database is not ready!".utf8))
    // n8n is running, but what it depends on is down.
    case 2: return HTTPAnswer(status: 500, body: Array(#"{"message":"Error in workflow"}"#.utf8))
    case 3: return HTTPAnswer(status: 200, body: Array("n8n is starting up. Please wait".utf8))
    default:
      return HTTPAnswer(
        status: 404, body: Array(#"{"code":404,"message":"The requested webhook \"POST x\" is not registered."}"#.utf8))
    }
  }
}

/// An eventId, a type and data where drops have them first.
extension EventMapping {
  static func ofIds() -> EventMapping {
    EventMapping(
      inbox: "default", eventId: ["/eventId", "/id"].compactMap { try? MemberSource($0) },
      eventType: ["/eventType", "/type"].compactMap { try? MemberSource($0) },
      data: ["/data"].compactMap { try? MemberSource($0) }, maxEventSize: 1 << 20)
  }
}
