/// Some of the events, by a condition with two numbers.
struct EventSelection {
  fileprivate var condition: String
  fileprivate var first: Int64
  fileprivate var second: Int64

  static var all: EventSelection { .sequences(0...Int64.max) }

  static func sequences(_ range: ClosedRange<Int64>) -> EventSelection {
    EventSelection(condition: "sequence BETWEEN ?1 AND ?2", first: range.lowerBound, second: range.upperBound)
  }

  /// Those of a partition that are pending, unconfirmed or missing.
  static func owed(ofPartition id: Int64) -> EventSelection {
    EventSelection(condition: "partition = ?1 AND state IN (0, 4, ?2)", first: id, second: EventState.missing.rawValue)
  }

  /// A partition's first events that are not pending, up to a limit.
  static func settled(_ limit: Int, ofPartition id: Int64) -> EventSelection {
    EventSelection(
      condition:
        "sequence IN (SELECT sequence FROM event WHERE partition = ?1 AND state IN (1, 2) ORDER BY sequence LIMIT ?2)",
      first: id, second: Int64(limit))
  }

  /// A partition's first events, up to a limit: ordered, so that the same ones are counted and forgotten.
  static func first(_ limit: Int, ofPartition id: Int64) -> EventSelection {
    EventSelection(
      condition: "sequence IN (SELECT sequence FROM event WHERE partition = ?1 ORDER BY sequence LIMIT ?2)",
      first: id, second: Int64(limit))
  }
}

// The tally has the counts of the events, so that they need not all be read to count them. It is updated for many
// events at a time: triggers, which run for each row, took a third of the catalog's time. The longest delay is kept
// even after its event is gone.
extension Catalog {
  /// Changes events and keeps the counts up to date: every change of the partition, type, size, state or times of
  /// existing events is made in here.
  ///
  /// - Throws: `CatalogError`, or what `change` throws; the transaction then has to be abandoned.
  func recounting(_ events: EventSelection, _ change: () throws(CatalogError) -> Void) throws(CatalogError) {
    try connection.transaction { () throws(CatalogError) in
      try count(events, times: -1)
      try change()
      try count(events)
    }
  }

  /// Adds events to the tally, or removes them with -1.
  func count(_ events: EventSelection, times factor: Int64 = 1) throws(CatalogError) {
    guard isCounting else { return }
    try connection.prepared(
      """
      INSERT INTO tally
      SELECT partition, eventType, state, ?3 * count(*), ?3 * sum(bytes), ?3 * count(forwardedAt),
        ?3 * coalesce(sum(forwardedAt - updatedAt), 0), coalesce(max(forwardedAt - updatedAt), 0)
      FROM event NOT INDEXED WHERE \(events.condition) GROUP BY partition, eventType, state
      ON CONFLICT DO UPDATE SET
        events = events + excluded.events, bytes = bytes + excluded.bytes,
        acknowledged = acknowledged + excluded.acknowledged, delay = delay + excluded.delay,
        longestDelay = max(longestDelay, excluded.longestDelay)
      """
    ).bind(.integer(events.first), .integer(events.second), .integer(factor)).run()
  }

  /// Forgets events.
  ///
  /// - Returns: How many there were.
  func forget(_ events: EventSelection) throws(CatalogError) -> Int {
    try connection.transaction { () throws(CatalogError) in
      try count(events, times: -1)
      try connection.prepared("DELETE FROM event WHERE \(events.condition)")
        .bind(.integer(events.first), .integer(events.second)).run()
      return connection.changes
    }
  }
}
