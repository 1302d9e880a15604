internal import Catalog
internal import Events
internal import Logging

// What the tree has pruned but still knows, and the ledger has to know.
extension FleetMember {
  /// Puts in the identities of pruned events that the ledger does not have as this machine's.
  ///
  /// Their rows say that they were forwarded, because nothing else is pruned, and nothing about their type: it is not
  /// kept. An eventId whose key is cut cannot be derived from it, and is left out.
  ///
  /// - Throws: `StorageError`.
  func putInPruned() async throws(StorageError) {
    let ledger = ledger
    var last = ""
    var (seen, put, others) = (0, 0, 0)
    while true {
      let identities = try StorageError.wrapping { () throws(CatalogError) in
        try catalog.identities(after: last, limit: Self.slice)
      }
      guard let end = identities.last else { break }
      last = end.key
      seen += identities.count
      let claims = identities.compactMap(IdentityClaim.init)
      let missing = try await StorageError.wrappingLedger { () throws(LedgerFailure) in
        try await ledger.missing(among: claims.map(\.eventId))
      }
      let found = claims.filter { missing.contains($0.eventId) }
      guard !found.isEmpty else { continue }
      let elsewhere = try await StorageError.wrappingLedger { () throws(LedgerFailure) in
        try await ledger.putBack(found.map { ($0, .forwarded) })
      }
      put += found.count - elsewhere.count
      others += elsewhere.count
    }
    guard seen > 0 else { return }
    logger.notice(
      "the identities of pruned events were compared with the fleet's",
      metadata: ["identities": "\(seen)", "putBack": "\(put)", "onOtherMachinesToo": "\(others)"])
  }
}

extension IdentityClaim {
  /// A pruned event's form in the ledger; nil if its eventId is no longer known.
  fileprivate init?(_ identity: Identity) {
    guard let eventId = EventKey.eventId(ofKey: identity.key) else { return nil }
    self.init(eventId: eventId, eventType: "", dataDigest: identity.digest, inbox: "")
  }
}
