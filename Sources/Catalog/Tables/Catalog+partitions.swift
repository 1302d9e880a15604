package import Time

/// What the catalog knows about a partition.
package struct PartitionRow: Sendable {
  package var id: Int64
  package var date: CalendarDate
  /// Whether the folder may contain records that the catalog lacks: set before the first is written, and cleared by an
  /// orderly stop.
  package var isOpen: Bool
  /// When the folder's names last changed, as of the last orderly stop; nanoseconds.
  package var changed: Int64
  /// How many bytes of its journal are in the catalog.
  package var journal: Int
}

extension Catalog {
  /// All partitions, oldest first.
  ///
  /// - Throws: `CatalogError`.
  package func partitions() throws(CatalogError) -> [PartitionRow] {
    try connection.prepared("SELECT id, date, isOpen, changed, journal FROM partition ORDER BY date").all {
      row -> PartitionRow? in
      guard let date = CalendarDate(row.text(1)) else { return nil }
      return PartitionRow(
        id: row.integer(0), date: date, isOpen: row.integer(2) != 0, changed: row.integer(3),
        journal: Int(row.integer(4)))
    }.compactMap { $0 }
  }

  /// What is known about the partition of a day; nil if nothing is.
  ///
  /// - Throws: `CatalogError`.
  package func partition(_ date: CalendarDate) throws(CatalogError) -> PartitionRow? {
    try connection.prepared("SELECT id, isOpen, changed, journal FROM partition WHERE date = ?1")
      .bind(.text(date.description)).first {
        PartitionRow(
          id: $0.integer(0), date: date, isOpen: $0.integer(1) != 0, changed: $0.integer(2), journal: Int($0.integer(3))
        )
      }
  }

  /// The day of a partition; nil if the catalog does not know its number.
  ///
  /// - Throws: `CatalogError`.
  package func date(ofPartition id: Int64) throws(CatalogError) -> CalendarDate? {
    try connection.prepared("SELECT date FROM partition WHERE id = ?1").bind(.integer(id))
      .first { CalendarDate($0.text(0)) } ?? nil
  }

  /// The number of pending events of a day; nil if the catalog does not know the day.
  ///
  /// - Throws: `CatalogError`.
  package func pendingCount(of date: CalendarDate) throws(CatalogError) -> Int? {
    guard let row = try partition(date) else { return nil }
    return try pendingCount(inPartition: row.id)
  }

  /// Marks the partition as one that may be written to from now on.
  ///
  /// - Returns: Its number.
  /// - Throws: `CatalogError`.
  package func openPartition(_ date: CalendarDate) throws(CatalogError) -> Int64 {
    try connection.prepared(
      "INSERT INTO partition (date, isOpen, changed, journal) VALUES (?1, 1, 0, 0) ON CONFLICT DO UPDATE SET isOpen = 1"
    ).bind(.text(date.description)).run()
    return try partition(date)?.id ?? 0
  }

  /// Marks the catalog as containing everything in the partition's folder.
  ///
  /// - Parameters:
  ///   - id: The partition.
  ///   - changed: When the folder's names last changed; nanoseconds.
  /// - Throws: `CatalogError`.
  package func closePartition(_ id: Int64, changed: Int64) throws(CatalogError) {
    try connection.prepared("UPDATE partition SET isOpen = 0, changed = ?2 WHERE id = ?1")
      .bind(.integer(id), .integer(changed)).run()
  }

  /// Records how many bytes of a partition's journal are in the catalog.
  ///
  /// - Throws: `CatalogError`.
  package func setJournal(ofPartition id: Int64, bytes: Int) throws(CatalogError) {
    try connection.prepared("UPDATE partition SET journal = ?2 WHERE id = ?1")
      .bind(.integer(id), .integer(Int64(bytes))).run()
  }

  /// The number of events of a partition.
  ///
  /// - Throws: `CatalogError`.
  package func eventCount(inPartition id: Int64) throws(CatalogError) -> Int {
    try connection.prepared("SELECT coalesce(sum(events), 0) FROM tally WHERE partition = ?1").bind(.integer(id))
      .first { Int($0.integer(0)) } ?? 0
  }

  /// The number of pending events of a partition, including missing ones.
  ///
  /// - Throws: `CatalogError`.
  package func pendingCount(inPartition id: Int64) throws(CatalogError) -> Int {
    try connection.prepared("SELECT coalesce(sum(events), 0) FROM tally WHERE partition = ?1 AND state IN (0, 3)")
      .bind(.integer(id)).first { Int($0.integer(0)) } ?? 0
  }

  /// The number of pending events of a partition without a record.
  ///
  /// - Throws: `CatalogError`.
  package func missingCount(inPartition id: Int64) throws(CatalogError) -> Int {
    try connection.prepared("SELECT coalesce(sum(events), 0) FROM tally WHERE partition = ?1 AND state = 3")
      .bind(.integer(id)).first { Int($0.integer(0)) } ?? 0
  }

  /// The content of each partition.
  func partitionSizes() throws(CatalogError) -> [StoreSnapshot.Partition] {
    try connection.prepared(
      """
      SELECT p.date, coalesce(sum(t.events), 0), coalesce(sum(t.bytes), 0),
        coalesce(sum(t.events) FILTER (WHERE t.state = 0), 0), sum(t.delay) / nullif(sum(t.acknowledged), 0),
        max(t.longestDelay) FILTER (WHERE t.acknowledged > 0)
      FROM partition p LEFT JOIN tally t ON t.partition = p.id AND t.state < 2 GROUP BY p.id ORDER BY p.date
      """
    ).all { row in
      StoreSnapshot.Partition(
        date: CalendarDate(row.text(0)) ?? CalendarDate(daysSinceEpoch: 0), records: Int(row.integer(1)),
        bytes: Int(row.integer(2)), pending: Int(row.integer(3)), meanDelay: row.milliseconds(4),
        longestDelay: row.milliseconds(5))
    }
  }

  /// Calls `body` with the events of a partition that should have a record in its folder.
  ///
  /// - Throws: `CatalogError`, or what `body` throws.
  package func forEachEvent(
    inPartition id: Int64, _ body: (EventRow) throws(CatalogError) -> Void
  ) throws(CatalogError) {
    let statement = try connection.prepared("SELECT \(EventRow.columns) FROM event WHERE partition = ?1 AND state != 2")
      .bind(.integer(id))
    defer { statement.reset() }
    while try statement.step() { try body(EventRow(statement)) }
  }

  /// Notes that a partition's records are gone: those that n8n has acknowledged are forgotten, the others are missing
  /// until they come back or a person gives them up.
  ///
  /// - Returns: How many are missing.
  /// - Throws: `CatalogError`.
  package func losePartition(_ id: Int64) throws(CatalogError) -> Int {
    try connection.transaction { () throws(CatalogError) in
      try recounting(.owed(ofPartition: id)) { () throws(CatalogError) in
        try connection.prepared(
          "UPDATE event SET state = 3, batch = NULL WHERE partition = ?1 AND state = 0"
        )
        .bind(.integer(id)).run()
      }
      // It is compared with its folder once that is back.
      try connection.prepared("UPDATE partition SET isOpen = 1 WHERE id = ?1").bind(.integer(id)).run()
    }
    let missing = try pendingCount(inPartition: id)
    while try connection.transaction({ () throws(CatalogError) in
      missing == 0
        ? try forgetEvents(ofPartition: id, limit: 10_000) : try forget(.settled(10_000, ofPartition: id)) == 10_000
    }) {}
    return missing
  }

  /// Calls `body` with each event that is pending or missing, and the date of its partition.
  ///
  /// - Throws: `CatalogError`, or what `body` throws.
  package func forEachOwedEvent(
    _ body: (EventRow, CalendarDate) throws(CatalogError) -> Void
  ) throws(CatalogError) {
    let dates = Dictionary(try partitions().map { ($0.id, $0.date) }, uniquingKeysWith: { first, _ in first })
    let statement = try connection.prepared("SELECT \(EventRow.columns) FROM event WHERE state IN (0, 3)")
    defer { statement.reset() }
    while try statement.step() {
      let row = EventRow(statement)
      if let date = dates[row.partition] { try body(row, date) }
    }
  }

  /// Forgets some of a partition's events, and with the last of them the partition.
  ///
  /// - Returns: Whether there are more.
  /// - Throws: `CatalogError`.
  package func forgetEvents(ofPartition id: Int64, limit: Int) throws(CatalogError) -> Bool {
    guard try forget(.first(limit, ofPartition: id)) < limit else { return true }
    for table in ["tally WHERE partition", "partition WHERE id"] {
      try connection.prepared("DELETE FROM \(table) = ?1").bind(.integer(id)).run()
    }
    return false
  }
}

// MARK: Identities of events whose records were pruned

extension Catalog {
  /// The identity of a pruned event, and the day of its partition; nil if there is none.
  ///
  /// - Throws: `CatalogError`.
  package func identity(ofKey key: String) throws(CatalogError) -> (digest: [UInt8], date: CalendarDate?)? {
    try connection.prepared("SELECT digest, date FROM identity WHERE key = ?1").bind(.text(key)).first {
      ($0.bytes(0), CalendarDate($0.text(1)))
    }
  }

  /// The identities of pruned events, ordered by key.
  ///
  /// - Parameters:
  ///   - key: Only those after it.
  ///   - limit: The largest number.
  /// - Returns: The identities.
  /// - Throws: `CatalogError`.
  package func identities(after key: String, limit: Int) throws(CatalogError) -> [Identity] {
    try connection.prepared("SELECT key, digest FROM identity WHERE key > ?1 ORDER BY key LIMIT ?2")
      .bind(.text(key), .integer(Int64(limit))).all { Identity(key: $0.text(0), digest: $0.bytes(1)) }
  }

  /// Enters the identity of a pruned event.
  ///
  /// - Throws: `CatalogError`.
  package func put(_ identity: Identity, of date: CalendarDate) throws(CatalogError) {
    try connection.prepared("INSERT OR REPLACE INTO identity VALUES (?1, ?2, ?3)")
      .bind(.text(identity.key), .bytes(identity.digest), .text(date.description)).run()
  }

  /// Forgets a limited number of identities of a day.
  ///
  /// - Returns: How many there were.
  /// - Throws: `CatalogError`.
  package func forgetIdentities(of date: CalendarDate, limit: Int) throws(CatalogError) -> Int {
    try connection.prepared(
      "DELETE FROM identity WHERE key IN (SELECT key FROM identity WHERE date = ?1 LIMIT ?2)"
    ).bind(.text(date.description), .integer(Int64(limit))).run()
    return connection.changes
  }

  /// Whether there are identities of pruned events.
  ///
  /// - Throws: `CatalogError`.
  package func hasIdentities() throws(CatalogError) -> Bool {
    try connection.prepared("SELECT 1 FROM identity LIMIT 1").first { _ in true } ?? false
  }
}
