package import Catalog
package import DurableFiles
package import Events
internal import ExactJSON
internal import SystemPackage
package import Time

/// Handles failures: only this puts files into `retry/` and `failed/`, and records them in the catalog.
///
/// It works on the store's thread. `RetryFolder` claims the files of `retry/` that are due.
package final class Failures {
  let folders: FailureFolders
  private let catalog: Catalog
  private let policy: RetryPolicy
  private let fileMode: UInt32
  private let clock: any WallClock
  /// Whether there may be failed files: if there are none, most look-ups can be skipped.
  package private(set) var mayExist: Bool

  /// - Parameters:
  ///   - folders: The folders.
  ///   - catalog: Where failed files are recorded.
  ///   - policy: Where each goes, and when it is retried.
  ///   - fileMode: The permissions of created files.
  ///   - clock: The clock.
  /// - Throws: `StorageError`.
  package init(
    _ folders: FailureFolders, _ catalog: Catalog, _ policy: RetryPolicy, fileMode: UInt32, clock: any WallClock
  ) throws(StorageError) {
    self.folders = folders
    self.catalog = catalog
    self.policy = policy
    self.fileMode = fileMode
    self.clock = clock
    mayExist = try StorageError.wrapping { () throws(CatalogError) in try catalog.hasFailures() }
  }

  /// Where a failed file goes, and when it is retried.
  private func decide(_ reason: FailureReason, history: FailureHistory?) -> RetryDecision {
    policy.decide(reason, history: history, now: clock.now(), random: .random(in: 0...1))
  }

  // MARK: Setting aside

  /// Moves a dropped file that failed to `retry/`, or to `failed/` if a retry is useless or no longer allowed.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - folder: Where it is.
  ///   - wanted: The desired name.
  ///   - failure: What happened to it.
  ///   - inbox: Where it was dropped.
  ///   - droppedAs: The name that its sender gave it.
  ///   - history: Its earlier failures.
  ///   - isQuiet: Whether nobody writes to it, if the kernel cannot say: see `Folder.move`.
  ///   - count: How many events the failure is about, if there are several.
  /// - Returns: Where it went; nil if it no longer exists.
  /// - Throws: `StorageError`; the file is then where it was.
  package func setAside(
    _ name: FileName, from folder: Folder, as wanted: FileName, _ failure: DropFailure, inbox: String,
    droppedAs: DropName, history: FailureHistory?, isQuiet: Bool, count: Int?
  ) throws(StorageError) -> FailedPlace? {
    let decision = decide(failure.reason, history: history)
    let got = try StorageError.wrappingFiles { () throws(FileFailure) in
      try folders.folder(decision.place).take(name, from: folder, as: wanted, isQuiet: isQuiet) {
        decision.report(on: failure, file: $0, inbox: inbox, droppedAs: droppedAs, count: count)
      }
    }
    guard let got else { return nil }
    try remember(FailureRow(place: decision.place, name: got, eventId: failure.eventId, reason: failure.reason))
    return decision.place
  }

  /// Starts a file for many events that stay together because they failed; it has no name yet.
  ///
  /// - Parameters:
  ///   - failure: What happened to the first of them, which determines the file's folder.
  ///   - history: Their earlier failures.
  /// - Returns: The file, and the folder that it is for.
  /// - Throws: `StorageError`.
  package func beginSettingAside(
    _ failure: DropFailure, history: FailureHistory?
  ) throws(StorageError) -> (file: UnnamedFile, folder: FailureFolder) {
    let target = folders.folder(decide(failure.reason, history: history).place)
    return try StorageError.wrappingFiles { () throws(FileFailure) in
      (try UnnamedFile(in: target.folder, mode: fileMode), target)
    }
  }

  /// Finishes such a file: gives it its name, and one report.
  ///
  /// - Parameters:
  ///   - file: The complete file.
  ///   - wanted: The desired name.
  ///   - failure: As at the start, with a message for all of them.
  ///   - count: How many there are.
  ///   - inbox: Where they were dropped.
  ///   - droppedAs: The name that the sender gave their file.
  ///   - history: As at the start.
  /// - Returns: Where it went.
  /// - Throws: `StorageError`.
  package func setAside(
    _ file: UnnamedFile, as wanted: FileName, _ failure: DropFailure, count: Int, inbox: String,
    droppedAs: DropName, history: FailureHistory?
  ) throws(StorageError) -> FailedPlace {
    let decision = decide(failure.reason, history: history)
    let got = try StorageError.wrappingFiles { () throws(FileFailure) in
      try folders.folder(decision.place).publish(file, as: wanted) {
        decision.report(on: failure, file: $0, inbox: inbox, droppedAs: droppedAs, count: count)
      }
    }
    try remember(FailureRow(place: decision.place, name: got, eventId: nil, reason: failure.reason))
    return decision.place
  }

  /// Sets aside one event of a file of several (I16), which becomes a separate file.
  ///
  /// - Parameters:
  ///   - bytes: The event's bytes.
  ///   - wanted: The desired name.
  ///   - failure: What happened to it.
  ///   - inbox: Where its file was dropped.
  ///   - droppedAs: The name that the sender gave that file.
  /// - Returns: Where it went.
  /// - Throws: `StorageError`.
  package func setAside(
    _ bytes: [UInt8], as wanted: FileName, _ failure: DropFailure, inbox: String, droppedAs: DropName
  ) throws(StorageError) -> FailedPlace {
    let decision = decide(failure.reason, history: nil)
    let target = folders.folder(decision.place)
    try StorageError.wrappingFiles { () throws(FileFailure) in
      guard try target.folder.space().hasRoom(forFileOf: bytes.count) else {
        throw FileFailure("set an event aside in", target.folder.path.spelled, .noSpace)
      }
    }
    // After a stop its file is read again; meanwhile this one may be being retried, or have used up its attempts.
    let there = try StorageError.wrappingFiles { () throws(FileFailure) -> FailedPlace? in
      for trying in try foldersOfTried() where try FailureFolder.holds(bytes.span, as: wanted, in: trying) {
        return .retry
      }
      return try folders.failed.holds(bytes.span, as: wanted) ? .failed : nil
    }
    if let there { return there }
    let got = try StorageError.wrappingFiles { () throws(FileFailure) in
      try target.add(bytes.span, as: wanted) {
        decision.report(on: failure, file: $0, inbox: inbox, droppedAs: droppedAs)
      }
    }
    try remember(FailureRow(place: decision.place, name: got, eventId: failure.eventId, reason: failure.reason))
    return decision.place
  }

  /// Moves the record of an event that could not be forwarded.
  ///
  /// - Parameters:
  ///   - failure: Why.
  ///   - row: The catalog's row for the event.
  ///   - partition: The record's folder; nil if that is gone.
  /// - Returns: Where it went; nil if it does not exist.
  /// - Throws: `StorageError`; the event is still pending then.
  package func setAside(
    _ failure: ForwardFailure, _ row: EventRow, from partition: Folder?
  ) throws(StorageError) -> FailedPlace? {
    let event = failure.event
    let dropFailure = DropFailure(
      stage: .forward, reason: failure.reason, message: failure.message, eventId: event.eventId,
      eventType: event.eventType)
    let history = row.firstFailedAt.map {
      FailureHistory(attempts: row.attempts, firstFailedAt: $0, reason: row.failedOf ?? failure.reason)
    }
    let decision = decide(failure.reason, history: history)
    let moved = try StorageError.wrappingFiles { () throws(FileFailure) -> FailureRow? in
      let name = EventKey(eventId: event.eventId).recordName
      guard let partition, try partition.status(of: name) != nil else { return nil }
      let droppedAs = partition.droppedName(ofRecord: name)
      let got = try folders.folder(decision.place).take(name, from: partition, as: name) {
        decision.report(
          on: dropFailure, file: $0, inbox: row.inbox, droppedAs: droppedAs, httpStatus: failure.httpStatus,
          response: failure.response)
      }
      return got.map { FailureRow(place: decision.place, name: $0, eventId: event.eventId, reason: failure.reason) }
    }
    try StorageError.wrapping { () throws(CatalogError) in
      try catalog.transaction { () throws(CatalogError) in
        if let moved { try catalog.putFailure(moved) }
        try catalog.setFailed(
          sequence: event.sequence, attempts: decision.attempts, firstFailedAt: decision.firstFailedAt)
      }
    }
    mayExist = true
    return moved?.place
  }

  /// Moves something to `failed/` that no retry can help, and records it.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - folder: Where it is.
  ///   - failure: What is wrong.
  ///   - inbox: Where its event was dropped.
  /// - Returns: Its name in `failed/`; nil if it does not exist.
  /// - Throws: `StorageError`; the file is then where it was.
  package func leaveToPerson(
    _ name: FileName, in folder: Folder, _ failure: DropFailure, inbox: String
  ) throws(StorageError) -> FileName? {
    let moved = try StorageError.wrappingFiles { () throws(FileFailure) in
      try moveToFailed(name, from: folder, failure, inbox: inbox)
    }
    if let moved {
      try remember(FailureRow(place: .failed, name: moved, eventId: failure.eventId, reason: failure.reason))
    }
    return moved
  }

  /// The same without recording it.
  func moveToFailed(
    _ name: FileName, from folder: Folder, _ failure: DropFailure, inbox: String
  ) throws(FileFailure) -> FileName? {
    let now = clock.now()
    return try folders.failed.take(name, from: folder, as: name) { name in
      FailureReport(
        file: name.description, failure: failure, attempts: 1, firstFailedAt: now, lastFailedAt: now,
        nextAttemptAt: nil, inbox: inbox)
    }
  }

  // MARK: The catalog

  /// Records a failed file in the catalog.
  ///
  /// - Throws: `StorageError`.
  func remember(_ row: FailureRow) throws(StorageError) {
    try StorageError.wrapping { () throws(CatalogError) in try catalog.putFailure(row) }
    mayExist = true
  }

  /// Forgets a file that has left `retry/` or `failed/`, and removes its report, unless another file has its name by
  /// now.
  ///
  /// - Throws: `StorageError`.
  package func forget(_ name: FileName, in folder: FailureFolder) throws(StorageError) {
    let isGone = try StorageError.wrappingFiles { () throws(FileFailure) in try folder.removeLonelySidecar(of: name) }
    guard isGone else { return }
    try StorageError.wrapping { () throws(CatalogError) in try catalog.forgetFailure(in: folder.place, name) }
  }

  /// Whether an event's record was moved here by an attempt that could not update the catalog, which is now done.
  ///
  /// - Throws: `StorageError`.
  package func haveTaken(_ event: PendingEvent) throws(StorageError) -> Bool {
    for folder in [folders.retry, folders.failed] {
      let name = try StorageError.wrappingFiles { () throws(FileFailure) in
        try folder.name(ofRecord: event.eventId, updatedAt: event.updatedAt)
      }
      guard let name else { continue }
      let report = (try? folder.report(of: name)) ?? nil
      try remember(
        FailureRow(
          place: folder.place, name: name, eventId: event.eventId, reason: report?.failure.reason ?? .rejected))
      return true
    }
    return false
  }

  // MARK: Records that come back

  /// The first readable copy of an event's record for which `read` returns something.
  ///
  /// - Returns: What it returned; nil if there is no such copy.
  /// - Throws: `StorageError`.
  package func firstCopy<Value>(of eventId: EventID, _ read: ([UInt8]) -> Value?) throws(StorageError) -> Value? {
    let rows = try StorageError.wrapping { () throws(CatalogError) in try catalog.failures(ofEvent: eventId) }
    for row in rows {
      let file = try StorageError.wrappingFiles { () throws(FileFailure) in
        try folders.folder(row.place).folder.recordFile(row.name)
      }
      if case .bytes(let bytes) = file, let value = read(bytes) { return value }
    }
    return nil
  }

  /// Moves a file back into the partition of its record, if it is still that record.
  ///
  /// - Parameters:
  ///   - row: The file.
  ///   - event: The catalog's row for its event.
  ///   - isCharged: Whether the failed attempt counts.
  ///   - partition: The partition; nil if it does not exist.
  /// - Returns: The partition; nil if the file was not moved.
  /// - Throws: `FileFailure`.
  package func takeBack(
    _ row: FailureRow, as event: EventRow, isCharged: Bool, into partition: () throws(FileFailure) -> Folder?
  ) throws(FileFailure) -> Folder? {
    let failures = folders.folder(row.place)
    let folder = failures.folder
    // A file edited since is a drop like any other.
    guard let sidecar = row.name.sidecar, let status = try folder.status(of: row.name), status.isPlain,
      status.size == event.bytes, let report = try folder.status(of: sidecar), status.changed <= report.changed,
      let partition = try partition(), case .bytes(let bytes) = try folder.recordFile(row.name)
    else { return nil }
    var document = JSONDocument()
    guard let record = try? ProcessedEvent(bytes.span, using: &document), record.eventId == event.eventId,
      record.updatedAt == event.updatedAt
    else { return nil }
    let name = EventKey(eventId: event.eventId).recordName
    let move = Result { () throws(FileFailure) in
      try folder.move(row.name, to: partition, as: name, isQuiet: true)
    }
    if (try? move.get()) != .done, try !folder.hasMoved(row.name, to: partition, as: name) {
      _ = try move.get()
      return nil
    }
    if !isCharged { failures.arrivals.decrease() }
    return partition
  }

  /// Returns once it is on disk that these files have left their folders.
  ///
  /// - Throws: `FileFailure`.
  package func syncNames(of rows: [FailureRow]) throws(FileFailure) {
    for folder in [folders.retry, folders.failed] where rows.contains(where: { $0.place == folder.place }) {
      try folder.folder.sync()
    }
  }

  /// Forgets files that have left their folders; see `forget(_:in:)`.
  ///
  /// - Throws: `StorageError`.
  package func forget(_ rows: [FailureRow]) throws(StorageError) {
    for row in rows { try forget(row.name, in: folders.folder(row.place)) }
  }

  // MARK: Files that are being tried

  /// Whether a file of `retry/` is being tried.
  func isTried(_ name: FileName) throws(FileFailure) -> Bool {
    for folder in try foldersOfTried() where try folder.status(of: name) != nil { return true }
    return false
  }

  /// In `state/`, or, if that is another file system, hidden in `retry/`.
  private func foldersOfTried() throws(FileFailure) -> [Folder] {
    var found: [Folder] = []
    for (place, name) in [
      (folders.state, FailureFolder.triedName), (folders.retry.folder, FileName(".eventdrop-claims")),
    ] {
      if let folder = try place.folderIfThere(name) { found.append(folder) }
    }
    return found
  }
}

extension Folder {
  /// The name under which a record's event was dropped; nil if the record does not say.
  fileprivate func droppedName(ofRecord name: FileName) -> DropName? {
    var document = JSONDocument()
    guard let bytes = try? read(name, limit: recordSizeLimit),
      let record = try? ProcessedEvent(bytes.span, using: &document)
    else { return nil }
    return DropName(bytes: record.source.file.utf8)
  }
}
