import Catalog
import EventStore
import Events
import Synchronization

/// A ledger whose answers can get lost.
final class FaultyLedger: IdentityLedger {
  enum Fault { case none, beforeStore, afterStore, beforeClaim, afterClaim }

  private let ledger: any IdentityLedger
  private let fault = Mutex(Fault.none)

  init(_ ledger: any IdentityLedger) { self.ledger = ledger }

  /// What happens to the next statement of a kind, once.
  func set(_ new: Fault) { fault.withLock { $0 = new } }

  private func strike(_ fault: Fault) throws(LedgerFailure) {
    let isNow = self.fault.withLock { planned in
      guard planned == fault else { return false }
      planned = .none
      return true
    }
    if isNow { throw .away("cut") }
  }

  var takeover: Duration { ledger.takeover }

  func join(counter: Int64?, tree: String, nodes: [String]) async throws(LedgerFailure) -> LedgerStanding {
    try await ledger.join(counter: counter, tree: tree, nodes: nodes)
  }

  func claim(_ claims: [IdentityClaim]) async throws(LedgerFailure) -> (verdicts: [ClaimVerdict], epoch: Int64) {
    try strike(.beforeClaim)
    let answer = try await ledger.claim(claims)
    try strike(.afterClaim)
    return answer
  }

  func store(
    _ claims: [IdentityClaim], under epoch: Int64
  ) async throws(LedgerFailure) -> (ours: Set<EventID>, counter: Int64) {
    try strike(.beforeStore)
    let answer = try await ledger.store(claims, under: epoch)
    try strike(.afterStore)
    return answer
  }

  func missing(among ids: [EventID]) async throws(LedgerFailure) -> Set<EventID> {
    try await ledger.missing(among: ids)
  }

  func putBack(
    _ records: [(claim: IdentityClaim, state: SharedState)]
  ) async throws(LedgerFailure) -> [DoubleRecord] { try await ledger.putBack(records) }

  func finishPutBack() async throws(LedgerFailure) -> Int64 { try await ledger.finishPutBack() }

  func look(_ holding: TreeHolding) async throws(LedgerFailure) -> (machines: [FleetMachine], awaited: [String]) {
    try await ledger.look(holding)
  }

  func follow(_ states: [(eventId: EventID, state: SharedState)]) async throws(LedgerFailure) {
    try await ledger.follow(states)
  }

  func forget(olderThan age: Duration) async throws(LedgerFailure) -> Int { try await ledger.forget(olderThan: age) }
}
