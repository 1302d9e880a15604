internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Events
internal import Failures
internal import Logging
internal import Time

/// The result of a look at `retry/`.
struct RetryLook {
  /// Files to be tried, by their inbox.
  var due: [String: [DueFile]] = [:]
  /// Anything but regular files.
  var odd: [FileName] = []
  /// How many have been edited, or have no report, and are due once they have settled.
  var settling = 0
  /// Files that are never tried, because of their names.
  var strangers: [FileName] = []
  /// All others.
  var seen: Set<FileName> = []
}

/// A file of `retry/` that is to be tried.
struct DueFile {
  var name: FileName
  var status: FileStatus
  /// Since when nothing about it has changed, by the monotonic clock.
  var quietSince: Duration
  var history: FailureHistory?
  /// The name that its sender gave it, if its sidecar says.
  var droppedAs: DropName?
  /// The event that could not be forwarded, if it is a record.
  var record: EventID?
}

/// Which files are due.
extension RetryFolder {
  /// Whether a file is to be tried, and as a drop of which inbox.
  private enum Standing {
    case waits
    /// Changed since its sidecar was written, or without one, and not settled yet.
    case settles
    case due(DueFile, inbox: String)
    /// Settled, and changed since its sidecar was written, or without one.
    case newerThanSidecar(DueFile, inbox: String)
  }

  /// Finds the files that are due.
  ///
  /// - Throws: `StorageError` if the folder cannot be read.
  func look(until isStopping: @escaping @Sendable () -> Bool) async throws(StorageError) -> RetryLook {
    var look = RetryLook()
    let now = clock.now()
    let uptime = clock.uptime()
    var unexplained: [FileName] = []
    source.readiness.beginLook(at: retry.folder, now: now, uptime: uptime)
    source.leftAlone.beginLook()
    do throws(FileFailure) {
      try retry.folder.forEachEntry { name, kind throws(FileFailure) in
        guard !isStopping() else { return }
        guard !name.isHidden, !name.isSidecar else {
          // Sidecars, and our own files, are not strangers.
          if !name.isOfOurs, !name.isSidecar || (kind ?? .regular) != .regular { look.strangers.append(name) }
          return
        }
        look.seen.insert(name)
        try noting(name) { () throws(FileFailure) in
          guard let status = try retry.folder.status(of: name) else { return }
          guard !source.leftAlone.contain(name, status, at: uptime) else { return }
          guard status.isPlain else {
            // A sender may be in the middle of naming a file by a second link.
            let wanted = status.kind == .regular ? InboxScan.oddQuietTime : .zero
            if wanted == .zero || source.readiness.quiet(name, status, enough: wanted) >= wanted {
              look.odd.append(name)
            } else {
              look.settling += 1
            }
            return
          }
          switch try standing(of: name, status, now: now, uptime: uptime) {
          case .waits: break
          case .settles: look.settling += 1
          case .due(let file, let inbox): look.due[inbox, default: []].append(file)
          case .newerThanSidecar: unexplained.append(name)
          }
        }
      }
    } catch {
      throw .files(error)
    }
    guard !isStopping() else { return RetryLook() }
    if !unexplained.isEmpty {
      // Repaired by a person, or just put here without its sidecar: the store is allowed to finish, then they are
      // checked again.
      await store.finishSettingAside()
      do throws(FileFailure) {
        for name in unexplained where !isStopping() {
          try noting(name) { () throws(FileFailure) in
            guard let status = try retry.folder.status(of: name), status.isPlain else { return }
            switch try standing(of: name, status, now: now, uptime: uptime) {
            case .waits: break
            case .settles: look.settling += 1
            case .due(let file, let inbox), .newerThanSidecar(let file, let inbox):
              look.due[inbox, default: []].append(file)
            }
          }
        }
      } catch {
        throw .files(error)
      }
    }
    log(look.strangers)
    known = known.filter { look.seen.contains($0.key) }
    if !held.isEmpty { held = held.filter { look.seen.contains($0.key) } }
    source.readiness.endLook()
    source.leftAlone.endLook()
    return look
  }

  /// Does something with one file; its failure delays no other.
  private func noting(_ name: FileName, _ body: () throws(FileFailure) -> Void) throws(FileFailure) {
    do throws(FileFailure) {
      try body()
    } catch {
      guard !retry.folder.isConcerned(by: error) else { throw error }
      source.leaveAlone(name, error)
    }
  }

  private func standing(
    of name: FileName, _ status: FileStatus, now: Timestamp, uptime: Duration
  ) throws(FileFailure) -> Standing {
    let waiting = try waiting(name)
    let quiet = source.readiness.quiet(name, status, enough: InboxOptions.quietTime)
    var file = DueFile(
      name: name, status: status, quietSince: uptime - quiet, droppedAs: waiting?.droppedAs, record: waiting?.record)
    if let held = held[name], held.status == status {
      guard quiet >= held.quietTime else { return .waits }
      file.history = held.history
      return .due(file, inbox: held.inbox)
    }
    guard let waiting, status.changed <= waiting.sidecarChanged else {
      let settle = inbox(named: waiting?.inbox)
        .map { $0.settleTime(name, isOfThisMachineAlone: source.isLocal) }
      let own = source.readiness.settle
      guard own == .zero || quiet >= max(own, settle ?? .zero) else { return .settles }
      return .newerThanSidecar(file, inbox: waiting?.inbox ?? "")
    }
    guard (waiting.nextAttemptAt ?? now) <= now else { return .waits }
    file.history = waiting.history
    return .due(file, inbox: waiting.inbox)
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

  /// Reports once what is here but is never tried.
  private func log(_ strangers: [FileName]) {
    for name in strangers.prefix(100) where !loggedStrangers.contains(name) {
      logger.warning(
        "something in retry is never tried, as its name is hidden or that of a report; take it away, or rename it",
        metadata: ["file": "\(name)"])
    }
    loggedStrangers = Set(strangers.prefix(100))
  }
}

extension FileName {
  fileprivate var isHidden: Bool { hasPrefix(".") }

  /// Whether it is one of eventdrop's own names: claims, files without names yet, and those that replace others.
  fileprivate var isOfOurs: Bool { isOfOurClaims || UnnamedFile.isTemporary(self) }
}
