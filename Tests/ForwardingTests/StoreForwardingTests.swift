import Catalog
import EventStore
import Events
import Failures
import Forwarding
import Intake
import Logging
import Maintenance
import StoreSupport
import Synchronization
import TestSupport
import Testing
import Time

@Suite("From the store to the webhook", .tags(.fast), .timeLimit(.minutes(10)))
struct StoreForwardingTests {
  private let tree = TemporaryTree()
  private let clock = ManualClock()

  private var options: StoreOptions {
    StoreOptions(tree.layout)
  }

  private func store() throws -> RecordStore { try RecordStore(options, clock: clock, logger: quiet) }

  private func attempts(of eventId: EventID) throws -> [FailedAttempt] {
    try EventIndex(options.layout).event(eventId)?.attempts ?? []
  }

  private var quiet: Logger { Logger(label: "test") { _ in LogKeeper(lines: LogKeeper.Lines()) } }

  private func forwarder(
    _ store: RecordStore, _ url: String, _ change: (inout ForwardingOptions) -> Void = { _ in }
  ) throws -> Forwarder {
    var options = ForwardingOptions(
      url: url, address: url, schedule: try Schedule(["every 2s"]), timeZone: .utc, userAgent: "eventdrop/test")
    options.proxy = ""
    options.attempts = 1
    change(&options)
    return Forwarder(options, store: store, clock: clock, logger: quiet)
  }

  private func commit(_ ids: [String], to store: RecordStore, history: FailureHistory? = nil) async throws {
    var reader = EventReader(
      mapping: EventMapping(
        inbox: "default", eventId: [try MemberSource("/id")], eventType: [try MemberSource("/type")],
        data: [try MemberSource("/data")], maxEventSize: 1 << 20))
    let file = "[" + ids.map { #"{"id":"\#($0)","type":"t","data":{ "n": 1.0 }}"# }.joined(separator: ",") + "]"
    let items = try reader.events(inDocument: Array(file.utf8), named: DropName(bytes: "a.json".utf8))
    _ = try await store.commit(
      items.compactMap { item in
        guard case .event(let event) = item else { return nil }
        return Submission(event, history: history)
      })
  }

  @Test("Records arrive as they are, and the journal says so")
  func delivered() async throws {
    let webhook = try MisbehavingWebhook(.status(200, body: #"{"message":"Workflow was started"}"#))
    defer { webhook.stop() }
    let store = try store()
    try await commit(["a", "b"], to: store)
    #expect(try await forwarder(store, webhook.url).drain())
    #expect(try await store.pending().count == 0)
    let request = try #require(webhook.requests.first)
    let id = try #require(request.headers["idempotency-key"])
    let records = try ["a", "b"].map { try #require(tree.readText("processed/2026-11-23/\($0).json")).dropLast() }
    #expect(
      String(decoding: request.body, as: UTF8.self)
        == #"{"batchId":"\#(id)","sentAt":"2026-11-23T12:00:00.000Z","timeoutMs":10000,"count":2,"events":[\#(records[0]),\#(records[1])]}"#
    )
    #expect(
      tree.readText("processed/2026-11-23/forwards.jsonl")
        == #"{"batchId":"\#(id)","forwardedAt":"2026-11-23T12:00:00.000Z","status":200,"eventIds":["a","b"]}"# + "\n")
  }

  @Test("A refused event's file moves to retry, the others go through")
  func refused() async throws {
    let webhook = try MisbehavingWebhook { request, _ in
      String(decoding: request.body, as: UTF8.self).contains(#""eventId":"b""#)
        ? .status(422, body: "no") : .status(200)
    }
    defer { webhook.stop() }
    let store = try store()
    try await commit(["a", "b", "c"], to: store)
    let forwarder = try forwarder(store, webhook.url)
    #expect(await forwarder.drain())
    #expect(await forwarder.movedAside == 1)
    #expect(tree.names("retry") == ["b.json", "b.json.error"])
    let sidecar = try #require(tree.readText("retry/b.json.error"))
    #expect(sidecar.contains(#""reason": "rejected""#))
    #expect(sidecar.contains(#""httpStatus": 422"#))
    #expect(sidecar.contains(#""response": "no""#))
  }

  @Test("After a restart, the batch that was under way has the same batchId, also where more was stored meanwhile")
  func restart() async throws {
    let isActive = Atomic(false)
    let webhook = try MisbehavingWebhook { _, _ in .status(isActive.load(ordering: .relaxed) ? 200 : 404) }
    defer { webhook.stop() }
    do {
      let store = try store()
      try await commit(["a", "b"], to: store)
      #expect(try await !forwarder(store, webhook.url).drain())
      try await commit(["c"], to: store)
      await store.close()
    }
    // Each was tried by itself meanwhile.
    let first = try #require(webhook.requests.first)
    let count = webhook.requests.count
    isActive.store(true, ordering: .relaxed)
    let store = try store()
    #expect(try await forwarder(store, webhook.url).drain())
    let ids = ([first] + webhook.requests.dropFirst(count)).map { $0.headers["idempotency-key"] }
    #expect(ids.count == 3)
    #expect(ids[0] == ids[1])
    #expect(ids[1] != ids[2])
    #expect(try await store.pending().count == 0)
  }

  @Test("An event that comes back from retry because the webhook was away is the same batch as before")
  func backFromRetry() async throws {
    let webhook = try MisbehavingWebhook(.status(503), .status(200))
    defer { webhook.stop() }
    let store = try store()
    try await commit(["a"], to: store)
    #expect(try await !forwarder(store, webhook.url).drain())
    #expect(tree.names("retry") == ["a.json", "a.json.error"])
    let retry = try RetryQueue(
      inboxes: [
        InboxOptions(
          name: "default", path: tree.inbox, settle: .zero, include: ["*.json"], exclude: [], mapping: .ofIds(),
          maxFileSize: 1 << 20, portion: 500)
      ], settle: .zero, store: store, clock: clock, logger: quiet)
    // Also across midnight; it comes back by the clock of `retry/`, with nothing forwarded meanwhile.
    clock.advance(by: .seconds(86_400))
    #expect(try await retry.work().stored == 0)
    #expect(tree.names("retry") == [] && tree.names("processed/2026-11-23") == ["a.json"])
    #expect(try await forwarder(store, webhook.url).drain())
    let ids = webhook.requests.map { $0.headers["idempotency-key"] }
    #expect(ids.count == 2 && ids[0] != nil && ids[0] == ids[1])
    #expect(try await store.pending().count == 0)
    // It is the same writing, with the same acknowledgement.
    #expect(tree.readText("processed/2026-11-23/forwards.jsonl")?.contains(#""eventIds":["a"]"#) == true)
    let record = tree.readText("processed/2026-11-23/a.json")
    #expect(record?.contains(#""processedAt":"2026-11-23T12:00:00.000Z""#) == true)
  }

  @Test("Through an outage that uses all attempts up, all events keep their order")
  func order() async throws {
    let webhook = try MisbehavingWebhook(.status(200))
    defer { webhook.stop() }
    let store = try store()
    try await commit(["c", "a"], to: store)
    #expect(try await !forwarder(store, try MisbehavingWebhook.closedAddress()).drain())
    #expect(tree.names("retry").count == 4)
    try await commit(["b"], to: store)
    #expect(try await forwarder(store, webhook.url).drain())
    let sent = String(decoding: try #require(webhook.requests.last).body, as: UTF8.self)
      .split(separator: #""eventId":""#).dropFirst().map { $0.prefix(1) }
    #expect(sent == ["c", "a", "b"])
    #expect(tree.names("retry") == [])
  }

  @Test(
    "A workflow that did not answer a batch gets it no second time after a restart, but single events and smaller ones")
  func restartUnanswered() async throws {
    let isAway = Atomic(true)
    let webhook = try MisbehavingWebhook { _, _ in isAway.load(ordering: .relaxed) ? .closed : .status(200) }
    defer { webhook.stop() }
    func sizes() -> [Int] {
      webhook.requests.map { String(decoding: $0.body, as: UTF8.self).split(separator: #"{"eventId":""#).count - 1 }
    }
    do {
      let store = try store()
      try await commit((10..<50).map { "e\($0)" }, to: store)
      #expect(try await !forwarder(store, webhook.url).drain())
      await store.close()
    }
    let before = sizes()
    #expect(before.first == 40 && before.dropFirst().allSatisfy { $0 == 1 })
    isAway.store(false, ordering: .relaxed)
    let store = try store()
    #expect(try await forwarder(store, webhook.url).drain())
    let after = Array(sizes().dropFirst(before.count))
    #expect(after.first == 1 && after.allSatisfy { $0 <= 20 }, "\(after)")
    #expect(try await store.pending().count == 0)
  }

  @Test("While the webhook is away its events wait, and no file moves to failed")
  func away() async throws {
    let store = try store()
    try await commit(["a", "b"], to: store)
    let forwarder = try forwarder(store, try MisbehavingWebhook.closedAddress())
    #expect(await !forwarder.drain())
    #expect(tree.names("retry").count == 4)
    #expect(tree.names("failed").isEmpty)
    #expect(try #require(tree.readText("retry/a.json.error")).contains(#""reason": "unreachable""#))
  }

  @Test("A record that a person has taken away is not sent")
  func gone() async throws {
    let webhook = try MisbehavingWebhook(.status(200))
    defer { webhook.stop() }
    let store = try store()
    try await commit(["a", "b"], to: store)
    tree.remove("processed/2026-11-23/a.json")
    #expect(try await forwarder(store, webhook.url).drain())
    #expect(webhook.requests.count == 1)
    #expect(!String(decoding: webhook.requests[0].body, as: UTF8.self).contains(#""eventId":"a""#))
    #expect(try await store.pending().count == 0)
  }

  @Test("A record that is damaged is not sent, and needs a person", arguments: ["", "{}", #"{"eventId":"b"}"#])
  func damaged(content: String) async throws {
    let webhook = try MisbehavingWebhook(.status(200))
    defer { webhook.stop() }
    let store = try store()
    try await commit(["a", "b"], to: store)
    tree.write(content, to: "processed/2026-11-23/a.json")
    let forwarder = try forwarder(store, webhook.url)
    #expect(await forwarder.drain())
    #expect(webhook.requests.count == 1)
    #expect(await forwarder.movedAside == 1)
    #expect(tree.names("processed/2026-11-23") == ["b.json", "forwards.jsonl"])
    #expect(tree.names("failed") == ["a.json", "a.json.error"] && tree.readText("failed/a.json") == content)
    let sidecar = try #require(tree.readText("failed/a.json.error"))
    #expect(sidecar.contains(#""reason": "corrupt-record""#) && sidecar.contains(#""eventId": "a""#))
    #expect(try await store.pending().count == 0)
  }

  @Test(
    "Only refusals count as refusals, and only what is tried for ever waits longer each time",
    arguments: [
      (FailureReason.unreachable, 422, "retry", 1), (.workflowError, 422, "retry", 1), (.invalidJSON, 422, "retry", 1),
      (.rejected, 422, "failed", 8), (.unreachable, 503, "retry", 8), (.workflowError, 503, "retry", 8),
      (.rejected, 503, "retry", 1),
    ])
  func history(reason: FailureReason, status: Int, folder: String, attempts: Int) async throws {
    let webhook = try MisbehavingWebhook(.status(status))
    defer { webhook.stop() }
    do {
      let store = try store()
      try await commit(
        ["a"], to: store, history: FailureHistory(attempts: 7, firstFailedAt: clock.now(), reason: reason))
      await store.close()
    }
    // A restart in between changes nothing.
    let store = try store()
    _ = try await forwarder(store, webhook.url).drain()
    let sidecar = try #require(tree.readText("\(folder)/a.json.error"))
    #expect(sidecar.contains(#""attempts": \#(attempts)"#), "\(sidecar)")
  }

  @Test("An event's account has each attempt that was in vain, whatever became of it in the end")
  func attempts() async throws {
    let webhook = try MisbehavingWebhook { request, _ in
      String(decoding: request.body, as: UTF8.self).contains(#""eventId":"b""#)
        ? .status(422, body: "no such customer") : .status(200)
    }
    defer { webhook.stop() }
    let store = try store()
    try await commit(["a", "b", "c"], to: store)
    #expect(try await forwarder(store, webhook.url).drain())
    let all = try attempts(of: "b")
    #expect(all.map(\.events) == [3, 2, 1])
    #expect(try attempts(of: "a") == Array(all.prefix(2)))
    #expect(try attempts(of: "c") == Array(all.prefix(1)))
    let sent = webhook.requests.filter { String(decoding: $0.body, as: UTF8.self).contains(#""eventId":"b""#) }
    #expect(all.map(\.batchId) == sent.map { $0.headers["idempotency-key"] })
    #expect(all.allSatisfy { $0.httpStatus == 422 && $0.response == "no such customer" })
  }

  @Test("An attempt says of each event what the answer says of it")
  func attemptsWithResults() async throws {
    let webhook = try MisbehavingWebhook(
      .status(
        200,
        body: #"{"results":[{"eventId":"a","status":"ok"},{"eventId":"b","status":"reject","error":"no VAT number"}]}"#)
    )
    defer { webhook.stop() }
    let store = try store()
    try await commit(["a", "b", "c"], to: store)
    let forwarder = try forwarder(store, webhook.url) { $0.acknowledge = .results }
    _ = await forwarder.drain()
    #expect(try attempts(of: "a").isEmpty)
    #expect(try attempts(of: "b").map(\.message.description) == ["the workflow rejects the event: no VAT number"])
    #expect(try attempts(of: "c").first?.message.description == "the answer does not name the event")
  }

  @Test("No answer is an attempt, too")
  func attemptWithoutAnswer() async throws {
    let store = try store()
    try await commit(["a"], to: store)
    #expect(try await !forwarder(store, try MisbehavingWebhook.closedAddress()).drain())
    let attempt = try #require(try attempts(of: "a").first)
    #expect(attempt.httpStatus == nil && attempt.response == nil)
    #expect(attempt.message.description.contains("cannot be reached"))
  }

  @Test("The latest twenty attempts are kept, as long as records are")
  func attemptsKept() async throws {
    var options = options
    options.keep = .seconds(30 * 86_400)
    let store = try RecordStore(options, clock: clock, logger: quiet)
    try await commit(["a", "b"], to: store)
    let batch = try #require(try await store.nextBatch(maxEvents: 10, maxBytes: 1 << 20, onlyFull: false))
    for number in 1...25 {
      // Together with b, only the first.
      try await store.remember(
        FailedAttempt(
          time: clock.now(), batchId: "\(number)", events: 1, httpStatus: 503, message: "away", response: nil),
        of: number == 1 ? batch.events : Array(batch.events.prefix(1)))
    }
    #expect(try attempts(of: "a").map(\.batchId) == (6...25).map(String.init))
    #expect(try attempts(of: "b").map(\.batchId) == ["1"])
    try await store.acknowledge(batch.events, batchId: "26", status: 200)
    #expect(try attempts(of: "a").count == 20)
    clock.advance(by: .seconds(29 * 86_400))
    _ = try await store.prune(isConfirmed: true, isRehearsal: false)
    #expect(try attempts(of: "a").count == 20)
    clock.advance(by: .seconds(3 * 86_400))
    _ = try await store.prune(isConfirmed: true, isRehearsal: false)
    #expect(try attempts(of: "a").isEmpty && attempts(of: "b").isEmpty)
  }
}
