package import Time

extension EventIndex {
  /// How much is pending, and the state of the circuit: fast, however much is stored.
  ///
  /// - Throws: `StorageError`.
  package func backlog() throws(StorageError) -> StoreSnapshot {
    guard let catalog else { return StoreSnapshot() }
    return try StorageError.wrapping { () throws(CatalogError) in
      let pending = try catalog.pending()
      return StoreSnapshot(
        pending: pending.count, oldestPending: pending.oldest, missing: try catalog.missingCount(),
        circuit: try catalog.note("circuit"), refusedPrune: RefusedPrune(note: try catalog.note(RefusedPrune.noteName)),
        fleetTrouble: FleetTrouble(note: try catalog.note(FleetTrouble.noteName)),
        watchedSince: try catalog.watchedInboxes())
    }
  }

  /// The content of each partition.
  ///
  /// - Throws: `StorageError`.
  package func partitions() throws(StorageError) -> [StoreSnapshot.Partition] {
    guard let catalog else { return [] }
    return try StorageError.wrapping { () throws(CatalogError) in try catalog.partitionSizes() }
  }

  /// What was stored in each minute since a time, and its present state.
  ///
  /// - Throws: `StorageError`.
  package func minutes(since: Timestamp) throws(StorageError) -> [StoredMinute] {
    guard let catalog else { return [] }
    return try StorageError.wrapping { () throws(CatalogError) in try catalog.storedMinutes(since: since) }
  }
}

extension EventIndex {
  /// When each inbox last brought something, and when the webhook last took something, according to the tree.
  ///
  /// - Throws: `StorageError`.
  package func latest() throws(StorageError) -> LatestEvents {
    guard let catalog else { return LatestEvents() }
    return try StorageError.wrapping { () throws(CatalogError) in try catalog.latest() }
  }
}

/// The latest times.
package struct LatestEvents: Sendable {
  /// When an event was last acknowledged; nil if unknown.
  package var acknowledgedAt: Timestamp?
  /// When an event was last stored, by inbox.
  package var storedAt: [String: Timestamp] = [:]

  package init() {}
}

/// The events that were stored within one minute.
package struct StoredMinute: Sendable {
  package var start: Timestamp
  package var stored: Int
  /// Those of them acknowledged since.
  package var forwarded: Int
  /// How long these waited for that, on average and at most.
  package var meanDelay: Duration?
  package var longestDelay: Duration?
}

extension Catalog {
  /// It reads all events.
  fileprivate func latest() throws(CatalogError) -> LatestEvents {
    var latest = LatestEvents()
    let rows = try connection.prepared(
      "SELECT inbox, max(updatedAt), max(forwardedAt) FROM event WHERE state != 2 GROUP BY inbox"
    ).all { row in (row.text(0), row.integer(1), row.optionalInteger(2)) }
    for (inbox, stored, acknowledged) in rows {
      latest.storedAt[inbox] = Timestamp(milliseconds: stored)
      guard let acknowledged else { continue }
      let time = Timestamp(milliseconds: acknowledged)
      latest.acknowledgedAt = max(latest.acknowledgedAt ?? time, time)
    }
    return latest
  }

  fileprivate func storedMinutes(since: Timestamp) throws(CatalogError) -> [StoredMinute] {
    try connection.prepared(
      """
      SELECT updatedAt / 60000, count(*), sum(state = 1), avg(forwardedAt - updatedAt), max(forwardedAt - updatedAt)
      FROM event WHERE updatedAt >= ?1 AND state < 2 GROUP BY 1 ORDER BY 1
      """
    ).bind(since.catalogValue).all { row in
      StoredMinute(
        start: Timestamp(milliseconds: row.integer(0) * 60_000), stored: Int(row.integer(1)),
        forwarded: Int(row.integer(2)), meanDelay: row.milliseconds(3), longestDelay: row.milliseconds(4))
    }
  }
}

extension Statement {
  func milliseconds(_ column: Int32) -> Duration? {
    // If the clock was set back, an event seems to have been acknowledged before it was stored.
    optionalInteger(column).map { .milliseconds(max($0, 0)) }
  }
}
