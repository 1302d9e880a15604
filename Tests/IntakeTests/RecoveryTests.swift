import Catalog
import EventStore
import Events
import Glibc
import Intake
import Maintenance
import SystemPackage
import TestSupport
import Testing
import Time

@Suite(.tags(.fast, .durability)) struct RecoveryTests {
  @Test func `Stopped at any operation, every event is stored exactly once by the next run`() async throws {
    let drops = [
      ("a.json", #"{"id":"1","type":"t","data":{"n":1}}"#), ("b.json", #"{"id":"1","type":"t","data":{"n":1}}"#),
      ("c.jsonl", "{\"id\":\"2\",\"type\":\"t\"}\n{\"id\":\"3\",\"type\":\"t\"}\nbroken\n"), ("d.json", "{"),
      ("e.json", #"{"id":"1","type":"t","data":{"n":2}}"#),
    ]
    // The number of operations in a whole run.
    let counting = RecordingFiles()
    let whole = try Workplace(files: counting)
    for (name, content) in drops { whole.drop(name, content) }
    _ = try await whole.inbox.work()
    #expect(counting.count > 30)
    for operation in 1...counting.count {
      let tree = TemporaryTree()
      for (name, content) in drops { tree.write(content, to: "inbox/\(name)") }
      do {
        _ = try await Workplace(tree, files: RecordingFiles(.stop(at: operation))).inbox.work()
      } catch is StorageError {
        // As expected.
      }
      let next = try Workplace(tree)
      _ = try await next.inbox.work()
      #expect(next.records == ["1.json", "2.json", "3.json"], "stopped at operation \(operation)")
      #expect(tree.names("inbox") == [], "stopped at operation \(operation)")
      let failed = (tree.names("retry") + tree.names("failed")).filter { !$0.hasSuffix(".error") }.sorted()
      #expect(failed == ["c.jsonl.3.json", "d.json", "e.json"], "stopped at operation \(operation)")
      #expect(try await next.store.pending().count == 3, "stopped at operation \(operation)")
    }
  }

  @Test func `Where what was claimed cannot all be taken up at once, the rest is not forgotten`() async throws {
    let files = RecordingFiles()
    let tree = TemporaryTree()
    for number in 1...3 { tree.write(#"{"id":"\#(number)","type":"t"}"#, to: "state/claims/default/\(number).json") }
    let place = try Workplace(tree, files: files, portion: 1)
    for number in 1...3 { files.always("open \(number).json") { () throws(Errno) in throw .tooManyOpenFilesInSystem } }
    await #expect(throws: StorageError.self) { try await place.inbox.work() }
    for number in 1...3 { files.always("open \(number).json", nil) }
    // The same process continues.
    #expect(try await place.inbox.work().stored == 3)
    #expect(tree.names("state/claims/default") == [])
  }

  @Test func `A stop while they are taken up puts the rest back`() async throws {
    let tree = TemporaryTree()
    for number in 1...3 { tree.write(#"{"id":"\#(number)","type":"t"}"#, to: "state/claims/default/\(number).json") }
    let place = try Workplace(tree, portion: 1)
    #expect(try await place.inbox.work { true }.stored == 0)
    #expect(tree.names("inbox") == ["1.json", "2.json", "3.json"] && tree.names("state/claims/default") == [])
  }

  @Test func `A failure that passes at any operation loses nothing, and the same run goes on`() async throws {
    let counting = RecordingFiles()
    let whole = try Workplace(files: counting)
    let start = counting.count
    whole.drop("a.json", #"{"id":"1","type":"t"}"#)
    whole.drop("b.json", "{")
    _ = try await whole.inbox.work()
    for operation in 1...(counting.count - start) {
      for error in [Errno.noSpace, .ioError, .readOnlyFileSystem, .tooManyOpenFiles] {
        let files = RecordingFiles()
        let clock = ManualClock()
        let place = try Workplace(files: files, clock: clock)
        place.drop("a.json", #"{"id":"1","type":"t"}"#)
        place.drop("b.json", "{")
        files.fail(next: operation, error)
        _ = try? await place.inbox.work()
        for _ in 1...2 {
          clock.advance(by: .seconds(5))
          _ = try await place.inbox.work()
        }
        #expect(place.records == ["1.json"], "\(error) at operation \(operation)")
        #expect(place.tree.names("inbox") == [], "\(error) at operation \(operation)")
        let failed = (place.tree.names("retry") + place.tree.names("failed")).filter { !$0.hasSuffix(".error") }
        #expect(failed.count == 1, "\(error) at operation \(operation)")
      }
    }
  }

  @Test func `Without its catalog, the store knows what is pending and what was acknowledged`() async throws {
    let tree = TemporaryTree()
    do {
      let place = try Workplace(tree)
      for id in 1...3 { place.drop("\(id).json", #"{"id":"\#(id)","type":"t"}"#) }
      _ = try await place.inbox.work()
      let batch = try #require(try await place.store.nextBatch(maxEvents: 2, maxBytes: 1 << 20, onlyFull: true))
      try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
    }
    for ending in ["", "-wal", "-shm"] { tree.remove("state/catalog.sqlite\(ending)") }
    let place = try Workplace(tree)
    let pending = try #require(try await place.store.nextBatch(maxEvents: 9, maxBytes: 1 << 20, onlyFull: false))
    #expect(pending.events.map(\.eventId) == ["3"])
    place.drop("again.json", #"{"id":"1","type":"t"}"#)
    #expect(try await place.inbox.work().duplicates == 1)
  }

  @Test func `An acknowledgement belongs to one writing of a record, also without the catalog`() async throws {
    let tree = TemporaryTree()
    do {
      let clock = ManualClock()
      let place = try Workplace(tree, clock: clock)
      place.drop("1.json", #"{"id":"1","type":"t"}"#)
      _ = try await place.inbox.work()
      let batch = try #require(try await place.store.nextBatch(maxEvents: 2, maxBytes: 1 << 20, onlyFull: false))
      try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
      // The clock goes back, and the record is processed again.
      clock.set("2026-11-23T11:00:00.000Z")
      tree.move("processed/2026-11-23/1.json", to: "inbox/1.json")
      #expect(try await place.inbox.work().stored == 1)
      #expect(try await place.store.pending().count == 1)
    }
    for ending in ["", "-wal", "-shm"] { tree.remove("state/catalog.sqlite\(ending)") }
    #expect(try await Workplace(tree).store.pending().count == 1)
  }

  @Test func `A stop between record and catalog at midnight does not make two records`() async throws {
    let tree = TemporaryTree()
    let clock = ManualClock("2026-11-23T23:59:59.999Z")
    let files = RecordingFiles()
    let place = try Workplace(tree, files: files, clock: clock)
    place.drop("a.json", #"{"id":"1","type":"t"}"#)
    // The barrier after the name fails.
    files.before("sync 2026-11-23") { () throws(Errno) in throw .ioError }
    await #expect(throws: StorageError.self) { try await place.inbox.work() }
    #expect(tree.names("processed/2026-11-23") == ["1.json"])
    let next = try Workplace(tree, clock: ManualClock("2026-11-24T00:00:01.000Z"))
    let done = try await next.inbox.work()
    #expect(done.duplicates == 1)
    #expect(next.records == ["1.json"])
    #expect(try await next.store.pending().count == 1)
  }

  @Test func `A record that is not whole is set aside, and its event stored again`() async throws {
    let tree = TemporaryTree()
    let place = try Workplace(tree)
    place.drop("a.json", #"{"id":"1","type":"t","data":{"a":1}}"#)
    _ = try await place.inbox.work()
    let partition = tree.names("processed")[0]
    tree.write("", to: "processed/\(partition)/1.json")
    place.drop("a.json", #"{"id":"1","type":"t","data":{"a":1}}"#)
    #expect(try await place.inbox.work().stored == 1)
    #expect(try #require(tree.readText("processed/\(partition)/1.json")).contains(#""data":{"a":1}"#))
    #expect(try #require(place.report("failed/1.json")).failure.reason == .corruptRecord)
  }

  @Test func `A file of several that is read again after a stop sets none of its events aside twice`() async throws {
    let tree = TemporaryTree()
    let lines = "{\"id\":\"1\",\"type\":\"t\"}\nbroken\n"
    do {
      let place = try Workplace(tree)
      place.drop("a.jsonl", lines)
      _ = try await place.inbox.work()
      #expect(tree.names("retry") == ["a.jsonl.2.json", "a.jsonl.2.json.error"])
      // Retried, it has no further use; the power is cut before the removal of the whole file is on disk.
      _ = try await place.retry.work()
      #expect(tree.names("failed") == ["a.jsonl.2.json", "a.jsonl.2.json.error"])
      tree.write(lines, to: "state/claims/default/a.jsonl")
    }
    let next = try Workplace(tree)
    _ = try await next.inbox.work()
    #expect(tree.names("failed") + tree.names("retry") == ["a.jsonl.2.json", "a.jsonl.2.json.error"])
    // The stop comes during its retry.
    tree.write(lines, to: "state/claims/default/a.jsonl")
    for ending in ["", ".error"] {
      tree.move("failed/a.jsonl.2.json\(ending)", to: "retry/a.jsonl.2.json\(ending)")
    }
    tree.move("retry/a.jsonl.2.json", to: "state/retrying/a.jsonl.2.json")
    let third = try Workplace(tree)
    _ = try await third.inbox.work()
    _ = try await third.retry.work()
    let left = (tree.names("failed") + tree.names("retry")).filter { !$0.hasSuffix(".error") }
    #expect(left == ["a.jsonl.2.json"])
  }

  @Test func `A record that the catalog does not know is compared before a drop counts as the same`() async throws {
    let other = try Workplace(clock: ManualClock("2026-11-23T11:00:00.000Z"))
    other.drop("a.json", #"{"id":"1","type":"t","data":{"n":1}}"#)
    _ = try await other.inbox.work()
    let record = try #require(other.tree.read("processed/2026-11-23/1.json"))
    let place = try Workplace(clock: ManualClock("2026-11-23T12:00:00.000Z"))
    // It came there while the store was open: put back by a person, or named by a portion whose second barrier failed.
    place.tree.write(record, to: "processed/2026-11-23/1.json")
    place.drop("other.json", #"{"id":"1","type":"t","data":{"n":2}}"#)
    place.drop("same.json", #"{"id":"1","type":"t","data":{"n":1}}"#)
    let done = try await place.inbox.work()
    #expect(done.stored == 0)
    #expect(done.duplicates == 1)
    #expect(place.tree.names("failed") == ["other.json", "other.json.error"])
    #expect(try #require(place.report("failed/other.json")).failure.reason == .conflict)
    #expect(place.tree.read("processed/2026-11-23/1.json") == record)
    #expect(try await place.store.pending().count == 1)
  }

  @Test func `A journal's half-written last line is cut off, and its batch is pending`() async throws {
    let tree = TemporaryTree()
    let partition: String
    do {
      let place = try Workplace(tree)
      place.drop("1.json", #"{"id":"1","type":"t"}"#)
      place.drop("2.json", #"{"id":"2","type":"t"}"#)
      _ = try await place.inbox.work()
      partition = tree.names("processed")[0]
      let batch = try #require(try await place.store.nextBatch(maxEvents: 1, maxBytes: 1 << 20, onlyFull: true))
      try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
    }
    let journal = try #require(tree.readText("processed/\(partition)/forwards.jsonl"))
    tree.write(journal + #"{"batchId":"c","forwarded"#, to: "processed/\(partition)/forwards.jsonl")
    #expect(try await Workplace(tree).store.pending().count == 1)
    #expect(tree.readText("processed/\(partition)/forwards.jsonl") == journal)
  }

  @Test func `A batch is the same after a restart`() async throws {
    let tree = TemporaryTree()
    let first: PendingBatch
    do {
      let place = try Workplace(tree)
      for id in 1...3 { place.drop("\(id).json", #"{"id":"\#(id)","type":"t"}"#) }
      _ = try await place.inbox.work()
      first = try #require(try await place.store.nextBatch(maxEvents: 9, maxBytes: 1 << 20, onlyFull: false))
    }
    let place = try Workplace(tree)
    place.drop("4.json", #"{"id":"4","type":"t"}"#)
    _ = try await place.inbox.work()
    let again = try #require(try await place.store.nextBatch(maxEvents: 9, maxBytes: 1 << 20, onlyFull: false))
    #expect(again.events == first.events)
  }
}

@Suite(.tags(.fast, .durability)) struct RetentionTests {
  private func place(_ days: [String], keep: Duration) async throws -> (Workplace, ManualClock) {
    let tree = TemporaryTree()
    let clock = ManualClock("\(days[0])T12:00:00.000Z")
    let place = try Workplace(tree, clock: clock, keep: keep)
    for day in days {
      while clock.now() < (Timestamp(rfc3339: "\(day)T12:00:00.000Z") ?? clock.now()) {
        clock.advance(by: .seconds(3600 * 12))
      }
      place.drop("\(day).json", #"{"id":"\#(day)","type":"t","data":{"d": "\#(day)"}}"#)
      _ = try await place.inbox.work()
    }
    return (place, clock)
  }

  private func acknowledgeAll(_ place: Workplace) async throws {
    while let batch = try await place.store.nextBatch(maxEvents: 100, maxBytes: 1 << 20, onlyFull: false) {
      try await place.store.acknowledge(batch.events, batchId: "b", status: 200)
      try await place.store.release(batch, dissolving: true)
    }
  }

  @Test func `Old partitions go, and their identities stay`() async throws {
    let (place, _) = try await place(
      ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"], keep: .seconds(2 * 86_400))
    try await acknowledgeAll(place)
    let report = try await place.store.prune(isConfirmed: false, isRehearsal: false)
    #expect(report.pruned.map(\.description) == ["2026-11-01"])
    #expect(place.tree.names("processed") == ["2026-11-02", "2026-11-03", "2026-11-04", "identities"])
    #expect(place.tree.names("state/trash") == [])
    let identities = try #require(place.tree.readText("processed/identities/2026-11-01.ids"))
    #expect(identities.hasPrefix("2026-11-01 "))
    #expect(identities.utf8.count == 76)
    place.drop("again.json", #"{"id":"2026-11-01","type":"t","data":{"d":"2026-11-01"}}"#)
    place.drop("other.json", #"{"id":"2026-11-01","type":"t","data":{"d":"other"}}"#)
    let done = try await place.inbox.work()
    #expect(done.duplicates == 1)
    #expect(place.tree.names("failed") == ["other.json", "other.json.error"])
  }

  @Test func `What is pending is not pruned, and more than half not without a person's word`() async throws {
    let (place, _) = try await place(["2026-11-01", "2026-11-02", "2026-11-03"], keep: .seconds(86_400))
    let held = try await place.store.prune(isConfirmed: false, isRehearsal: false)
    #expect(held.pruned == [])
    #expect(held.held.values.sorted() == [1])
    try await acknowledgeAll(place)
    #expect(
      try await place.store.prune(isConfirmed: false, isRehearsal: true).pruned.map(\.description) == ["2026-11-01"])
  }

  @Test func `A clock that runs ahead prunes nothing until a person says so`() async throws {
    let (place, clock) = try await place(["2026-11-01", "2026-11-02", "2026-11-03"], keep: .seconds(30 * 86_400))
    try await acknowledgeAll(place)
    clock.set("2027-11-03T12:00:00.000Z")
    let refused = try await place.store.prune(isConfirmed: false, isRehearsal: false)
    #expect(refused.pruned == [])
    guard case .clockAhead = refused.refusal else { throw TestFailure("not refused: \(refused)") }
    let confirmed = try await place.store.prune(isConfirmed: true, isRehearsal: false)
    #expect(confirmed.pruned.count == 3)
    #expect(place.tree.names("processed") == ["identities"])
  }

  @Test func `Stopped at any operation, a prune takes a whole partition or nothing of it`() async throws {
    let days = ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"]
    let keep = Duration.seconds(3 * 86_400)
    // Each day has three events, all acknowledged; the first day is old enough to go.
    func prepared(_ files: RecordingFiles) async throws -> (Workplace, ManualClock) {
      let clock = ManualClock("\(days[0])T12:00:00.000Z")
      let place = try Workplace(files: files, clock: clock, keep: keep)
      for day in days {
        clock.set("\(day)T12:00:00.000Z")
        for number in 1...3 { place.drop("\(number).json", #"{"id":"\#(day)-\#(number)","type":"t"}"#) }
        _ = try await place.inbox.work()
      }
      try await acknowledgeAll(place)
      return (place, clock)
    }
    let counting = RecordingFiles()
    let (whole, _) = try await prepared(counting)
    let before = counting.count
    #expect(try await whole.store.prune(isConfirmed: false, isRehearsal: false).pruned.count == 1)
    let count = counting.count - before
    #expect(count > 8)
    for operation in 1...count {
      let files = RecordingFiles()
      let (place, clock) = try await prepared(files)
      files.set(.stop(at: files.count + operation))
      _ = try? await place.store.prune(isConfirmed: false, isRehearsal: false)
      let partition = place.tree.names("processed/2026-11-01")
      #expect([0, 4].contains(partition.count), "stopped at operation \(operation): \(partition)")
      let next = try Workplace(place.tree, clock: clock, keep: keep)
      #expect(try await next.store.pending().count == 0, "stopped at operation \(operation)")
      next.drop("again.json", #"{"id":"2026-11-01-2","type":"t"}"#)
      #expect(try await next.inbox.work().duplicates == 1, "stopped at operation \(operation)")
      _ = try await next.store.prune(isConfirmed: false, isRehearsal: false)
      #expect(next.tree.names("processed") == Array(days.dropFirst()) + ["identities"])
      #expect(next.tree.names("state/trash") + next.tree.names("processed/identities") == ["2026-11-01.ids"])
    }
  }
}

struct TestFailure: Error {
  var message: String
  init(_ message: String) { self.message = message }
}
