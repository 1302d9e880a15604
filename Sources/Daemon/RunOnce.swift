internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Events
internal import Failures
internal import Forwarding
internal import Intake
package import Logging
internal import Operations
package import Settings
internal import SystemPackage
package import Time

/// Works until there is nothing left to do, and ends: for a cron job or a script instead of a daemon.
package struct RunOnce: Sendable {
  /// The progress.
  package struct Progress: Sendable {
    /// Drops that were processed.
    package var done = 0
    /// Files that are still in the inboxes.
    package var waiting = 0
  }

  private let configuration: Configuration
  private let clock: any WallClock
  private let logger: Logger
  private let files = PatientFiles()

  package init(_ configuration: Configuration, clock: any WallClock = SystemClock(), logger: Logger) {
    self.configuration = configuration
    self.clock = clock
    self.logger = logger
  }

  /// Waits for the content of the inboxes to settle, stores it, tries the retries that are due, and forwards what it
  /// can.
  ///
  /// - Parameter report: Called from time to time with the progress.
  /// - Returns: Whether everything is done: nothing was set aside, and with a webhook, nothing is pending.
  /// - Throws: `DaemonError`.
  package func run(report: (Progress) -> Void = { _ in }) async throws(DaemonError) -> Bool {
    let lock = try StateLock.takeAlone(configuration)
    defer { withExtendedLifetime(lock) {} }
    files.begin(configuration.inboxes.map(\.path))
    let rooms = try Rooms(configuration, clock: clock, logger: logger)
    let silent = try await rooms.takeUpOrphans()
    for failure in silent {
      logger.warning(
        "a folder that is no longer an inbox does not answer; a later start puts back what was claimed from it",
        metadata: ["error": "\(failure)", "advice": "\(failure.advice)"])
    }
    await rooms.noteMissingWebhook()
    await rooms.noteBeginning(configuration)
    do {
      let isDone = try await work(rooms, report)
      // Reports the states of its events to other machines; if that fails, the next run does so.
      try? await rooms.store.keepUpWithFleet()
      await rooms.store.close()
      return isDone && silent.isEmpty
    } catch {
      throw .store(error)
    }
  }

  private func store(_ rooms: Rooms, _ isOver: StopSignal) async throws(StorageError) -> WorkSummary {
    defer {
      isOver.stop()
      rooms.forwarder?.notify()
    }
    var done = WorkSummary()
    var trouble: StorageError?
    // Trouble with one inbox must not block the others.
    func add(_ work: () async throws(StorageError) -> WorkSummary) async {
      do throws(StorageError) {
        done += try await work()
      } catch {
        trouble = trouble ?? error
      }
    }
    for (inbox, settings) in zip(rooms.inboxes, configuration.inboxes) {
      await add { () async throws(StorageError) in
        // Whoever opens it waits for ever.
        try StorageError.wrappingFiles { () throws(FileFailure) in try files.expectAnswer(of: settings.path) }
        return try await inbox.open().work()
      }
    }
    await add { () async throws(StorageError) in try await rooms.retry.work() }
    if let trouble { throw trouble }
    return done
  }

  /// Removes the reports of files that were moved away.
  ///
  /// A daemon keeps them for a while, because an inbox may still ask for them. Now each has had its look.
  private func tidyReports(_ rooms: Rooms) async throws(StorageError) {
    var files = await rooms.retry.filesWithLonelyReports
    for door in rooms.inboxes where !files.isEmpty {
      // One that cannot be looked into may contain any of them.
      guard let inbox = try? await door.open() else { return }
      files.subtract(await inbox.mayHold(files))
    }
    if !files.isEmpty { try await rooms.retry.removeLonelyReports(of: files) }
  }

  /// What is still in the inboxes, and why.
  private func logWhatIsLeft(_ rooms: Rooms) async {
    for (door, settings) in zip(rooms.inboxes, configuration.inboxes) {
      guard let inbox = try? await door.open() else { continue }
      for group in inbox.waiting.reported {
        logger.notice(
          "something is left in an inbox",
          metadata: [
            "inbox": "\(settings.name)", "reason": "\(group.reason)", "files": "\(group.count)",
            "oldest": "\(group.oldest.rfc3339)", "name": "\(group.name)",
            "advice": "\(group.advice?.description ?? "")",
          ])
      }
    }
  }

  /// What is still claimed: it could be neither stored nor put back.
  private func logWhatIsClaimed() throws(StorageError) -> Int {
    let claims = try StorageError.wrappingFiles { () throws(FileFailure) in try Claims(configuration).all() }
    if let silent = claims.silent.first { throw .files(silent.failure) }
    for (path, group) in claims.groups {
      logger.warning(
        "files are still claimed; the next start stores them or puts them back",
        metadata: [
          "from": "\(group.origin)", "files": "\(group.count)", "oldest": "\(group.oldest.rfc3339)",
          "name": "\(group.name)", "folder": "\(path)",
        ])
    }
    return claims.groups.reduce(0) { $0 + $1.group.count }
  }

  private func work(_ rooms: Rooms, _ report: (Progress) -> Void) async throws(StorageError) -> Bool {
    var total = WorkSummary()
    var leftAlone = 0
    while true {
      let isStored = StopSignal()
      // If the webhook accepts nothing, what is stored later may still show that it was about an event.
      async let forwarding: Bool? = rooms.forwarder?.drain { !isStored.isOn }
      let round = try await store(rooms, isStored)
      total += round
      leftAlone = round.leftAlone
      report(Progress(done: total.drops, waiting: round.unsettled))
      _ = await forwarding
      guard round.unsettled > 0 || round.drops > 0 else { break }
      guard round.unsettled > 0 else { continue }
      // Files that are still settling are looked at often: nobody has to wait longer than necessary.
      guard (try? await clock.sleep(for: .milliseconds(100))) != nil else { break }
    }
    try await tidyReports(rooms)
    await logWhatIsLeft(rooms)
    let claimed = try logWhatIsClaimed()
    let movedAside = await rooms.forwarder?.movedAside ?? 0
    let pending = rooms.forwarder == nil ? 0 : try await rooms.store.pending().count + rooms.store.missing()
    // Whatever has put a file there: an inbox, the forwarding, a claim whose inbox no longer exists, a copy that was
    // superseded.
    let setAside = rooms.store.folders.retry.arrivals.value + rooms.store.folders.failed.arrivals.value
    let isDone = total.retried + total.failed + movedAside + setAside + leftAlone + claimed + pending == 0
    var metadata = total.metadata
    metadata["setAside"] = "\(setAside)"
    metadata["leftAlone"] = "\(leftAlone)"
    metadata["notForwarded"] = "\(movedAside + pending)"
    logger.notice("done", metadata: metadata)
    return isDone
  }
}
