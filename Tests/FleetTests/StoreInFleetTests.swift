import Catalog
import Digests
import DurableFiles
import EventStore
import Events
import Fleet
import Logging
import StoreSupport
import TestSupport
import Testing
import Time

/// Stores of several machines, with a tree each and one database.
@Suite(.onlyInFullRuns, .enabled(if: TestDatabase.isThere, Comment(rawValue: TestDatabase.whyNot)))
struct StoreInFleetTests {
  /// A machine: its tree, and its store.
  final class Machine {
    let name: String
    let tree = TemporaryTree()
    let database: TestDatabase
    let takeover: Duration
    let clock: SkewedClock
    private(set) var ledger: FaultyLedger
    private(set) var store: RecordStore

    init(
      _ name: String, _ database: TestDatabase, takeover: Duration = .milliseconds(200), ahead: Duration = .zero
    ) throws {
      (self.name, self.database, self.takeover) = (name, database, takeover)
      clock = SkewedClock(ahead: ahead)
      (ledger, store) = try Self.opened(name, tree, database, takeover, clock)
    }

    private static func opened(
      _ name: String, _ tree: TemporaryTree, _ database: TestDatabase, _ takeover: Duration,
      _ clock: SkewedClock
    ) throws -> (FaultyLedger, RecordStore) {
      let ledger = FaultyLedger(
        PostgresLedger(FleetOptions(url: database.url, node: name, takeover: takeover), clock: clock))
      var options = StoreOptions(tree.layout, durability: .off)
      options.isInFleet = true
      let store = try RecordStore(
        options, clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, ledger: ledger)
      return (ledger, store)
    }

    /// Another process takes over the tree, after this one has stopped without notice.
    func restart() throws { (ledger, store) = try Self.opened(name, tree, database, takeover, clock) }

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

  /// - Parameters:
  ///   - names: The machines.
  ///   - apart: By how much the clock of each is ahead of the previous one's.
  /// - Returns: The database, with its tables, and the machines.
  /// - Throws: If one of them cannot be created.
  private func fleet(_ names: String..., apart: Duration = .zero) async throws -> (TestDatabase, [Machine]) {
    let database = try await TestDatabase()
    try await database.query(FleetSchema.statements)
    return (
      database,
      try names.enumerated().map { number, name in try Machine(name, database, ahead: apart * (number - 1)) }
    )
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
    // What is named but not confirmed may be another's: its drop waits until that is known.
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

  @Test("Clocks that are an hour apart neither lose a claim before its time nor keep one")
  func clocksApart() async throws {
    let (database, machines) = try await fleet("behind", "right", "ahead", apart: .seconds(3600))
    for machine in machines { #expect(try await machine.commit(["of-\(machine.name)"]) == ["stored"]) }
    for machine in machines {
      #expect(try await machine.commit(machines.map { "of-\($0.name)" }) == Array(repeating: "duplicate", count: 3))
    }
    for (machine, other) in [(machines[0], machines[2]), (machines[2], machines[0])] {
      let id = "taken-from-\(machine.name)"
      machine.ledger.set(.beforeStore)
      await #expect(throws: StorageError.self) { try await machine.commit([id]) }
      let claimed = ContinuousClock.now
      var outcomes = try await other.commit([id])
      while outcomes == ["held"] { outcomes = try await other.commit([id]) }
      #expect(outcomes == ["stored"])
      #expect(ContinuousClock.now - claimed < .seconds(30))
      outcomes = try await machine.commit([id])
      while outcomes == ["held"] { outcomes = try await machine.commit([id]) }
      #expect(outcomes == ["duplicate"])
    }
    // As long as a claim has not expired by the database's clock, it stays, whatever a machine's clock says.
    let (first, second) = (
      try Machine("patient", database, takeover: .seconds(600)), try Machine("hasty", database, ahead: .seconds(7200))
    )
    first.ledger.set(.beforeStore)
    await #expect(throws: StorageError.self) { try await first.commit(["kept"]) }
    for _ in 0..<3 { #expect(try await second.commit(["kept"]) == ["held"]) }
    var outcomes = try await first.commit(["kept"])
    while outcomes == ["held"] { outcomes = try await first.commit(["kept"]) }
    #expect(outcomes == ["duplicate"] && first.records == ["kept.json"] && second.records == [])
    for machine in machines + [first, second] { try? await machine.store.keepUpWithFleet() }
    #expect(
      try await database.query("SELECT event_id, node, state FROM eventdrop.events ORDER BY 1") == """
        kept|patient|pending
        of-ahead|ahead|pending
        of-behind|behind|pending
        of-right|right|pending
        taken-from-ahead|behind|pending
        taken-from-behind|ahead|pending
        """)
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
    // The first attempt finds out, and joins; it waits until the other has put back.
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

  @Test("A machine joins with the identities of what it has pruned, too")
  func pruned() async throws {
    let (database, machines) = try await fleet("one", "two")
    let (one, two) = (machines[0], machines[1])
    func line(_ id: String, _ key: String) throws -> String {
      key + " " + String(decoding: Digests.hexadecimal(try Machine.event(id, value: 0).dataDigest), as: UTF8.self)
        + "\n"
    }
    one.tree.write(
      try line("p", "p") + line("a/b", "a%2Fb") + line("elsewhere", "elsewhere"),
      to: "processed/identities/2020-01-01.ids")
    try one.restart()
    #expect(try await two.commit(["elsewhere", "own"]) == ["stored", "stored"])
    try await one.store.keepUpWithFleet()
    #expect(try await two.commit(["p", "a/b", "own"]) == ["duplicate", "duplicate", "duplicate"])
    #expect(try await two.commit(["p", "a/b"], value: 1) == ["conflict", "conflict"])
    #expect(try await one.commit(["p", "elsewhere"]) == ["duplicate", "duplicate"])
    #expect(
      try await database.query("SELECT event_id, node, state FROM eventdrop.events ORDER BY 1")
        == "a/b|one|forwarded\nelsewhere|two|pending\nown|two|pending\np|one|forwarded")
    // A restored database has forgotten them, and gets them again.
    try await database.query("DELETE FROM eventdrop.events; UPDATE eventdrop.nodes SET counter = 0 WHERE node = 'one'")
    await #expect(throws: StorageError.self) { try await one.commit(["more"]) }
    await #expect(throws: StorageError.self) { while true { try await one.store.keepUpWithFleet() } }
    #expect(
      try await database.query("SELECT count(*) FROM eventdrop.events WHERE event_id IN ('p', 'a/b')") == "2")
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

/// A machine's clock that is wrong.
struct SkewedClock: WallClock {
  let ahead: Duration
  private let clock = SystemClock()

  init(ahead: Duration) { self.ahead = ahead }

  func now() -> Timestamp { clock.now() + ahead }
  func uptime() -> Duration { clock.uptime() }
  func sleep(for duration: Duration) async throws { try await clock.sleep(for: duration) }
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
