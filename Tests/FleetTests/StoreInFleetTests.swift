import DurableFiles
import EventStore
import Events
import Fleet
import Logging
import TestSupport
import Testing
import Time

/// Stores of several machines, with a tree each and one database.
@Suite(.enabled(if: TestDatabase.isThere, Comment(rawValue: TestDatabase.whyNot)))
struct StoreInFleetTests {
  /// A machine: its tree, and the store as a process has it.
  final class Machine {
    let name: String
    let tree = TemporaryTree()
    let database: TestDatabase
    let takeover: Duration
    private(set) var ledger: FaultyLedger
    private(set) var store: RecordStore

    init(_ name: String, _ database: TestDatabase, takeover: Duration = .milliseconds(200)) throws {
      (self.name, self.database, self.takeover) = (name, database, takeover)
      (ledger, store) = try Self.opened(name, tree, database, takeover)
    }

    private static func opened(
      _ name: String, _ tree: TemporaryTree, _ database: TestDatabase, _ takeover: Duration
    ) throws -> (FaultyLedger, RecordStore) {
      let clock = SystemClock()
      let ledger = FaultyLedger(
        PostgresLedger(FleetOptions(url: database.url, node: name, takeover: takeover), clock: clock))
      var options = StoreOptions(
        processed: tree.processed, retry: tree.retry, failed: tree.failed, state: tree.state, durability: .off)
      options.isInFleet = true
      let store = try RecordStore(
        options, clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, ledger: ledger)
      return (ledger, store)
    }

    /// Another process works on the tree, after this one has stopped without notice.
    func restart() throws { (ledger, store) = try Self.opened(name, tree, database, takeover) }

    func commit(_ ids: [String], value: Int = 0) async throws -> [String] {
      try await store.commit(try ids.map { Submission(try Self.event($0, value: value)) }).map(\.word)
    }

    /// The ids that may be forwarded.
    func pending() async throws -> [String] {
      try await store.nextBatch(maxEvents: 1000, maxBytes: 1 << 20, onlyFull: false)?.events.map(\.eventId.text) ?? []
    }

    var records: [String] {
      tree.names("processed").filter { $0.hasPrefix("2") }.flatMap { day in
        tree.names("processed/\(day)").filter { $0.hasSuffix(".json") }
      }
    }

    static func event(_ id: String, value: Int) throws -> Event {
      let mapping = EventMapping(
        inbox: "default", eventId: [try MemberSource("/id")], eventType: [try MemberSource("/type")],
        data: [try MemberSource("/data")], maxEventSize: 4 << 20)
      let bytes = Array(#"{"id":"\#(id)","type":"t","data":{"value":\#(value)}}"#.utf8)
      var reader = EventReader(mapping: mapping)
      switch reader.item(in: bytes, 0..<bytes.count, named: DropName(bytes: "drop.json".utf8), index: 1) {
      case .event(let event): return event
      case .failed(let item): throw item.failure
      }
    }
  }

  private func fleet(_ names: String...) async throws -> (TestDatabase, [Machine]) {
    let database = try await TestDatabase()
    try await database.query(FleetSchema.statements)
    return (database, try names.map { try Machine($0, database) })
  }

  @Test("A drop is a duplicate or a conflict also of what another machine has stored")
  func identities() async throws {
    let (database, machines) = try await fleet("one", "two")
    let (one, two) = (machines[0], machines[1])
    #expect(try await one.commit(["a", "b"]) == ["stored", "stored"])
    #expect(try await two.commit(["b", "c", "a"]) == ["duplicate", "stored", "duplicate"])
    #expect(try await two.commit(["a"], value: 1) == ["conflict"])
    #expect(try await one.commit(["a", "c"], value: 1) == ["conflict", "conflict"])
    #expect(one.records == ["a.json", "b.json"] && two.records == ["c.json"])
    #expect(try await two.pending() == ["c"])
    #expect(
      try await database.query("SELECT event_id, node, state FROM eventdrop.events ORDER BY 1")
        == "a|one|pending\nb|one|pending\nc|two|pending")
  }

  @Test(
    "Wherever an answer is lost, the portion is stored once when it is given again",
    arguments: [FaultyLedger.Fault.beforeClaim, .afterClaim, .beforeStore, .afterStore], [false, true])
  func lostAnswers(_ fault: FaultyLedger.Fault, hasRestart: Bool) async throws {
    let (_, machines) = try await fleet("one", "two")
    let (one, two) = (machines[0], machines[1])
    #expect(try await one.commit(["a"]) == ["stored"])
    one.ledger.set(fault)
    await #expect(throws: StorageError.self) { try await one.commit(["b", "c"]) }
    if hasRestart { try one.restart() }
    // What is named and not confirmed may be another's: its drop waits until that is known.
    var outcomes = try await one.commit(["b", "c"])
    while outcomes.contains("held") { outcomes = try await one.commit(["b", "c"]) }
    #expect(outcomes.allSatisfy { $0 == "stored" || $0 == "duplicate" })
    #expect(try await two.commit(["b", "c"]) == ["duplicate", "duplicate"])
    #expect(one.records == ["a.json", "b.json", "c.json"])
    #expect(try await one.pending().sorted() == ["a", "b", "c"])
  }

  @Test(
    "A record that was named and never confirmed is taken back once another machine has its event",
    arguments: [false, true])
  func taken(hasRestart: Bool) async throws {
    let (_, machines) = try await fleet("one", "two")
    let (one, two) = (machines[0], machines[1])
    one.ledger.set(.beforeStore)
    await #expect(throws: StorageError.self) { try await one.commit(["a", "b"]) }
    #expect(one.records == ["a.json", "b.json"])
    var outcomes = try await two.commit(["a"])
    while outcomes == ["held"] { outcomes = try await two.commit(["a"]) }
    #expect(outcomes == ["stored"])
    if hasRestart { try one.restart() }
    outcomes = try await one.commit(["a"])
    while outcomes == ["held"] { outcomes = try await one.commit(["a"]) }
    #expect(outcomes == ["duplicate"])
    #expect(one.records == ["b.json"])
    #expect(try await one.pending() == ["b"])
  }

  @Test("What a restored dump has forgotten is put back before anybody stores")
  func restored() async throws {
    let (database, machines) = try await fleet("one", "two")
    let (one, two) = (machines[0], machines[1])
    #expect(try await one.commit(["a"]) == ["stored"])
    #expect(try await two.commit(["z"]) == ["stored"])
    try await database.dump()
    #expect(try await one.commit(["b", "c"]) == ["stored", "stored"])
    try await database.restore()
    // The first try finds out, and joins; it waits until the other has put back.
    await #expect(throws: StorageError.self) { try await two.commit(["b"]) }
    await #expect(throws: StorageError.self) { try await two.commit(["b"]) }
    await #expect(throws: StorageError.self) { try await one.store.keepUpWithFleet() }
    try await one.store.keepUpWithFleet()
    #expect(try await two.commit(["b", "d"]) == ["duplicate", "stored"])
    #expect(try await one.commit(["d"], value: 1) == ["conflict"])
    #expect(
      try await database.query("SELECT event_id, node FROM eventdrop.events ORDER BY 1")
        == "a|one\nb|one\nc|one\nd|two\nz|two")
  }

  @Test("A machine joins with what its tree holds, and its events' states follow")
  func joining() async throws {
    let (database, machines) = try await fleet("one")
    let one = machines[0]
    #expect(try await one.commit(["a", "b"]) == ["stored", "stored"])
    try await database.query("DELETE FROM eventdrop.events; DELETE FROM eventdrop.nodes")
    try one.restart()
    let batch = try #require(try await one.store.nextBatch(maxEvents: 1, maxBytes: 1 << 20, onlyFull: false))
    try await one.store.keepUpWithFleet()
    try await one.store.acknowledge(batch.events, batchId: "b", status: 200)
    try await one.store.keepUpWithFleet()
    #expect(
      try await database.query("SELECT event_id, node, state FROM eventdrop.events ORDER BY 1")
        == "a|one|forwarded\nb|one|pending")
  }
}

extension CommitOutcome {
  fileprivate var word: String {
    switch self {
    case .stored: "stored"
    case .duplicate: "duplicate"
    case .conflict: "conflict"
    case .held: "held"
    }
  }
}
