import EventStore
import Events
import Forwarding
import Glibc
import Logging
import StoreSupport
import Synchronization
import SystemPackage
import TestSupport
import Testing
import Time

/// Events that the webhook refuses, among others that it accepts: from the store to a real connection.
@Suite(.onlyInFullRuns, .timeLimit(.minutes(10)))
struct PoisonTests {
  private let tree = TemporaryTree()
  private let clock = ManualClock()

  private func store() throws -> RecordStore {
    let logger = Logger(label: "test") { _ in LogKeeper(lines: LogKeeper.Lines()) }
    return try RecordStore(
      StoreOptions(tree.layout), clock: clock,
      logger: logger)
  }

  private func forwarder(_ store: RecordStore, _ url: String) throws -> Forwarder {
    var options = ForwardingOptions(
      url: url, address: url, schedule: try Schedule(["every 2s"]), timeZone: .utc, userAgent: "eventdrop/test")
    options.proxy = ""
    options.timeout = .seconds(60)
    let logger = Logger(label: "test") { _ in LogKeeper(lines: LogKeeper.Lines()) }
    return Forwarder(options, store: store, clock: clock, logger: logger)
  }

  private func commit(_ names: [String], to store: RecordStore) async throws {
    var reader = EventReader(
      mapping: EventMapping(
        inbox: "default", eventId: [try MemberSource("/id")], eventType: [try MemberSource("/type")],
        data: [try MemberSource("/data")], maxEventSize: 1 << 20))
    let file = "[\(names.map { #"{"id":"\#($0)","type":"t"}"# }.joined(separator: ","))]"
    let items = try reader.events(inDocument: Array(file.utf8), named: DropName(bytes: "a.json".utf8))
    _ = try await store.commit(
      items.compactMap { item in
        guard case .event(let event) = item else { return nil }
        return Submission(event)
      })
  }

  private static func isPoisoned(_ request: MisbehavingWebhook.Request) -> Bool {
    String(decoding: request.body, as: UTF8.self).contains(#""eventId":"poison"#)
  }

  private var journal: String { "processed/2026-11-23/forwards.jsonl" }

  /// The events in the journal, in order.
  private var acknowledged: [Substring] {
    (tree.readText(journal) ?? "").split(separator: "\n")
      .flatMap { $0.split(separator: #""eventIds":[""#).last?.dropLast(3).split(separator: #"",""#) ?? [] }
  }

  /// When a file was last written, or given its name, in nanoseconds.
  private func changed(_ file: String) throws -> Int {
    var status = stat()
    try #require(stat(tree.path.appending(file).string, &status) == 0)
    return status.st_ctim.tv_sec * 1_000_000_000 + status.st_ctim.tv_nsec
  }

  @Test(arguments: [0, 36, 99])
  func `One among a hundred is found soon, and given up after the others have gone through`(place: Int) async throws {
    let wasMovedEarly = Atomic(false)
    let webhook = try MisbehavingWebhook { [tree] request, _ in
      if tree.names("retry") != [] { wasMovedEarly.store(true, ordering: .relaxed) }
      return Self.isPoisoned(request) ? .status(422, body: "no such order") : .status(200)
    }
    defer { webhook.stop() }
    let store = try store()
    let names = (0..<100).map { $0 == place ? "poison" : "good-\($0)" }
    try await commit(names, to: store)
    #expect(try await forwarder(store, webhook.url).drain())
    #expect(webhook.requests.count <= 15, "\(webhook.requests.count) requests")
    let isEarly = wasMovedEarly.load(ordering: .relaxed)
    #expect(!isEarly)
    #expect(acknowledged.map(String.init) == names.filter { $0 != "poison" })
    #expect(tree.names("retry") == ["poison.json", "poison.json.error"])
    #expect(try changed(journal) <= changed("retry/poison.json.error"))
  }

  @Test(arguments: [false, true])
  func `A thousand among two thousand hold up none of the others`(areFirst: Bool) async throws {
    let webhook = try MisbehavingWebhook { request, _ in
      Self.isPoisoned(request) ? .status(400, body: "no such order") : .status(200)
    }
    defer { webhook.stop() }
    let store = try store()
    let good = (0..<1000).map { "good-\($0)" }
    let poison = (0..<1000).map { "poison-\($0)" }
    try await commit(areFirst ? poison + good : zip(good, poison).flatMap { [$0, $1] }, to: store)
    let forwarder = try forwarder(store, webhook.url)
    let begin = clock.uptime()
    #expect(await forwarder.drain())
    // There was no pause, and the circuit has not opened: if three in a row are refused, another one shows whose fault
    // it is.
    #expect(clock.uptime() == begin && !clock.hasSleepers)
    #expect(await forwarder.status().counts.openings == 0)
    #expect(acknowledged.map(String.init).sorted() == good.sorted())
    if !areFirst { #expect(acknowledged.map(String.init) == good) }
    #expect(try await store.pending().count == 0)
    #expect(tree.names("retry").count == 2000 && tree.names("failed") == [])
    // A batch of a hundred that are all refused is halved until each is alone.
    #expect(webhook.requests.count <= 20 * 199, "\(webhook.requests.count) requests")
  }
}
