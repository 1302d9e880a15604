package import Events
package import Time

/// The state of an event's record.
package enum EventState: Int64, Sendable {
  case pending = 0
  case forwarded = 1
  /// Its record was moved out of the tree: by a failed forward, or by a person.
  case gone = 2
  /// It is pending, but its record is not where it should be.
  case missing = 3
  /// Its record has its name, but it is not known yet whether it is this machine's: it is not sent (I22).
  case unconfirmed = 4

  /// Whether n8n has yet to acknowledge it.
  package var isOwed: Bool { self == .pending || self == .missing || self == .unconfirmed }
}

/// What the catalog knows about one writing of a record.
package struct EventRow: Sendable {
  package var sequence: Int64
  package var eventId: EventID
  package var eventType: String
  /// The partition's number in the catalog.
  package var partition: Int64
  package var inbox: String
  /// The record's size, including its newline.
  package var bytes: Int
  package var createdAt: Timestamp
  package var updatedAt: Timestamp
  package var state: EventState
  package var forwardedAt: Timestamp?
  /// How often it has failed in the same way.
  package var attempts: Int
  package var firstFailedAt: Timestamp?
  /// Why these attempts failed.
  package var failedOf: FailureReason?

  private static let columnNames = [
    "sequence", "eventId", "eventType", "partition", "inbox", "bytes", "createdAt", "updatedAt", "state", "forwardedAt",
    "attempts", "firstFailedAt", "failedOf",
  ]
  static let columns = columnNames.joined(separator: ", ")
  static let columnCount = columnNames.count

  package init(
    sequence: Int64, eventId: EventID, eventType: String, partition: Int64, inbox: String, bytes: Int,
    createdAt: Timestamp, updatedAt: Timestamp, state: EventState, forwardedAt: Timestamp?, attempts: Int = 0,
    firstFailedAt: Timestamp? = nil, failedOf: FailureReason? = nil
  ) {
    self.sequence = sequence
    self.eventId = eventId
    self.eventType = eventType
    self.partition = partition
    self.inbox = inbox
    self.bytes = bytes
    self.createdAt = createdAt
    self.updatedAt = updatedAt
    self.state = state
    self.forwardedAt = forwardedAt
    self.attempts = attempts
    self.firstFailedAt = firstFailedAt
    self.failedOf = failedOf
  }

  /// In the order of the columns.
  fileprivate var values: [CatalogValue] {
    [
      .integer(sequence), .text(eventId.text), .text(eventType), .integer(partition), .text(inbox),
      .integer(Int64(bytes)),
      createdAt.catalogValue, updatedAt.catalogValue, .integer(state.rawValue), .optional(forwardedAt?.milliseconds),
      .integer(Int64(attempts)), .optional(firstFailedAt?.milliseconds), .optional(failedOf?.rawValue),
    ]
  }

  init(_ row: Statement) {
    sequence = row.integer(0)
    eventId = EventID(row.text(1))
    eventType = row.text(2)
    partition = row.integer(3)
    inbox = row.text(4)
    bytes = Int(row.integer(5))
    createdAt = Timestamp(milliseconds: row.integer(6))
    updatedAt = Timestamp(milliseconds: row.integer(7))
    state = EventState(rawValue: row.integer(8)) ?? .gone
    forwardedAt = row.optionalInteger(9).map { Timestamp(milliseconds: $0) }
    attempts = Int(row.integer(10))
    firstFailedAt = row.optionalInteger(11).map { Timestamp(milliseconds: $0) }
    failedOf = row.optionalText(12).map { FailureReason(rawValue: $0) }
  }
}

// Statements that change many rows say `OR ROLLBACK`: an error then undoes the whole transaction. To undo the statement
// alone, SQLite would first copy each page that it changes.
extension Catalog {
  // Queries made for each event are built once.
  private static let byEventId = "SELECT \(EventRow.columns) FROM event WHERE eventId = ?1"
  private static let row = "(" + Array(repeating: "?", count: EventRow.columnCount).joined(separator: ", ") + ")"
  private static let replaceRow = "INSERT OR REPLACE INTO event (\(EventRow.columns)) VALUES \(row)"
  private static let addRow = adding(1)
  private static let addRows = adding(rowsAtATime)
  /// Each statement inserts this many rows: more than half of its cost is the same for one row and for many.
  private static let rowsAtATime = 25

  /// The statement that inserts those of several rows whose events are unknown.
  private static func adding(_ rows: Int) -> String {
    "INSERT OR ROLLBACK INTO event (\(EventRow.columns)) VALUES "
      + Array(repeating: row, count: rows).joined(separator: ", ") + " ON CONFLICT (eventId) DO NOTHING"
  }

  /// What is known about an event; nil if it was never stored, or is forgotten.
  ///
  /// - Throws: `CatalogError`.
  package func event(_ eventId: EventID) throws(CatalogError) -> EventRow? {
    try connection.prepared(Self.byEventId).bind(.text(eventId.text)).first(EventRow.init)
  }

  /// The same for many, in one read transaction: so SQLite takes its locks once.
  ///
  /// - Throws: `CatalogError`.
  package func events(_ eventIds: [EventID]) throws(CatalogError) -> [EventRow?] {
    try connection.reading { () throws(CatalogError) in
      let statement = try connection.prepared(Self.byEventId)
      var rows: [EventRow?] = []
      rows.reserveCapacity(eventIds.count)
      for eventId in eventIds { rows.append(try statement.bind(.text(eventId.text)).first(EventRow.init)) }
      return rows
    }
  }

  /// What is known about a writing; nil if its event was rewritten since.
  ///
  /// - Throws: `CatalogError`.
  package func event(atSequence sequence: Int64) throws(CatalogError) -> EventRow? {
    try connection.prepared("SELECT \(EventRow.columns) FROM event WHERE sequence = ?1").bind(.integer(sequence))
      .first(EventRow.init)
  }

  /// Inserts events, replacing the rows of earlier writings.
  ///
  /// - Parameter rows: At most one per event. Their sequences are consecutive and new; a single row may reuse that of
  ///   its event's earlier row.
  /// - Throws: `CatalogError`.
  package func put(_ rows: [EventRow]) throws(CatalogError) {
    guard let first = rows.first, let last = rows.last else { return }
    try connection.transaction { () throws(CatalogError) in
      for start in stride(from: 0, to: rows.count, by: Self.rowsAtATime) {
        try put(rows[start..<min(start + Self.rowsAtATime, rows.count)])
      }
      try count(.sequences(first.sequence...last.sequence))
    }
  }

  private func put(_ rows: ArraySlice<EventRow>) throws(CatalogError) {
    guard rows.count == Self.rowsAtATime else {
      let statement = try connection.prepared(Self.addRow)
      for row in rows {
        try statement.bind(all: row.values).run()
        if connection.changes == 0 { try replace(row) }
      }
      return
    }
    let statement = try connection.prepared(Self.addRows)
    for (index, row) in rows.enumerated() {
      try statement.bind(all: row.values, from: index * EventRow.columnCount + 1)
    }
    try statement.run()
    if connection.changes < rows.count {
      // Some were known: replace those whose rows have not been inserted.
      for row in rows where try event(atSequence: row.sequence)?.eventId != row.eventId { try replace(row) }
    }
  }

  private func replace(_ row: EventRow) throws(CatalogError) {
    if let earlier = try event(row.eventId) {
      try count(.sequences(earlier.sequence...earlier.sequence), times: -1)
    }
    try connection.prepared(Self.replaceRow).bind(all: row.values).run()
  }

  /// Inserts an event if it is unknown.
  ///
  /// - Returns: Whether it was unknown; otherwise it is not inserted.
  /// - Throws: `CatalogError`.
  package func add(_ row: EventRow) throws(CatalogError) -> Bool {
    try connection.transaction { () throws(CatalogError) in
      try connection.prepared(Self.addRow).bind(all: row.values).run()
      guard connection.changes == 1 else { return false }
      try count(.sequences(row.sequence...row.sequence))
      return true
    }
  }

  /// Sets the state of a writing, and takes it out of its batch.
  ///
  /// - Throws: `CatalogError`.
  package func setState(_ state: EventState, ofSequence sequence: Int64) throws(CatalogError) {
    try recounting(.sequences(sequence...sequence)) { () throws(CatalogError) in
      try connection.prepared("UPDATE event SET state = ?2, batch = NULL WHERE sequence = ?1")
        .bind(.integer(sequence), .integer(state.rawValue)).run()
    }
  }

  /// Which of these writings the catalog still has.
  ///
  /// - Throws: `CatalogError`.
  package func sequences(among range: ClosedRange<Int64>) throws(CatalogError) -> [Int64] {
    try connection.prepared("SELECT sequence FROM event NOT INDEXED WHERE sequence BETWEEN ?1 AND ?2")
      .bind(.integer(range.lowerBound), .integer(range.upperBound)).all { $0.integer(0) }
  }

  /// Marks all writings of these sequences as forwarded.
  ///
  /// - Throws: `CatalogError`.
  package func setForwarded(_ range: ClosedRange<Int64>, at time: Timestamp) throws(CatalogError) {
    try recounting(.sequences(range)) { () throws(CatalogError) in
      try connection.prepared(
        """
        UPDATE OR ROLLBACK event NOT INDEXED
        SET state = 1, batch = NULL, forwardedAt = ?3, attempts = 0, firstFailedAt = NULL
        WHERE sequence BETWEEN ?1 AND ?2
        """
      ).bind(.integer(range.lowerBound), .integer(range.upperBound), time.catalogValue).run()
    }
  }

  /// Marks the record of a writing as moved away by a failed forward.
  ///
  /// - Throws: `CatalogError`.
  package func setFailed(sequence: Int64, attempts: Int, firstFailedAt: Timestamp) throws(CatalogError) {
    try recounting(.sequences(sequence...sequence)) { () throws(CatalogError) in
      try connection.prepared(
        "UPDATE event SET state = 2, batch = NULL, attempts = ?2, firstFailedAt = ?3 WHERE sequence = ?1"
      ).bind(.integer(sequence), .integer(Int64(attempts)), firstFailedAt.catalogValue).run()
    }
  }

  /// The number of pending events without a record.
  ///
  /// - Throws: `CatalogError`.
  package func missingCount() throws(CatalogError) -> Int {
    try connection.prepared("SELECT coalesce(sum(events), 0) FROM tally WHERE state = 3").first { Int($0.integer(0)) }
      ?? 0
  }

  /// Marks the record of a writing as back in the tree and pending, as it was before it was set aside.
  ///
  /// - Parameters:
  ///   - sequence: The writing.
  ///   - reason: Why it was set aside.
  ///   - isCharged: Whether the failure counts as an attempt.
  /// - Throws: `CatalogError`.
  package func setBack(sequence: Int64, failedOf reason: FailureReason, isCharged: Bool) throws(CatalogError) {
    try recounting(.sequences(sequence...sequence)) { () throws(CatalogError) in
      try connection.prepared(
        isCharged
          ? "UPDATE event SET state = 0, batch = NULL, failedOf = ?2 WHERE sequence = ?1 AND state = 2"
          : """
          UPDATE event SET state = 0, batch = NULL, failedOf = CASE WHEN attempts > 1 THEN ?2 END,
            firstFailedAt = CASE WHEN attempts > 1 THEN firstFailedAt END, attempts = max(attempts - 1, 0)
          WHERE sequence = ?1 AND state = 2
          """
      ).bind(.integer(sequence), .text(reason.rawValue)).run()
    }
  }

  /// The newest sequence; 0 if there is none.
  ///
  /// - Throws: `CatalogError`.
  package func lastSequence() throws(CatalogError) -> Int64 {
    try connection.prepared("SELECT max(sequence) FROM event").first { $0.integer(0) } ?? 0
  }

  /// The number of pending events, and when the oldest was stored.
  ///
  /// - Throws: `CatalogError`.
  package func pending() throws(CatalogError) -> (count: Int, oldest: Timestamp?) {
    let count = try connection.prepared("SELECT coalesce(sum(events), 0) FROM tally WHERE state IN (0, 4)").first {
      Int($0.integer(0))
    }
    var oldest: Int64?
    // The indexes have to be named: SQLite would search the events in order until one is pending.
    for found in [
      "INDEXED BY eventToCompose WHERE state = 0 AND batch IS NULL",
      "INDEXED BY eventInBatch WHERE batch IS NOT NULL",
    ] {
      let first = try connection.prepared("SELECT min(sequence) FROM event \(found)").first {
        $0.optionalInteger(0)
      }
      if case let first?? = first { oldest = min(oldest ?? first, first) }
    }
    guard let oldest else { return (count ?? 0, nil) }
    return (count ?? 0, try event(atSequence: oldest)?.updatedAt)
  }
}
