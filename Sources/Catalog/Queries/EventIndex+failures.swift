package import DurableFiles
internal import Events
package import Time

/// Failed files with one cause: in one folder, from one inbox, for one reason.
package struct FailureGroup: Sendable {
  package var status: EventStatus
  package var inbox: String
  /// `no-report` for files without a readable one.
  package var reason: String
  package var count: Int
  package var oldest: Timestamp?
  package var newest: Timestamp?
  /// When the first of them is retried.
  package var nextAttemptAt: Timestamp?
  /// The newest of them, newest first.
  package var examples: [ListedEvent]
}

extension EventIndex {
  /// The number of files in `retry/` and `failed/`; nil for a folder that cannot be read.
  package func failureCounts() -> (retry: Int?, failed: Int?) {
    failureIndex.refresh()
    let counts = failureIndex.sides.map { $0.failure == nil ? $0.entries.count : nil }
    return (counts[0], counts[1])
  }

  /// Those of `retry/` and `failed/` that cannot be read, and why.
  package func unreadFailures() -> [(folder: EventStatus, failure: FileFailure)] {
    failureIndex.refresh()
    return failureIndex.sides.compactMap { side in side.failure.map { (side.status, $0) } }
  }

  /// All failed files, by folder, inbox and reason: those that need a person first, then by count.
  ///
  /// A folder that cannot be read is left out; see `unreadFailures`.
  ///
  /// - Parameter examples: How many files of each group to list.
  /// - Returns: A group for each cause.
  /// - Throws: `StorageError`.
  package func failureGroups(examples: Int) throws(StorageError) -> [FailureGroup] {
    struct Key: Hashable {
      var inbox: Int
      var reason: Int
    }
    let index = failureIndex
    index.refresh()
    var groups: [FailureGroup] = []
    for side in index.sides.reversed() where side.failure == nil {
      var found: [Key: (group: FailureGroup, first: [FailureIndex.Entry])] = [:]
      for entry in side.entries {
        let key = Key(inbox: entry.inbox, reason: entry.reason)
        let time = Timestamp(milliseconds: entry.cursor.time)
        var known =
          found[key] ?? (
            FailureGroup(
              status: side.status, inbox: index.text(entry.inbox), reason: index.text(entry.reason), count: 0,
              newest: time, examples: []), []
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
          if let event = try listed(entry, on: side) { group.examples.append(event) }
        }
        own.append(group)
      }
      own.sort { ($1.count, $0.inbox, $0.reason) < ($0.count, $1.inbox, $1.reason) }
      groups += own
    }
    return groups
  }

  /// What is known about a failed file, by its place in the list; nil if it is gone.
  ///
  /// - Throws: `StorageError`.
  package func failedFile(at cursor: EventCursor) throws(StorageError) -> EventAccount? {
    for side in failureIndex.sides {
      let beginning = Array("\(side.status.rawValue)/".utf8)
      guard cursor.name.starts(with: beginning), let name = FileName(bytes: cursor.name.dropFirst(beginning.count))
      else { continue }
      guard let found = try report(of: name, on: side) else { return nil }
      var account = EventAccount(eventId: found.report.failure.eventId ?? EventID(""))
      account.failures = [(side.status, name, found.report)]
      return account
    }
    return nil
  }

  /// The newest failed files, newest first.
  ///
  /// A folder that cannot be read is left out; see `unreadFailures`.
  ///
  /// - Throws: `StorageError`.
  package func newestFailures(_ limit: Int) throws(StorageError) -> [ListedEvent] {
    failureIndex.refresh()
    var newest: [ListedEvent] = []
    for side in failureIndex.sides where side.failure == nil {
      newest += try failures(EventQuery(status: side.status, limit: limit), limit: limit)
    }
    newest.sort { $0.cursor > $1.cursor }
    return Array(newest.prefix(limit))
  }

  /// The index, looked up again.
  ///
  /// - Parameter status: Which of the two folders matters; nil: both.
  /// - Returns: The index.
  /// - Throws: `StorageError`.
  func refreshedFailures(_ status: EventStatus? = nil) throws(StorageError) -> FailureIndex {
    failureIndex.refresh()
    for side in failureIndex.sides where status == nil || status == side.status {
      _ = try reading(failureIndex.path(of: side)) { () throws(StorageError) in
        if let failure = side.failure { throw .files(failure) }
      }
    }
    return failureIndex
  }

  /// What is known about a file in `retry/` or `failed/`; nil if it is gone, or if the folder is passed over.
  func report(
    of name: FileName, on side: FailureIndex.Side
  ) throws(StorageError) -> (report: FailureReport, size: Int)? {
    try reading(failureIndex.path(of: side)) { () throws(StorageError) in
      try StorageError.wrappingFiles { () throws(FileFailure) in try failureIndex.report(of: name, on: side) }
    } ?? nil
  }

  /// The failed files that match a query, newest first.
  func failures(_ query: EventQuery, limit: Int) throws(StorageError) -> [ListedEvent] {
    let index = try refreshedFailures(query.status)
    func number(_ text: String?) -> Int?? {
      guard let text else { return .some(nil) }
      return index.number(of: text).map { .some($0) } ?? .none
    }
    // A text that no file has matches none.
    guard let type = number(query.type), let inbox = number(query.inbox), let reason = number(query.reason) else {
      return []
    }
    var found: [ListedEvent] = []
    for side in index.sides where query.status == nil || query.status == side.status {
      var own = 0
      // Newest first: what follows the cursor begins at one place.
      let start = query.cursor.map { cursor in side.entries.partitioningIndex { $0.cursor < cursor } } ?? 0
      for entry in side.entries[start...] where own < limit {
        if let since = query.since, entry.cursor.time < since.milliseconds { break }
        if let until = query.until, entry.cursor.time >= until.milliseconds { continue }
        if let type, entry.type != type { continue }
        if let inbox, entry.inbox != inbox { continue }
        if let reason, entry.reason != reason { continue }
        guard let event = try listed(entry, on: side) else { continue }
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
  ) throws(StorageError) {
    let index = try refreshedFailures()
    for side in index.sides {
      for entry in side.entries where entry.idHash == eventId.hashValue {
        guard let name = side.name(of: entry) else { continue }
        if let found = try report(of: name, on: side), found.report.failure.eventId == eventId {
          body(side.status, name, found.report, found.size)
        }
      }
    }
  }

  private func listed(
    _ entry: FailureIndex.Entry, on side: FailureIndex.Side
  ) throws(StorageError) -> ListedEvent? {
    guard let name = side.name(of: entry), let found = try report(of: name, on: side) else { return nil }
    var event = ListedEvent(found.report, named: name, status: side.status, bytes: found.size)
    // It may have failed again since; its place in this list is unchanged.
    event.cursor = entry.cursor
    return event
  }
}

extension [FailureIndex.Entry] {
  /// The first place from which a condition holds, given that it holds for all after it.
  fileprivate func partitioningIndex(where holds: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
