internal import Events
package import Schedules

/// The rules of pruning: which partitions are old enough, and when it is refused.
package enum Retention {
  static let newestSeenNote = "newestSeen"

  /// The partitions whose last moment lies further back than they are kept.
  static func expired(
    _ dates: [CalendarDate], keep: Duration, now: Timestamp, in zone: TimeZoneRules
  ) -> [CalendarDate] {
    dates.filter { zone.startOfDay($0.adding(days: 1)) + keep <= now }
  }

  /// Notes that something was seen at this time, unless the clock has run more than a day ahead of all that was seen.
  static func observe(_ time: Timestamp, in catalog: Catalog) throws(CatalogError) {
    let seen = try newestSeen(in: catalog)
    guard time > seen + .seconds(60), time <= seen + .seconds(86_400) else { return }
    try catalog.setNote(newestSeenNote, String(time.milliseconds))
  }

  static func newestSeen(in catalog: Catalog) throws(CatalogError) -> Timestamp {
    Timestamp(milliseconds: try catalog.note(newestSeenNote).flatMap { Int64($0) } ?? 0)
  }
}

/// What a prune did, or would do.
package struct PruneReport: Sendable {
  /// The partitions that went, or would go.
  package var pruned: [CalendarDate] = []
  /// The partitions that are old enough, but have events that n8n has not acknowledged: how many.
  package var held: [CalendarDate: Int] = [:]
  /// Why nothing was pruned, though something could be.
  package var refusal: PruneRefusal?
}

/// Why a prune wants a person's word.
package enum PruneRefusal: Hashable, Sendable {
  case moreThanHalf(partitions: Int, of: Int)
  case clockAhead(now: Timestamp, newestSeen: Timestamp)
}

extension PruneRefusal: CustomStringConvertible {
  package var description: String {
    switch self {
    case .moreThanHalf(let partitions, let all):
      "it would take \(partitions) of \(all) partitions, more than half; if that is right, run: eventdrop prune --yes"
    case .clockAhead(let now, let newest):
      "the clock says \(now.rfc3339), more than a day after the newest thing seen (\(newest.rfc3339)); if the clock is"
        + " right, run: eventdrop prune --yes"
    }
  }
}
