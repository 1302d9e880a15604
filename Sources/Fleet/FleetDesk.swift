package import Catalog
package import EventStore
package import Events
package import Time

/// What a person asks the fleet's database, or makes it do.
package struct FleetDesk {
  let connection: DatabaseConnection
  let node: String

  /// Connects.
  ///
  /// - Throws: `LedgerFailure`.
  package init(_ options: FleetOptions, clock: any WallClock) throws(LedgerFailure) {
    node = options.node
    connection = try LedgerFailure.wrapping { () throws(DatabaseFailure) in
      try DatabaseConnection(options.url, timeout: options.timeout, clock: clock)
    }
  }

  /// Creates the tables; existing ones stay as they are.
  ///
  /// - Throws: `LedgerFailure`.
  package func makeTables() throws(LedgerFailure) {
    try LedgerFailure.wrapping { () throws(DatabaseFailure) in
      guard try connection.run(Statement(name: "encoding", text: "SHOW server_encoding"), []).first?.text(0) == "UTF8"
      else { throw DatabaseFailure(code: "22021", "its encoding is not UTF8: make another with CREATE DATABASE") }
      try connection.execute(FleetSchema.statements)
    }
  }

  /// All machines, by name.
  ///
  /// - Throws: `LedgerFailure`.
  package func machines() throws(LedgerFailure) -> [FleetMachine] {
    try LedgerFailure.wrapping { () throws(DatabaseFailure) in
      try connection.run(.machines, [node]).map(FleetMachine.init)
    }
  }

  /// Makes all machines stop waiting for one that will never be back.
  ///
  /// - Returns: Whether there is such a machine.
  /// - Throws: `LedgerFailure`.
  package func forget(_ machine: String) throws(LedgerFailure) -> Bool {
    try LedgerFailure.wrapping { () throws(DatabaseFailure) in
      try !connection.run(.forget, [node, machine]).isEmpty
    }
  }
}

// The events of all machines.
extension FleetDesk {
  /// An event in the database.
  package struct SharedEvent: Hashable, Sendable {
    package var eventId: EventID
    package var eventType: String
    package var state: String
    package var node: String
    package var inbox: String
    /// When it entered its state.
    package var time: Timestamp
  }

  /// How many events of a day, machine, type and state there are.
  package struct SharedCount: Hashable, Sendable {
    /// In UTC.
    package var day: String
    package var node: String
    package var eventType: String
    package var state: String
    package var count: Int
  }

  /// The events that match a query, those with the newest state first.
  ///
  /// - Parameters:
  ///   - query: Its status is a state of the table; reason and cursor are ignored.
  ///   - state: The state; nil for all.
  /// - Returns: At most the query's limit.
  /// - Throws: `LedgerFailure`.
  package func events(_ query: EventQuery, inState state: String?) throws(LedgerFailure) -> [SharedEvent] {
    try LedgerFailure.wrapping { () throws(DatabaseFailure) in
      try connection.run(
        .list,
        [
          node, query.type, state, query.inbox, query.since.map { "\($0.milliseconds)" },
          query.until.map { "\($0.milliseconds)" }, "\(query.limit)",
        ]
      ).map { row in
        SharedEvent(
          eventId: EventID(row.text(0) ?? ""), eventType: row.text(1) ?? "", state: row.text(2) ?? "",
          node: row.text(3) ?? "", inbox: row.text(4) ?? "", time: Timestamp(milliseconds: row.integer(5) ?? 0))
      }
    }
  }

  /// How many events there are, by day, machine, type and state.
  ///
  /// - Throws: `LedgerFailure`.
  package func counts(since: CalendarDate?, until: CalendarDate?) throws(LedgerFailure) -> [SharedCount] {
    try LedgerFailure.wrapping { () throws(DatabaseFailure) in
      try connection.run(.counts, [node, since?.description, until?.description]).map { row in
        SharedCount(
          day: row.text(0) ?? "", node: row.text(1) ?? "", eventType: row.text(2) ?? "", state: row.text(3) ?? "",
          count: Int(row.integer(4) ?? 0))
      }
    }
  }

  /// Which of these ids the database does not have as stored by this machine.
  ///
  /// - Throws: `LedgerFailure`.
  package func missing(among ids: [EventID]) throws(LedgerFailure) -> [EventID] {
    try LedgerFailure.wrapping { () throws(DatabaseFailure) in
      let known = Set(
        try connection.run(.known, [node, ArrayLiteral.text(ids.map(\.text))]).compactMap {
          $0.text(0).map { EventID($0) }
        })
      return ids.filter { !known.contains($0) }
    }
  }

  /// The ids of events that this machine has stored, in byte order.
  ///
  /// - Throws: `LedgerFailure`.
  package func stored(after id: EventID, limit: Int) throws(LedgerFailure) -> [EventID] {
    try LedgerFailure.wrapping { () throws(DatabaseFailure) in
      try connection.run(.stored, [node, id.text, "\(limit)"]).compactMap { $0.text(0).map { EventID($0) } }
    }
  }
}

extension FleetMachine {
  /// A row of `Statement.machines`.
  init(_ row: DatabaseRow) {
    let holding = row.integer(6).flatMap { records in
      row.integer(7).map { TreeHolding(records: Int(records), pending: Int($0)) }
    }
    self.init(
      node: row.text(0) ?? "",
      state: row.isTrue(4) ? .forgotten : row.isTrue(3) ? .awaited : row.isTrue(5) ? .joining : .joined,
      seen: .seconds(row.integer(1) ?? 0), counter: row.integer(2) ?? 0, holding: holding)
  }
}

extension LedgerFailure {
  /// Runs `body`, turning its errors into the ledger's.
  static func wrapping<Result>(_ body: () throws(DatabaseFailure) -> Result) throws(LedgerFailure) -> Result {
    do {
      return try body()
    } catch {
      throw error.needsPerson ? .unusable(error.message) : .away(error.message)
    }
  }
}
