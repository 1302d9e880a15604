package import Time

/// Which day is open in the catalog, and which days may not be closed yet.
///
/// A day is closed once it is over and all its named records are entered (I5).
package struct OpenPartition {
  /// The day that is open in the catalog, and its number there.
  package private(set) var open: (date: CalendarDate, id: Int64)?
  /// How many groups of named records of each day are not entered yet.
  private var unentered: [CalendarDate: Int] = [:]

  package init() {}

  /// Whether all named records of a day are entered.
  package func isEntered(_ date: CalendarDate) -> Bool { unentered[date] == nil }

  /// A day was opened in the catalog.
  package mutating func didOpen(_ date: CalendarDate, _ id: Int64) { open = (date, id) }

  /// The open day is over, or has left the tree.
  ///
  /// - Returns: What was open.
  package mutating func end() -> (date: CalendarDate, id: Int64)? {
    defer { open = nil }
    return open
  }

  /// Records of a day got their names, but have no rows yet.
  package mutating func didName(_ date: CalendarDate) { unentered[date, default: 0] += 1 }

  /// Such records have their rows.
  ///
  /// - Returns: Whether the day can be closed: it is over, and these were the last.
  package mutating func didEnter(_ date: CalendarDate) -> Bool {
    let rest = unentered[date, default: 1] - 1
    unentered[date] = rest > 0 ? rest : nil
    return rest <= 0 && open?.date != date
  }
}
