package import Catalog
internal import Concurrency
internal import Digests
package import EventStore
package import Events
package import Time

/// The ledger in PostgreSQL.
///
/// It works on its own thread: libpq, and a database that does not answer, block nothing else. Its statements run one
/// after the other on one connection.
package actor PostgresLedger: IdentityLedger {
  private nonisolated let thread: SerialThread
  nonisolated package var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private nonisolated let options: FleetOptions
  private nonisolated let clock: any WallClock
  private var connection: DatabaseConnection?
  private var standing = Standing.apart

  /// Where this machine stands.
  private enum Standing {
    /// It has to join.
    case apart
    case joined(Membership)
  }

  /// What a machine has known about itself since it joined.
  private struct Membership {
    /// Statements of earlier epochs do nothing.
    var epoch: Int64
    var counter: Int64
    /// The restoration that it knows about.
    var generation: Int64
  }

  package nonisolated var takeover: Duration { options.takeover }

  package init(_ options: FleetOptions, clock: any WallClock) {
    self.options = options
    self.clock = clock
    thread = SerialThread(name: "fleet")
  }

  // MARK: Joining

  package func join(counter: Int64?, tree: String, nodes: [String]) async throws(LedgerFailure) -> LedgerStanding {
    standing = .apart
    return try asking { connection throws(DatabaseFailure) in
      let node = options.node
      guard let fleet = try connection.run(.fleet, [node]).first, fleet.integer(0) == FleetSchema.version else {
        throw DatabaseFailure(code: "42P01", "its tables are of another version")
      }
      guard let own = try connection.run(.begin, [node, tree]).first else {
        throw DatabaseFailure(
          code: "42710", "another machine is called '\(node)', and was there within the last minute: set fleet.node")
      }
      guard let epoch = own.integer(0), let known = own.integer(1), let putBack = own.integer(2),
        var generation = fleet.integer(1)
      else { throw DatabaseFailure("it gives no answer") }
      // If others are already waiting for this machine, its own loss is known.
      let isAwaited = (1..<generation).contains(putBack)
      if !fleet.isTrue(2) || !isAwaited && known < counter ?? 0 {
        _ = try connection.run(.remember, [node, ArrayLiteral.text(nodes)])
        _ = try connection.run(.raise, [node, "\(generation)"])
        guard let raised = try connection.run(.fleet, [node]).first?.integer(1) else {
          throw DatabaseFailure("it gives no answer")
        }
        generation = raised
      }
      // Others may have noted the loss, and know fewer machines.
      if putBack < generation { _ = try connection.run(.remember, [node, ArrayLiteral.text(nodes)]) }
      standing = .joined(Membership(epoch: epoch, counter: known, generation: generation))
      return LedgerStanding(counter: known, mustPutBack: putBack < generation)
    }
  }

  package func finishPutBack() async throws(LedgerFailure) -> Int64 {
    try counting(.finish) { member in ["\(member.generation)"] }.counter
  }

  package func look(
    _ holding: TreeHolding
  ) async throws(LedgerFailure) -> (machines: [FleetMachine], awaited: [String]) {
    _ = try counting(.look) { _ in ["\(holding.records)", "\(holding.pending)"] }
    let machines = try asking { connection throws(DatabaseFailure) in
      try connection.run(.machines, [options.node]).map(FleetMachine.init)
    }
    return (machines, machines.filter { $0.state == .awaited && $0.node != options.node }.map(\.node))
  }

  // MARK: Portions

  package func claim(
    _ claims: [IdentityClaim]
  ) async throws(LedgerFailure) -> (verdicts: [ClaimVerdict], epoch: Int64) {
    let seconds = "\(Double(options.takeover.inMilliseconds) / 1000)"
    let answer = try counting(.claim) { _ in claims.columns + [seconds] }
    var verdicts: [EventID: ClaimVerdict] = [:]
    for row in answer.rows {
      guard let id = row.text(1), let owner = row.text(2) else { continue }
      verdicts[EventID(id)] =
        if owner == options.node {
          .ours
        } else if row.text(3) == SharedState.claimed.rawValue {
          .held(by: owner)
        } else if row.isTrue(4), row.isTrue(5) {
          .duplicate(of: owner)
        } else {
          .conflict(with: owner, hasSameType: row.isTrue(5))
        }
    }
    // Nobody may store what is missing in the answer.
    return (claims.map { verdicts[$0.eventId] ?? .held(by: "") }, answer.epoch)
  }

  package func store(
    _ claims: [IdentityClaim], under epoch: Int64
  ) async throws(LedgerFailure) -> (ours: Set<EventID>, counter: Int64) {
    guard case .joined(let member) = standing, member.epoch == epoch else { throw .mustJoin }
    let answer = try counting(.store) { _ in claims.columns }
    return (Set(answer.rows.compactMap { $0.text(1).map { EventID($0) } }), answer.counter)
  }

  package func missing(among ids: [EventID]) async throws(LedgerFailure) -> Set<EventID> {
    try asking { connection throws(DatabaseFailure) in
      let known = try connection.run(.known, [options.node, ArrayLiteral.text(ids.map(\.text))])
      return Set(ids).subtracting(known.compactMap { $0.text(0).map { EventID($0) } })
    }
  }

  package func putBack(
    _ records: [(claim: IdentityClaim, state: SharedState)]
  ) async throws(LedgerFailure) -> [DoubleRecord] {
    let answer = try counting(.putBack) { _ in
      records.map(\.claim).columns + [ArrayLiteral.text(records.map(\.state.rawValue))]
    }
    let put = Set(answer.rows.compactMap { $0.text(1).map { EventID($0) } })
    let others = records.map(\.claim).filter { !put.contains($0.eventId) }
    guard !others.isEmpty else { return [] }
    return try asking { connection throws(DatabaseFailure) in
      let own = Dictionary(others.map { ($0.eventId, $0) }, uniquingKeysWith: { first, _ in first })
      return try connection.run(.owners, [options.node, ArrayLiteral.text(others.map(\.eventId.text))]).compactMap {
        guard let id = $0.text(0).map({ EventID($0) }), let node = $0.text(1), let other = $0.text(3),
          let claim = own[id]
        else { return nil }
        let digest = String(decoding: Digests.hexadecimal(claim.dataDigest), as: UTF8.self)
        return DoubleRecord(
          eventId: id, node: node,
          hasSameData: $0.text(2) == digest && (other.isEmpty || EventID(other) == EventID(claim.eventType)))
      }
    }
  }

  package func follow(_ states: [(eventId: EventID, state: SharedState)]) async throws(LedgerFailure) {
    _ = try asking { connection throws(DatabaseFailure) in
      try connection.run(
        .follow,
        [
          options.node, ArrayLiteral.text(states.map(\.eventId.text)), ArrayLiteral.text(states.map(\.state.rawValue)),
        ])
    }
  }

  package func forget(olderThan age: Duration) async throws(LedgerFailure) -> Int {
    try asking { connection throws(DatabaseFailure) in
      Int(try connection.run(.forgetOld, [options.node, "\(age.components.seconds)"]).first?.integer(0) ?? 0)
    }
  }

  // MARK: Statements

  /// Runs a statement that does nothing unless this machine's row is as expected, and notes the counter it returns.
  private func counting(
    _ statement: Statement, _ parameters: (Membership) -> [String]
  ) throws(LedgerFailure) -> (rows: [DatabaseRow], counter: Int64, epoch: Int64) {
    guard case .joined(var member) = standing else { throw .mustJoin }
    let node = options.node
    let (rows, awaited) = try asking { connection throws(DatabaseFailure) in
      let rows = try connection.run(
        statement, [node, "\(member.epoch)", "\(member.counter)"] + parameters(member))
      guard rows.isEmpty else { return (rows, [String]()) }
      // It did nothing: either this machine has to find out where it stands, or others have to.
      let isInStep = try !connection.run(.look, [node, "\(member.epoch)", "\(member.counter)", nil, nil]).isEmpty
      return (rows, isInStep ? try connection.run(.awaited, [node]).compactMap { $0.text(0) } : [])
    }
    guard let counter = rows.first?.integer(0) else {
      guard awaited.isEmpty else { throw .awaits(awaited) }
      standing = .apart
      throw .mustJoin
    }
    member.counter = counter
    standing = .joined(member)
    return (rows, counter, member.epoch)
  }

  /// Asks the database, connecting first if necessary.
  ///
  /// After any failure the connection is closed: joining again shows what happened to the statement.
  private func asking<Answer>(
    _ ask: (DatabaseConnection) throws(DatabaseFailure) -> Answer
  ) throws(LedgerFailure) -> Answer {
    do throws(DatabaseFailure) {
      let connection = try opened()
      return try ask(connection)
    } catch {
      connection = nil
      standing = .apart
      throw error.needsPerson ? .unusable(error.message) : .away(error.message)
    }
  }

  private func opened() throws(DatabaseFailure) -> DatabaseConnection {
    if let connection { return connection }
    let opened = try DatabaseConnection(options.url, timeout: options.timeout, clock: clock)
    try opened.prepareSession(timeout: options.timeout)
    connection = opened
    return opened
  }
}

extension DatabaseConnection {
  /// Sets what the rules depend on.
  ///
  /// - Throws: `DatabaseFailure`.
  fileprivate func prepareSession(timeout: Duration) throws(DatabaseFailure) {
    guard serverVersion >= Self.oldestVersion else {
      throw DatabaseFailure(code: "42000", "PostgreSQL 13 or later is needed")
    }
    // What the server reports as stored must survive its crash; an operator's stronger setting stays.
    try execute(
      """
      SET client_encoding = 'UTF8'; SET statement_timeout = \(timeout.inMilliseconds);
      SET default_transaction_isolation = 'read committed'; SET search_path = pg_catalog;
      DO $$ BEGIN
        IF current_setting('synchronous_commit') IN ('off', 'local') THEN
          PERFORM set_config('synchronous_commit', 'on', false);
        END IF;
      END $$
      """)
  }
}

extension [IdentityClaim] {
  /// Their ids, digests, types and inboxes, each as a list.
  fileprivate var columns: [String] {
    [
      ArrayLiteral.text(map(\.eventId.text)), ArrayLiteral.bytes(map(\.dataDigest)),
      ArrayLiteral.text(map(\.eventType)),
      ArrayLiteral.text(map(\.inbox)),
    ]
  }
}
