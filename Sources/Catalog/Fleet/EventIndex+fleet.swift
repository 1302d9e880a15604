package import Events

// What is compared with the identities that machines share.
extension EventIndex {
  /// The events that have records in the tree, in the order of storing.
  ///
  /// - Parameters:
  ///   - sequence: Only those after it; 0 for all.
  ///   - limit: The maximum number.
  /// - Returns: Their ids, and the last sequence; nil at the end.
  /// - Throws: `StorageError`.
  package func recorded(after sequence: Int64, limit: Int) throws(StorageError) -> (ids: [EventID], last: Int64?) {
    try StorageError.wrapping { () throws(CatalogError) in
      let rows = try catalog?.recorded(after: sequence, limit: limit) ?? []
      return (rows.filter { $0.state != .gone }.map(\.eventId), rows.last?.sequence)
    }
  }

  /// What distinguishes this tree from that of another machine with the same name; nil if it has never joined a fleet.
  ///
  /// - Throws: `StorageError`.
  package func fleetTree() throws(StorageError) -> String? {
    try StorageError.wrapping { () throws(CatalogError) in try catalog?.fleetTree() }
  }

  /// Which of these events are unknown to the tree: it has neither a record nor the identity of a pruned one.
  ///
  /// - Throws: `StorageError`.
  package func unknown(among ids: [EventID]) throws(StorageError) -> [EventID] {
    try StorageError.wrapping { () throws(CatalogError) in
      guard let catalog else { return ids }
      var unknown: [EventID] = []
      for id in ids {
        guard try catalog.event(id) == nil else { continue }
        if try catalog.identity(ofKey: EventKey(eventId: id).text) == nil { unknown.append(id) }
      }
      return unknown
    }
  }
}
