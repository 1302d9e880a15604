internal import DurableFiles
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

  /// Records the time, so that days without events can be distinguished from a clock that was set wrong.
  ///
  /// While this process runs, the clock may advance by the time that passes, plus a day: a machine that has slept is
  /// trusted, a clock that has jumped is not.
  ///
  /// - Throws: `StorageError`.
  package func observeClock() throws(StorageError) { try parts.prune.observeClock() }
}

// The slices of a prune: see `PruneSlices`.
extension RecordStore {
  func planPrune(isConfirmed: Bool, isRehearsal: Bool) throws(StorageError) -> PruneReport {
    try parts.prune.plan(isConfirmed: isConfirmed, isRehearsal: isRehearsal)
  }

  func recordCount(of dates: [CalendarDate]) throws(StorageError) -> Int { try parts.prune.recordCount(of: dates) }

  func isAsKnown(_ date: CalendarDate) throws(StorageError) -> Bool { try parts.prune.isAsKnown(date) }

  func folder(of date: CalendarDate) throws(StorageError) -> Folder? { try parts.partitions.folder(of: date) }

  func enter(_ identities: [Identity], of date: CalendarDate, isLast mark: String?) throws(StorageError) {
    try parts.prune.enter(identities, of: date, isLast: mark)
  }

  func takeOut(_ date: CalendarDate, ifUnchangedSince before: FileStatus) throws(StorageError) -> Bool {
    try parts.prune.takeOut(date, ifUnchangedSince: before)
  }

  func forgetSomeEvents(of date: CalendarDate) throws(StorageError) -> Bool {
    try parts.prune.forgetSomeEvents(of: date)
  }

  func expiredIdentities() throws(StorageError) -> [CalendarDate] { try parts.prune.expiredIdentities() }

  func forgetSomeIdentities(of date: CalendarDate) throws(StorageError) -> Bool {
    try parts.prune.forgetSomeIdentities(of: date)
  }

  func finishPrune() throws(StorageError) { try parts.prune.finish() }
}
