import Catalog
import EventStore
import Events
import Fleet
import Glibc
import TestSupport
import Testing
import Time

/// The cost of portions, with few and with many identities in the table; `EVENTDROP_FLEET_ROWS` sets the larger number.
@Suite(
  .enabled(if: getenv("EVENTDROP_FLEET_ROWS") != nil, "only where EVENTDROP_FLEET_ROWS is set"),
  .enabled(if: TestDatabase.isThere, Comment(rawValue: TestDatabase.whyNot)))
struct LedgerCostTests {
  private static let portion = 500
  private static let portions = 200

  @Test("A portion costs the same with many identities as with few", .timeLimit(.minutes(30)))
  func rows() async throws {
    let many = getenv("EVENTDROP_FLEET_ROWS").flatMap { Int(String(cString: $0)) } ?? 1_000_000
    let database = try await TestDatabase()
    try await database.query(FleetSchema.statements)
    let ledger = PostgresLedger(
      FleetOptions(url: database.url, node: "one", takeover: .seconds(600)), clock: SystemClock())
    if try await ledger.join(counter: nil, tree: "tree", nodes: []).mustPutBack { _ = try await ledger.finishPutBack() }
    try await fill(database, 10_000)
    let few = try await measure(ledger, "few")
    try await fill(database, many)
    let more = try await measure(ledger, "many")
    let bytes = try await database.query(
      """
      SELECT pg_relation_size('eventdrop.events') / count(*), pg_indexes_size('eventdrop.events') / count(*), count(*)
      FROM eventdrop.events
      """)
    print("fleet cost: \(few) ms a portion of \(Self.portion) with 10000 rows, \(more) ms with \(many)")
    print("fleet cost: bytes a row, of its indexes, rows: \(bytes)")
  }

  @Test("What several machines do at once, and what joining takes", .timeLimit(.minutes(30)))
  func machines() async throws {
    let database = try await TestDatabase()
    try await database.query(FleetSchema.statements)
    let (machines, portions) = (8, 40)
    var ledgers: [PostgresLedger] = []
    for number in 0..<machines {
      let ledger = PostgresLedger(
        FleetOptions(url: database.url, node: "m\(number)", takeover: .seconds(600)), clock: SystemClock())
      if try await ledger.join(counter: nil, tree: "tree\(number)", nodes: []).mustPutBack {
        _ = try await ledger.finishPutBack()
      }
      ledgers.append(ledger)
    }
    let clock = ContinuousClock()
    let whole = try await clock.measure {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (number, ledger) in ledgers.enumerated() {
          group.addTask {
            for portion in 0..<portions {
              let claims = Self.claims("m\(number)p\(portion)")
              let epoch = try await ledger.claim(claims).epoch
              #expect(try await ledger.store(claims, under: epoch).ours.count == Self.portion)
              try await ledger.follow(claims.map { ($0.eventId, .forwarded) })
            }
          }
        }
        try await group.waitForAll()
      }
    }
    let events = machines * portions * Self.portion
    print("fleet cost: \(machines) machines claimed, stored and forwarded \(events) events in \(whole)")
    let held = (0..<200).map { Self.claims("held\($0)") }
    let joining = try await clock.measure {
      for claims in held {
        let missing = try await ledgers[0].missing(among: claims.map(\.eventId))
        _ = try await ledgers[0].putBack(claims.filter { missing.contains($0.eventId) }.map { ($0, .forwarded) })
      }
    }
    let again = try await clock.measure {
      for claims in held { _ = try await ledgers[0].missing(among: claims.map(\.eventId)) }
    }
    print(
      "fleet cost: \(held.count * Self.portion) records were put in within \(joining), and compared within \(again)")
  }

  private static func claims(_ prefix: String) -> [IdentityClaim] {
    (0..<portion).map { _ in
      IdentityClaim(
        eventId: EventID("evt_\(prefix)_\(UInt64.random(in: .min ... .max))"), eventType: "payment_intent.succeeded",
        dataDigest: (0..<32).map { _ in UInt8.random(in: 0...255) }, inbox: "default")
    }
  }

  private func fill(_ database: TestDatabase, _ count: Int) async throws {
    try await database.query(
      """
      INSERT INTO eventdrop.events
        (event_id, node, inbox, event_type, data_digest, state, claimed_at, stored_at, state_at)
      SELECT 'evt_' || md5(i::text), 'two', 'default', 'payment_intent.succeeded', sha256(i::text::bytea), 'forwarded',
        now(), now(), now()
      FROM generate_series(1, \(count)) AS i ON CONFLICT DO NOTHING
      """)
    for command in ["VACUUM ANALYZE eventdrop.events", "CHECKPOINT"] { try await database.query(command) }
  }

  /// - Returns: The median time of a portion, in milliseconds.
  private func measure(_ ledger: PostgresLedger, _ prefix: String) async throws -> Double {
    let clock = ContinuousClock()
    var times: [Duration] = []
    for _ in 0..<Self.portions {
      let claims = Self.claims(prefix)
      times.append(
        try await clock.measure {
          let epoch = try await ledger.claim(claims).epoch
          #expect(try await ledger.store(claims, under: epoch).ours.count == Self.portion)
        })
    }
    let median = times.sorted()[times.count / 2]
    return Double(median.components.attoseconds / 1_000_000_000_000) / 1000 + Double(median.components.seconds) * 1000
  }
}
