internal import Events
internal import Time

// Batches: which pending events are sent together.
extension Catalog {
  /// The first events that are in no batch, oldest first, and the sizes of their records in bytes.
  ///
  /// - Throws: `CatalogError`.
  package func eventsToCompose(limit: Int) throws(CatalogError) -> [(sequence: Int64, bytes: Int)] {
    try connection.prepared(
      """
      SELECT sequence, bytes FROM event INDEXED BY eventToCompose
      WHERE state = 0 AND batch IS NULL ORDER BY sequence LIMIT ?1
      """
    ).bind(.integer(Int64(limit))).all { (sequence: $0.integer(0), bytes: Int($0.integer(1))) }
  }

  /// Puts the events returned by `eventsToCompose` into a batch, from the first of these sequences to the last.
  ///
  /// - Throws: `CatalogError`.
  package func compose(_ batch: Int64, of range: ClosedRange<Int64>) throws(CatalogError) {
    try connection.prepared(
      """
      UPDATE OR ROLLBACK event NOT INDEXED SET batch = ?3
      WHERE sequence BETWEEN ?1 AND ?2 AND state = 0 AND batch IS NULL
      """
    ).bind(.integer(range.lowerBound), .integer(range.upperBound), .integer(batch)).run()
  }

  /// Takes a batch's events that are still pending out of it.
  ///
  /// - Throws: `CatalogError`.
  package func dissolve(_ batch: Int64) throws(CatalogError) {
    try connection.prepared("UPDATE event SET batch = NULL WHERE batch = ?1 AND state = 0").bind(.integer(batch)).run()
  }

  /// The first batch that was composed after this one.
  ///
  /// - Throws: `CatalogError`.
  package func batch(after batch: Int64) throws(CatalogError) -> Int64? {
    try connection.prepared("SELECT min(batch) FROM event WHERE batch > ?1").bind(.integer(batch))
      .first { $0.optionalInteger(0) } ?? nil
  }

  /// The number of the newest batch that has events; 0 if none has.
  ///
  /// - Throws: `CatalogError`.
  package func lastBatch() throws(CatalogError) -> Int64 {
    try connection.prepared("SELECT max(batch) FROM event WHERE batch IS NOT NULL").first { $0.integer(0) } ?? 0
  }

  /// The events of a batch that are still pending, oldest first.
  ///
  /// - Throws: `CatalogError`.
  package func events(inBatch batch: Int64) throws(CatalogError) -> [PendingEvent] {
    try connection.prepared(
      "SELECT sequence, eventId, eventType, partition, bytes, updatedAt FROM event WHERE batch = ?1 ORDER BY sequence"
    ).bind(.integer(batch)).all(Self.pendingEvent)
  }

  /// Whether any event of a batch is still pending.
  ///
  /// - Throws: `CatalogError`.
  package func hasEvents(inBatch batch: Int64) throws(CatalogError) -> Bool {
    try connection.prepared("SELECT 1 FROM event WHERE batch = ?1 LIMIT 1").bind(.integer(batch)).first { _ in true }
      ?? false
  }
}

// MARK: Single events

extension Catalog {
  /// Takes all pending events out of their batches, except these batches.
  ///
  /// - Parameters:
  ///   - batch: Only batches composed after it.
  ///   - kept: The batches to keep.
  /// - Throws: `CatalogError`.
  package func dissolveAll(after batch: Int64, but kept: Set<Int64>) throws(CatalogError) {
    var next = try self.batch(after: batch)
    while let batch = next {
      if !kept.contains(batch) { try dissolve(batch) }
      next = try self.batch(after: batch)
    }
  }

  /// Pending events that are in no batch, from the oldest or the newest on.
  ///
  /// - Throws: `CatalogError`.
  package func eventsInNoBatch(limit: Int, newestFirst: Bool) throws(CatalogError) -> [PendingEvent] {
    try connection.prepared(
      """
      SELECT sequence, eventId, eventType, partition, bytes, updatedAt FROM event INDEXED BY eventToCompose
      WHERE state = 0 AND batch IS NULL ORDER BY sequence \(newestFirst ? "DESC" : "ASC") LIMIT ?1
      """
    ).bind(.integer(Int64(limit))).all(Self.pendingEvent)
  }

  /// The batch that contains a pending event; nil if none does.
  ///
  /// - Throws: `CatalogError`.
  package func batch(ofSequence sequence: Int64) throws(CatalogError) -> Int64? {
    try connection.prepared("SELECT batch FROM event WHERE sequence = ?1 AND state = 0").bind(.integer(sequence))
      .first { $0.optionalInteger(0) } ?? nil
  }

  fileprivate static func pendingEvent(_ row: Statement) -> PendingEvent {
    PendingEvent(
      sequence: row.integer(0), eventId: EventID(row.text(1)), eventType: row.text(2), partition: row.integer(3),
      bytes: Int(row.integer(4)), updatedAt: Timestamp(milliseconds: row.integer(5)))
  }
}
