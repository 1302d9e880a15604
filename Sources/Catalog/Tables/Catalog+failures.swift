package import DurableFiles
package import Events

/// A folder of failed files.
package enum FailedPlace: Int64, Sendable, CaseIterable {
  case retry = 0
  case failed = 1
}

/// What the catalog knows about a file in `retry/` or `failed/`.
package struct FailureRow: Sendable {
  package var place: FailedPlace
  package var name: FileName
  package var eventId: EventID?
  package var reason: FailureReason

  package init(place: FailedPlace, name: FileName, eventId: EventID?, reason: FailureReason) {
    self.place = place
    self.name = name
    self.eventId = eventId
    self.reason = reason
  }

  init?(_ row: Statement) {
    guard let place = FailedPlace(rawValue: row.integer(0)), let name = FileName(bytes: row.bytes(1)) else {
      return nil
    }
    self.init(
      place: place, name: name, eventId: row.optionalText(2).map { EventID($0) },
      reason: FailureReason(rawValue: row.text(3)))
  }
}

extension Catalog {
  /// Enters a failed file, or replaces what is known about it.
  ///
  /// - Throws: `CatalogError`.
  package func putFailure(_ row: FailureRow) throws(CatalogError) {
    try connection.prepared("INSERT OR REPLACE INTO failure VALUES (?1, ?2, ?3, ?4)")
      .bind(
        .integer(row.place.rawValue), .bytes(Array(row.name.bytes)), .optional(row.eventId?.text),
        .text(row.reason.rawValue)
      ).run()
  }

  /// Forgets a failed file.
  ///
  /// - Throws: `CatalogError`.
  package func forgetFailure(in place: FailedPlace, _ name: FileName) throws(CatalogError) {
    try connection.prepared("DELETE FROM failure WHERE folder = ?1 AND name = ?2")
      .bind(.integer(place.rawValue), .bytes(Array(name.bytes))).run()
  }

  /// The failed files of an event.
  ///
  /// - Throws: `CatalogError`.
  package func failures(ofEvent eventId: EventID) throws(CatalogError) -> [FailureRow] {
    try connection.prepared(
      "SELECT folder, name, eventId, reason FROM failure WHERE eventId = ?1"
    ).bind(.text(eventId.text)).all(FailureRow.init).compactMap { $0 }
  }

  /// The failed files of events in a folder that failed for a reason, ordered by name.
  ///
  /// - Throws: `CatalogError`.
  package func failures(in place: FailedPlace, of reason: FailureReason) throws(CatalogError) -> [FailureRow] {
    try connection.prepared(
      """
      SELECT folder, name, eventId, reason FROM failure
      WHERE folder = ?1 AND reason = ?2 AND eventId IS NOT NULL
      """
    ).bind(.integer(place.rawValue), .text(reason.rawValue)).all(FailureRow.init).compactMap { $0 }
  }

  /// What is known about a failed file; nil if nothing is.
  ///
  /// - Throws: `CatalogError`.
  package func failure(in place: FailedPlace, _ name: FileName) throws(CatalogError) -> FailureRow? {
    try connection.prepared(
      "SELECT folder, name, eventId, reason FROM failure WHERE folder = ?1 AND name = ?2"
    ).bind(.integer(place.rawValue), .bytes(Array(name.bytes))).all(FailureRow.init).compactMap { $0 }.first
  }

  /// The names of all failed files of a folder.
  ///
  /// - Throws: `CatalogError`.
  package func failureNames(in place: FailedPlace) throws(CatalogError) -> Set<FileName> {
    Set(
      try connection.prepared("SELECT name FROM failure WHERE folder = ?1").bind(.integer(place.rawValue)).all {
        FileName(bytes: $0.bytes(0))
      }.compactMap { $0 })
  }

  /// Whether there are failed files.
  ///
  /// - Throws: `CatalogError`.
  package func hasFailures() throws(CatalogError) -> Bool {
    try connection.prepared("SELECT 1 FROM failure LIMIT 1").first { _ in true } ?? false
  }
}
