package import DurableFiles
package import Events
internal import ExactJSON
internal import Logging
internal import Schedules
internal import SystemPackage

extension RecordStore {
  /// Moves a dropped file that failed to `retry/`, or to `failed/` where trying again is of no use or no longer allowed.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - folder: Where it is.
  ///   - wanted: The name that it should get.
  ///   - failure: What happened to it.
  ///   - inbox: Where it was dropped.
  ///   - droppedAs: The name that its sender gave it.
  ///   - history: What it failed of before.
  ///   - isQuiet: Whether nobody writes to it, where the kernel cannot tell: see `Folder.move`.
  ///   - count: Of how many events the failure tells, where it is of several.
  /// - Returns: Where it went; nil where it is not there any more.
  /// - Throws: `StoreError`; the file is then where it was.
  package func setAside(
    _ name: FileName, from folder: Folder, as wanted: FileName, _ failure: DropFailure, inbox: String,
    droppedAs: DropName, history: FailureHistory?, isQuiet: Bool, count: Int? = nil
  ) throws(StoreError) -> FailedPlace? {
    try checkFolders()
    let verdict = verdict(on: failure, history: history)
    let target = verdict.place == .retry ? retry : failed
    let got = try StoreError.wrappingFiles { () throws(FileFailure) in
      try target.take(name, from: folder, as: wanted, isQuiet: isQuiet) {
        verdict.report(on: failure, file: $0, inbox: inbox, droppedAs: droppedAs, count: count)
      }
    }
    guard let got else { return nil }
    try remember(FailureRow(place: verdict.place, name: got, eventId: failure.eventId, reason: failure.reason))
    return verdict.place
  }

  /// Begins a file for many events that stay together because they failed; it has no name yet.
  ///
  /// - Parameters:
  ///   - failure: What happened to the first of them: it says where the file belongs.
  ///   - history: What they failed of before.
  /// - Returns: The file, and the folder that it is for.
  /// - Throws: `StoreError`.
  package func beginSettingAside(
    _ failure: DropFailure, history: FailureHistory?
  ) throws(StoreError) -> (file: UnnamedFile, folder: FailureFolder) {
    let target = verdict(on: failure, history: history).place == .retry ? retry : failed
    return try StoreError.wrappingFiles { () throws(FileFailure) in
      (try UnnamedFile(in: target.folder, mode: options.fileMode), target)
    }
  }

  /// Ends such a file: gives it its name, and one report.
  ///
  /// - Parameters:
  ///   - file: The file, all of it written.
  ///   - wanted: The name that it should get.
  ///   - failure: As when it was begun, its message for all of them.
  ///   - count: How many they are.
  ///   - inbox: Where they were dropped.
  ///   - droppedAs: The name that the sender gave their file.
  ///   - history: As when it was begun.
  /// - Returns: Where it went.
  /// - Throws: `StoreError`.
  package func setAside(
    _ file: UnnamedFile, as wanted: FileName, _ failure: DropFailure, count: Int, inbox: String,
    droppedAs: DropName, history: FailureHistory?
  ) throws(StoreError) -> FailedPlace {
    let verdict = verdict(on: failure, history: history)
    let target = verdict.place == .retry ? retry : failed
    let got = try StoreError.wrappingFiles { () throws(FileFailure) in
      try target.publish(file, as: wanted) {
        verdict.report(on: failure, file: $0, inbox: inbox, droppedAs: droppedAs, count: count)
      }
    }
    try remember(FailureRow(place: verdict.place, name: got, eventId: nil, reason: failure.reason))
    return verdict.place
  }

  /// Does the same for one event of a file of several, which becomes a file of its own.
  ///
  /// - Parameters:
  ///   - bytes: The event's bytes.
  ///   - wanted: The name that it should get.
  ///   - failure: What happened to it.
  ///   - inbox: Where its file was dropped.
  ///   - droppedAs: The name that the sender gave that file.
  /// - Returns: Where it went.
  /// - Throws: `StoreError`.
  package func setAside(
    _ bytes: [UInt8], as wanted: FileName, _ failure: DropFailure, inbox: String, droppedAs: DropName
  ) throws(StoreError) -> FailedPlace {
    try checkFolders()
    let verdict = verdict(on: failure, history: nil)
    let target = verdict.place == .retry ? retry : failed
    try StoreError.wrappingFiles { () throws(FileFailure) in
      guard try target.folder.space().hasRoom(forFileOf: bytes.count) else {
        throw FileFailure("set an event aside in", target.folder.path.string, .noSpace)
      }
    }
    // After a stop its file is read again; meanwhile this one may be tried once more, or have used up its attempts.
    let there = try StoreError.wrappingFiles { () throws(FileFailure) -> FailedPlace? in
      for trying in try foldersOfTried() where try FailureFolder.holds(bytes.span, as: wanted, in: trying) {
        return .retry
      }
      return try failed.holds(bytes.span, as: wanted) ? .failed : nil
    }
    if let there { return there }
    let got = try StoreError.wrappingFiles { () throws(FileFailure) in
      try target.add(bytes.span, as: wanted) {
        verdict.report(on: failure, file: $0, inbox: inbox, droppedAs: droppedAs)
      }
    }
    try remember(FailureRow(place: verdict.place, name: got, eventId: failure.eventId, reason: failure.reason))
    return verdict.place
  }

  /// Returns once no file is being set aside: for a moment, such a file lies in `retry/` without its sidecar.
  ///
  /// There is nothing to be done: a file is set aside in one turn of the store, and this is the next one.
  @inline(never)
  package func finishSettingAside() {}

  /// Where files of `retry/` are while they are tried, in `state/`.
  package static let triedFolderName = "retrying"

  /// Whether a file of `retry/` is being tried.
  func isTried(_ name: FileName) throws(FileFailure) -> Bool {
    for folder in try foldersOfTried() where try folder.status(of: name) != nil { return true }
    return false
  }

  /// In `state/`, or if that is another file system, hidden in `retry/`.
  private func foldersOfTried() throws(FileFailure) -> [Folder] {
    var folders: [Folder] = []
    for (place, name) in [(state, FileName(Self.triedFolderName)), (retry.folder, FileName(".eventdrop-claims"))] {
      if let folder = try place.folderIfThere(name) { folders.append(folder) }
    }
    return folders
  }

  /// Forgets a file that has left `retry/` or `failed/`, and removes its sidecar, unless another file has its name by now.
  ///
  /// - Throws: `StoreError`.
  package func forgetFailure(in folder: FailureFolder, _ name: FileName) throws(StoreError) {
    guard ((try? folder.folder.status(of: name)) ?? nil) == nil else { return }
    try StoreError.wrappingFiles { () throws(FileFailure) in try folder.removeSidecar(of: name) }
    try StoreError.wrapping { () throws(CatalogError) in try catalog.forgetFailure(in: folder.place, name) }
  }

  /// Where a failure leads, and when it is tried again.
  func verdict(on failure: DropFailure, history: FailureHistory?) -> Verdict {
    let now = clock.now()
    // A file that fails of something else than before begins anew: five refusals are not five of anything.
    let isSameCourse = history.map { $0.reason.course == failure.reason.course } ?? false
    let earlier = isSameCourse ? history?.attempts ?? 0 : 0
    let attempts = min(max(earlier, 0), FailureReport.mostAttempts) + 1
    let limit: Int =
      switch failure.reason.course {
      case .retried: options.retryAttempts
      case .retriedAsUnreadable: options.unreadableAttempts
      case .retriedForever: .max
      case .leftToAPerson: 0
      }
    let backoff = Backoff(first: options.retryBackoffFirst, maximum: options.retryBackoffMaximum)
    let next = attempts >= limit ? nil : now + backoff.equalJitter(afterFailures: attempts, random: .random(in: 0...1))
    return Verdict(
      attempts: attempts, firstFailedAt: min(history?.firstFailedAt ?? now, now), lastFailedAt: now, nextAttemptAt: next
    )
  }

  func remember(_ row: FailureRow) throws(StoreError) {
    try StoreError.wrapping { () throws(CatalogError) in try catalog.putFailure(row) }
    hasFailures = true
  }

  /// Moves a record that is not what was written to `failed/`, so that a person sees it.
  ///
  /// A folder, and what cannot be moved there, gets another name in the partition.
  ///
  /// - Returns: Why it lies where it lay; nil if its name is free now.
  /// - Throws: `StoreError` for what is true of the whole machine or folder.
  func setCorruptRecordAside(
    _ name: FileName, in partition: Folder, eventId: EventID, eventType: String, inbox: String, message: Message
  ) throws(StoreError) -> FileFailure? {
    let failure = DropFailure(
      stage: .store, reason: .corruptRecord, message: message, eventId: eventId, eventType: eventType)
    let now = clock.now()
    let moved: FileName?
    do throws(FileFailure) {
      guard let status = try partition.status(of: name) else { return nil }
      // A folder in `failed/` is nobody's failed file.
      guard status.kind != .folder else { throw FileFailure("move", partition.pathText(of: name), .isDirectory) }
      moved = try failed.take(name, from: partition, as: name) { name in
        FailureReport(
          file: name.description, failure: failure, attempts: 1, firstFailedAt: now, lastFailedAt: now,
          nextAttemptAt: nil, inbox: inbox)
      }
    } catch {
      guard !partition.isConcerned(by: error), !failed.folder.isConcerned(by: error) else { throw .files(error) }
      return try makeWay(for: name, in: partition, eventId, message)
    }
    guard let moved else { return nil }
    logger.error(
      "a damaged record was set aside",
      metadata: ["eventId": "\(eventId)", "file": "\(failed.folder.pathText(of: moved))", "error": "\(message)"])
    try remember(FailureRow(place: .failed, name: moved, eventId: eventId, reason: .corruptRecord))
    return nil
  }

  private func makeWay(
    for name: FileName, in partition: Folder, _ eventId: EventID, _ message: Message
  ) throws(StoreError) -> FileFailure? {
    do throws(FileFailure) {
      guard let other = try partition.makeWay(for: name) else { return nil }
      logger.error(
        "what lay in the way of a record has another name now; move it out of the partition",
        metadata: ["eventId": "\(eventId)", "file": "\(partition.pathText(of: other))", "error": "\(message)"])
      return nil
    } catch {
      guard !partition.isConcerned(by: error) else { throw .files(error) }
      return error
    }
  }
}

/// Where a failure leads.
struct Verdict {
  var attempts: Int
  var firstFailedAt: Timestamp
  var lastFailedAt: Timestamp
  var nextAttemptAt: Timestamp?

  var place: FailedPlace { nextAttemptAt == nil ? .failed : .retry }

  func report(
    on failure: DropFailure, file: FileName, inbox: String, droppedAs: DropName?, httpStatus: Int? = nil,
    response: String? = nil, count: Int? = nil
  ) -> FailureReport {
    FailureReport(
      file: file.description, failure: failure, httpStatus: httpStatus, response: response, attempts: attempts,
      firstFailedAt: firstFailedAt, lastFailedAt: lastFailedAt, nextAttemptAt: nextAttemptAt, inbox: inbox,
      droppedAs: droppedAs, count: count)
  }
}
