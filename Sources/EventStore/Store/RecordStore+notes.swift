internal import Time

// Single values that outlive the process.
extension RecordStore {
  /// A stored value; nil if there is none of that name.
  ///
  /// - Throws: `StorageError`.
  package func note(_ name: String) throws(StorageError) -> String? {
    let catalog = catalog
    return try StorageError.wrapping { () throws(CatalogError) in try catalog.note(name) }
  }

  /// Stores a value.
  ///
  /// - Throws: `StorageError`.
  package func setNote(_ name: String, _ value: String) throws(StorageError) {
    try StorageError.wrapping { () throws(CatalogError) in try catalog.setNote(name, value) }
  }

  /// Records which inboxes are watched, and since when: an inbox that never had a drop may be silent as well.
  ///
  /// - Parameter names: Their names; what is known about others is forgotten.
  /// - Throws: `StorageError`.
  package func noteInboxes(_ names: [String]) throws(StorageError) {
    let now = clock.now()
    try StorageError.wrapping { () throws(CatalogError) in
      let known = try catalog.watchedInboxes()
      guard Set(known.keys) != Set(names) else { return }
      try catalog.connection.transaction { () throws(CatalogError) in
        for name in known.keys where !names.contains(name) { try catalog.removeNote(Catalog.watchedPrefix + name) }
        for name in names where known[name] == nil {
          try catalog.setNote(Catalog.watchedPrefix + name, String(now.milliseconds))
        }
      }
    }
  }
}

extension Catalog {
  static let watchedPrefix = "watched:"

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
