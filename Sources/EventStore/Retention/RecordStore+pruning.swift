internal import DurableFiles
internal import Events
internal import ExactJSON
package import Schedules
internal import SystemPackage

extension RecordStore {
  /// Prunes the partitions that are older than they are kept.
  ///
  /// - Parameters:
  ///   - isConfirmed: Whether a person has said that it may take more than half, and that the clock is right.
  ///   - isRehearsal: Whether only to tell what would go.
  ///   - only: Of those that are old enough, the ones that may go; nil: all.
  ///   - report: Told how many of how many steps are done: a record's identity is written down, a file is deleted.
  /// - Returns: What went, or would go, and why what did not.
  /// - Throws: `StoreError`.
  package func prune(
    isConfirmed: Bool, isRehearsal: Bool, only: Set<CalendarDate>? = nil,
    report: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(StoreError) -> PruneReport {
    do {
      return try prunePartitions(isConfirmed: isConfirmed, isRehearsal: isRehearsal, only, tell: report)
    } catch let error as FileFailure {
      throw .files(error)
    } catch let error as CatalogError {
      throw .catalog(error)
    } catch {
      preconditionFailure("no other error can be thrown here: \(error)")
    }
  }

  private func prunePartitions(
    isConfirmed: Bool, isRehearsal: Bool, _ only: Set<CalendarDate>?, tell: (Int, Int) -> Void
  ) throws -> PruneReport {
    var report = PruneReport()
    let now = clock.now()
    guard let keep = options.keep else { return report }
    let dates = try tree.dates()
    let rows = Dictionary(try catalog.partitions().map { ($0.date, $0) }, uniquingKeysWith: { first, _ in first })
    for date in Retention.expired(dates, keep: keep, now: now, in: options.timeZone) {
      let pending = try rows[date].map { try catalog.pendingCount(inPartition: $0.id) } ?? 0
      if pending > 0 { report.held[date] = pending } else { report.pruned.append(date) }
    }
    if !report.pruned.isEmpty {
      let seen = try Retention.newestSeen(in: catalog)
      if now > seen + .seconds(86_400) {
        report.refusal = .clockAhead(now: now, newestSeen: seen)
      } else if report.pruned.count * 2 > dates.count {
        report.refusal = .moreThanHalf(partitions: report.pruned.count, of: dates.count)
      }
    }
    if isConfirmed, !isRehearsal {
      report.refusal = nil
      try catalog.setNote(Retention.newestSeenNote, String(now.milliseconds))
    }
    if isRehearsal { return report }
    if report.refusal != nil {
      report.pruned = []
      return report
    }
    if let only { report.pruned.removeAll { !only.contains($0) } }
    let records = try report.pruned.compactMap { rows[$0] }.map { try catalog.eventCount(inPartition: $0.id) }
    let total = records.reduce(0, +) * 2
    var done = 0
    func step() {
      done += 1
      tell(done, max(done, total))
    }
    for date in report.pruned { try prune(date, rows[date], step) }
    try forgetOldIdentities(now)
    try catalog.forgetAttempts(before: now - keep)
    try emptyTrash(step)
    try Retention.observe(now, in: catalog)
    return report
  }

  /// Writes down the partition's identities, then takes it out of the tree in one step, then forgets its events.
  private func prune(_ date: CalendarDate, _ row: PartitionRow?, _ step: () -> Void) throws {
    guard let partition = try tree.partition(date) else { return }
    let identities = try identities(in: partition, step)
    let folder = try tree.folder.folder(IdentityFile.folderName, makingWithMode: options.folderMode)
    try IdentityFile.write(identities, of: date, in: folder, mode: options.fileMode)
    try catalog.connection.transaction { () throws(CatalogError) in
      for identity in identities { try catalog.putIdentity(key: identity.key, digest: identity.digest, date: date) }
    }
    try moveToTrash(date)
    tree.forget(date)
    if openPartition?.date == date { openPartition = nil }
    guard let row else { return }
    while try catalog.connection.transaction({ () throws(CatalogError) in
      try catalog.forgetEvents(ofPartition: row.id, limit: 5000)
    }) {}
  }

  private func identities(in partition: Folder, _ step: () -> Void) throws -> [(key: String, digest: [UInt8])] {
    var document = JSONDocument()
    var identities: [(key: String, digest: [UInt8])] = []
    for name in try partition.names() {
      guard let key = name.recordKey, let bytes = try partition.read(name, limit: recordSizeLimit) else { continue }
      guard let record = try? ProcessedEvent(bytes.span, using: &document) else { continue }
      identities.append((key, JSONText.digest(of: record.data, in: bytes.span)))
      step()
    }
    return identities
  }

  private func moveToTrash(_ date: CalendarDate) throws(FileFailure) {
    let name = FileName(date.description)
    for trash in [state, tree.folder] {
      let folder = try trash.folder(trashName(in: trash), makingWithMode: options.folderMode)
      for number in 1... {
        let target = number == 1 ? name : FileName("\(date)~\(number)")
        switch try tree.folder.rename(name, to: folder, as: target) {
        case .done:
          try tree.folder.sync()
          try folder.sync()
          return
        case .missing: return
        case .nameTaken: continue
        case .otherFileSystem: break
        }
        break
      }
    }
    throw FileFailure("move", tree.folder.pathText(of: name), .improperLink)
  }

  /// The trash lies in `state/`, or where that is another file system, hidden beside the partitions.
  private func trashName(in folder: Folder) -> FileName { folder === state ? FileName("trash") : FileName(".trash") }

  /// Deletes what is in the trash.
  ///
  /// Symbolic links are removed, never followed.
  private func emptyTrash(_ step: () -> Void) throws(FileFailure) {
    for place in [state, tree.folder] {
      let name = trashName(in: place)
      guard try place.status(of: name)?.kind == .folder else { continue }
      try empty(try place.folder(name), step)
    }
  }

  private func empty(_ folder: Folder, _ step: () -> Void) throws(FileFailure) {
    for name in try folder.names() {
      if try folder.status(of: name)?.kind == .folder {
        try empty(try folder.folder(name), step)
        try folder.removeFolder(name)
      } else {
        try folder.remove(name)
        step()
      }
    }
  }

  private func forgetOldIdentities(_ now: Timestamp) throws {
    guard let folder = try IdentityFile.folder(in: tree.folder) else { return }
    let dates = try IdentityFile.dates(in: folder)
    for date in Retention.expired(dates, keep: options.keepIdentities, now: now, in: options.timeZone) {
      try folder.remove(IdentityFile.name(of: date))
      try catalog.forgetIdentities(of: date)
    }
  }
}
