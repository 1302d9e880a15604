package import Catalog
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

  /// Records the time, so that days without events can be distinguished from a clock that was set wrong.
  ///
  /// While this process runs, the clock may advance by the time that passes, plus a day: a machine that has slept is
  /// trusted, a clock that has jumped is not.
  ///
  /// - Throws: `StorageError`.
  package func observeClock() throws(StorageError) { try parts.observedClock.observe() }

  /// Records which inboxes are watched, and since when: an inbox that never had a drop may be silent as well.
  ///
  /// - Parameter names: Their names; what is known about others is forgotten.
  /// - Throws: `StorageError`.
  package func noteInboxes(_ names: [String]) throws(StorageError) {
    let now = clock.now()
    try StorageError.wrapping { () throws(CatalogError) in try catalog.noteInboxes(names, at: now) }
  }
}
