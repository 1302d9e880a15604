import Catalog
import DurableFiles
import EventStore
import Events
import Failures
import Glibc
import Intake
import Maintenance
import SystemPackage
import TestSupport
import Testing
import Time

/// A few events that together go every possible way: stored, duplicate, conflict, broken, refused, unreachable,
/// retried, reprocessed by hand, acknowledged, pruned.
///
/// It is a list of steps, each with its time. A disturbed step can be repeated, and the end is the same, whatever
/// happened on the way: `end` returns it.
final class WholeWay {
  let tree = TemporaryTree()
  private let clock = ManualClock("2026-11-01T10:00:00.000Z")
  /// The events that a webhook has taken, by their ids.
  private var received: Set<String> = []
  private var done: Set<String> = []

  init() {
    for (name, content) in [
      ("a.json", #"{"id":"1","type":"t","data":{"n":1}}"#),
      ("b.jsonl", "{\"id\":\"2\",\"type\":\"t\"}\n{\"id\":\"3\",\"type\":\"t\"}\nbroken\n"),
      ("bad.json", "{"),
      ("duplicate.json", #"{"id":"1","type":"t","data": {"n": 1}}"#),
    ] { tree.write(content, to: "inbox/\(name)") }
    symlink("/etc/passwd", tree.inbox.appending("link.json").string)
  }

  static let steps = 8

  /// Opens everything, like a start of the daemon.
  func open(_ files: any FileOperations = SystemFiles()) throws -> Workplace {
    try Workplace(
      tree, files: files, clock: clock, keep: .seconds(30 * 86_400), retryAttempts: 2)
  }

  /// A person's action: not repeated if the step is.
  private func once(_ name: String, _ deed: () -> Void) {
    if done.insert(name).inserted { deed() }
  }

  func perform(_ step: Int, in place: Workplace) async throws {
    clock.advance(by: .seconds(3600))
    switch step {
    case 0:
      clock.set("2026-11-01T10:00:00.000Z")
      _ = try await place.inbox.work()
    case 1:
      clock.set("2026-11-01T11:00:00.000Z")
      try await forward(place) { $0 == "2" ? .rejected : $0 == "3" ? .unreachable : nil }
    case 2, 3:
      clock.set("2026-11-01T1\(step):00:00.000Z")
      once("conflict") { tree.write(#"{"id":"1","type":"t","data":{"n":2}}"#, to: "inbox/conflict.json") }
      _ = try await place.inbox.work()
      _ = try await place.retry.work()
    case 4:
      clock.set("2026-11-01T14:00:00.000Z")
      try await forward(place) { $0 == "2" ? .rejected : nil }
    case 5:
      clock.set("2026-11-01T15:00:00.000Z")
      once("back") { tree.move("processed/2026-11-01/1.json", to: "inbox/back.json") }
      _ = try await place.inbox.work()
      // An attempt whose end nobody saw does not count, so there can be more than the two required.
      for hour in 16...19 {
        clock.set("2026-11-01T\(hour):00:00.000Z")
        try await forward(place) { $0 == "2" ? .rejected : nil }
        _ = try await place.retry.work()
      }
    case 6:
      clock.set("2026-12-20T10:00:00.000Z")
      once("last") { tree.write(#"{"id":"9","type":"t"}"#, to: "inbox/z.json") }
      _ = try await place.inbox.work()
      try await forward(place) { _ in nil }
    default:
      clock.set("2026-12-20T11:00:00.000Z")
      _ = try await place.store.prune(isConfirmed: true, isRehearsal: false)
    }
  }

  /// Sends everything pending to a webhook that refuses some.
  private func forward(_ place: Workplace, refusing reason: (String) -> FailureReason?) async throws {
    while let batch = try await place.store.nextBatch(maxEvents: 2, maxBytes: 1 << 20, onlyFull: false) {
      do {
        let records = try await place.store.records(of: batch.events)
        let there = zip(batch.events, records).filter { $0.1 != nil }.map(\.0)
        try await place.store.forget(zip(batch.events, records).filter { $0.1 == nil }.map(\.0))
        let taken = there.filter { reason($0.eventId.text) == nil }
        received.formUnion(taken.map(\.eventId.text))
        try await place.store.acknowledge(taken, batchId: "b\(batch.number)", status: 200)
        _ = try await place.store.fail(
          there.compactMap { event in
            reason(event.eventId.text).map {
              ForwardFailure(event: event, reason: $0, message: "refused", httpStatus: 422)
            }
          })
      } catch {
        try? await place.store.release(batch, dissolving: false)
        throw error
      }
      try await place.store.release(batch, dissolving: true)
    }
  }

  /// What is where at the end, one line per thing.
  func end(_ place: Workplace) async throws -> [String] {
    var lines: [String] = []
    for folder in [
      "inbox", "inbox/.eventdrop-claims", "retry", "retry/.eventdrop-claims", "state/claims/default", "state/retrying",
      "state/trash",
    ] {
      // The lock of our own folder of claims stays.
      lines += tree.names(folder).filter { !$0.hasPrefix(".") && $0 != "lock" }.map { "\(folder)/\($0)" }
    }
    for name in tree.names("failed") where name != ".unnamed" {
      let reason =
        name.hasSuffix(".error") ? "" : place.report("failed/\(name)").map { " \($0.failure.reason.rawValue)" }
      lines.append("failed/\(name)\(reason ?? " without a report")")
    }
    for day in tree.names("processed") where !day.hasPrefix(".") {
      for name in tree.names("processed/\(day)") where name != "forwards.jsonl" && name != ".unnamed" {
        lines.append("processed/\(day)/\(name)")
        guard day == "identities" else { continue }
        let text = tree.readText("processed/\(day)/\(name)") ?? ""
        lines += text.split(separator: "\n").map { "identity \($0.prefix(12))" }.sorted()
      }
    }
    lines.append("received \(received.sorted().joined(separator: " "))")
    lines.append("pending \(try await place.store.pending().count)")
    // The catalog must not know less than the tree.
    for ending in ["", "-wal", "-shm"] { tree.remove("state/catalog.sqlite\(ending)") }
    lines.append("pending by the tree \(try await open().store.pending().count)")
    return lines
  }
}
