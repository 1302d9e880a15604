package import Catalog
internal import EventStore
package import Events
package import Time

/// The rules of pruning: which partitions are old enough, and when it is refused.
enum Retention {
  /// The partitions whose last moment is further back than they are kept.
  static func expired(
    _ dates: [CalendarDate], keep: Duration, now: Timestamp, in zone: TimeZoneRules
  ) -> [CalendarDate] {
    dates.filter { zone.startOfDay($0.adding(days: 1)) + keep <= now }
  }

  /// What is old enough to go, and why it may not.
  ///
  /// - Parameters:
  ///   - dates: All existing partitions.
  ///   - options: How long they are kept.
  ///   - now: The current time.
  ///   - newestSeen: The newest time ever seen.
  ///   - pending: The number of pending events in a partition.
  /// - Returns: The plan.
  /// - Throws: What the two throw.
  static func plan(
    _ dates: [CalendarDate], _ options: StoreOptions, now: Timestamp, newestSeen: () throws(StorageError) -> Timestamp,
    pending: (CalendarDate) throws(StorageError) -> Int
  ) throws(StorageError) -> PruneReport {
    var report = PruneReport()
    guard let keep = options.keep else { return report }
    for date in expired(dates, keep: keep, now: now, in: options.layout.timeZone) {
      let count = try pending(date)
      if count > 0 { report.held[date] = count } else { report.pruned.append(date) }
    }
    guard !report.pruned.isEmpty else { return report }
    let seen = try newestSeen()
    if now > seen + Catalog.clockTolerance {
      report.refusal = .clockAhead(now: now, newestSeen: seen)
    } else if report.pruned.count * 2 > dates.count {
      report.refusal = .moreThanHalf(partitions: report.pruned.count, of: dates.count)
    }
    return report
  }
}

/// What a prune did, or would do.
package struct PruneReport: Sendable {
  /// The partitions that went, or would go.
  package var pruned: [CalendarDate] = []
  /// The partitions that are old enough, but have events that n8n has not acknowledged: how many.
  package var held: [CalendarDate: Int] = [:]
  /// Those whose pending events the catalog does not know: their records were put there by hand.
  package var unknown: Set<CalendarDate> = []
  /// The partitions that are old enough, but have files that may be records and cannot be read: how many.
  package var unreadable: [CalendarDate: Int] = [:]
  /// Why nothing was pruned, although something could be.
  package var refusal: PruneRefusal?
}

extension PruneReport {
  /// Records what keeps a partition in the tree, if anything does.
  mutating func hold(_ date: CalendarDate, _ found: UnknownRecords) {
    guard !found.isEmpty else { return }
    pruned.removeAll { $0 == date }
    if found.pending > 0 {
      held[date] = found.pending
      unknown.insert(date)
    }
    if found.unreadable > 0 { unreadable[date] = found.unreadable }
  }

  /// Each partition that stays: why, and what to do.
  package var reasonsToStay: [(date: CalendarDate, why: Message)] {
    var reasons: [(date: CalendarDate, why: Message)] = []
    for (date, count) in held {
      let code = unknown.contains(date) ? ActionMessage.unknownRecords : .pendingEvents
      reasons.append((date, Message(code, ["count": .integer(count)])))
    }
    for (date, count) in unreadable {
      reasons.append((date, Message(ActionMessage.unreadableFiles, ["count": .integer(count)])))
    }
    return reasons.sorted { $0.date < $1.date }
  }
}
