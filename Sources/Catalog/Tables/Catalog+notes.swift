package import Time

// Notes: single values that outlive the process.
extension Catalog {
  /// A stored value; nil if there is none of that name.
  ///
  /// - Throws: `CatalogError`.
  package func note(_ name: String) throws(CatalogError) -> String? {
    try connection.prepared("SELECT value FROM note WHERE name = ?1").bind(.text(name)).first { $0.text(0) }
  }

  /// Stores a value.
  ///
  /// - Throws: `CatalogError`.
  package func setNote(_ name: String, _ value: String) throws(CatalogError) {
    try connection.prepared("INSERT INTO note VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value")
      .bind(.text(name), .text(value)).run()
  }

  /// Forgets a value.
  ///
  /// - Throws: `CatalogError`.
  package func removeNote(_ name: String) throws(CatalogError) {
    try connection.prepared("DELETE FROM note WHERE name = ?1").bind(.text(name)).run()
  }
}

// MARK: Watched inboxes

extension Catalog {
  private static let watchedPrefix = "watched:"

  /// Records which inboxes are watched, and since when: an inbox that never had a drop may be silent as well.
  ///
  /// - Parameters:
  ///   - names: Their names; what is known about others is forgotten.
  ///   - now: The current time.
  /// - Throws: `CatalogError`.
  package func noteInboxes(_ names: [String], at now: Timestamp) throws(CatalogError) {
    let known = try watchedInboxes()
    guard Set(known.keys) != Set(names) else { return }
    try transaction { () throws(CatalogError) in
      for name in known.keys where !names.contains(name) { try removeNote(Self.watchedPrefix + name) }
      for name in names where known[name] == nil {
        try setNote(Self.watchedPrefix + name, String(now.milliseconds))
      }
    }
  }

  /// Since when each inbox has been watched.
  func watchedInboxes() throws(CatalogError) -> [String: Timestamp] {
    let rows = try connection.prepared("SELECT name, value FROM note WHERE substr(name, 1, 8) = ?1")
      .bind(.text(Self.watchedPrefix)).all { row in (row.text(0), row.text(1)) }
    var watched: [String: Timestamp] = [:]
    for (name, value) in rows {
      guard let milliseconds = Int64(value) else { continue }
      watched[String(name.dropFirst(Self.watchedPrefix.count))] = Timestamp(milliseconds: milliseconds)
    }
    return watched
  }
}

// MARK: The newest time seen

extension Catalog {
  private static let newestSeenNote = "newestSeen"

  /// How far the clock may be ahead of the newest time seen.
  package static let clockTolerance = Duration.seconds(86_400)

  /// The newest time at which anything was seen; nil if none is known.
  ///
  /// - Throws: `CatalogError`.
  package func newestSeen() throws(CatalogError) -> Timestamp? {
    try note(Self.newestSeenNote).map { Timestamp(milliseconds: Int64($0) ?? 0) }
  }

  /// Records the newest time at which anything was seen, whatever was known before.
  ///
  /// - Throws: `CatalogError`.
  package func setNewestSeen(_ time: Timestamp) throws(CatalogError) {
    try setNote(Self.newestSeenNote, String(time.milliseconds))
  }

  /// Records that something was seen at this time, unless the clock is more than a day ahead of everything seen.
  ///
  /// - Parameters:
  ///   - time: The clock's time.
  ///   - trusted: The minimum that the clock may show, by what else this process knows.
  /// - Returns: Whether the clock is trusted.
  /// - Throws: `CatalogError`.
  @discardableResult
  package func observe(_ time: Timestamp, trusted: Timestamp? = nil) throws(CatalogError) -> Bool {
    let seen = try newestSeen() ?? Timestamp(milliseconds: 0)
    guard time <= max(seen, trusted ?? seen) + Self.clockTolerance else { return false }
    if time > seen + .seconds(60) { try setNewestSeen(time) }
    return true
  }
}
