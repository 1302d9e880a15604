internal import Time

extension Catalog {
  /// Records, newest first.
  func events(_ query: EventQuery, limit: Int) throws(CatalogError) -> [(row: EventRow, date: CalendarDate)] {
    let isPending = query.status == .pending
    // If few are pending, they are found by their state; if many are, on the way through time.
    let isByState = isPending ? try pending().count < 20_000 : false
    var conditions = ["e.state \(query.status.flatMap(EventState.init).map { "= \($0.rawValue)" } ?? "!= 2")"]
    var values: [CatalogValue] = []
    func add(_ condition: String, _ value: CatalogValue) {
      values.append(value)
      conditions.append(condition.replacing("?", with: "?\(values.count)"))
    }
    let time = isByState ? "+e.updatedAt" : "e.updatedAt"
    if let type = query.type { add("e.eventType = ?", .text(type)) }
    if let since = query.since { add("\(time) >= ?", since.catalogValue) }
    if let until = query.until { add("\(time) < ?", until.catalogValue) }
    if let inbox = query.inbox { add("e.inbox = ?", .text(inbox)) }
    if let cursor = query.cursor {
      add("\(time) <= ?", .integer(cursor.time))
      values.append(.integer(cursor.sequence))
      conditions.append("(\(time) < ?\(values.count - 1) OR e.sequence < ?\(values.count))")
    }
    values.append(.integer(Int64(limit)))
    let columns = EventRow.columns.split(separator: ", ").map { "e.\($0)" }.joined(separator: ", ")
    let events = isByState ? "(\(Self.pendingSequences)) s CROSS JOIN event e ON e.sequence = s.sequence" : "event e"
    let sql =
      "SELECT \(columns), p.date FROM \(events) JOIN partition p ON p.id = e.partition WHERE "
      + conditions.joined(separator: " AND ")
      + " ORDER BY \(time) DESC, e.sequence DESC LIMIT ?\(values.count)"
    return try connection.prepared(sql).bind(all: values).all { row in
      (EventRow(row), CalendarDate(row.text(Int32(EventRow.columnCount))) ?? CalendarDate(daysSinceEpoch: 0))
    }
  }

  // The indexes have to be named: each covers only some of the pending events, and SQLite would search all events.
  private static let pendingSequences = """
    SELECT sequence FROM event INDEXED BY eventToCompose WHERE state = 0 AND batch IS NULL
    UNION ALL SELECT sequence FROM event INDEXED BY eventInBatch WHERE batch IS NOT NULL
    """

  /// The number of records by day, type and state.
  func counts(since: CalendarDate?, until: CalendarDate?) throws(CatalogError) -> [EventCount] {
    try connection.prepared(
      """
      SELECT p.date, t.eventType, t.state, t.events, t.bytes FROM partition p JOIN tally t ON t.partition = p.id
      WHERE t.state != 2 AND t.events > 0 AND p.date >= ?1 AND p.date <= ?2
      ORDER BY p.date, t.eventType, t.state
      """
    ).bind(.text(since?.description ?? "0"), .text(until?.description ?? "9")).all { row in
      EventCount(
        date: CalendarDate(row.text(0)) ?? CalendarDate(daysSinceEpoch: 0), type: row.text(1),
        status: (EventState(rawValue: row.integer(2)) ?? .forwarded).status, count: Int(row.integer(3)),
        bytes: Int(row.integer(4)))
    }
  }
}

extension EventState {
  /// The state of records with a status; nil if it is one of failed files.
  fileprivate init?(_ status: EventStatus) {
    switch status {
    case .pending: self = .pending
    case .forwarded: self = .forwarded
    case .missing: self = .missing
    case .retry, .failed: return nil
    }
  }
}
