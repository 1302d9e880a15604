internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Events
internal import SystemPackage
internal import Time

/// What a prune needs from the store, a slice at a time: every change to the catalog, and the removal of a partition
/// from the tree.
///
/// It is done on the store's thread and connection, so that no portion is ever blocked by another connection's lock.
struct PruneSlices {
  private let options: StoreOptions
  private let clock: any WallClock
  private let folders: StoreFolders
  private let catalog: Catalog
  private let partitions: Partitions

  init(
    _ options: StoreOptions, clock: any WallClock, _ folders: StoreFolders, _ catalog: Catalog,
    _ partitions: Partitions
  ) {
    self.options = options
    self.clock = clock
    self.folders = folders
    self.catalog = catalog
    self.partitions = partitions
  }

  /// What is old enough to go, and why it may not.
  ///
  /// - Throws: `StorageError`.
  func plan(isConfirmed: Bool, isRehearsal: Bool) throws(StorageError) -> PruneReport {
    let now = clock.now()
    let dates = try StorageError.wrappingFiles { () throws(FileFailure) in try partitions.tree.dates() }
    var report = try Retention.plan(dates, options, now: now) { () throws(StorageError) in
      try StorageError.wrapping { () throws(CatalogError) in try catalog.newestSeen() ?? Timestamp(milliseconds: 0) }
    } pending: { date throws(StorageError) in
      try StorageError.wrapping { () throws(CatalogError) in try catalog.pendingCount(of: date) ?? 0 }
    }
    if isRehearsal { return report }
    try StorageError.wrapping { () throws(CatalogError) in
      if isConfirmed {
        report.refusal = nil
        try catalog.setNewestSeen(now)
      }
      try catalog.notePruneRefusal(report.refusal, at: now)
    }
    if report.refusal != nil { report.pruned = [] }
    return report
  }

  func recordCount(of dates: [CalendarDate]) throws(StorageError) -> Int {
    try StorageError.wrapping { () throws(CatalogError) in
      var count = 0
      for date in dates {
        if let row = try catalog.partition(date) { count += try catalog.eventCount(inPartition: row.id) }
      }
      return count
    }
  }

  /// Whether the catalog has all of a partition, as far as can be known without reading its records.
  func isAsKnown(_ date: CalendarDate) throws(StorageError) -> Bool {
    guard let row = try StorageError.wrapping({ () throws(CatalogError) in try catalog.partition(date) }), !row.isOpen
    else { return false }
    return try partitions.folder(of: date).map { folder throws(StorageError) in
      try StorageError.wrappingFiles { () throws(FileFailure) in try folder.status().modified == row.changed }
    } ?? true
  }

  /// The folder of a day; nil if there is none.
  func folder(of date: CalendarDate) throws(StorageError) -> Folder? { try partitions.folder(of: date) }

  /// Enters some of the identities of a day; with the last of them, all are on disk.
  ///
  /// - Parameters:
  ///   - identities: The identities.
  ///   - date: The day.
  ///   - mark: With the last of them: the state of the file that they were read from.
  /// - Throws: `StorageError`.
  func enter(_ identities: [Identity], of date: CalendarDate, isLast mark: String?) throws(StorageError) {
    func put() throws(CatalogError) {
      for identity in identities { try catalog.put(identity, of: date) }
      if let mark { try catalog.setNote(IdentityFile.noteName(of: date), mark) }
    }
    try StorageError.wrapping { () throws(CatalogError) in
      if mark != nil {
        try catalog.durableTransaction { () throws(CatalogError) in try put() }
      } else if !identities.isEmpty {
        try catalog.transaction { () throws(CatalogError) in try put() }
      }
    }
  }

  /// Takes a partition out of the tree, in one step, if its folder is unchanged and none of its events is pending.
  ///
  /// - Returns: Whether it was taken out.
  func takeOut(_ date: CalendarDate, ifUnchangedSince before: FileStatus) throws(StorageError) -> Bool {
    guard let partition = try partitions.folder(of: date), partitions.isEntered(date) else { return false }
    let pending = try StorageError.wrapping { () throws(CatalogError) in try catalog.pendingCount(of: date) ?? 0 }
    guard pending == 0 else { return false }
    return try StorageError.wrappingFiles { () throws(FileFailure) in
      let now = try partition.status()
      guard now.isSameFile(as: before), now.modified == before.modified else { return false }
      try moveToTrash(date)
      partitions.forget(date)
      return true
    }
  }

  /// Forgets some of the events of a partition that was taken out.
  ///
  /// - Returns: Whether there are more.
  func forgetSomeEvents(of date: CalendarDate) throws(StorageError) -> Bool {
    try StorageError.wrapping { () throws(CatalogError) in
      guard let row = try catalog.partition(date) else { return false }
      return try catalog.transaction { () throws(CatalogError) in
        try catalog.forgetEvents(ofPartition: row.id, limit: 1000)
      }
    }
  }

  private func moveToTrash(_ date: CalendarDate) throws(FileFailure) {
    let name = FileName(date.description)
    for trash in [folders.state, folders.processed] {
      let folder = try trash.folder(folders.trashName(in: trash), makingWithMode: options.layout.folderMode)
      for number in 1... {
        let target = number == 1 ? name : FileName("\(date)~\(number)")
        switch try folders.processed.rename(name, to: folder, as: target) {
        case .done:
          try folders.processed.sync()
          try folder.sync()
          return
        case .missing: return
        case .nameTaken: continue
        case .otherFileSystem: break
        }
        break
      }
    }
    throw FileFailure("move", folders.processed.pathText(of: name), .improperLink)
  }

  /// The days whose identities have been kept for long enough.
  func expiredIdentities() throws(StorageError) -> [CalendarDate] {
    try StorageError.wrappingFiles { () throws(FileFailure) in
      guard let folder = try IdentityFile.folder(in: folders.processed) else { return [] }
      return Retention.expired(
        try IdentityFile.dates(in: folder), keep: options.keepIdentities, now: clock.now(), in: options.layout.timeZone)
    }
  }

  /// Forgets some of the identities of a day, and with the last of them their file.
  ///
  /// - Returns: Whether there are more.
  func forgetSomeIdentities(of date: CalendarDate) throws(StorageError) -> Bool {
    let isMore = try StorageError.wrapping { () throws(CatalogError) in
      try catalog.forgetIdentities(of: date, limit: 1000) == 1000
    }
    if !isMore {
      try StorageError.wrapping { () throws(CatalogError) in try catalog.removeNote(IdentityFile.noteName(of: date)) }
      try StorageError.wrappingFiles { () throws(FileFailure) in
        try IdentityFile.folder(in: folders.processed)?.remove(IdentityFile.name(of: date))
      }
    }
    return isMore
  }

  /// Forgets attempts older than the retention of records, and records that a prune was made.
  func finish() throws(StorageError) {
    guard let keep = options.keep else { return }
    let now = clock.now()
    try StorageError.wrapping { () throws(CatalogError) in
      try catalog.forgetAttempts(before: now - keep)
      try catalog.observe(now)
    }
  }
}
