internal import DurableFiles
internal import Events
package import Schedules
internal import SystemPackage

extension RecordStore {
  /// Prunes the partitions that are older than they are kept; see `Pruner`.
  ///
  /// - Throws: `StoreError`.
  package nonisolated func prune(
    isConfirmed: Bool, isRehearsal: Bool, only: Set<CalendarDate>? = nil,
    until isStopping: @escaping @Sendable () -> Bool = { false },
    report: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws(StoreError) -> PruneReport {
    try await Pruner(self, until: isStopping, tell: report)
      .prune(isConfirmed: isConfirmed, isRehearsal: isRehearsal, only: only)
  }
}

extension RecordStore {
  /// Notes what time it is, so that days on which nothing comes are told from a clock that was set wrong.
  ///
  /// While this process is there, the clock may advance by as much as time passes, and by a day more: a machine that has
  /// slept is trusted, a clock that has jumped is not.
  ///
  /// - Throws: `StoreError`.
  package func observeClock() throws(StoreError) {
    let (now, uptime) = (clock.now(), clock.uptime())
    let trusted = observation.map { $0.time + (uptime - $0.uptime) }
    let isTrusted = try StoreError.wrapping { () throws(CatalogError) in
      try Retention.observe(now, trusted: trusted, in: catalog)
    }
    if isTrusted { observation = (now, uptime) }
  }
}

// What a prune asks of the store, a slice at a time.
extension RecordStore {
  /// What is old enough to go, and why it may not.
  ///
  /// - Throws: `StoreError`.
  func planPrune(isConfirmed: Bool, isRehearsal: Bool) throws(StoreError) -> PruneReport {
    try checkFolders()
    let now = clock.now()
    guard options.keep != nil else { return PruneReport() }
    // A machine that has slept looks before it prunes how much time has passed.
    try observeClock()
    let dates = try StoreError.wrappingFiles { () throws(FileFailure) in try tree.dates() }
    var report = try Retention.plan(dates, options, now: now) { () throws(StoreError) in
      try StoreError.wrapping { () throws(CatalogError) in try Retention.newestSeen(in: catalog) }
    } pending: { date throws(StoreError) in
      try StoreError.wrapping { () throws(CatalogError) in try catalog.pendingCount(of: date) ?? 0 }
    }
    if isRehearsal { return report }
    try StoreError.wrapping { () throws(CatalogError) in
      if isConfirmed {
        report.refusal = nil
        try catalog.setNote(Retention.newestSeenNote, String(now.milliseconds))
      }
      try RefusedPrune.note(report.refusal, now: now, in: catalog)
    }
    if report.refusal != nil { report.pruned = [] }
    return report
  }

  func recordCount(of dates: [CalendarDate]) throws(StoreError) -> Int {
    try StoreError.wrapping { () throws(CatalogError) in
      var count = 0
      for date in dates {
        if let row = try catalog.partition(date) { count += try catalog.eventCount(inPartition: row.id) }
      }
      return count
    }
  }

  /// Whether the catalog has all of a partition, as far as can be told without a look at its records.
  func isAsKnown(_ date: CalendarDate) throws(StoreError) -> Bool {
    guard let row = try StoreError.wrapping({ () throws(CatalogError) in try catalog.partition(date) }), !row.isOpen
    else { return false }
    return try folder(ofPartition: date).map { folder throws(StoreError) in
      try StoreError.wrappingFiles { () throws(FileFailure) in try folder.status().modified == row.changed }
    } ?? true
  }

  func folder(ofPartition date: CalendarDate) throws(StoreError) -> Folder? {
    try StoreError.wrappingFiles { () throws(FileFailure) in try tree.partition(date) }
  }

  /// Enters some of the identities of a day; with the last of them, all are on disk.
  ///
  /// - Parameters:
  ///   - identities: They.
  ///   - date: The day.
  ///   - mark: With the last of them: the state of the file that they were read from.
  /// - Throws: `StoreError`.
  func enter(_ identities: [Identity], of date: CalendarDate, isLast mark: String?) throws(StoreError) {
    func put() throws(CatalogError) {
      for identity in identities { try catalog.put(identity, of: date) }
      if let mark { try catalog.setNote(IdentityFile.noteName(of: date), mark) }
    }
    try StoreError.wrapping { () throws(CatalogError) in
      if mark != nil {
        try catalog.connection.durableTransaction { () throws(CatalogError) in try put() }
      } else if !identities.isEmpty {
        try catalog.connection.transaction { () throws(CatalogError) in try put() }
      }
    }
  }

  /// Takes a partition out of the tree, in one step, if its folder is as it was and nothing of it is pending.
  ///
  /// - Returns: Whether it was taken out.
  func takeOut(_ date: CalendarDate, ifUnchangedSince before: FileStatus) throws(StoreError) -> Bool {
    guard let partition = try folder(ofPartition: date), unentered[date] == nil else { return false }
    let pending = try StoreError.wrapping { () throws(CatalogError) in try catalog.pendingCount(of: date) ?? 0 }
    guard pending == 0 else { return false }
    return try StoreError.wrappingFiles { () throws(FileFailure) in
      let now = try partition.status()
      guard now.isSameFile(as: before), now.modified == before.modified else { return false }
      try moveToTrash(date)
      tree.forget(date)
      if openPartition?.date == date { openPartition = nil }
      return true
    }
  }

  /// Forgets some of the events of a partition that was taken out.
  ///
  /// - Returns: Whether there are more.
  func forgetSomeEvents(of date: CalendarDate) throws(StoreError) -> Bool {
    try StoreError.wrapping { () throws(CatalogError) in
      guard let row = try catalog.partition(date) else { return false }
      return try catalog.connection.transaction { () throws(CatalogError) in
        try catalog.forgetEvents(ofPartition: row.id, limit: 1000)
      }
    }
  }

  private func moveToTrash(_ date: CalendarDate) throws(FileFailure) {
    let name = FileName(date.description)
    for trash in [state, processed] {
      let folder = try trash.folder(trashName(in: trash), makingWithMode: options.folderMode)
      for number in 1... {
        let target = number == 1 ? name : FileName("\(date)~\(number)")
        switch try processed.rename(name, to: folder, as: target) {
        case .done:
          try processed.sync()
          try folder.sync()
          return
        case .missing: return
        case .nameTaken: continue
        case .otherFileSystem: break
        }
        break
      }
    }
    throw FileFailure("move", processed.pathText(of: name), .improperLink)
  }

  /// The trash lies in `state/`, or if that is another file system, hidden beside the partitions.
  nonisolated func trashName(in folder: Folder) -> FileName {
    folder === state ? FileName("trash") : FileName(".trash")
  }

  /// The days whose identities have been kept for long enough.
  func expiredIdentities() throws(StoreError) -> [CalendarDate] {
    try StoreError.wrappingFiles { () throws(FileFailure) in
      guard let folder = try IdentityFile.folder(in: processed) else { return [] }
      return Retention.expired(
        try IdentityFile.dates(in: folder), keep: options.keepIdentities, now: clock.now(), in: options.timeZone)
    }
  }

  /// Forgets some of the identities of a day, and their file with the last of them.
  ///
  /// - Returns: Whether there are more.
  func forgetSomeIdentities(of date: CalendarDate) throws(StoreError) -> Bool {
    let isMore = try StoreError.wrapping { () throws(CatalogError) in
      try catalog.forgetIdentities(of: date, limit: 1000) == 1000
    }
    if !isMore {
      try StoreError.wrapping { () throws(CatalogError) in try catalog.removeNote(IdentityFile.noteName(of: date)) }
      try StoreError.wrappingFiles { () throws(FileFailure) in
        try IdentityFile.folder(in: processed)?.remove(IdentityFile.name(of: date))
      }
    }
    return isMore
  }

  /// Forgets attempts that are older than records are kept, and notes that a prune was made.
  func finishPrune() throws(StoreError) {
    guard let keep = options.keep else { return }
    let now = clock.now()
    try StoreError.wrapping { () throws(CatalogError) in
      try catalog.forgetAttempts(before: now - keep)
      try Retention.observe(now, in: catalog)
    }
  }
}
