internal import DurableFiles
internal import Events
internal import ExactJSON
internal import SystemPackage
internal import Time

/// Handles failures: only this puts files into `retry/` and `failed/`, and records them in the catalog.
///
/// It works on the store's thread. `RetryFolder` claims the files of `retry/` that are due.
final class Failures {
  let folders: StoreFolders
  private let catalog: Catalog
  private let policy: RetryPolicy
  private let fileMode: UInt32
  private let clock: any WallClock
  /// Whether there may be failed files: if there are none, most look-ups can be skipped.
  private(set) var mayExist: Bool

  /// - Throws: `StorageError`.
  init(
    _ folders: StoreFolders, _ catalog: Catalog, _ options: StoreOptions, clock: any WallClock
  ) throws(StorageError) {
    self.folders = folders
    self.catalog = catalog
    policy = RetryPolicy(options)
    fileMode = options.fileMode
    self.clock = clock
    mayExist = try StorageError.wrapping { () throws(CatalogError) in try catalog.hasFailures() }
  }

  /// Where a failed file goes, and when it is retried.
  func decide(_ reason: FailureReason, history: FailureHistory?) -> RetryDecision {
    policy.decide(reason, history: history, now: clock.now(), random: .random(in: 0...1))
  }

  // MARK: Setting aside

  /// Moves a dropped file that failed; see `RecordStore.setAside`.
  func setAside(
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

  /// Starts a file for many events; see `RecordStore.beginSettingAside`.
  func beginSettingAside(
    _ failure: DropFailure, history: FailureHistory?
  ) throws(StorageError) -> (file: UnnamedFile, folder: FailureFolder) {
    let target = folders.folder(decide(failure.reason, history: history).place)
    return try StorageError.wrappingFiles { () throws(FileFailure) in
      (try UnnamedFile(in: target.folder, mode: fileMode), target)
    }
  }

  /// Finishes such a file; see `RecordStore.setAside`.
  func setAside(
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

  /// Sets aside one event of a file of several (I16); see `RecordStore.setAside`.
  func setAside(
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
  func setAside(
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
      try catalog.connection.transaction { () throws(CatalogError) in
        if let moved { try catalog.putFailure(moved) }
        try catalog.setFailed(
          sequence: event.sequence, attempts: decision.attempts, firstFailedAt: decision.firstFailedAt)
      }
    }
    mayExist = true
    return moved?.place
  }

  // MARK: The catalog

  /// Records a failed file in the catalog.
  ///
  /// - Throws: `StorageError`.
  func remember(_ row: FailureRow) throws(StorageError) {
    try StorageError.wrapping { () throws(CatalogError) in try catalog.putFailure(row) }
    mayExist = true
  }

  /// Forgets a file that has left `retry/` or `failed/`, and removes its report; see `RecordStore.forgetFailure`.
  func forget(_ name: FileName, in folder: FailureFolder) throws(StorageError) {
    guard ((try? folder.folder.status(of: name)) ?? nil) == nil else { return }
    try StorageError.wrappingFiles { () throws(FileFailure) in try folder.removeSidecar(of: name) }
    try StorageError.wrapping { () throws(CatalogError) in try catalog.forgetFailure(in: folder.place, name) }
  }

  /// Whether an event's record was moved here by an attempt that could not update the catalog, which is now done.
  ///
  /// - Throws: `StorageError`.
  func haveTaken(_ event: PendingEvent) throws(StorageError) -> Bool {
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
