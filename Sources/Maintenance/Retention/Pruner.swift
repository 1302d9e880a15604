package import Catalog
internal import Concurrency
internal import DurableFiles
package import EventStore
internal import Events
internal import ExactJSON
internal import SystemPackage
package import Time

/// Prunes partitions beside the store's other work: it reads and deletes on its own thread, asks the store for one
/// slice of work at a time, and can be stopped between any two.
///
/// A partition's identities are in their file, on disk, before they are in the catalog, and in the catalog, on disk,
/// before the partition leaves the tree. It leaves in one step, and only if nothing has been added meanwhile. Wherever
/// it is stopped, the next prune continues.
package actor Pruner {
  private let thread = SerialThread(name: "retention")
  nonisolated package var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private let store: RecordStore
  private let isStopping: @Sendable () -> Bool
  private let progress: @Sendable (_ done: Int, _ total: Int) -> Void
  private var done = 0
  private var total = 0

  /// - Parameters:
  ///   - store: The partitions.
  ///   - isStopping: Called between slices.
  ///   - progress: Called with how many of how many steps are done: a record's identity is written, or a file is deleted.
  package init(
    _ store: RecordStore, until isStopping: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) {
    self.store = store
    self.isStopping = isStopping
    self.progress = progress
  }

  /// Prunes the partitions older than their retention.
  ///
  /// - Parameters:
  ///   - isConfirmed: Whether a person has confirmed that it may take more than half, and that the clock is right.
  ///   - isRehearsal: Whether to report only what would go.
  ///   - only: Those that may go if they are old enough; nil: all.
  /// - Returns: What went, or would go, and why the rest did not.
  /// - Throws: `StorageError`.
  package func prune(
    isConfirmed: Bool, isRehearsal: Bool, only: Set<CalendarDate>? = nil
  ) async throws(StorageError) -> PruneReport {
    var report = try await store.planPrune(isConfirmed: isConfirmed, isRehearsal: isRehearsal)
    guard !isRehearsal else { return try await rehearse(report) }
    guard report.refusal == nil, store.options.keep != nil else { return report }
    if let only { report.pruned.removeAll { !only.contains($0) } }
    total = try await store.recordCount(of: report.pruned) * 2
    let dates = report.pruned
    report.pruned = []
    var trouble: StorageError?
    for date in dates where !isStopping() {
      do throws(StorageError) {
        if try await prune(date, &report) { report.pruned.append(date) }
      } catch {
        // One that cannot be read blocks no other; an error of the whole machine comes again.
        trouble = trouble ?? error
      }
    }
    try await forgetOldIdentities()
    try StorageError.wrappingFiles { () throws(FileFailure) in try emptyTrash() }
    if let trouble, !isStopping() { throw trouble }
    if !isStopping() { try await store.finishPrune() }
    return report
  }

  /// Examines what a prune would examine, if the catalog may not know it.
  private func rehearse(_ plan: PruneReport) async throws(StorageError) -> PruneReport {
    var report = plan
    for date in plan.pruned where !isStopping() {
      guard try await !store.isAsKnown(date), let partition = try await store.folder(of: date) else {
        continue
      }
      var unknown = try unknownRecords(in: partition, date)
      try unknown.forEachRecord(until: isStopping) { _, _, _ in }
      report.hold(date, unknown)
    }
    return report
  }

  // MARK: One partition

  /// - Returns: Whether it is out of the tree.
  private func prune(_ date: CalendarDate, _ report: inout PruneReport) async throws(StorageError) -> Bool {
    guard let partition = try await store.folder(of: date) else { return false }
    let (folder, before) = try StorageError.wrappingFiles { () throws(FileFailure) -> (Folder, FileStatus) in
      let folder = try store.folders.processed.folder(
        IdentityFile.folderName, makingWithMode: store.options.layout.folderMode)
      try IdentityFile.removeUnfinished(in: folder)
      return (folder, try partition.status())
    }
    var unknown = try unknownRecords(in: partition, date)
    guard try writeIdentities(of: partition, date, in: folder, &unknown) else {
      report.hold(date, unknown)
      return false
    }
    guard try await enterIdentities(of: date, in: folder),
      try await store.takeOut(date, ifUnchangedSince: before)
    else { return false }
    while !isStopping(), try await store.forgetSomeEvents(of: date) {}
    return true
  }

  private func unknownRecords(in partition: Folder, _ date: CalendarDate) throws(StorageError) -> UnknownRecords {
    try StorageError.wrapping { () throws(CatalogError) in
      try UnknownRecords(in: partition, of: date, store.options.layout)
    }
  }

  /// - Returns: False if stopped, or if something was found that keeps the partition: the file is then unchanged.
  private func writeIdentities(
    of partition: Folder, _ date: CalendarDate, in folder: Folder, _ unknown: inout UnknownRecords
  ) throws(StorageError) -> Bool {
    var writer = try StorageError.wrappingFiles { () throws(FileFailure) in
      var writer = try IdentityWriter(date, in: folder, mode: store.options.layout.fileMode)
      // Of a partition that was pruned before and exists again, for example after an import.
      let earlier = try IdentityReader(date, in: folder)
      while let identities = try earlier.next(), !isStopping() {
        for identity in identities where try partition.status(of: FileName(identity.key + ".json")) == nil {
          try writer.add(identity)
        }
      }
      return writer
    }
    try unknown.forEachRecord(until: isStopping) { key, record, bytes throws(FileFailure) in
      try writer.add(Identity(key: key, digest: JSONText.digest(of: record.data, in: bytes.span)))
      step()
    }
    guard !isStopping(), unknown.isEmpty else { return false }
    try StorageError.wrappingFiles { () throws(FileFailure) in try writer.finish() }
    return true
  }

  /// - Returns: False if stopped.
  private func enterIdentities(of date: CalendarDate, in folder: Folder) async throws(StorageError) -> Bool {
    var slice: [Identity] = []
    let reader: IdentityReader
    let mark: String
    do {
      mark = try IdentityFile.mark(date, in: folder) ?? ""
      reader = try IdentityReader(date, in: folder)
    } catch {
      throw .files(error)
    }
    while true {
      let next: [Identity]?
      do throws(FileFailure) {
        next = try reader.next()
      } catch {
        throw .files(error)
      }
      if isStopping() { return false }
      // The last slice brings itself and all before it to disk.
      try await store.enter(slice, of: date, isLast: next == nil ? mark : nil)
      guard let next else { return true }
      slice = next
    }
  }

  // MARK: What is over

  private func forgetOldIdentities() async throws(StorageError) {
    for date in try await store.expiredIdentities() {
      while !isStopping(), try await store.forgetSomeIdentities(of: date) {}
    }
  }

  /// Deletes what is in the trash.
  ///
  /// Symbolic links are removed, never followed.
  private func emptyTrash() throws(FileFailure) {
    var trouble: FileFailure?
    for place in [store.folders.state, store.folders.processed] {
      let name = store.folders.trashName(in: place)
      guard try place.status(of: name)?.kind == .folder else { continue }
      try empty(try place.folder(name), &trouble)
    }
    // What could not be deleted has blocked nothing else.
    if let trouble, !isStopping() { throw trouble }
  }

  private func empty(_ folder: Folder, _ trouble: inout FileFailure?) throws(FileFailure) {
    var folders: [FileName] = []
    do {
      try folder.forEachEntry { name, kind throws(FileFailure) in
        guard !isStopping() else { return }
        let isFolder = if let kind { kind == .folder } else { try folder.status(of: name)?.kind == .folder }
        guard !isFolder else { return folders.append(name) }
        do throws(FileFailure) {
          try folder.remove(name)
        } catch {
          trouble = trouble ?? error
        }
        step()
      }
    } catch {
      trouble = trouble ?? error
    }
    for name in folders where !isStopping() {
      do throws(FileFailure) {
        try empty(try folder.folder(name), &trouble)
        if !isStopping() { try folder.removeFolder(name) }
      } catch {
        trouble = trouble ?? error
      }
    }
  }

  private func step() {
    done += 1
    progress(done, max(done, total))
  }
}
