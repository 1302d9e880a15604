internal import DurableFiles
package import EventStore
internal import Events
package import Logging
package import Schedules
internal import SystemPackage
internal import Threads

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
  /// Whether a file was left in `retry/` because there is no room to store it.
  private var isShortOfRoom = false
  /// Files that cannot be opened or moved.
  private var leftAlone = FilesLeftAlone()
  /// When `failed/` last changed, as of the last tidying.
  private var failedChanged: Int64?
  /// What was read of sidecars, by name, with the time of the sidecar: most files wait for many looks.
  private var known: [FileName: (sidecarChanged: Int64, report: FailureReport)] = [:]

  private var retry: FailureFolder { store.retry }

  /// Opens the queue.
  ///
  /// - Parameters:
  ///   - inboxes: How files are read, by the name of the inbox that they came from; the first is for those of none.
  ///   - settle: How long a file that has changed must be left alone.
  ///   - store: Where events go.
  ///   - clock: What time it is.
  ///   - logger: What is told to the operator.
  /// - Throws: `StoreError`.
  package init(
    inboxes: [InboxOptions], settle: Duration, store: RecordStore, clock: any WallClock, logger: Logger
  ) throws(StoreError) {
    thread = SerialThread(name: "retry")
    self.inboxes = inboxes
    self.store = store
    self.clock = clock
    self.logger = logger
    readiness = Readiness(settle: settle)
    do {
      claims = try ClaimFolder(
        of: store.retry.folder, in: store.state, at: [RecordStore.triedFolderName], mode: store.options.folderMode)
      // Before any inbox reads a file of several again, whose parts must be found here, not made once more.
      for (folder, name) in try claims.claimed() { try claims.putBack(name, from: folder) }
      hasRecovered = true
    } catch {
      throw .files(error)
    }
  }

  /// Tries all files that are due.
  ///
  /// - Parameter isStopping: Asked between files; what is under way is finished.
  /// - Returns: What was done.
  /// - Throws: `StoreError`; what was claimed has been put back then, as far as that could be done.
  package func work(
    until isStopping: @escaping @Sendable () -> Bool = { false }
  ) async throws(StoreError) -> WorkSummary {
    var total = WorkSummary()
    do throws(FileFailure) {
      if !hasRecovered {
        for (folder, name) in try claims.claimed() { try claims.putBack(name, from: folder) }
        hasRecovered = true
      }
      try tidy()
    } catch {
      throw .files(error)
    }
    isShortOfRoom = false
    let due = try await dueFiles()
    for (inbox, files) in due {
      for next in files.portions(of: inbox.portion) {
        guard !isStopping() else { break }
        total += try await retry(next, as: inbox, until: isStopping)
      }
    }
    if isShortOfRoom { throw store.lackOfRoom }
    return total
  }

  private struct DueFile {
    var name: FileName
    var status: FileStatus
    var history: FailureHistory?
  }

  // MARK: What is due

  private func dueFiles() async throws(StoreError) -> [(InboxOptions, [DueFile])] {
    let now = clock.now()
    let uptime = clock.uptime()
    var due: [String: [DueFile]] = [:]
    var seen: Set<FileName> = []
    var unexplained: [FileName] = []
    do throws(FileFailure) {
      try retry.folder.forEachEntry { name, kind throws(FileFailure) in
        guard kind != .folder, !name.isSidecar, !name.hasPrefix(".") else { return }
        guard let status = try retry.folder.status(of: name), status.isPlain else { return }
        seen.insert(name)
        guard !leftAlone.contain(name, status, at: uptime) else { return }
        switch try standing(of: name, status, now: now, uptime: uptime) {
        case .waits: break
        case .due(let file, let inbox): due[inbox, default: []].append(file)
        case .newerThanSidecar: unexplained.append(name)
        }
      }
    } catch {
      throw .files(error)
    }
    if !unexplained.isEmpty {
      // Mended by a person, or just put here and not explained yet: the store is let finish, then they are looked at again.
      await store.finishSettingAside()
      do throws(FileFailure) {
        for name in unexplained {
          guard let status = try retry.folder.status(of: name), status.isPlain else { continue }
          switch try standing(of: name, status, now: now, uptime: uptime) {
          case .waits: break
          case .due(let file, let inbox), .newerThanSidecar(let file, let inbox): due[inbox, default: []].append(file)
          }
        }
      } catch {
        throw .files(error)
      }
    }
    known = known.filter { seen.contains($0.key) }
    readiness.forgetAllBut { seen.contains($0) }
    leftAlone.forgetAllBut { seen.contains($0) }
    guard let first = inboxes.first else { return [] }
    return due.map { name, files in
      (
        inboxes.first { $0.name == name } ?? first,
        files.sorted { ($0.status.modified, $0.name) < ($1.status.modified, $1.name) }
      )
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
    guard let waiting, status.changed <= waiting.sidecarChanged else {
      guard readiness.isSettled(name, status, now: now, uptime: uptime) else { return .waits }
      return .newerThanSidecar(
        DueFile(name: name, status: status, history: nil), inbox: waiting?.report.inbox ?? "")
    }
    let report = waiting.report
    guard (report.nextAttemptAt ?? now) <= now else { return .waits }
    let history = FailureHistory(
      attempts: report.attempts, firstFailedAt: report.firstFailedAt, reason: report.failure.reason)
    return .due(DueFile(name: name, status: status, history: history), inbox: report.inbox)
  }

  private func waiting(_ name: FileName) throws(FileFailure) -> (sidecarChanged: Int64, report: FailureReport)? {
    guard let sidecar = name.sidecar, let changed = try retry.folder.status(of: sidecar)?.changed else { return nil }
    if let known = known[name], known.sidecarChanged == changed { return known }
    guard let report = try retry.report(of: name) else { return nil }
    known[name] = (changed, report)
    return known[name]
  }

  // MARK: Trying

  private func retry(
    _ files: ArraySlice<DueFile>, as inbox: InboxOptions, until isStopping: @escaping @Sendable () -> Bool
  ) async throws(StoreError) -> WorkSummary {
    var worker = DropWorker(
      store: store, options: inbox, logger: logger, meter: IntakeMeter(retriesOf: inbox.name), until: isStopping)
    var claimed: [ClaimedDrop] = []
    var finished: [FileName] = []
    var changed: [ClaimedDrop] = []
    var room = try store.room()
    do throws(StoreError) {
      for file in files {
        // What no webhook could take is no drop: it goes back to its old place.
        if file.history?.reason == .unreachable, try await store.takeBackUndelivered(file.name) { continue }
        guard room.take(forDropOf: file.status.size) else {
          isShortOfRoom = true
          continue
        }
        let content: DropContent
        var drop: ClaimedDrop
        do throws(FileFailure) {
          guard let folder = try claims.claim(file.name) else { continue }
          drop = ClaimedDrop(
            folder: folder, name: file.name, original: DropName(bytes: file.name.bytes), status: file.status,
            isKnownClosed: false, history: file.history)
          claimed.append(drop)
          content = try worker.reader.read(&drop)
          if case .unsettled = content {
            try claims.putBack(drop.name, from: drop.folder)
            continue
          }
        } catch  where error.isOfOneFile {
          if claimed.last?.name == file.name { putBack(claimed.removeLast()) }
          leaveAlone(file.name, error)
          continue
        } catch {
          // A rename may have been done that was said to have failed.
          hasRecovered = false
          throw .files(error)
        }
        leftAlone.remove(file.name)
        try await worker.take(drop, content) { drop, end in
          switch end {
          case .removed, .setAside(.failed), .setAside(nil): finished.append(drop.name)
          case .setAside(.retry): break
          case .changed: changed.append(drop)
          }
        }
      }
      try await worker.finish()
    } catch {
      _ = await worker.abandon()
      for drop in claimed { putBack(drop) }
      throw error
    }
    for drop in changed { putBack(drop) }
    // A file that failed again has a new sidecar under its name; the others need none any more.
    for name in finished { try await store.forgetFailure(in: retry, name) }
    let done = worker.summary
    if done.drops > 0 {
      logger.info(
        "files tried again",
        metadata: [
          "inbox": "\(inbox.name)", "drops": "\(done.drops)", "stored": "\(done.stored)",
          "duplicates": "\(done.duplicates)", "retry": "\(done.retried)", "failed": "\(done.failed)",
        ])
    }
    return done
  }

  private func putBack(_ drop: ClaimedDrop) {
    if (try? claims.putBack(drop.name, from: drop.folder)) == nil { hasRecovered = false }
  }

  /// Says once why a file is not tried; it is again once it has changed, and now and then.
  private func leaveAlone(_ name: FileName, _ error: FileFailure) {
    let status = (try? retry.folder.status(of: name)) ?? nil
    guard leftAlone.insert(name, status, at: clock.uptime()) else { return }
    logger.error(
      "a file in retry cannot be read or moved and waits there; give this process's user the right to",
      metadata: ["file": "\(name)", "why": "\(error)"])
  }

  // MARK: Tidying

  /// Removes the sidecars of files that a person has moved away.
  private func tidy() throws(FileFailure) {
    try tidy(retry)
    let changed = try store.failed.folder.status().modified
    guard changed != failedChanged else { return }
    try tidy(store.failed)
    // What changes again within one tick of the file system's clock would look the same.
    let age = Duration.milliseconds(clock.now().milliseconds - changed / 1_000_000)
    failedChanged = age > .seconds(2) ? changed : nil
  }

  private func tidy(_ folder: FailureFolder) throws(FileFailure) {
    var sidecars: [FileName] = []
    var files: Set<FileName> = []
    try folder.folder.forEachEntry { name, _ in
      if name.isSidecar { sidecars.append(name) } else { files.insert(name) }
    }
    for sidecar in sidecars {
      guard let name = sidecar.withoutSidecarEnding, !files.contains(name) else { continue }
      // Asked once more: it may have come after its place in the folder was read.
      guard try folder.folder.status(of: name) == nil, try folder.report(of: name) != nil else { continue }
      try folder.folder.remove(sidecar)
    }
  }
}
