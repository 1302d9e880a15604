package import Catalog

/// A machine of a fleet, as the ledger knows it.
package struct FleetMachine: Hashable, Sendable {
  package enum State: String, Sendable {
    /// It takes part.
    case joined
    /// It still has to put in the content of its tree.
    case joining
    /// The database was restored, and all others wait until it has put back the content of its tree.
    case awaited
    /// A person has said that it will never be back.
    case forgotten
  }

  package var node: String
  package var state: State
  /// How long ago it was last seen, by the ledger's clock.
  package var seen: Duration
  /// How many statements it has run.
  package var counter: Int64
  /// What its tree contained according to its last report; nil if there is none yet.
  package var holding: TreeHolding?

  package init(node: String, state: State, seen: Duration, counter: Int64, holding: TreeHolding?) {
    self.node = node
    self.state = state
    self.seen = seen
    self.counter = counter
    self.holding = holding
  }
}
