package import Catalog
internal import DurableFiles
package import EventStore
internal import Events
internal import SystemPackage
package import Time

extension RecordStore {
  /// Prunes the partitions older than their retention; see `Pruner`.
  ///
  /// - Throws: `StorageError`.
  package nonisolated func prune(
    isConfirmed: Bool, isRehearsal: Bool, only: Set<CalendarDate>? = nil,
    until isStopping: @escaping @Sendable () -> Bool = { false },
    report: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws(StorageError) -> PruneReport {
    try await Pruner(self, until: isStopping, progress: report)
      .prune(isConfirmed: isConfirmed, isRehearsal: isRehearsal, only: only)
  }
}

// The slices of a prune: see `PruneSlices`.
extension RecordStore {
  private var slices: PruneSlices { PruneSlices(options, clock: clock, folders, catalog, partitions) }

  func planPrune(isConfirmed: Bool, isRehearsal: Bool) throws(StorageError) -> PruneReport {
    try folders.check()
    guard options.keep != nil else { return PruneReport() }
    // After a sleep, a machine checks how much time has passed before it prunes.
    try observeClock()
    return try slices.plan(isConfirmed: isConfirmed, isRehearsal: isRehearsal)
  }

  func recordCount(of dates: [CalendarDate]) throws(StorageError) -> Int { try slices.recordCount(of: dates) }

  func isAsKnown(_ date: CalendarDate) throws(StorageError) -> Bool { try slices.isAsKnown(date) }

  func folder(of date: CalendarDate) throws(StorageError) -> Folder? { try partitions.folder(of: date) }

  func enter(_ identities: [Identity], of date: CalendarDate, isLast mark: String?) throws(StorageError) {
    try slices.enter(identities, of: date, isLast: mark)
  }

  func takeOut(_ date: CalendarDate, ifUnchangedSince before: FileStatus) throws(StorageError) -> Bool {
    try slices.takeOut(date, ifUnchangedSince: before)
  }

  func forgetSomeEvents(of date: CalendarDate) throws(StorageError) -> Bool {
    try slices.forgetSomeEvents(of: date)
  }

  func expiredIdentities() throws(StorageError) -> [CalendarDate] { try slices.expiredIdentities() }

  func forgetSomeIdentities(of date: CalendarDate) throws(StorageError) -> Bool {
    try slices.forgetSomeIdentities(of: date)
  }

  func finishPrune() throws(StorageError) { try slices.finish() }
}
