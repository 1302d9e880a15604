package import Events
package import Time

/// Failed attempts to forward events. A row of `attemptedEvent` is an event's part in one of them.
extension Catalog {
  /// At most this many attempts and rewritings are kept per event: a webhook that is down for a month is tried much
  /// more often.
  private static let attemptsKept: Int64 = 20

  /// Enters a failed attempt, and forgets the oldest of each event beyond the limit.
  ///
  /// - Throws: `CatalogError`.
  package func putAttempt(_ attempt: FailedAttempt, ofEvents eventIds: [EventID]) throws(CatalogError) {
    try connection.prepared(
      "INSERT INTO attempt (time, batchId, events, httpStatus, message, response) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    ).bind(
      attempt.time.catalogValue, .text(attempt.batchId), .integer(Int64(attempt.events)),
      .optional(attempt.httpStatus.map { Int64($0) }), .text(attempt.message.encoded), .optional(attempt.response)
    ).run()
    let id = try connection.prepared("SELECT last_insert_rowid()").first { $0.integer(0) } ?? 0
    for eventId in eventIds {
      try connection.prepared("INSERT INTO attemptedEvent VALUES (?1, ?2)").bind(.text(eventId.text), .integer(id))
        .run()
      try connection.prepared(
        """
        DELETE FROM attemptedEvent WHERE eventId = ?1 AND attempt <= (
          SELECT attempt FROM attemptedEvent WHERE eventId = ?1 ORDER BY attempt DESC LIMIT 1 OFFSET ?2)
        """
      ).bind(.text(eventId.text), .integer(Self.attemptsKept)).run()
    }
  }

  /// The attempts kept for an event, oldest first.
  func attempts(ofEvent eventId: EventID) throws(CatalogError) -> [FailedAttempt] {
    try connection.prepared(
      """
      SELECT a.time, a.batchId, a.events, a.httpStatus, a.message, a.response
      FROM attemptedEvent e JOIN attempt a ON a.id = e.attempt WHERE e.eventId = ?1 ORDER BY a.id
      """
    ).bind(.text(eventId.text)).all { row in
      FailedAttempt(
        time: Timestamp(milliseconds: row.integer(0)), batchId: row.text(1), events: Int(row.integer(2)),
        httpStatus: row.optionalInteger(3).map { Int($0) }, message: Message(encoded: row.text(4)),
        response: row.optionalText(5))
    }
  }

  /// Records that an event with a record was stored again.
  ///
  /// - Throws: `CatalogError`.
  package func putRewriting(_ rewriting: Rewriting, ofEvent eventId: EventID) throws(CatalogError) {
    try connection.prepared("INSERT OR REPLACE INTO rewriting VALUES (?1, ?2, ?3)").bind(
      .text(eventId.text), rewriting.time.catalogValue, .optional(rewriting.failedOf?.rawValue)
    ).run()
    try connection.prepared(
      """
      DELETE FROM rewriting WHERE eventId = ?1 AND time <= (
        SELECT time FROM rewriting WHERE eventId = ?1 ORDER BY time DESC LIMIT 1 OFFSET ?2)
      """
    ).bind(.text(eventId.text), .integer(Self.attemptsKept)).run()
  }

  /// The rewritings kept for an event, oldest first.
  func rewritings(ofEvent eventId: EventID) throws(CatalogError) -> [Rewriting] {
    try connection.prepared("SELECT time, failedOf FROM rewriting WHERE eventId = ?1 ORDER BY time")
      .bind(.text(eventId.text)).all { row in
        Rewriting(
          time: Timestamp(milliseconds: row.integer(0)),
          failedOf: row.optionalText(1).map { FailureReason(rawValue: $0) })
      }
  }

  /// Forgets older attempts and rewritings.
  ///
  /// - Throws: `CatalogError`.
  package func forgetAttempts(before time: Timestamp) throws(CatalogError) {
    try connection.prepared("DELETE FROM rewriting WHERE time < ?1").bind(time.catalogValue).run()
    try connection.prepared("DELETE FROM attemptedEvent WHERE attempt IN (SELECT id FROM attempt WHERE time < ?1)")
      .bind(time.catalogValue).run()
  }
}
