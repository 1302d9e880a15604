package import DurableFiles
package import Events
package import SystemPackage
package import Time

/// Answers queries about events, for people and programs: `list`, `show`, `report`, and the same over HTTP.
///
/// It reads the catalog, the tree and the sidecars as they are, whether a daemon runs or not, and writes nothing.
package final class EventIndex {
  private let layout: StoreLayout
  private let files: any FileOperations
  /// Nil if nothing was stored yet.
  let catalog: Catalog?
  let failureIndex: FailureIndex
  private let passesOverUnread: Bool
  /// The folders that could not be read, and why; empty unless they are passed over.
  package private(set) var unread: [(path: FilePath, error: StorageError)] = []

  /// Opens what exists.
  ///
  /// - Parameters:
  ///   - layout: Where everything is.
  ///   - files: The system calls.
  ///   - passesOverUnread: Whether a folder that cannot be read is passed over: the answers are what the others say,
  ///     and whoever passes them on has to say what `unread` contains.
  /// - Throws: `StorageError` if the catalog cannot be read, or nobody can say whether there is one.
  package init(
    _ layout: StoreLayout, files: any FileOperations = SystemFiles(), passesOverUnread: Bool = false
  ) throws(StorageError) {
    self.layout = layout
    self.files = files
    self.passesOverUnread = passesOverUnread
    failureIndex = FailureIndex(layout, files: files)
    do {
      catalog = try Catalog.openingIfThere(layout, files: files)
    } catch {
      guard passesOverUnread else { throw error }
      catalog = nil
      unread.append((layout.state, error))
    }
  }

  /// Reads from a folder.
  ///
  /// - Returns: What `body` returns; nil if the folder cannot be read and is passed over.
  /// - Throws: What `body` throws, unless the folder is passed over.
  func reading<Value>(
    _ path: FilePath, _ body: () throws(StorageError) -> Value
  ) throws(StorageError) -> Value? {
    do throws(StorageError) {
      return try body()
    } catch {
      guard passesOverUnread else { throw error }
      if !unread.contains(where: { $0.path == path }) { unread.append((path, error)) }
      return nil
    }
  }

  /// Reads from the catalog; nil if there is none, or if it is passed over.
  private func readingCatalog<Value>(
    _ body: (Catalog) throws(CatalogError) -> Value
  ) throws(StorageError) -> Value? {
    guard let catalog else { return nil }
    return try reading(layout.state) { () throws(StorageError) in
      try StorageError.wrapping { () throws(CatalogError) in try body(catalog) }
    }
  }

  /// Whether anything was stored yet.
  package var hasCatalog: Bool { catalog != nil }

  // MARK: Lists

  /// The events that match a query, newest first.
  ///
  /// - Throws: `StorageError`.
  package func page(_ query: EventQuery) throws(StorageError) -> EventPage {
    let limit = min(max(query.limit, 0), 10_000_000)
    var events: [ListedEvent] = []
    if query.status?.isOfRecord ?? true, query.reason == nil {
      let rows = try readingCatalog { (catalog) throws(CatalogError) in try catalog.events(query, limit: limit + 1) }
      events = (rows ?? []).map { ListedEvent($0.row, in: $0.date) }
    }
    if query.status == nil || query.status == .retry || query.status == .failed {
      events += try failures(query, limit: limit + 1)
      events.sort { $0.cursor > $1.cursor }
    }
    let isMore = events.count > limit
    if isMore { events.removeSubrange(limit...) }
    return EventPage(events: events, next: isMore ? events.last?.cursor : nil)
  }

  /// The number of events by day, type and status; failed files count on the day of their last failure.
  ///
  /// - Parameters:
  ///   - since: The first day.
  ///   - until: The last day.
  /// - Returns: The counts, by day, type and status.
  /// - Throws: `StorageError`.
  package func counts(since: CalendarDate? = nil, until: CalendarDate? = nil) throws(StorageError) -> [EventCount] {
    var counts =
      try readingCatalog { (catalog) throws(CatalogError) in try catalog.counts(since: since, until: until) } ?? []
    let index = try refreshedFailures()
    for side in index.sides {
      // Types by their numbers: two texts that differ in a byte have two.
      var failed: [CalendarDate: [Int?: Int]] = [:]
      for entry in side.entries {
        let date = layout.timeZone.date(of: Timestamp(milliseconds: entry.cursor.time))
        if let since, date < since { continue }
        if let until, date > until { continue }
        failed[date, default: [:]][entry.type, default: 0] += 1
      }
      for (date, types) in failed {
        for (type, count) in types {
          let text = type.map(index.text) ?? ""
          counts.append(EventCount(date: date, type: text, status: side.status, count: count, bytes: 0))
        }
      }
    }
    return counts.sorted(by: EventCount.areInOrder)
  }

  /// Finds a file in `retry/` or `failed/`.
  ///
  /// - Parameter text: Its name, spelled as it is printed if it is not text.
  /// - Returns: The file, with its report or a stand-in; nil if there is none.
  /// - Throws: `StorageError`.
  package func failure(named text: String) throws(StorageError) -> (listed: ListedEvent, report: FailureReport)? {
    for name in FileName.candidates(text) {
      for side in failureIndex.sides.reversed() {
        if let found = try report(of: name, on: side) {
          return (ListedEvent(found.report, named: name, status: side.status, bytes: found.size), found.report)
        }
      }
    }
    return nil
  }

  /// All that is known about a failed file's event; without an eventId, what its report says.
  ///
  /// - Throws: `StorageError`.
  package func account(ofFile text: String) throws(StorageError) -> EventAccount? {
    // People also copy paths.
    let last = text.split(separator: "/").last.map(String.init) ?? text
    guard let (listed, report) = try failure(named: last) else { return nil }
    if let eventId = report.failure.eventId, let account = try event(eventId) { return account }
    var account = EventAccount(eventId: report.failure.eventId ?? EventID(""))
    account.failures = [(listed.status, listed.fileName, report)]
    return account
  }

  // MARK: One event

  /// The record and the failed files of one event, the record first.
  ///
  /// - Throws: `StorageError`.
  package func files(of eventId: EventID) throws(StorageError) -> [ListedEvent] {
    var found: [ListedEvent] = []
    if let listed = try event(eventId)?.listed { found.append(listed) }
    try forEachFailure(of: eventId) { status, name, report, size in
      found.append(ListedEvent(report, named: name, status: status, bytes: size))
    }
    return found
  }

  /// Whether an event from this inbox with the same data is known; see `EventReader`.
  package func isOnRecord(_ claim: RecordClaim) -> Bool {
    guard let catalog, let processed = (try? Folder.openingIfThere(layout.processed, files: files)) ?? nil else {
      return false
    }
    return catalog.isOnRecord(claim, PartitionTree(processed, mode: layout.folderMode))
  }

  /// All that is known about one event; nil if nothing is.
  ///
  /// - Parameters:
  ///   - eventId: The event.
  ///   - withFailures: Whether to look into `retry/` and `failed/`, too.
  /// - Returns: What is known.
  /// - Throws: `StorageError`.
  package func event(_ eventId: EventID, withFailures: Bool = true) throws(StorageError) -> EventAccount? {
    var account = EventAccount(eventId: eventId)
    _ = try readingCatalog { (catalog) throws(CatalogError) in
      let row = try catalog.event(eventId)
      if let row, row.state != .gone, let date = try catalog.date(ofPartition: row.partition) {
        account.listed = ListedEvent(row, in: date)
      }
      account.attempts = try catalog.attempts(ofEvent: eventId)
      account.rewritings = try catalog.rewritings(ofEvent: eventId)
      account.wasPruned = try catalog.identity(ofKey: EventKey(eventId: eventId).text) != nil
    }
    _ = try reading(layout.processed) { () throws(StorageError) in
      try StorageError.wrappingFiles { () throws(FileFailure) in try readTree(into: &account) }
    }
    if withFailures {
      try forEachFailure(of: eventId) { status, name, report, _ in account.failures.append((status, name, report)) }
    }
    return account.isEmpty ? nil : account
  }

  /// Reads an event's record, and its acknowledgements.
  private func readTree(into account: inout EventAccount) throws(FileFailure) {
    guard let processed = try Folder.openingIfThere(layout.processed, files: files) else { return }
    let tree = PartitionTree(processed, mode: layout.folderMode)
    if let date = account.listed?.partition, let partition = try tree.partition(date) {
      if case .bytes(let bytes) = try partition.recordFile(EventKey(eventId: account.eventId).recordName) {
        account.record = bytes
      }
    }
    account.forwards = try acknowledgements(of: account.eventId, in: tree)
  }

  /// The acknowledgements that name an event, for all its writings, oldest first.
  private func acknowledgements(
    of eventId: EventID, in tree: PartitionTree
  ) throws(FileFailure) -> [EventAccount.Forward] {
    var forwards: [EventAccount.Forward] = []
    for date in try tree.dates() {
      guard let partition = try tree.partition(date) else { continue }
      let journal = ForwardJournal(partition: partition, mode: layout.fileMode)
      for entry in try journal.entries(naming: eventId) {
        forwards.append(
          EventAccount.Forward(batchId: entry.batchId, forwardedAt: entry.forwardedAt, status: entry.status))
      }
    }
    return forwards.sorted { $0.forwardedAt < $1.forwardedAt }
  }
}

/// All that is known about one event.
package struct EventAccount: Sendable {
  /// An acknowledgement.
  package struct Forward: Sendable {
    package var batchId: String
    package var forwardedAt: Timestamp
    package var status: Int
  }

  package var eventId: EventID
  /// Its record, as the catalog knows it; nil if it has none.
  package var listed: ListedEvent?
  /// The record's bytes.
  package var record: [UInt8]?
  package var forwards: [Forward] = []
  /// The latest failed attempts to forward it, oldest first.
  package var attempts: [FailedAttempt] = []
  /// The latest times when it was stored again, oldest first.
  package var rewritings: [Rewriting] = []
  /// Its files in `retry/` and `failed/`, with their reports or what stands in for them.
  package var failures: [(status: EventStatus, file: FileName, report: FailureReport)] = []
  /// Whether its record has been pruned, and only its identity is kept.
  package var wasPruned = false

  package init(eventId: EventID) { self.eventId = eventId }

  var isEmpty: Bool { listed == nil && forwards.isEmpty && attempts.isEmpty && failures.isEmpty && !wasPruned }
}

extension ListedEvent {
  init(_ row: EventRow, in date: CalendarDate) {
    self.init(
      cursor: EventCursor(time: row.updatedAt.milliseconds, sequence: row.sequence),
      status: row.state.status, eventId: row.eventId, eventType: row.eventType,
      inbox: row.inbox, partition: date, file: "\(date)/\(EventKey(eventId: row.eventId).fileName)",
      fileName: EventKey(eventId: row.eventId).recordName, bytes: row.bytes,
      createdAt: row.createdAt, updatedAt: row.updatedAt, forwardedAt: row.forwardedAt, attempts: row.attempts)
  }

  init(_ report: FailureReport, named name: FileName, status: EventStatus, bytes: Int) {
    self.init(
      cursor: EventCursor(
        time: report.lastFailedAt.milliseconds, sequence: 0, name: Array("\(status.rawValue)/".utf8) + name.bytes),
      status: status, eventId: report.failure.eventId, eventType: report.failure.eventType, inbox: report.inbox,
      file: name.description, fileName: name, bytes: bytes, updatedAt: report.lastFailedAt, attempts: report.attempts,
      reason: report.failure.reason.rawValue, message: report.failure.message, nextAttemptAt: report.nextAttemptAt)
  }
}

extension EventState {
  /// Its name for people.
  var status: EventStatus {
    switch self {
    case .pending, .unconfirmed: .pending
    case .missing: .missing
    case .forwarded, .gone: .forwarded
    }
  }
}

extension EventStatus {
  /// Whether it applies to records, which the catalog knows, not to failed files.
  fileprivate var isOfRecord: Bool { self != .retry && self != .failed }

  var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
