internal import Catalog
internal import Events
internal import Time

// Records that have their names, and may be another machine's.
extension FleetMember {
  var isToResolve: Bool {
    guard resolvedAt.map({ clock.uptime() - $0 >= Self.resolvePause }) ?? true else { return false }
    return (try? catalog.hasUnconfirmed()) ?? true
  }

  /// Claims records that have their names and are not known to be this machine's.
  func resolve() async throws(StorageError) {
    resolvedAt = clock.uptime()
    let ledger = ledger
    var last: Int64 = 0
    while true {
      let rows = try StorageError.wrapping { () throws(CatalogError) in
        try catalog.unconfirmed(after: last, limit: Self.slice)
      }
      guard let end = rows.last else { return }
      last = end.sequence
      var claims: [(row: EventRow, claim: IdentityClaim)] = []
      for row in rows {
        if let claim = try records.claim(of: row) { claims.append((row, claim)) } else { try records.loseIfGone(row) }
      }
      guard !claims.isEmpty else { continue }
      let (verdicts, epoch) = try await StorageError.wrappingLedger { [claims] () throws(LedgerFailure) in
        try await ledger.claim(claims.map(\.claim))
      }
      var mine: [(row: EventRow, claim: IdentityClaim)] = []
      for (one, verdict) in zip(claims, verdicts) {
        switch verdict {
        case .ours: mine.append(one)
        case .held: break
        case .duplicate(let node): try records.withdraw(one.row, becauseOf: node)
        case .conflict(let node, _): try records.setAside(one.row, becauseOf: node)
        }
      }
      guard !mine.isEmpty else { continue }
      let (ours, counter) = try await StorageError.wrappingLedger { [mine] () throws(LedgerFailure) in
        try await ledger.store(mine.map(\.claim), under: epoch)
      }
      try records.confirm(mine.map(\.row).filter { ours.contains($0.eventId) }, counter: counter)
    }
  }
}
