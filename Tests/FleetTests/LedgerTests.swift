import Catalog
import EventStore
import Events
import Fleet
import Glibc
import TestSupport
import Testing
import Time

/// The ledger, in a real PostgreSQL.
@Suite(.onlyInFullRuns, .enabled(if: TestDatabase.isThere, Comment(rawValue: TestDatabase.whyNot)))
struct LedgerTests {
  private func ledger(
    _ node: String, _ database: TestDatabase, takeover: Duration = .seconds(600), timeout: Duration = .seconds(10)
  ) -> PostgresLedger {
    var options = FleetOptions(url: database.url, node: node, takeover: takeover)
    options.timeout = timeout
    return PostgresLedger(options, clock: SystemClock())
  }

  /// Joins like a machine with an empty tree.
  @discardableResult
  private func join(_ ledger: PostgresLedger, counter: Int64? = nil) async throws -> LedgerStanding {
    let standing = try await ledger.join(counter: counter, tree: "tree", nodes: [])
    if standing.mustPutBack { _ = try await ledger.finishPutBack() }
    return standing
  }

  private func made() async throws -> TestDatabase {
    let database = try await TestDatabase()
    try await database.query(FleetSchema.statements)
    return database
  }

  /// Stores what was claimed, under the epoch of the last join.
  private func store(
    _ ledger: PostgresLedger, _ claims: [IdentityClaim]
  ) async throws -> (ours: Set<EventID>, counter: Int64) {
    // A claim of nothing returns the epoch.
    try await ledger.store(claims, under: ledger.claim([]).epoch)
  }

  @discardableResult
  private func look(
    _ ledger: PostgresLedger
  ) async throws -> (machines: [FleetMachine], awaited: [String]) {
    try await ledger.look(TreeHolding(records: 3, pending: 1))
  }

  private func claim(_ id: String, data: UInt8 = 1, type: String = "t") -> IdentityClaim {
    IdentityClaim(
      eventId: EventID(id), eventType: type, dataDigest: Array(repeating: data, count: 32), inbox: "default")
  }

  @Test("What one machine has claimed and stored is held, a duplicate, or a conflict for another")
  func verdicts() async throws {
    let database = try await made()
    let (one, two) = (ledger("one", database), ledger("two", database))
    #expect(try await join(one).mustPutBack)
    try await join(two)
    let strange = [claim("a\"b\\c, {}"), claim("é"), claim("e\u{301}"), claim("NULL"), claim("x")]
    #expect(try await one.claim(strange).verdicts == Array(repeating: .ours, count: 5))
    #expect(try await two.claim([strange[0]]).verdicts == [.held(by: "one")])
    #expect(try await store(one, strange).ours.count == 5)
    #expect(
      try await two.claim([strange[1], claim("x", data: 2), strange[3], claim("x2")]).verdicts == [
        .duplicate(of: "one"), .conflict(with: "one", hasSameType: true), .duplicate(of: "one"), .ours,
      ])
    #expect(try await two.claim([claim("é", type: "u")]).verdicts == [.conflict(with: "one", hasSameType: false)])
    // What is stored belongs to its machine, which can claim and store it again.
    #expect(try await one.claim([claim("x", data: 3)]).verdicts == [.ours])
    #expect(try await store(one, [claim("x", data: 3)]).ours == [EventID("x")])
    #expect(try await two.claim([claim("x", data: 3)]).verdicts == [.duplicate(of: "one")])
    try await one.follow([(EventID("x"), .forwarded), (EventID("x2"), .forwarded)])
    #expect(
      try await database.query("SELECT event_id, node, state FROM eventdrop.events WHERE event_id LIKE 'x%' ORDER BY 1")
        == "x|one|forwarded\nx2|two|claimed")
  }

  @Test("A claim that was never stored can be taken, and its machine learns of it before it enters the record")
  func takeover() async throws {
    let database = try await made()
    let (one, two) = (ledger("one", database, takeover: .milliseconds(300)), ledger("two", database))
    try await join(one)
    try await join(two)
    #expect(try await one.claim([claim("a"), claim("b")]).verdicts == [.ours, .ours])
    while try await two.claim([claim("a")]).verdicts != [.ours] {}
    #expect(try await store(one, [claim("a"), claim("b")]).ours == [EventID("b")])
    #expect(try await one.claim([claim("a")]).verdicts == [.held(by: "two")])
    #expect(try await store(two, [claim("a")]).ours == [EventID("a")])
    #expect(try await one.claim([claim("a")]).verdicts == [.duplicate(of: "two")])
  }

  @Test("A machine that has joined again ends what its earlier connection had under way")
  func epochs() async throws {
    let database = try await made()
    let (old, new) = (ledger("one", database), ledger("one", database))
    try await join(old)
    try await join(new)
    await #expect(throws: LedgerFailure.mustJoin) { try await old.claim([claim("a")]) }
    #expect(try await new.claim([claim("a")]).verdicts == [.ours])
  }

  @Test("A name that another tree has is refused")
  func names() async throws {
    let database = try await made()
    let (one, other) = (ledger("one", database), ledger("one", database))
    try await join(one)
    await #expect {
      try await other.join(counter: nil, tree: "another", nodes: [])
    } throws: { error in
      if case .unusable? = error as? LedgerFailure { true } else { false }
    }
    #expect(try await one.claim([claim("a")]).verdicts == [.ours])
    // It may be a machine that was set up again.
    try await database.query("UPDATE eventdrop.nodes SET seen_at = now() - interval '2 minutes'")
    #expect(try await !other.join(counter: nil, tree: "another", nodes: []).mustPutBack)
    await #expect(throws: LedgerFailure.mustJoin) { try await one.claim([claim("a")]) }
  }

  @Test("Portions of two machines that have the same ids in different orders do not block each other")
  func order() async throws {
    let database = try await made()
    let nodes = ["one", "two", "three"].map { ledger($0, database, takeover: .milliseconds(1)) }
    for node in nodes { try await join(node) }
    let ids = (0..<200).map { claim("evt_\($0)") }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for node in nodes {
        group.addTask {
          for _ in 0..<20 {
            _ = try await node.claim(ids.shuffled())
            _ = try await store(node, Array(ids.shuffled().prefix(100)))
          }
        }
      }
      try await group.waitForAll()
    }
    // Each time, another machine may have taken an event over before the one that claimed it could store it.
    _ = try await nodes[0].claim(ids)
    _ = try await store(nodes[0], ids)
    #expect(
      try await database.query("SELECT count(*), count(*) FILTER (WHERE state = 'pending') FROM eventdrop.events")
        == "200|200")
  }

  @Test("Whoever comes first after a restored dump finds that out, and nobody claims before all have put back")
  func restored() async throws {
    let database = try await made()
    let (one, two) = (ledger("one", database), ledger("two", database))
    try await join(one)
    try await join(two)
    try await database.dump()
    #expect(try await one.claim([claim("a")]).verdicts == [.ours])
    let counter = try await store(one, [claim("a")]).counter
    try await database.restore()
    // The other machine has lost nothing, and must not take what the first has stored.
    await #expect(throws: LedgerFailure.mustJoin) { try await two.claim([claim("a")]) }
    try await join(two)
    await #expect(throws: LedgerFailure.awaits(["one"])) { try await two.claim([claim("a")]) }
    await #expect(throws: LedgerFailure.mustJoin) { try await look(one) }
    #expect(try await one.join(counter: counter, tree: "tree", nodes: []).mustPutBack)
    #expect(try await one.missing(among: [EventID("a")]) == [EventID("a")])
    #expect(try await one.putBack([(claim("a"), .forwarded)]).isEmpty)
    await #expect(throws: LedgerFailure.awaits(["one"])) { try await two.claim([claim("a")]) }
    _ = try await one.finishPutBack()
    #expect(try await two.claim([claim("a")]).verdicts == [.duplicate(of: "one")])
  }

  @Test("A machine that the dump knows nothing of is waited for if another has seen it")
  func forgottenNode() async throws {
    let database = try await made()
    let (one, two) = (ledger("one", database), ledger("two", database))
    try await join(one)
    try await database.dump()
    try await join(two)
    #expect(try await two.claim([claim("a")]).verdicts == [.ours])
    #expect(try await store(two, [claim("a")]).ours.count == 1)
    #expect(try await look(one).machines.map(\.node) == ["one", "two"])
    try await database.restore()
    #expect(try await one.join(counter: 1, tree: "tree", nodes: ["one", "two"]).mustPutBack)
    _ = try await one.finishPutBack()
    await #expect(throws: LedgerFailure.awaits(["two"])) { try await one.claim([claim("a")]) }
    #expect(try await two.join(counter: 3, tree: "tree", nodes: []).mustPutBack)
    _ = try await two.putBack([(claim("a"), .pending)])
    _ = try await two.finishPutBack()
    #expect(try await one.claim([claim("a")]).verdicts == [.duplicate(of: "two")])
  }

  @Test("A database that lost something without a mark is found out by the machine's own counter")
  func counter() async throws {
    let database = try await made()
    let one = ledger("one", database)
    try await join(one)
    _ = try await one.claim([claim("a")])
    let counter = try await store(one, [claim("a")]).counter
    try await database.query("DELETE FROM eventdrop.events; UPDATE eventdrop.nodes SET counter = 0")
    await #expect(throws: LedgerFailure.mustJoin) { try await one.claim([claim("b")]) }
    #expect(try await one.join(counter: counter, tree: "tree", nodes: []).mustPutBack)
    // What is put back takes precedence over a claim, but not over what is stored.
    try await database.query(
      """
      INSERT INTO eventdrop.events (event_id, node, inbox, event_type, data_digest, state, claimed_at, state_at)
      VALUES ('a', 'two', '', 't', '', 'claimed', now(), now()), ('b', 'two', '', 't', '', 'pending', now(), now())
      """)
    #expect(
      try await one.putBack([(claim("a"), .pending), (claim("b"), .pending)]) == [
        DoubleRecord(eventId: EventID("b"), node: "two", hasSameData: false)
      ])
  }

  @Test("A database that is killed, or hangs, is away, and is used again once it is back")
  func away() async throws {
    let database = try await made()
    let one = ledger("one", database, timeout: .seconds(1))
    try await join(one)
    database.kill()
    // The process that serves this connection may outlive the server for a moment.
    while (try? await look(one)) != nil {}
    await #expect {
      try await one.join(counter: nil, tree: "tree", nodes: [])
    } throws: { error in
      if case .away? = error as? LedgerFailure { true } else { false }
    }
    try await database.start()
    try await join(one)
    #expect(try await one.claim([claim("a")]).verdicts == [.ours])
    try await database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'eventdrop'")
    await #expect(throws: LedgerFailure.self) { try await store(one, [claim("a")]) }
    #expect(try await !join(one).mustPutBack)
    #expect(try await store(one, [claim("a")]).ours == [EventID("a")])
  }
}
