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
    var random = SystemRandomNumberGenerator()
    for _ in 0..<Self.portions {
      let claims = (0..<Self.portion).map { _ in
        IdentityClaim(
          eventId: EventID("evt_\(String(random.next(), radix: 16))\(prefix)"), eventType: "payment_intent.succeeded",
          dataDigest: (0..<32).map { _ in UInt8.random(in: 0...255) }, inbox: "default")
      }
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
