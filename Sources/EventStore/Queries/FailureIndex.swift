internal import DurableFiles
internal import Events
package import Schedules

/// What lies in `retry/` and `failed/`, in the order of the list: a question about it reads only the reports that it
/// returns.
///
/// It is brought up to date when a folder has changed, and the longer that takes, the more rarely. A report that somebody
/// edits in place is seen when its folder changes next.
final class FailureIndex {
  /// A file with its report, as far as lists and sums need it.
  struct Entry {
    var cursor: EventCursor
    /// When the report changed, to know it again.
    var reportChanged: Int64
    var nextAttemptAt: Timestamp?
    /// Numbers of texts.
    var reason: Int
    var inbox: Int
    var type: Int?
    /// Of its eventId.
    var idHash: Int?
  }

  /// One of the two folders.
  final class Side {
    let status: EventStatus
    let place: FailedPlace
    /// Newest first.
    fileprivate(set) var entries: [Entry] = []
    /// Those without a report that can be read.
    fileprivate(set) var unexplained: [FileName] = []
    /// The folder as it was read; nil where it may have changed since without a trace.
    fileprivate var seen: FileStatus?

    init(_ status: EventStatus, _ place: FailedPlace) {
      self.status = status
      self.place = place
    }

    var count: Int { entries.count + unexplained.count }

    func name(of entry: Entry) -> FileName? {
      FileName(bytes: entry.cursor.name.dropFirst(status.rawValue.utf8.count + 1))
    }
  }

  private let options: StoreOptions
  private let files: any FileOperations
  private let clock: any WallClock
  let sides = [Side(.retry, .retry), Side(.failed, .failed)]
  private var texts: [String] = []
  private var numbers: [String: Int] = [:]
  private var refreshedAt: Duration?
  private var cost = Duration.zero
  /// A twentieth of the time at most is spent on looking.
  private static let share = 20
  /// Two changes of a folder may have one time of the file system's; after so long, the next has another.
  private static let grain = Duration.seconds(2)

  init(_ options: StoreOptions, files: any FileOperations, clock: any WallClock = SystemClock()) {
    self.options = options
    self.files = files
    self.clock = clock
  }

  /// Looks what has changed.
  ///
  /// - Throws: `FileFailure`; what was known before stays.
  func refresh() throws(FileFailure) {
    let begun = clock.uptime()
    if let refreshedAt, begun - refreshedAt < cost * Self.share { return }
    for side in sides { try refresh(side) }
    let ended = clock.uptime()
    (refreshedAt, cost) = (ended, ended - begun)
  }

  func text(_ number: Int) -> String { texts[number] }

  /// The number of a text; nil where nothing has it.
  func number(of text: String) -> Int? { numbers[text] }

  /// The report beside a file, and the file's size; nil where one of them is gone.
  ///
  /// - Throws: `FileFailure`.
  func report(of name: FileName, on side: Side) throws(FileFailure) -> (report: FailureReport, size: Int)? {
    guard let folder = try open(side), let size = try folder.folder.status(of: name)?.size,
      let report = try folder.report(of: name)
    else { return nil }
    return (report, size)
  }

  private func open(_ side: Side) throws(FileFailure) -> FailureFolder? {
    let path = side.place == .retry ? options.retry : options.failed
    return try Folder.openingIfThere(path, files: files).map {
      FailureFolder(side.place, $0, fileMode: options.fileMode)
    }
  }

  private func refresh(_ side: Side) throws(FileFailure) {
    guard let folder = try open(side) else {
      (side.entries, side.unexplained, side.seen) = ([], [], nil)
      return
    }
    let status = try folder.folder.status()
    if let seen = side.seen, seen.isSameFile(as: status), seen.changed == status.changed,
      seen.modified == status.modified
    {
      return
    }
    let now = clock.now()
    var names: [FileName] = []
    var reports: Set<FileName> = []
    try folder.folder.forEachEntry { name, kind in
      guard !name.hasPrefix(".") else { return }
      if name.isSidecar { reports.insert(name) } else if kind != .folder { names.append(name) }
    }
    var known: [[UInt8]: Entry] = [:]
    known.reserveCapacity(side.entries.count)
    for entry in side.entries { known[entry.cursor.name] = entry }
    var entries: [Entry] = []
    entries.reserveCapacity(names.count)
    var unexplained: [FileName] = []
    for name in names {
      guard let sidecar = name.sidecar, reports.contains(sidecar),
        let changed = try folder.folder.status(of: sidecar)?.changed
      else {
        unexplained.append(name)
        continue
      }
      let key = Array("\(side.status.rawValue)/".utf8) + name.bytes
      if let entry = known[key], entry.reportChanged == changed {
        entries.append(entry)
      } else if let report = try folder.report(of: name) {
        entries.append(entry(report, key, changed))
      } else {
        unexplained.append(name)
      }
    }
    entries.sort { $0.cursor > $1.cursor }
    side.entries = entries
    side.unexplained = unexplained.sorted()
    let age = now - Timestamp(milliseconds: max(status.changed, status.modified) / 1_000_000)
    side.seen = age > Self.grain ? status : nil
  }

  private func entry(_ report: FailureReport, _ key: [UInt8], _ changed: Int64) -> Entry {
    Entry(
      cursor: EventCursor(time: report.lastFailedAt.milliseconds, sequence: 0, name: key), reportChanged: changed,
      nextAttemptAt: report.nextAttemptAt, reason: intern(report.failure.reason.rawValue),
      inbox: intern(report.inbox), type: report.failure.eventType.map(intern), idHash: report.failure.eventId?.hashValue
    )
  }

  private func intern(_ text: String) -> Int {
    if let number = numbers[text] { return number }
    texts.append(text)
    numbers[text] = texts.count - 1
    return texts.count - 1
  }
}

/// Failed files of one cause: in one folder, of one inbox, for one reason.
package struct FailureGroup: Sendable {
  package var status: EventStatus
  package var inbox: String
  /// `no-report` of files that lie there without one that can be read.
  package var reason: String
  package var count: Int
  package var oldest: Timestamp?
  package var newest: Timestamp?
  /// When the first of them is tried again.
  package var nextAttemptAt: Timestamp?
  /// The newest of them, newest first.
  package var examples: [ListedEvent]
  /// The names of some that have no report.
  package var names: [String]
}

extension EventIndex {
  /// How many files lie in `retry/` and `failed/`.
  ///
  /// - Throws: `StoreError`.
  package func failureCounts() throws(StoreError) -> (retry: Int, failed: Int) {
    let sides = try refreshedFailures().sides
    return (sides[0].count, sides[1].count)
  }

  /// All failed files, by folder, inbox and reason: those that wait for a person first, then by how many there are.
  ///
  /// - Parameter examples: How many files of each group are told by themselves.
  /// - Returns: A group for each cause.
  /// - Throws: `StoreError`.
  package func failureGroups(examples: Int) throws(StoreError) -> [FailureGroup] {
    struct Key: Hashable {
      var inbox: Int
      var reason: Int
    }
    let index = try refreshedFailures()
    var groups: [FailureGroup] = []
    for side in index.sides.reversed() {
      var found: [Key: (group: FailureGroup, first: [FailureIndex.Entry])] = [:]
      for entry in side.entries {
        let key = Key(inbox: entry.inbox, reason: entry.reason)
        let time = Timestamp(milliseconds: entry.cursor.time)
        var known =
          found[key] ?? (
            FailureGroup(
              status: side.status, inbox: index.text(entry.inbox), reason: index.text(entry.reason), count: 0,
              newest: time, examples: [], names: []), []
          )
        known.group.count += 1
        // Newest first.
        known.group.oldest = time
        if let next = entry.nextAttemptAt { known.group.nextAttemptAt = min(known.group.nextAttemptAt ?? next, next) }
        if known.first.count < examples { known.first.append(entry) }
        found[key] = known
      }
      var own: [FailureGroup] = []
      for (group, first) in found.values {
        var group = group
        for entry in first {
          if let event = try listed(entry, on: side, of: index) { group.examples.append(event) }
        }
        own.append(group)
      }
      own.sort { ($1.count, $0.inbox, $0.reason) < ($0.count, $1.inbox, $1.reason) }
      if !side.unexplained.isEmpty {
        own.append(
          FailureGroup(
            status: side.status, inbox: "", reason: "no-report", count: side.unexplained.count, examples: [],
            names: side.unexplained.prefix(examples).map(\.description)))
      }
      groups += own
    }
    return groups
  }

  /// What is known of a failed file, by its place in the list; nil where it is there no more.
  ///
  /// - Throws: `StoreError`.
  package func failedFile(at cursor: EventCursor) throws(StoreError) -> EventAccount? {
    for side in failureIndex.sides {
      let beginning = Array("\(side.status.rawValue)/".utf8)
      guard cursor.name.starts(with: beginning), let name = FileName(bytes: cursor.name.dropFirst(beginning.count))
      else { continue }
      let found = try StoreError.wrappingFiles { () throws(FileFailure) in
        try failureIndex.report(of: name, on: side)
      }
      guard let found else { return nil }
      var account = EventAccount(eventId: found.report.failure.eventId ?? EventID(""))
      account.failures = [(side.status, name, found.report)]
      return account
    }
    return nil
  }

  /// The newest failed files, newest first.
  ///
  /// - Throws: `StoreError`.
  package func newestFailures(_ limit: Int) throws(StoreError) -> [ListedEvent] {
    try failures(EventQuery(limit: limit), limit: limit)
  }

  func refreshedFailures() throws(StoreError) -> FailureIndex {
    try StoreError.wrappingFiles { () throws(FileFailure) in try failureIndex.refresh() }
    return failureIndex
  }

  /// The failed files that a query asks for, newest first.
  func failures(_ query: EventQuery, limit: Int) throws(StoreError) -> [ListedEvent] {
    let index = try refreshedFailures()
    func number(_ text: String?) -> Int?? {
      guard let text else { return .some(nil) }
      return index.number(of: text).map { .some($0) } ?? .none
    }
    // What no file has, none is found by.
    guard let type = number(query.type), let inbox = number(query.inbox), let reason = number(query.reason) else {
      return []
    }
    var found: [ListedEvent] = []
    for side in index.sides where query.status == nil || query.status == side.status {
      var own = 0
      // Newest first: what is behind the cursor begins at one place.
      let start = query.cursor.map { cursor in side.entries.partitioningIndex { $0.cursor < cursor } } ?? 0
      for entry in side.entries[start...] where own < limit {
        if let since = query.since, entry.cursor.time < since.milliseconds { break }
        if let until = query.until, entry.cursor.time >= until.milliseconds { continue }
        if let type, entry.type != type { continue }
        if let inbox, entry.inbox != inbox { continue }
        if let reason, entry.reason != reason { continue }
        guard let event = try listed(entry, on: side, of: index) else { continue }
        found.append(event)
        own += 1
      }
    }
    found.sort { $0.cursor > $1.cursor }
    return Array(found.prefix(limit))
  }

  /// Calls `body` with each failed file of an event.
  func forEachFailure(
    of eventId: EventID, _ body: (EventStatus, FileName, FailureReport, Int) -> Void
  ) throws(StoreError) {
    let index = try refreshedFailures()
    for side in index.sides {
      for entry in side.entries where entry.idHash == eventId.hashValue {
        guard let name = side.name(of: entry) else { continue }
        let found = try StoreError.wrappingFiles { () throws(FileFailure) in try index.report(of: name, on: side) }
        if let found, found.report.failure.eventId == eventId { body(side.status, name, found.report, found.size) }
      }
    }
  }

  private func listed(
    _ entry: FailureIndex.Entry, on side: FailureIndex.Side, of index: FailureIndex
  ) throws(StoreError) -> ListedEvent? {
    guard let name = side.name(of: entry) else { return nil }
    let found = try StoreError.wrappingFiles { () throws(FileFailure) in try index.report(of: name, on: side) }
    guard let found else { return nil }
    var event = ListedEvent(found.report, named: name, status: side.status, bytes: found.size)
    // It may have failed again since; its place in this list is still this one.
    event.cursor = entry.cursor
    return event
  }
}

extension [FailureIndex.Entry] {
  /// The first place from which on a condition holds that holds for all behind it.
  fileprivate func partitioningIndex(where holds: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
