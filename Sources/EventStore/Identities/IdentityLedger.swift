package import Catalog
package import Events

/// The identities that several machines share: which of them has the record of an event.
///
/// Nothing is stored without being claimed there, and nothing is entered, and so forwarded, before the ledger has
/// confirmed that it is still ours. The rules, and what happens without each of them, are those of the model in
/// `Tests/FleetTests/Model`, with the same names.
package protocol IdentityLedger: Sendable {
  /// How long a claim lasts, by the ledger's clock: after that another machine may take it.
  var takeover: Duration { get }

  /// Connects, and finds out where this machine stands.
  ///
  /// It disables earlier connections of this machine that may still be active: their statements no longer do anything.
  ///
  /// - Parameters:
  ///   - counter: The counter beside the newest rows of the catalog; nil if it has none.
  ///   - tree: What distinguishes this tree from that of another machine with the same name.
  ///   - nodes: The machines that this one has seen there, for a database that has forgotten them.
  /// - Returns: What to do before anything can be claimed.
  /// - Throws: `LedgerFailure`.
  func join(counter: Int64?, tree: String, nodes: [String]) async throws(LedgerFailure) -> LedgerStanding

  /// Claims the ids of a portion, in one statement.
  ///
  /// - Parameter claims: No two of them have the same id.
  /// - Returns: For each, who has it; and the epoch to store them under.
  /// - Throws: `LedgerFailure`; then nothing counts as claimed.
  func claim(_ claims: [IdentityClaim]) async throws(LedgerFailure) -> (verdicts: [ClaimVerdict], epoch: Int64)

  /// Reports, in one statement, that the records of what was claimed have their names, on disk.
  ///
  /// - Parameters:
  ///   - claims: The claims.
  ///   - epoch: What `claim` returned: claims from before the machine joined again no longer count.
  /// - Returns: Which of them are still ours, and now stored; and the counter, to be noted beside their rows.
  /// - Throws: `LedgerFailure`: claim them again to find out whether they are stored.
  func store(
    _ claims: [IdentityClaim], under epoch: Int64
  ) async throws(LedgerFailure) -> (ours: Set<EventID>, counter: Int64)

  /// Which of these ids the ledger does not have as stored by this machine.
  ///
  /// - Throws: `LedgerFailure`.
  func missing(among ids: [EventID]) async throws(LedgerFailure) -> Set<EventID>

  /// Puts back the content of the tree; it takes precedence over claims.
  ///
  /// - Parameter records: Each with its state.
  /// - Returns: Those that another machine has stored.
  /// - Throws: `LedgerFailure`.
  func putBack(_ records: [(claim: IdentityClaim, state: SharedState)]) async throws(LedgerFailure) -> [DoubleRecord]

  /// Reports that the whole content of the tree was put back.
  ///
  /// - Returns: The counter.
  /// - Throws: `LedgerFailure`, also if the database has forgotten something since.
  func finishPutBack() async throws(LedgerFailure) -> Int64

  /// Checks that the ledger still has what it had, and reports that this machine is alive.
  ///
  /// - Parameter holding: The content of this machine's tree, for the others to see.
  /// - Returns: All machines, by name, and those of them that the others wait for.
  /// - Throws: `LedgerFailure`.
  func look(_ holding: TreeHolding) async throws(LedgerFailure) -> (machines: [FleetMachine], awaited: [String])

  /// Notes the states of events that this machine has.
  ///
  /// - Throws: `LedgerFailure`.
  func follow(_ states: [(eventId: EventID, state: SharedState)]) async throws(LedgerFailure)

  /// Forgets some of what this machine stored long ago and n8n has acknowledged.
  ///
  /// - Parameter age: The minimum age.
  /// - Returns: How many; fewer than 5000 if there are no more.
  /// - Throws: `LedgerFailure`.
  func forget(olderThan age: Duration) async throws(LedgerFailure) -> Int
}

/// An event that is to be stored, in the form known to the ledger.
package struct IdentityClaim: Hashable, Sendable {
  package var eventId: EventID
  package var eventType: String
  /// The SHA-256 of its `data` without white space between tokens: 32 bytes.
  package var dataDigest: [UInt8]
  package var inbox: String

  package init(eventId: EventID, eventType: String, dataDigest: [UInt8], inbox: String) {
    self.eventId = eventId
    self.eventType = eventType
    self.dataDigest = dataDigest
    self.inbox = inbox
  }
}

/// Who has an id.
package enum ClaimVerdict: Hashable, Sendable {
  /// This machine: it may store the record.
  case ours
  /// Another machine has claimed it, but not stored it yet: claim it again later.
  case held(by: String)
  /// Another machine has a record of the same event.
  case duplicate(of: String)
  /// Another machine has a record of another event.
  case conflict(with: String, hasSameType: Bool)
}

/// Where a machine stands once it has joined.
package struct LedgerStanding: Hashable, Sendable {
  package var counter: Int64
  /// Whether the content of the tree must be put back: the machine is new, or the database has forgotten something.
  package var mustPutBack: Bool

  package init(counter: Int64, mustPutBack: Bool) {
    self.counter = counter
    self.mustPutBack = mustPutBack
  }
}

/// An event of which two trees have a record.
package struct DoubleRecord: Hashable, Sendable {
  package var eventId: EventID
  /// The other machine.
  package var node: String
  package var hasSameData: Bool

  package init(eventId: EventID, node: String, hasSameData: Bool) {
    self.eventId = eventId
    self.node = node
    self.hasSameData = hasSameData
  }
}
