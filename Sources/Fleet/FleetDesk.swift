package import EventStore
package import Time

/// What a person asks of the fleet's database, or has it do.
package struct FleetDesk {
  private let connection: DatabaseConnection
  private let node: String

  /// Connects.
  ///
  /// - Throws: `LedgerFailure`.
  package init(_ options: FleetOptions, clock: any WallClock) throws(LedgerFailure) {
    node = options.node
    connection = try LedgerFailure.wrapping { () throws(DatabaseFailure) in
      try DatabaseConnection(options.url, timeout: options.timeout, clock: clock)
    }
  }

  /// Makes the tables; what is there already stays as it is.
  ///
  /// - Throws: `LedgerFailure`.
  package func makeTables() throws(LedgerFailure) {
    try LedgerFailure.wrapping { () throws(DatabaseFailure) in
      guard try connection.run(Statement(name: "encoding", text: "SHOW server_encoding"), []).first?.text(0) == "UTF8"
      else { throw DatabaseFailure(code: "22021", "its encoding is not UTF8: make another with CREATE DATABASE") }
      try connection.execute(FleetSchema.statements)
    }
  }

  /// A machine of the fleet.
  package struct Machine: Hashable, Sendable {
    package enum State: String, Sendable {
      /// It takes part.
      case joined
      /// It has yet to put in what its tree holds.
      case joining
      /// The database was restored, and all others wait until it has put back what its tree holds.
      case awaited
      /// A person has said that it is never back.
      case forgotten
    }

    package var node: String
    package var state: State
    /// How long ago it was last there.
    package var seen: Duration
    /// How many statements it has had.
    package var counter: Int64
  }

  /// All machines, by name.
  ///
  /// - Throws: `LedgerFailure`.
  package func machines() throws(LedgerFailure) -> [Machine] {
    try LedgerFailure.wrapping { () throws(DatabaseFailure) in
      try connection.run(.machines, [node]).map { row in
        let state: Machine.State =
          row.isTrue(4) ? .forgotten : row.isTrue(3) ? .awaited : row.isTrue(5) ? .joining : .joined
        return Machine(
          node: row.text(0) ?? "", state: state, seen: .seconds(row.integer(1) ?? 0), counter: row.integer(2) ?? 0)
      }
    }
  }

  /// Has nobody wait any more for a machine that is never back.
  ///
  /// - Returns: Whether there is such a machine.
  /// - Throws: `LedgerFailure`.
  package func forget(_ machine: String) throws(LedgerFailure) -> Bool {
    try LedgerFailure.wrapping { () throws(DatabaseFailure) in
      try !connection.run(.forget, [node, machine]).isEmpty
    }
  }
}

extension LedgerFailure {
  /// Runs `body`, its errors as the ledger's.
  static func wrapping<Result>(_ body: () throws(DatabaseFailure) -> Result) throws(LedgerFailure) -> Result {
    do {
      return try body()
    } catch {
      throw error.needsPerson ? .unusable(error.message) : .away(error.message)
    }
  }
}
