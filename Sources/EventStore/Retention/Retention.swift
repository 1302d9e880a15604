package import Events
package import Time

/// The rules of pruning: which partitions are old enough, and when it is refused.
package enum Retention {
  static let newestSeenNote = "newestSeen"

  /// The partitions whose last moment is further back than they are kept.
  static func expired(
    _ dates: [CalendarDate], keep: Duration, now: Timestamp, in zone: TimeZoneRules
  ) -> [CalendarDate] {
    dates.filter { zone.startOfDay($0.adding(days: 1)) + keep <= now }
  }

  /// How far the clock may be ahead of the newest time seen.
  static let clockTolerance = Duration.seconds(86_400)

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
    for date in expired(dates, keep: keep, now: now, in: options.timeZone) {
      let count = try pending(date)
      if count > 0 { report.held[date] = count } else { report.pruned.append(date) }
    }
    guard !report.pruned.isEmpty else { return report }
    let seen = try newestSeen()
    if now > seen + clockTolerance {
      report.refusal = .clockAhead(now: now, newestSeen: seen)
    } else if report.pruned.count * 2 > dates.count {
      report.refusal = .moreThanHalf(partitions: report.pruned.count, of: dates.count)
    }
    return report
  }

  /// Records that something was seen at this time, unless the clock is more than a day ahead of everything seen.
  ///
  /// - Parameters:
  ///   - time: The clock's time.
  ///   - trusted: The minimum that the clock may show, by what else this process knows.
  ///   - catalog: Where it is recorded.
  /// - Returns: Whether the clock is trusted.
  /// - Throws: `CatalogError`.
  @discardableResult
  static func observe(
    _ time: Timestamp, trusted: Timestamp? = nil, in catalog: Catalog
  ) throws(CatalogError) -> Bool {
    let seen = try newestSeen(in: catalog)
    guard time <= max(seen, trusted ?? seen) + clockTolerance else { return false }
    if time > seen + .seconds(60) { try catalog.setNote(newestSeenNote, String(time.milliseconds)) }
    return true
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

/// Why a prune needs a person's confirmation.
package enum PruneRefusal: Hashable, Sendable {
  case moreThanHalf(partitions: Int, of: Int)
  case clockAhead(now: Timestamp, newestSeen: Timestamp)
}

extension PruneRefusal {
  /// Why, and what a person can do about it.
  ///
  /// - Parameter zone: The time zone in which times are shown.
  /// - Returns: The message, which does not say that nothing was pruned.
  package func cause(in zone: TimeZoneRules) -> Message {
    switch self {
    case .moreThanHalf(let partitions, let all):
      Message(ActionMessage.moreThanHalf, ["partitions": .integer(partitions), "all": .integer(all)])
    case .clockAhead(let now, let newest):
      Message(
        ActionMessage.clockAhead,
        ["now": .text(now.rfc3339(in: zone)), "newest": .text(newest.rfc3339(in: zone))])
    }
  }
}

extension PruneRefusal: CustomStringConvertible {
  package var description: String { cause(in: .utc).description }
}

/// A refusal of the last prune, as kept in the catalog for `status`.
package struct RefusedPrune: Sendable, Hashable {
  package var refusal: PruneRefusal
  /// When it was first refused for this reason.
  package var since: Timestamp

  static let noteName = "refusedPrune"

  init(_ refusal: PruneRefusal, since: Timestamp) {
    self.refusal = refusal
    self.since = since
  }

  /// Parsed from `note`; nil if nothing was refused.
  init?(note: String?) {
    let words = (note ?? "").split(separator: " ").map(String.init)
    guard words.count == 4, let since = Timestamp(rfc3339: words[0]) else { return nil }
    self.since = since
    switch words[1] {
    case "half":
      guard let partitions = Int(words[2]), let all = Int(words[3]) else { return nil }
      refusal = .moreThanHalf(partitions: partitions, of: all)
    case "clock":
      guard let now = Timestamp(rfc3339: words[2]), let newest = Timestamp(rfc3339: words[3]) else { return nil }
      refusal = .clockAhead(now: now, newestSeen: newest)
    default: return nil
    }
  }

  var note: String {
    switch refusal {
    case .moreThanHalf(let partitions, let all): "\(since.rfc3339) half \(partitions) \(all)"
    case .clockAhead(let now, let newest): "\(since.rfc3339) clock \(now.rfc3339) \(newest.rfc3339)"
    }
  }

  /// Records the outcome of a prune.
  ///
  /// - Parameters:
  ///   - refusal: Why it was refused; nil if it was not.
  ///   - now: The current time.
  ///   - catalog: Where it is recorded.
  /// - Throws: `CatalogError`.
  static func note(_ refusal: PruneRefusal?, now: Timestamp, in catalog: Catalog) throws(CatalogError) {
    let earlier = RefusedPrune(note: try catalog.note(noteName))
    guard let refusal else {
      if earlier != nil { try catalog.removeNote(noteName) }
      return
    }
    var since = now
    switch (earlier?.refusal, refusal) {
    case (.moreThanHalf, .moreThanHalf), (.clockAhead, .clockAhead): since = earlier?.since ?? now
    default: break
    }
    try catalog.setNote(noteName, RefusedPrune(refusal, since: since).note)
  }
}
