internal import Concurrency
package import DurableFiles
package import EventStore
internal import Events
package import Logging
internal import SystemPackage
package import Time

/// The folder `retry/`: brings files that are due the way of a drop once more, and tidies sidecars that have lost their file.
///
/// A file whose content or name has changed since its sidecar was written is due as soon as it has settled, its attempts
/// anew: somebody has mended it, or an upload has gone on. Whatever lies there without a sidecar is due likewise.
package actor RetryQueue {
  private let thread: SerialThread
  nonisolated package var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private let inboxes: [InboxOptions]
  private let store: RecordStore
  private let clock: any WallClock
  private let logger: Logger
  private let claims: ClaimFolder
  private var readiness: Readiness
  private var hasRecovered = false
  /// What is left in `retry/` because there was no room to store it.
  private var shortages = RoomShortages()
  /// Whether something was, at this look.
  private var hasLeftForRoom = false
  /// Files that cannot be opened or moved.
  private var leftAlone = FilesLeftAlone()
  /// When `failed/` last changed, as of the last tidying.
  private var failedChanged: Int64?
  private var newlyLeft = NewlyLeft()
  /// Files that were put back untried, which makes them look as if somebody had changed them.
  private var held: [FileName: Held] = [:]
  /// Since when reports have lain in `retry/` and `failed/` that tell the name of a file that was moved away without them.
  private var lonely: [FailedPlace: [FileName: Duration]] = [:]
  /// What lies in `retry/` and is never tried, as far as the log has said so.
  private var toldStrangers: Set<FileName> = []
  /// What was read of sidecars, by name, with the time of the sidecar: most files wait for many looks.
  private var known: [FileName: Known] = [:]

  /// How long a report that tells a file's name is kept once the file is not beside it any more.
  private static let patience = Duration.seconds(600)

  private struct Held {
    /// As it was put back.
    var status: FileStatus
    var inbox: String
    var history: FailureHistory?
    /// Whether it must have been left alone for long.
    var mayBeWritten: Bool
  }

  /// What counts of a sidecar: there can be very many.
  private struct Known {
    var sidecarChanged: Int64
    var inbox: String
    var history: FailureHistory
    var nextAttemptAt: Timestamp?
    var droppedAs: DropName?
    /// The event that could not be forwarded, if the file is a record.
    var record: EventID?
  }

  private var retry: FailureFolder { store.folders.retry }

  /// Opens the queue.
  ///
  /// - Parameters:
  ///   - inboxes: How files are read, by the name of the inbox that they came from; the first is for those of none.
  ///   - settle: How long a file that has changed must be left alone.
  ///   - store: Where events go.
  ///   - clock: What time it is.
  ///   - logger: What is told to the operator.
  /// - Throws: `StorageError`.
  package init(
    inboxes: [InboxOptions], settle: Duration, store: RecordStore, clock: any WallClock, logger: Logger
  ) throws(StorageError) {
    thread = SerialThread(name: "retry")
    self.inboxes = inboxes
    self.store = store
    self.clock = clock
    self.logger = logger
    readiness = Readiness(settle: settle)
    do {
      claims = ClaimFolder(
        of: store.folders.retry.folder, in: store.folders.state, at: [FailureFolder.triedName.description],
        mode: store.options.folderMode,
        logger: logger)
      // Before any inbox reads a file of several again, whose parts must be found here, not made once more.
      for claim in try claims.claimed() { try claims.putBack(claim.name, claim) }
      try claims.putBackAllInPlace()
      hasRecovered = true
    } catch {
      throw .files(error)
    }
  }

  /// Tries all files that are due.
  ///
  /// - Parameter isStopping: Asked between files; what is under way is finished.
  /// - Returns: What was done.
  /// - Throws: `StorageError`; what was claimed has been put back then, as far as that could be done.
  package func work(
    until isStopping: @escaping @Sendable () -> Bool = { false }
  ) async throws(StorageError) -> WorkSummary {
    var total = WorkSummary()
    defer { tellNewlyLeft() }
    try store.folders.check()
    do throws(FileFailure) {
      if !hasRecovered {
        hasRecovered = true
        for claim in try claims.claimed() { putBack(claim, claim.name) }
        try claims.putBackAllInPlace()
      }
      try tidy()
    } catch {
      throw .files(error)
    }
    hasLeftForRoom = false
    shortages.beginLook()
    var odd: [FileName] = []
    let due = try await dueFiles(until: isStopping, &odd)
    total.failed += try await setOddAside(odd, until: isStopping)
    for (inbox, files) in due {
      for next in files.portions(of: inbox.portion) {
        guard !isStopping() else { break }
        total += try await retry(next, as: inbox, until: isStopping)
      }
    }
    if hasLeftForRoom, try store.folders.room().isUsedUp { throw store.folders.lackOfRoom }
    return total
  }

  private struct DueFile {
    var name: FileName
    var status: FileStatus
    /// Since when nothing about it has changed, by the clock that nobody sets.
    var quietSince: Duration
    var history: FailureHistory?
    /// The name that its sender gave it, if its sidecar tells.
    var droppedAs: DropName?
    /// The event that could not be forwarded, if it is a record.
    var record: EventID?
  }

  // MARK: What is due

  private func dueFiles(
    until isStopping: @escaping @Sendable () -> Bool, _ odd: inout [FileName]
  ) async throws(StorageError) -> [(InboxOptions, [DueFile])] {
    let now = clock.now()
    let uptime = clock.uptime()
    var due: [String: [DueFile]] = [:]
    var seen: Set<FileName> = []
    var unexplained: [FileName] = []
    var strangers: [FileName] = []
    readiness.beginLook(at: retry.folder, now: now, uptime: uptime)
    leftAlone.beginLook()
    do throws(FileFailure) {
      try retry.folder.forEachEntry { name, kind throws(FileFailure) in
        guard !isStopping() else { return }
        guard !name.isHidden, !name.isSidecar else {
          // Sidecars, and what we have there ourselves, are no strangers.
          if !name.isOfOurs, !name.isSidecar || (kind ?? .regular) != .regular { strangers.append(name) }
          return
        }
        seen.insert(name)
        try noting(name) { () throws(FileFailure) in
          guard let status = try retry.folder.status(of: name) else { return }
          guard status.isPlain else {
            guard !leftAlone.contain(name, status, at: uptime) else { return }
            // A sender may be in the middle of giving a file its name by a second one.
            let wanted = status.kind == .regular ? InboxScan.oddQuietTime : .zero
            if wanted == .zero || readiness.quiet(name, status, enough: wanted) >= wanted { odd.append(name) }
            return
          }
          guard !leftAlone.contain(name, status, at: uptime) else { return }
          switch try standing(of: name, status, now: now, uptime: uptime) {
          case .waits: break
          case .due(let file, let inbox): due[inbox, default: []].append(file)
          case .newerThanSidecar: unexplained.append(name)
          }
        }
      }
    } catch {
      throw .files(error)
    }
    guard !isStopping() else { return [] }
    if !unexplained.isEmpty {
      // Mended by a person, or just put here and not explained yet: the store is let finish, then they are looked at again.
      await store.finishSettingAside()
      do throws(FileFailure) {
        for name in unexplained {
          try noting(name) { () throws(FileFailure) in
            guard let status = try retry.folder.status(of: name), status.isPlain else { return }
            switch try standing(of: name, status, now: now, uptime: uptime) {
            case .waits: break
            case .due(let file, let inbox), .newerThanSidecar(let file, let inbox):
              due[inbox, default: []].append(file)
            }
          }
        }
      } catch {
        throw .files(error)
      }
    }
    tell(strangers)
    known = known.filter { seen.contains($0.key) }
    if !held.isEmpty { held = held.filter { seen.contains($0.key) } }
    readiness.endLook()
    leftAlone.endLook()
    guard let first = inboxes.first else { return [] }
    return due.map { name, files in
      (
        inboxes.first { $0.name == name } ?? first,
        files.sorted { ($0.status.modified, $0.name) < ($1.status.modified, $1.name) }
      )
    }
  }

  // MARK: What is no file to be tried

  /// Sets aside what is no regular file: it is never opened, and nothing but a person ends its waiting.
  ///
  /// - Returns: How many.
  private func setOddAside(_ names: [FileName], until isStopping: () -> Bool) async throws(StorageError) -> Int {
    var count = 0
    for name in names where !isStopping() {
      do throws(StorageError) {
        guard
          let status = try StorageError.wrappingFiles({ () throws(FileFailure) in try retry.folder.status(of: name) }),
          !status.isPlain
        else { continue }
        let failure = DropFailure(
          stage: .read, reason: .notARegularFile,
          message: Message(ContentMessage.notARegularFileInRetry, ["kind": .message(status.described)]))
        let report = (try? retry.report(of: name)) ?? nil
        let place = try await store.setAside(
          name, from: retry.folder, as: name, failure, inbox: report?.inbox ?? inboxes.first?.name ?? "",
          droppedAs: report?.droppedAs ?? DropName(bytes: name.bytes), history: nil, isQuiet: true)
        guard place != nil else { continue }
        try await store.forgetFailure(in: retry, name)
        leftAlone.remove(name)
        count += 1
        logger.warning(
          "something in retry is not a regular file and waits for a person",
          metadata: ["file": "\(name)", "error": "\(failure.message)"])
      } catch {
        guard case .files(let failure) = error, !retry.folder.isConcerned(by: failure), store.folders.failed.canBeUsed
        else {
          throw error
        }
        leaveAlone(name, failure)
      }
    }
    return count
  }

  /// Says once what lies here and is never tried.
  private func tell(_ strangers: [FileName]) {
    for name in strangers.prefix(100) where !toldStrangers.contains(name) {
      logger.warning(
        "something in retry is never tried, as its name is hidden or that of a report; take it away, or rename it",
        metadata: ["file": "\(name)"])
    }
    toldStrangers = Set(strangers.prefix(100))
  }

  /// Does something with one file; what befalls it holds up no other.
  private func noting(_ name: FileName, _ body: () throws(FileFailure) -> Void) throws(FileFailure) {
    do throws(FileFailure) {
      try body()
    } catch {
      guard !retry.folder.isConcerned(by: error) else { throw error }
      leaveAlone(name, error)
    }
  }

  /// Whether a file is to be tried, and as a drop of which inbox.
  private enum Standing {
    case waits
    case due(DueFile, inbox: String)
    /// Settled, and changed since its sidecar was written, or without one.
    case newerThanSidecar(DueFile, inbox: String)
  }

  private func standing(
    of name: FileName, _ status: FileStatus, now: Timestamp, uptime: Duration
  ) throws(FileFailure) -> Standing {
    let waiting = try waiting(name)
    let quiet = readiness.quiet(name, status, enough: InboxOptions.quietTime)
    var file = DueFile(
      name: name, status: status, quietSince: uptime - quiet, droppedAs: waiting?.droppedAs, record: waiting?.record)
    if let held = held[name], held.status == status {
      guard !held.mayBeWritten || quiet >= InboxOptions.quietTime else { return .waits }
      file.history = held.history
      return .due(file, inbox: held.inbox)
    }
    guard let waiting, status.changed <= waiting.sidecarChanged else {
      let settle = inbox(named: waiting?.inbox)
        .map { $0.settleTime(name, isOfThisMachineAlone: readiness.isOfThisMachineAlone) }
      guard readiness.settle == .zero || quiet >= max(readiness.settle, settle ?? .zero) else { return .waits }
      return .newerThanSidecar(file, inbox: waiting?.inbox ?? "")
    }
    guard (waiting.nextAttemptAt ?? now) <= now else { return .waits }
    file.history = waiting.history
    return .due(file, inbox: waiting.inbox)
  }

  private func inbox(named name: String?) -> InboxOptions? {
    inboxes.first { $0.name == name } ?? inboxes.first
  }

  private func waiting(_ name: FileName) throws(FileFailure) -> Known? {
    guard let sidecar = name.sidecar, let changed = try retry.folder.status(of: sidecar)?.changed else { return nil }
    if let known = known[name], known.sidecarChanged == changed { return known }
    guard let report = try retry.report(of: name) else { return nil }
    known[name] = Known(
      sidecarChanged: changed, inbox: report.inbox,
      history: FailureHistory(
        attempts: report.attempts, firstFailedAt: report.firstFailedAt, reason: report.failure.reason),
      nextAttemptAt: report.nextAttemptAt, droppedAs: report.droppedAs,
      record: report.failure.stage == .forward ? report.failure.eventId : nil)
    return known[name]
  }

  // MARK: Trying

  private func retry(
    _ files: ArraySlice<DueFile>, as inbox: InboxOptions, until isStopping: @escaping @Sendable () -> Bool
  ) async throws(StorageError) -> WorkSummary {
    // Records that could not be forwarded are ours, whatever the inbox's mapping finds in them.
    let records = Set(files.compactMap(\.record))
    let store = store
    var worker = DropWorker(
      store: store, options: inbox, logger: logger, meter: IntakeMeter(retriesOf: inbox.name),
      isOnRecord: { records.contains($0.eventId) || store.isOnRecord($0) }, until: isStopping)
    var claimed: [ClaimedDrop] = []
    var finished: [FileName] = []
    var kept: [(drop: ClaimedDrop, end: DropEnd)] = []
    var room = try store.folders.room()
    do throws(StorageError) {
      for file in files where !isStopping() {
        // What no webhook could take is no drop: it goes back to its old place.
        if file.history?.reason == .unreachable, try await store.takeBackUndelivered(file.name) { continue }
        guard room.take(forRecordOf: shortages.need(of: file.name, file.status)) else {
          hasLeftForRoom = true
          continue
        }
        guard var drop = try claim(file) else { continue }
        claimed.append(drop)
        guard let content = try await read(&drop, as: inbox, with: &worker) else {
          claimed.removeLast()
          continue
        }
        leftAlone.remove(file.name)
        try await worker.take(drop, content) { drop, end in
          switch end {
          case .removed, .setAside(.failed), .setAside(nil): finished.append(drop.name)
          case .setAside(.retry): break
          case .changed, .stillWritten, .hindered, .noRoom: kept.append((drop, end))
          }
        }
      }
      try await worker.finish()
    } catch {
      _ = await worker.abandon()
      for drop in claimed { putBack(drop, inbox) }
      throw error
    }
    for drop in await worker.abandon() { putBack(drop, inbox) }
    for (drop, end) in kept {
      switch end {
      case .hindered(let failure): putBackAndLeaveAlone(drop, failure, inbox)
      case .stillWritten: hold(drop, inbox, mayBeWritten: true)
      case .noRoom(let size):
        hasLeftForRoom = true
        if let (name, status) = hold(drop, inbox, mayBeWritten: false) { shortages.note(name, status, needs: size) }
      case .removed, .setAside, .changed: putBack(drop, inbox)
      }
    }
    // A file that failed again has a new sidecar under its name; the others need none any more.
    for name in finished { try await store.forgetFailure(in: retry, name) }
    let done = worker.summary
    if done.drops > 0 {
      var metadata = done.metadata
      metadata["inbox"] = "\(inbox.name)"
      logger.info("files tried again", metadata: metadata)
    }
    return done
  }

  /// Claims a file; nil where it is gone, or cannot be moved, which is told.
  private func claim(_ file: DueFile) throws(StorageError) -> ClaimedDrop? {
    do {
      guard let claim = try claims.claim(file.name) else {
        hasRecovered = false
        return nil
      }
      return ClaimedDrop(
        folder: claim.folder, claimedAs: claim.name, name: file.name,
        original: file.droppedAs ?? DropName(bytes: file.name.bytes),
        status: file.status, isKnownClosed: false, quietSince: file.quietSince, history: file.history)
    } catch {
      // A rename may have been done that was said to have failed.
      hasRecovered = false
      guard !retry.folder.isConcerned(by: error) else { throw .files(error) }
      leaveAlone(file.name, error)
      return nil
    }
  }

  /// Reads a claimed file; nil where it cannot be tried now, and is back in its folder.
  private func read(
    _ drop: inout ClaimedDrop, as inbox: InboxOptions, with worker: inout DropWorker
  ) async throws(StorageError) -> DropContent? {
    switch try await worker.read(&drop) {
    case .success(.unsettled(.vanished)):
      logger.error(
        "a file has vanished while it was tried again; somebody else must have removed it",
        metadata: ["file": "\(drop.name)", "folder": "\(drop.folder.path)"])
      return nil
    case .success(.unsettled(.replaced)), .success(.stopped):
      putBack(drop, inbox)
      return nil
    case .success(.unsettled(.perhapsWritten)):
      hold(drop, inbox, mayBeWritten: true)
      return nil
    case .success(.unsettled(.open)):
      hold(drop, inbox, mayBeWritten: false)
      return nil
    case .success(let content): return content
    case .failure(let error):
      guard !error.isOfTheMachine else { throw .files(error) }
      putBackAndLeaveAlone(drop, error, inbox)
      return nil
    }
  }

  @discardableResult
  private func putBack(_ claim: ClaimFolder.Claim, _ name: FileName) -> FileName? {
    do {
      return try claims.putBack(name, claim)
    } catch {
      hasRecovered = false
      return nil
    }
  }

  /// - Returns: The name that it has; nil where it is gone, or still claimed.
  @discardableResult
  private func putBack(_ drop: ClaimedDrop, _ inbox: InboxOptions) -> FileName? {
    guard let name = putBack(drop.claim, drop.name) else { return nil }
    if name != drop.name {
      // What has its name by now has a report of its own.
      let report = FailureReport(
        putBackAs: name, droppedAs: drop.original, inbox: inbox.name, history: drop.history, at: clock.now())
      try? retry.writeSidecar(report, for: name)
    }
    return name
  }

  /// Puts a file back that is not to be tried now, and keeps in mind what it was.
  ///
  /// - Returns: Where it is; nil where it is another file by now.
  @discardableResult
  private func hold(_ drop: ClaimedDrop, _ inbox: InboxOptions, mayBeWritten: Bool) -> (FileName, FileStatus)? {
    guard let name = putBack(drop, inbox), let status = (try? retry.folder.status(of: name)) ?? nil,
      status.hasSameContent(as: drop.status, hasFixedInodes: readiness.isOfThisMachineAlone)
    else { return nil }
    readiness.carry(name, status, quietSince: drop.quietSince)
    if held.count < 10_000 {
      held[name] = Held(status: status, inbox: inbox.name, history: drop.history, mayBeWritten: mayBeWritten)
    }
    return (name, status)
  }

  private func putBackAndLeaveAlone(_ drop: ClaimedDrop, _ failure: FileFailure, _ inbox: InboxOptions) {
    hold(drop, inbox, mayBeWritten: false)
    leaveAlone(drop.name, failure)
  }

  /// Notes why a file is not tried; it is again once it has changed, and after pauses that grow.
  private func leaveAlone(_ name: FileName, _ error: FileFailure) {
    let status = (try? retry.folder.status(of: name)) ?? nil
    if leftAlone.insert(name, status, at: clock.uptime()) { newlyLeft.add(name, error, .unreadable) }
  }

  /// Says once why files are not tried: one line, however many they are.
  private func tellNewlyLeft() {
    for (_, left) in newlyLeft.take() {
      logger.error(
        "files in retry cannot be read or moved and wait there; they are tried again later",
        metadata: [
          "files": "\(left.count)", "file": "\(left.name)", "error": "\(left.failure)",
          "advice": "\(left.failure.advice)",
        ])
    }
  }

  // MARK: Tidying

  /// Removes the sidecars of files that a person has moved away.
  private func tidy() throws(FileFailure) {
    try tidy(retry)
    let changed = try store.folders.failed.folder.status().modified
    guard changed != failedChanged else { return }
    try tidy(store.folders.failed)
    guard lonely[.failed]?.isEmpty ?? true else { return }
    // What changes again within one tick of the file system's clock would look the same.
    let age = Duration.milliseconds(clock.now().milliseconds - changed / 1_000_000)
    failedChanged = age > .seconds(2) ? changed : nil
  }

  /// The files that were moved away, and whose reports wait for the inbox that asks for them.
  package var filesWithLonelyReports: Set<FileName> { Set(lonely.values.flatMap(\.keys)) }

  /// Removes such reports before their time, for who knows that no inbox will ask for them.
  ///
  /// - Parameter files: The files.
  /// - Throws: `StorageError`.
  package func removeLonelyReports(of files: Set<FileName>) throws(StorageError) {
    try StorageError.wrappingFiles { () throws(FileFailure) in
      for folder in [retry, store.folders.failed] {
        for file in files where lonely[folder.place]?[file] != nil {
          guard try folder.folder.status(of: file) == nil else { continue }
          try folder.removeSidecar(of: file)
          lonely[folder.place]?[file] = nil
        }
      }
    }
  }

  private func tidy(_ folder: FailureFolder) throws(FileFailure) {
    var sidecars: [FileName] = []
    var files: Set<FileName> = []
    try folder.folder.forEachEntry { name, _ in
      if name.isSidecar { sidecars.append(name) } else { files.insert(name) }
    }
    var still: [FileName: Duration] = [:]
    defer { lonely[folder.place] = still }
    for sidecar in sidecars {
      guard let name = sidecar.withoutSidecarEnding, !files.contains(name) else { continue }
      // Asked once more: it may have come after its place in the folder was read.
      do throws(FileFailure) {
        guard try folder.folder.status(of: name) == nil else { continue }
        if let since = lonely[folder.place]?[name] {
          still[name] = since
          if clock.uptime() - since < Self.patience { continue }
        } else {
          guard let report = try folder.report(of: name) else { continue }
          if report.tellsAnotherName(than: name) {
            // The inbox that its file was moved to asks for it, and removes it then.
            still[name] = clock.uptime()
            continue
          }
        }
        try folder.folder.remove(sidecar)
      } catch {
        // It lies there until it can be removed, and holds up nobody.
        guard !error.isOfTheMachine, (try? folder.folder.status()) != nil else { throw error }
      }
    }
  }
}

extension FileName {
  fileprivate var isHidden: Bool { hasPrefix(".") }

  /// Whether it is a name of eventdrop's own: claims, files without names yet, and those that replace others.
  fileprivate var isOfOurs: Bool {
    isOfOurClaims || self == UnnamedFile.spareFolder
      || hasPrefix(".") && hasSuffix(".tmp") && bytes.dropFirst().dropLast(4).areDigits
  }
}
