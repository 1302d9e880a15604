package import Catalog
package import DurableFiles
internal import Events
internal import ExactJSON
internal import Glibc
internal import SystemPackage
internal import Time

/// Compares tree, journals and catalog, and reads every record: `eventdrop verify`.
///
/// It writes only the catalog, and only if it is to repair it. While a daemon works on the same tree, apparent problems
/// are checked again for a while: a record exists before it is in the catalog, and a journal read earlier is older than
/// a later entry in the catalog.
package struct Verifier {
  private let layout: StoreLayout
  let tree: PartitionTree
  let catalog: Catalog?
  let isMending: Bool
  let isForgettingMissing: Bool
  private let isShared: () -> Bool
  let pause: () -> Void
  private let report: (Finding) -> Void
  private let didRead: (Int) -> Void
  /// The totals so far.
  package private(set) var summary = VerificationSummary()
  var document = JSONDocument()
  var nextSequence: Int64 = 0
  var doubts: [CalendarDate: [Doubt]] = [:]

  /// A difference between the catalog and the tree.
  enum Doubt {
    case record(key: String)
    case row(eventId: EventID)
  }

  /// Opens the tree and its catalog.
  ///
  /// - Parameters:
  ///   - layout: Where everything is.
  ///   - files: The system calls.
  ///   - isMending: Whether to repair the catalog; no daemon may work on the tree then.
  ///   - isForgettingMissing: Whether to give up pending events whose records are missing; a daemon may work on the
  ///     tree.
  ///   - isShared: Whether a daemon works on the tree; called if something seems wrong, because one may start
  ///     meanwhile.
  ///   - pause: Waits a moment, before an apparent problem is checked again.
  ///   - report: Called with each finding.
  ///   - didRead: Called with the number of records read since the last call.
  /// - Throws: `StorageError`.
  package init(
    _ layout: StoreLayout, files: any FileOperations = SystemFiles(), isMending: Bool,
    isForgettingMissing: Bool = false, isShared: @escaping () -> Bool, pause: @escaping () -> Void,
    report: @escaping (Finding) -> Void,
    didRead: @escaping (Int) -> Void = { _ in }
  ) throws(StorageError) {
    self.layout = layout
    self.isMending = isMending
    self.isForgettingMissing = isForgettingMissing
    self.isShared = isShared
    self.pause = pause
    self.report = report
    self.didRead = didRead
    do throws(FileFailure) {
      let processed =
        try isMending
        ? Folder.opening(layout.processed, makingWithMode: layout.folderMode, files: files)
        : Folder(at: layout.processed, files: files)
      tree = PartitionTree(processed, mode: layout.folderMode)
    } catch {
      throw .files(error)
    }
    let path = layout.catalogPath
    do {
      // SQLite makes its own calls, and would wait for ever.
      try files.expectAnswer(of: layout.state)
      let isOnlyLooking = !isMending && !isForgettingMissing
      // A user who may not write in the state folder can read a catalog that is at rest, or that a daemon has open.
      let mayWrite = access(layout.state.string, W_OK) == 0
      catalog = try Catalog(path: path, isReadOnly: isOnlyLooking, isBrief: isOnlyLooking && !mayWrite)
    } catch let error as CatalogError {
      guard !isMending else { throw .catalog(error) }
      catalog = nil
      found(
        .catalog, path,
        Message(FindingMessage.catalogUnusable, ["why": .text(error.message)]))
    } catch let error as FileFailure {
      guard !isMending else { throw .files(error) }
      catalog = nil
      summary.findings += 1
      report(Finding(silent: layout.state, error))
    } catch {
      preconditionFailure("no other error can be thrown here: \(error)")
    }
  }

  /// Whether there is anything to verify: not before the first start.
  ///
  /// - Throws: `StorageError`.
  package static func isAnythingThere(
    _ layout: StoreLayout, files: any FileOperations = SystemFiles()
  ) throws(StorageError) -> Bool {
    do throws(FileFailure) {
      let state = try Folder.openingIfThere(layout.state, files: files)
      if try state?.status(of: Catalog.fileName) != nil { return true }
      var isEmpty = true
      try Folder.openingIfThere(layout.processed, files: files)?.forEachEntry { _, _ in isEmpty = false }
      return !isEmpty
    } catch {
      // A folder that does not answer may contain anything: that is a finding.
      if error.errno == .timedOut { return true }
      throw .files(error)
    }
  }

  /// Verifies everything.
  ///
  /// - Returns: The totals.
  /// - Throws: `StorageError`; `summary` has what was seen until then.
  @discardableResult
  package mutating func run() throws(StorageError) -> VerificationSummary {
    do {
      nextSequence = try catalog.map { try $0.lastSequence() + 1 } ?? 0
      try lookAtTree()
      for date in try tree.dates() {
        guard let partition = try tree.partition(date) else { continue }
        summary.partitions += 1
        try verify(partition, date)
      }
      try settleDoubts()
      try verifyPartitionsThatAreGone()
      try verifyIdentities()
    } catch let error as FileFailure {
      throw .files(error)
    } catch let error as CatalogError {
      throw .catalog(error)
    } catch {
      preconditionFailure("no other error can be thrown here: \(error)")
    }
    return summary
  }

  mutating func found(_ kind: Finding.Kind, _ path: String, _ message: Message, isMended: Bool = false) {
    summary.findings += 1
    if isMended { summary.mended += 1 }
    report(Finding(kind: kind, path: path, message: message, isMended: isMended))
  }

  /// Whether something is still so after a while, if a daemon may just be changing it.
  func lasts(_ isSo: () throws -> Bool) throws -> Bool {
    guard try isSo() else { return false }
    for _ in 0..<looks {
      pause()
      guard try isSo() else { return false }
    }
    return true
  }

  /// How often something is checked again: a busy disk may delay a portion for seconds.
  var looks: Int { isShared() ? 50 : 0 }

  // MARK: The tree

  private mutating func lookAtTree() throws {
    var strays: [FileName] = []
    try tree.folder.forEachEntry { name, kind in
      let isFolder = kind == .folder || kind == nil
      if isFolder, CalendarDate(name.description) != nil || name == IdentityFile.folderName { return }
      // If the file system makes them necessary.
      if name == UnnamedFile.spareFolder || name == FileName(".trash") { return }
      strays.append(name)
    }
    for name in strays {
      found(
        .strayFile, tree.folder.pathText(of: name), Message(FindingMessage.notAPartition))
    }
  }

  private mutating func verify(_ partition: Folder, _ date: CalendarDate) throws {
    let acknowledged = try readJournal(of: partition, reporting: true)
    if isMending, let catalog, try catalog.partition(date) == nil { _ = try catalog.openPartition(date) }
    let row = try catalog?.partition(date)
    var keys: [String] = []
    var strays: [FileName] = []
    try partition.forEachEntry { name, kind in
      if kind == .regular || kind == nil, let key = name.recordKey {
        keys.append(key)
      } else if name != ForwardJournal.name, name != UnnamedFile.spareFolder {
        strays.append(name)
      }
    }
    for name in strays {
      found(
        .strayFile, partition.pathText(of: name), Message(FindingMessage.notARecord))
    }
    for key in keys {
      try verifyRecord(key, in: partition, date, row, acknowledged)
      summary.records += 1
      didRead(1)
    }
    guard let row else { return }
    try verifyRows(of: row, date, in: partition)
  }

  mutating func readJournal(of partition: Folder, reporting: Bool) throws -> [EventID: Timestamp] {
    var acknowledged: [EventID: Timestamp] = [:]
    let path = partition.pathText(of: ForwardJournal.name)
    guard let bytes = try ForwardJournal(partition: partition, mode: layout.fileMode).contents() else { return [:] }
    var line = 0
    var start = 0
    while start < bytes.count {
      line += 1
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      let entry = ForwardEntry(bytes[start..<end], using: &document)
      guard end < bytes.count || entry != nil else {
        // While a daemon runs, this may be an append in progress.
        let size = bytes.count
        if reporting, try lasts({ try partition.status(of: ForwardJournal.name)?.size == size }) {
          found(
            .journalLine, "\(path):\(line)",
            Message(FindingMessage.halfLine))
        }
        break
      }
      if let entry {
        if reporting { summary.acknowledgements += entry.eventIds.count }
        for eventId in entry.eventIds {
          acknowledged[eventId] = max(entry.forwardedAt, acknowledged[eventId] ?? entry.forwardedAt)
        }
      } else if reporting {
        found(
          .journalLine, "\(path):\(line)",
          Message(FindingMessage.journalLine))
      }
      start = end + 1
    }
    return acknowledged
  }

  private mutating func verifyRecord(
    _ key: String, in partition: Folder, _ date: CalendarDate, _ known: PartitionRow?,
    _ acknowledged: [EventID: Timestamp]
  ) throws {
    let path = partition.pathText(of: FileName(key + ".json"))
    let record: RecordOnDisk
    do throws(RecordProblem) {
      guard
        let found = try RecordOnDisk(key, in: partition, number: known?.id ?? 0, acknowledged, using: &document)
      else { return }
      record = found
    } catch {
      // A folder that does not answer says nothing about its records.
      if case .cannotBeRead(let failure) = error, failure.errno == .timedOut { throw failure }
      found(
        .corruptRecord, path, Message(FindingMessage.corrupt, ["why": .text("\(error)")]))
      return
    }
    // By today's time zone, or by any that processed.timezone may have named before.
    if !record.processedAt.isOnDay(date) {
      found(
        .wrongPartition, path,
        Message(
          FindingMessage.otherDay,
          ["day": .text("\(layout.timeZone.date(of: record.processedAt))"), "partition": .text("\(date)")]))
    }
    if let catalog, Self.difference(record.row, try catalog.event(record.row.eventId)) != nil {
      doubts[date, default: []].append(.record(key: key))
    }
  }

  // MARK: Beside the partitions

  private mutating func verifyIdentities() throws {
    guard let folder = try IdentityFile.folder(in: tree.folder) else { return }
    for name in try folder.names() where name != UnnamedFile.spareFolder {
      guard name.hasSuffix(".ids"), let date = CalendarDate(String(name.description.dropLast(4))) else {
        found(
          .strayFile, folder.pathText(of: name), Message(FindingMessage.notAnIdentityFile))
        continue
      }
      guard let bytes = try folder.read(name, limit: .max - 1) else { continue }
      var unknown: Identity?
      for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
      where !line.isEmpty {
        guard let identity = IdentityFile.identity(in: line) else {
          found(
            .identityLine, "\(folder.pathText(of: name)):\(index + 1)",
            Message(FindingMessage.identityLine))
          continue
        }
        if let catalog, unknown == nil, try catalog.identity(ofKey: identity.key) == nil { unknown = identity }
      }
      // A prune in progress has them in the file first.
      if let catalog, let unknown, try lasts({ try catalog.identity(ofKey: unknown.key) == nil }) {
        if isMending, let error = try IdentityFile.enter(date, in: folder, catalog) { throw error }
        found(
          .catalog, folder.pathText(of: name), Message(FindingMessage.unknownIdentities), isMended: isMending)
      }
    }
  }
}
