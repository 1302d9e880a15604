/// A machine of a fleet, as the ledger knows it.
package struct FleetMachine: Hashable, Sendable {
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
  /// How long ago it was last there, by the ledger's clock.
  package var seen: Duration
  /// How many statements it has had.
  package var counter: Int64
  /// What its tree held when it last told; nil if it has not told yet.
  package var holding: TreeHolding?

  package init(node: String, state: State, seen: Duration, counter: Int64, holding: TreeHolding?) {
    self.node = node
    self.state = state
    self.seen = seen
    self.counter = counter
    self.holding = holding
  }
}

/// How much a machine's tree holds.
package struct TreeHolding: Hashable, Sendable {
  /// How many events have a record in it.
  package var records: Int
  /// How many of these n8n has not acknowledged.
  package var pending: Int

  package init(records: Int, pending: Int) {
    self.records = records
    self.pending = pending
  }
}
