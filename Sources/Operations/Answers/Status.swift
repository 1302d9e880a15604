internal import DurableFiles
package import EventStore
internal import Events
package import Schedules
package import Settings
internal import SystemPackage

/// What is where: the answer to `eventdrop status`.
package struct Status: Sendable {
  package struct InboxStatus: Sendable {
    package var name: String
    package var path: String
    package var waiting: Int
  }

  /// A failed file, as its sidecar tells.
  package struct Failure: Sendable {
    package var folder: String
    package var file: String
    /// The name of the inbox that it came from.
    package var inbox: String
    package var reason: String
    package var message: String
    package var lastFailedAt: Timestamp
    package var nextAttemptAt: Timestamp?
  }

  /// What is done again and again.
  package struct NextRun: Sendable {
    package var name: String
    /// As the configuration has it.
    package var schedule: String
    /// When it is due next; nil where only a running daemon knows, or never.
    package var time: Timestamp?
    /// Whether there is no such time, as with 30 February.
    package var isNever: Bool
  }

  package var inboxes: [InboxStatus]
  package var retry: Int
  package var failed: Int
  /// Nil where nothing was stored yet.
  package var store: StoreSnapshot?
  package var webhook: String?
  /// Whether the webhook's address is not known here, as a variable or a file is missing that the daemon may have.
  package var isWebhookUnseen: Bool
  /// Nil where nothing was forwarded yet.
  package var circuit: CircuitState?
  /// Of what runs with this configuration.
  package var nextRuns: [NextRun]
  /// The newest, newest first.
  package var failures: [Failure]
  package var daemon: Int32?
  /// Of all files in `retry/` and `failed/`; nil where nobody has asked for them.
  package var failureGroups: [FailureGroup]?
  /// The folders behind the inboxes, by their names in the configuration.
  package var folders: [(name: String, path: String)]
  private let keep: Duration?
  private let zone: TimeZoneRules

  /// Looks, from outside: the daemon need not run.
  ///
  /// - Parameters:
  ///   - configuration: Where to look.
  ///   - now: What time it is.
  /// - Throws: `StoreError` where something that is there cannot be read.
  package init(of configuration: Configuration, now: Timestamp) throws(StoreError) {
    let store: StoreSnapshot?
    do {
      store = try StoreSnapshot.read(in: configuration.folders.state)
    } catch {
      throw .catalog(error)
    }
    self.init(of: configuration, now: now, folders: try FolderCounts(of: configuration), store: store)
  }

  /// Puts together what was looked at before.
  ///
  /// - Parameters:
  ///   - configuration: What was looked at.
  ///   - now: What time it is.
  ///   - folders: What lies in the folders.
  ///   - store: What the catalog tells.
  ///   - due: When services are due next, as they know it themselves.
  package init(
    of configuration: Configuration, now: Timestamp, folders: FolderCounts, store: StoreSnapshot?,
    due: [String: Timestamp] = [:]
  ) {
    inboxes = folders.inboxes
    retry = folders.retry
    failed = folders.failed
    failures = folders.failures
    daemon = folders.daemon
    self.store = store
    let paths = configuration.folders
    self.folders = [
      ("processed", paths.processed.string), ("retry", paths.retry.string), ("failed", paths.failed.string),
      ("state", paths.state.string),
    ]
    keep = configuration.retention.keep
    self.zone = configuration.processed.timezone
    isWebhookUnseen = configuration.unseenKeys.contains("forward.url")
    webhook = configuration.forward.shownURL
    circuit = store?.circuit.flatMap { CircuitState(note: $0, now: now) }
    nextRuns = configuration.schedules.map { name, schedule in
      let byTheClock = schedule.isByTheClock ? schedule.next(after: now, in: configuration.timezone) : nil
      let time = due[name] ?? byTheClock
      return NextRun(
        name: name, schedule: schedule.description, time: time, isNever: schedule.isByTheClock && time == nil)
    }
  }

  /// From when on a partition may be pruned; nil where partitions are kept forever.
  package func keptUntil(_ date: CalendarDate) -> Timestamp? {
    keep.map { zone.startOfDay(date.adding(days: 1)) + $0 }
  }
}

extension Configuration {
  /// What is done by a schedule, by the names that the services have.
  fileprivate var schedules: [(name: String, schedule: Schedule)] {
    var schedules = inboxes.map { ("inbox \($0.name)", $0.schedule) }
    schedules.append(("retry", retry.schedule))
    if forward.url != nil { schedules.append(("forward", forward.schedule)) }
    if retention.keep != nil { schedules.append(("retention", retention.schedule)) }
    return schedules
  }
}

/// What lies in the folders, and who works on them.
package struct FolderCounts: Sendable {
  var inboxes: [Status.InboxStatus] = []
  var retry: Int
  var failed: Int
  /// The newest, newest first.
  var failures: [Status.Failure]
  var daemon: Int32?

  /// Looks.
  ///
  /// - Throws: `StoreError` where something that is there cannot be read.
  package init(of configuration: Configuration) throws(StoreError) {
    do {
      let files = SystemFiles()
      for inbox in configuration.inboxes {
        let count = try countFiles(in: inbox.path, files) { !$0.hasPrefix(".") && !$0.isSidecar }
        inboxes.append(Status.InboxStatus(name: inbox.name, path: inbox.path.string, waiting: count))
      }
      let isFile: (FileName) -> Bool = { !$0.hasPrefix(".") && !$0.isSidecar }
      retry = try countFiles(in: configuration.folders.retry, files, isFile)
      failed = try countFiles(in: configuration.folders.failed, files, isFile)
      failures = try newestFailures(configuration, files, limit: 10)
      daemon = try lockHolder(configuration.folders.state, files)
    } catch {
      throw .files(error)
    }
  }
}

private func open(_ path: FilePath, _ files: any FileOperations) throws(FileFailure) -> Folder? {
  do {
    return try Folder(at: path, files: files)
  } catch  where error.errno == .noSuchFileOrDirectory {
    return nil
  }
}

private func countFiles(
  in path: FilePath, _ files: any FileOperations, _ counts: (FileName) -> Bool
) throws(FileFailure) -> Int {
  var count = 0
  try open(path, files)?.forEachEntry { name, kind in
    if kind != .folder, counts(name) { count += 1 }
  }
  return count
}

private func newestFailures(
  _ configuration: Configuration, _ files: any FileOperations, limit: Int
) throws(FileFailure) -> [Status.Failure] {
  var newest: [(folder: FailureFolder, name: FileName, changed: Int64)] = []
  for (place, path) in [(FailedPlace.retry, configuration.folders.retry), (.failed, configuration.folders.failed)] {
    guard let opened = try open(path, files) else { continue }
    let folder = FailureFolder(place, opened, fileMode: 0o640)
    try opened.forEachEntry { name, _ throws(FileFailure) in
      guard let file = name.withoutSidecarEnding, let status = try opened.status(of: name) else { return }
      newest.append((folder, file, status.changed))
      if newest.count > 1000 { newest.keepNewest(limit) }
    }
  }
  newest.keepNewest(limit)
  var failures: [Status.Failure] = []
  for entry in newest {
    guard let report = try entry.folder.report(of: entry.name) else { continue }
    failures.append(
      Status.Failure(
        folder: entry.folder.place == .retry ? "retry" : "failed", file: LogText.text(of: entry.name),
        inbox: report.inbox, reason: report.failure.reason.rawValue, message: report.failure.message,
        lastFailedAt: report.lastFailedAt, nextAttemptAt: report.nextAttemptAt))
  }
  return failures
}

extension [(folder: FailureFolder, name: FileName, changed: Int64)] {
  fileprivate mutating func keepNewest(_ count: Int) {
    sort { $0.changed > $1.changed }
    if self.count > count { removeSubrange(count...) }
  }
}

/// The process that has the lock of the state folder; nil where nobody has.
private func lockHolder(_ path: FilePath, _ files: any FileOperations) throws(FileFailure) -> Int32? {
  guard let state = try open(path, files), try state.status(of: FileName("lock")) != nil else { return nil }
  return FileLock.holder(FileName("lock"), in: state)
}
