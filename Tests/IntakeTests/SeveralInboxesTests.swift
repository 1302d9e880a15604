import Catalog
import EventStore
import Events
import Failures
import Intake
import Logging
import SystemPackage
import TestSupport
import Testing
import Time

/// One inbox's events are not superseded, pre-empted or answered for by another inbox.
@Suite(.tags(.fast), .timeLimit(.minutes(1))) struct SeveralInboxesTests {
  /// Two inboxes with one store.
  private struct Two {
    let one: Workplace
    let other: Inbox
    let tree: TemporaryTree

    init() throws {
      one = try Workplace()
      tree = one.tree
      var options = one.options
      options.name = "other"
      options.path = tree.path.appending("other")
      options.mapping.inbox = "other"
      other = try Inbox(
        options, store: one.store, clock: SystemClock(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      )
    }

    /// Stores an event of the first inbox, and has it refused by the webhook.
    func refuse(_ text: String, into place: FailedPlace) async throws {
      one.drop("x.json", text)
      _ = try await one.inbox.work()
      for _ in 0..<(place == .failed ? 5 : 1) {
        let batch = try #require(
          try await one.store.nextBatch(maxEvents: 10, maxBytes: 1 << 20, onlyFull: false))
        let failures = batch.events.map {
          ForwardFailure(event: $0, reason: .rejected, message: "no", httpStatus: 422)
        }
        let where_ = try await one.store.fail(failures)
        try await one.store.release(batch, dissolving: true)
        if where_[.failed] == nil, place == .failed { _ = try await one.retry.work() }
      }
    }
  }

  @Test(arguments: [FailedPlace.retry, .failed])
  func `A drop of another inbox is a conflict while the event waits after a failure`(place: FailedPlace) async throws {
    let two = try Two()
    try await two.refuse(#"{"eventId":"o","eventType":"t","data":"real"}"#, into: place)
    let folder = place == .retry ? "retry" : "failed"
    #expect(two.tree.names(folder).contains("o.json"))
    two.tree.write(#"{"eventId":"o","eventType":"t","data":"other"}"#, to: "other/y.json")
    #expect(try await two.other.work().failed == 1)
    #expect(two.one.records == [])
    #expect(two.one.report("failed/y.json")?.failure.reason == .conflict)
    #expect(two.tree.read("\(folder)/o.json").map { String(decoding: $0, as: UTF8.self) }?.contains("real") == true)
  }

  @Test(arguments: [FailedPlace.retry, .failed])
  func `So it is if the event's report is gone: the record names its inbox`(place: FailedPlace) async throws {
    let two = try Two()
    try await two.refuse(#"{"eventId":"o","eventType":"t","data":"real"}"#, into: place)
    let folder = place == .retry ? "retry" : "failed"
    two.tree.remove("\(folder)/o.json.error")
    two.tree.write(#"{"eventId":"o","eventType":"t","data":"other"}"#, to: "other/y.json")
    #expect(try await two.other.work().failed == 1)
    #expect(two.one.report("failed/y.json")?.failure.reason == .conflict)
    #expect(two.tree.names(folder).contains("o.json"))
  }

  @Test func `A file whose inbox is unknown is displaced by nobody`() async throws {
    let two = try Two()
    try await two.refuse(#"{"eventId":"o","eventType":"t","data":"real"}"#, into: .failed)
    two.tree.remove("failed/o.json.error")
    let dropped = #"{"eventId":"o","eventType":"t","data":"real"}"#
    two.tree.write(dropped, to: "failed/o.json")
    two.tree.write(#"{"eventId":"o","eventType":"t","data":"other"}"#, to: "other/y.json")
    #expect(try await two.other.work().stored == 1)
    #expect(two.tree.names("failed") == ["o.json"])
    #expect(two.tree.read("failed/o.json") == Array(dropped.utf8))
  }

  @Test func `A drop of the same inbox supersedes it, and the same data again simply takes its place`() async throws {
    let two = try Two()
    try await two.refuse(#"{"eventId":"o","eventType":"t","data":"real"}"#, into: .retry)
    // Its times do not matter: its content is read.
    two.tree.write(try #require(two.tree.read("retry/o.json")), to: "retry/o.json")
    two.one.drop("y.json", #"{"eventId":"o","eventType":"t","data": "real"}"#)
    #expect(try await two.one.inbox.work().stored == 1)
    #expect(two.tree.names("retry") == [])
    #expect(two.tree.names("failed") == [])
    try await two.refuse(#"{"eventId":"p","eventType":"t","data":"real"}"#, into: .retry)
    two.one.drop("y.json", #"{"eventId":"p","eventType":"t","data":"corrected"}"#)
    #expect(try await two.one.inbox.work().stored == 1)
    #expect(two.one.report("failed/p.json")?.failure.reason == .superseded)
  }

  @Test func `Once its copy is out of the way, the other inbox's event is stored`() async throws {
    let two = try Two()
    try await two.refuse(#"{"eventId":"o","eventType":"t","data":"real"}"#, into: .retry)
    two.tree.remove("retry/o.json")
    two.tree.write(#"{"eventId":"o","eventType":"t","data":"other"}"#, to: "other/y.json")
    #expect(try await two.other.work().stored == 1)
  }
}
