internal import Catalog
internal import Events
internal import Logging

// What the tree contains and the ledger has to know.
extension FleetMember {
  /// Puts back what the tree contains and the ledger does not have as this machine's.
  ///
  /// - Returns: The ledger's counter.
  func putBack() async throws(StorageError) -> Int64 {
    let ledger = ledger
    var last: Int64 = 0
    var (seen, put, doubles) = (0, 0, 0)
    while true {
      let rows = try StorageError.wrapping { () throws(CatalogError) in
        try catalog.recorded(after: last, limit: Self.slice)
      }
      guard let end = rows.last else { break }
      last = end.sequence
      seen += rows.count
      let missing = try await StorageError.wrappingLedger { () throws(LedgerFailure) in
        try await ledger.missing(among: rows.map(\.eventId))
      }
      var found: [(claim: IdentityClaim, state: SharedState)] = []
      for row in rows where missing.contains(row.eventId) {
        guard let claim = try records.claim(of: row), let state = row.state.shared else { continue }
        found.append((claim, state))
      }
      // Also those that the ledger has in an earlier state.
      try await sendStates(Dictionary(rows.map { ($0.eventId, $0.state) }, uniquingKeysWith: { first, _ in first }))
      guard !found.isEmpty else { continue }
      let others = try await StorageError.wrappingLedger { [found] () throws(LedgerFailure) in
        try await ledger.putBack(found)
      }
      put += found.count - others.count
      doubles += others.count
      for other in others {
        logger.warning(
          "an event has a record here and on another machine",
          metadata: [
            "eventId": "\(other.eventId)", "node": "\(other.node)", "hasSameData": "\(other.hasSameData)",
            "advice": "decide which of the two is to stay, and move the other away",
          ])
      }
    }
    try await putInPruned()
    let counter = try await StorageError.wrappingLedger { () throws(LedgerFailure) in try await ledger.finishPutBack() }
    logger.notice(
      "what the tree holds was compared with the fleet's identities",
      metadata: ["records": "\(seen)", "putBack": "\(put)", "onOtherMachinesToo": "\(doubles)"])
    return counter
  }
}
