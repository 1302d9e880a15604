package import Events

// What a machine of a fleet asks its catalog.
extension Catalog {
  private static let fleetCounterNote = "fleet:counter"
  private static let fleetTreeNote = "fleet:tree"

  /// The ledger's counter beside the newest rows.
  ///
  /// A catalog without one knows nothing of the fleet: everything in it is put back.
  ///
  /// - Throws: `CatalogError`.
  package func fleetCounter() throws(CatalogError) -> Int64? { try note(Self.fleetCounterNote).flatMap { Int64($0) } }

  /// Notes the ledger's counter beside the newest rows.
  ///
  /// - Throws: `CatalogError`.
  package func setFleetCounter(_ counter: Int64) throws(CatalogError) {
    try setNote(Self.fleetCounterNote, String(counter))
  }

  /// Makes the machine put back everything when it next joins.
  ///
  /// - Throws: `CatalogError`.
  package func forgetFleetCounter() throws(CatalogError) { try removeNote(Self.fleetCounterNote) }

  /// What distinguishes this tree from that of another machine that was given the same name; nil if it has never joined
  /// a fleet.
  ///
  /// - Throws: `CatalogError`.
  package func fleetTree() throws(CatalogError) -> String? { try note(Self.fleetTreeNote) }

  /// Notes what distinguishes this tree.
  ///
  /// - Throws: `CatalogError`.
  package func setFleetTree(_ name: String) throws(CatalogError) { try setNote(Self.fleetTreeNote, name) }

  /// Notes for other processes why nothing new can be stored; nil if it can.
  ///
  /// - Throws: `CatalogError`.
  package func noteFleetTrouble(_ trouble: FleetTrouble?) throws(CatalogError) {
    if let trouble {
      try setNote(FleetTrouble.noteName, trouble.note)
    } else {
      try removeNote(FleetTrouble.noteName)
    }
  }

  // MARK: Whose records they are

  /// Rows whose records are this machine's, in the order of storing.
  ///
  /// - Parameters:
  ///   - sequence: Only those after it.
  ///   - limit: The maximum number.
  /// - Returns: The rows.
  /// - Throws: `CatalogError`.
  package func recorded(after sequence: Int64, limit: Int) throws(CatalogError) -> [EventRow] {
    try connection.prepared(
      "SELECT \(EventRow.columns) FROM event WHERE sequence > ?1 AND state IN (0, 1, 2, 3) ORDER BY sequence LIMIT ?2"
    ).bind(.integer(sequence), .integer(Int64(limit))).all(EventRow.init)
  }

  /// Rows whose records may be another machine's, in the order of storing.
  ///
  /// - Throws: `CatalogError`.
  package func unconfirmed(after sequence: Int64, limit: Int) throws(CatalogError) -> [EventRow] {
    try connection.prepared(
      "SELECT \(EventRow.columns) FROM event WHERE sequence > ?1 AND state = 4 ORDER BY sequence LIMIT ?2"
    ).bind(.integer(sequence), .integer(Int64(limit))).all(EventRow.init)
  }

  /// Whether any record may be another machine's.
  ///
  /// - Throws: `CatalogError`.
  package func hasUnconfirmed() throws(CatalogError) -> Bool {
    try connection.prepared("SELECT coalesce(sum(events), 0) FROM tally WHERE state = 4").first { $0.integer(0) > 0 }
      ?? false
  }

  /// Marks what is pending, from a sequence on, as possibly another machine's.
  ///
  /// - Throws: `CatalogError`.
  package func setUnconfirmed(from sequence: Int64) throws(CatalogError) {
    try recounting(.sequences(sequence...Int64.max)) { () throws(CatalogError) in
      try connection.prepared("UPDATE event SET state = 4, batch = NULL WHERE sequence >= ?1 AND state = 0")
        .bind(.integer(sequence)).run()
    }
  }

  /// This machine is a single one, even if it was not before.
  ///
  /// - Throws: `CatalogError`.
  package func leaveFleet() throws(CatalogError) {
    try noteFleetTrouble(nil)
    guard try note(Self.fleetCounterNote) != nil else { return }
    try recounting(.all) { () throws(CatalogError) in
      try connection.execute("UPDATE event SET state = 0 WHERE state = 4")
      try forgetFleetCounter()
    }
  }

  /// The content of the tree.
  ///
  /// - Throws: `CatalogError`.
  package func holding() throws(CatalogError) -> TreeHolding {
    try connection.prepared(
      """
      SELECT coalesce(sum(events), 0), coalesce(sum(events) FILTER (WHERE state IN (0, 4)), 0)
      FROM tally WHERE state IN (0, 1, 4)
      """
    ).first { TreeHolding(records: Int($0.integer(0)), pending: Int($0.integer(1))) }
      ?? TreeHolding(records: 0, pending: 0)
  }

  // MARK: States that follow

  /// Starts recording changes of state, in memory: what a stop loses of them is reported again by `newest`.
  ///
  /// - Throws: `CatalogError`.
  package func noteChanges() throws(CatalogError) {
    // Without a key: the statement that fires a trigger determines how conflicts in it are handled.
    try connection.execute(
      """
      PRAGMA temp_store = MEMORY;
      CREATE TEMP TABLE IF NOT EXISTS fleetChange (id INTEGER PRIMARY KEY, eventId TEXT NOT NULL, state INTEGER NOT NULL);
      CREATE TEMP TRIGGER IF NOT EXISTS fleetChanged AFTER UPDATE OF state ON event WHEN new.state != old.state
        BEGIN
          INSERT INTO fleetChange (eventId, state) VALUES (new.eventId, new.state);
        END
      """)
  }

  /// The first recorded changes: the last of each event, and the id of the last one read; nil if there are none.
  ///
  /// - Throws: `CatalogError`.
  package func changes(limit: Int) throws(CatalogError) -> (states: [EventID: EventState], last: Int64?) {
    var states: [EventID: EventState] = [:]
    var last: Int64?
    let rows = try connection.prepared("SELECT id, eventId, state FROM fleetChange ORDER BY id LIMIT ?1")
      .bind(.integer(Int64(limit))).all { ($0.integer(0), EventID($0.text(1)), EventState(rawValue: $0.integer(2))) }
    for (id, eventId, state) in rows {
      states[eventId] = state
      last = id
    }
    return (states, last)
  }

  /// Forgets the recorded changes up to this one.
  ///
  /// - Throws: `CatalogError`.
  package func forgetChanges(through id: Int64) throws(CatalogError) {
    try connection.prepared("DELETE FROM fleetChange WHERE id <= ?1").bind(.integer(id)).run()
  }

  /// The states of what was last stored.
  ///
  /// - Throws: `CatalogError`.
  package func newest(limit: Int) throws(CatalogError) -> [EventID: EventState] {
    let rows = try connection.prepared("SELECT eventId, state FROM event ORDER BY sequence DESC LIMIT ?1")
      .bind(.integer(Int64(limit))).all { (EventID($0.text(0)), EventState(rawValue: $0.integer(1))) }
    var states: [EventID: EventState] = [:]
    for (eventId, state) in rows { states[eventId] = state }
    return states
  }
}

extension EventState {
  /// What is reported to other machines; nil if it may not be this machine's.
  package var shared: SharedState? {
    switch self {
    case .pending: .pending
    case .forwarded: .forwarded
    case .missing: .missing
    case .gone: .away
    case .unconfirmed: nil
    }
  }
}
