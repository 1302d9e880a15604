package import DurableFiles
internal import Events
package import Time

/// Reports what has happened to events since the last call: new ones, and those whose status has changed.
///
/// It queries the catalog and the sidecars, like any list; the daemon need not run.
package struct EventFollower {
  private struct Seen: Equatable {
    var status: EventStatus
    var updatedAt: Timestamp
    var attempts: Int
  }

  private let layout: StoreLayout
  private let query: EventQuery
  private let files: any FileOperations
  private var since: Timestamp
  /// What was reported about events that may still change, by eventId, or by file if there is none.
  private var seen: [EventID: Seen] = [:]
  private var isFirst = true
  private let showsPast: Bool
  /// How far back a list is queried: entries arrive a little later than their times.
  private static let overlap = Duration.seconds(10)
  /// How many pending events are watched.
  private static let watched = 10_000

  /// - Parameters:
  ///   - layout: Where everything is.
  ///   - query: Which events to report.
  ///   - start: From when on.
  ///   - showsPast: Whether those since `query.since` are reported first.
  ///   - files: The system calls.
  package init(
    _ layout: StoreLayout, _ query: EventQuery, from start: Timestamp, showsPast: Bool,
    files: any FileOperations = SystemFiles()
  ) {
    self.layout = layout
    self.query = query
    self.files = files
    self.showsPast = showsPast
    since = showsPast ? query.since ?? start : start
  }

  /// What is new, oldest first.
  ///
  /// - Throws: `StorageError`.
  package mutating func next() throws(StorageError) -> [ListedEvent] {
    let index = try EventIndex(layout, files: files)
    var found: [ListedEvent] = []
    var latest = query
    latest.status = nil
    latest.reason = nil
    latest.cursor = nil
    latest.limit = Self.watched
    latest.since = isFirst ? since : since - Self.overlap
    for event in try index.page(latest).events.reversed() where !Self.isBeingExplained(event) && note(event) {
      if !isFirst || showsPast { found.append(event) }
      since = max(since, event.updatedAt)
    }
    // Those that were pending: their change has no time of writing.
    var pending = latest
    pending.since = nil
    pending.status = .pending
    let stillPending = Set(try index.page(pending).events.map { Self.key($0) })
    for (key, state) in seen where state.status == .pending && !stillPending.contains(key) {
      guard let event = try index.event(key)?.listed else {
        seen[key] = nil
        continue
      }
      if note(event) { found.append(event) }
    }
    if isFirst {
      for event in try index.page(pending).events { _ = note(event) }
      isFirst = false
    }
    forget()
    return found.filter { event in
      var all = query
      all.since = nil
      return all.includes(event)
    }
  }

  /// A record has its eventId; a failed file of the same event has its own key, which no eventId can be.
  private static func key(_ event: ListedEvent) -> EventID {
    EventID(event.partition == nil ? "\u{0}\(event.status)/\(event.file)" : event.eventId?.text ?? "")
  }

  /// Whether the reason for its failure is not known yet.
  ///
  /// A file appears in `retry/` before its report. If no report follows, it is tried again as soon as it has settled.
  private static func isBeingExplained(_ event: ListedEvent) -> Bool {
    event.status == .retry && event.reason == FailureReason.noReport.rawValue
  }

  /// - Returns: Whether this differs from the last report.
  private mutating func note(_ event: ListedEvent) -> Bool {
    let state = Seen(
      status: event.status, updatedAt: event.updatedAt, attempts: event.partition == nil ? event.attempts : 0)
    return seen.updateValue(state, forKey: Self.key(event)) != state
  }

  /// Forgets what will not change soon, so that it can run for weeks.
  private mutating func forget() {
    guard seen.count > 4 * Self.watched else { return }
    let limit = since - Self.overlap - Self.overlap
    seen = seen.filter { $0.value.status == .pending || $0.value.updatedAt >= limit }
  }
}
