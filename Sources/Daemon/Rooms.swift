internal import Catalog
internal import Concurrency
internal import DurableFiles
internal import EventStore
internal import Events
internal import Fleet
internal import Forwarding
internal import Intake
internal import Logging
internal import Maintenance
internal import Operations
internal import ServiceLifecycle
internal import Settings
internal import Time

/// The rooms of one configuration, opened and connected.
struct Rooms: Sendable {
  let store: RecordStore
  let inboxes: [InboxDoor]
  let retry: RetryQueue
  let formerInboxes: FormerInboxes
  let forwarder: Forwarder?
  let dueTimes = DueTimes()
  let health = ServiceHealth()
  let nudge = Nudge()
  private let clock: any WallClock
  private let logger: Logger

  init(_ configuration: Configuration, clock: any WallClock, logger: Logger) throws(DaemonError) {
    self.clock = clock
    self.logger = logger
    let log = configuration.log
    do {
      let store = try RecordStore(
        configuration.store, clock: clock, logger: logger.of(.store, log), ledger: configuration.ledger(clock))
      let options = configuration.inboxes.map(\.options)
      let inboxes = configuration.inboxes.map { settings in
        // A schedule that says when to look is kept.
        let early = settings.schedule.isFrequent ? EarlyLooks(settle: settings.options.settle) : nil
        return InboxDoor(
          settings.options, store: store, clock: clock, logger: logger.of(.inbox, log), early: early)
      }
      retry = try RetryQueue(
        inboxes: options, settle: options.map(\.settle).max() ?? .zero, store: store, clock: clock,
        logger: logger.of(.retry, log))
      formerInboxes = FormerInboxes(ClaimOrigins(store, logger: logger.of(.inbox, log)), besides: options)
      forwarder = configuration.forwarding(userAgent: Version.userAgent).map {
        Forwarder($0, store: store, clock: clock, logger: logger.of(.forward, log))
      }
      if let forwarder { store.whenStored { [weak forwarder] in forwarder?.notify() } }
      self.store = store
      self.inboxes = inboxes
    } catch {
      throw .store(error)
    }
  }

  /// Takes up what was claimed from folders that are no longer inboxes.
  ///
  /// - Returns: Which of these folders do not answer.
  func takeUpOrphans() async throws(DaemonError) -> [FileFailure] {
    do {
      return try await formerInboxes.takeUp()
    } catch {
      throw .store(error)
    }
  }

  /// Leaves a note for `status` if there is no webhook: the state of an earlier one no longer matters.
  func noteMissingWebhook() async {
    guard forwarder == nil else { return }
    try? await store.setNote(Forwarder.circuitNote, CircuitNote(.none).text)
  }

  /// Notes which inboxes are watched, and the time.
  func noteBeginning(_ configuration: Configuration) async {
    // Only reports depend on it, and it is noted again at the next start.
    try? await store.noteInboxes(configuration.inboxes.map(\.name))
    try? await store.observeClock()
  }

  /// Returns once store and forwarder have answered, each on the threads that do its work.
  func giveSignOfLife() async {
    await store.answer()
    _ = await forwarder?.status()
  }

  /// Ends all pauses: looks, retries and sends now.
  func flush() async {
    nudge.give()
    await forwarder?.flush()
  }

  /// What runs until the end.
  ///
  /// - Parameters:
  ///   - configuration: The configuration.
  ///   - running: Lists the services while they run.
  ///   - areAllTakenUp: Whether nothing is left of what was claimed from folders that are no longer inboxes.
  /// - Returns: The services.
  func services(
    _ configuration: Configuration, _ running: RunningParts, areAllTakenUp: Bool
  ) -> [any Service] {
    var services: [any Service] = []
    func add(_ service: PollingService) { services.append(running.tracking(service.name, service)) }
    for (inbox, settings) in zip(inboxes, configuration.inboxes) {
      let (name, health, clock) = ("inbox \(settings.name)", health, clock)
      let claims = Claims(configuration)
      let probe = InboxProbe(by: clock) { () throws(FileFailure) in try claims.entries(inInbox: settings.name) }
      let early = inbox.early
      var looking = polling(name, .inbox, settings.schedule, configuration) { stop throws(StorageError) in
        let opened = try await inbox.open()
        let done = try await opened.work(until: {
          // Asked between portions and in every long loop: so it is a sign that the file system responds.
          health.sign(name, by: clock)
          return stop.isOn
        })
        early?.end(settlesAt: done.settlesAt, lookTime: done.lookTime, at: clock.uptime())
        if done.drops > 0 { health.arrive(name, at: clock.now()) }
        let left = opened.waiting
        guard left.lookedAt == nil else {
          return health.setWaiting(left.count, left.reported, claimed: left.claimed?.group, for: name)
        }
        do throws(FileFailure) {
          health.setWaiting(try await probe.count().waiting, [], for: name)
        } catch {
          throw .files(error)
        }
      }
      looking.early = early
      add(looking)
    }
    add(
      polling("retry", .retry, configuration.retry.schedule, configuration) {
        [retry] stop throws(StorageError) in
        _ = try await retry.work(until: { stop.isOn })
      })
    if !areAllTakenUp {
      add(
        polling(ServiceHealth.formerInboxes, .inbox, Schedule(every: .seconds(60)), configuration) {
          [formerInboxes] _ throws(StorageError) in
          if let silent = try await formerInboxes.takeUp().first { throw .files(silent) }
        })
    }
    if configuration.store.isInFleet {
      add(
        polling("fleet", .store, Schedule(every: .seconds(2)), configuration) {
          [store, nudge] stop throws(StorageError) in
          let wasAway = store.fleetPresence.trouble != nil
          try await store.keepUpWithFleet()
          // What waits for it need not also wait for its own schedule.
          if wasAway { nudge.give() }
        })
    }
    if configuration.store.keep != nil {
      let archive = ArchiveCommand(configuration.retention)
      let own = logger.of(.retention, configuration.log)
      var retention = polling("retention", .retention, configuration.retention.schedule, configuration) {
        [health, clock] stop throws(StorageError) in
        log(
          try await Pruning.prune(
            store, archive: archive, configuration.store.layout.processed, isConfirmed: false, logger: own,
            until: { stop.isOn },
            whenLate: { date in
              health.fail(
                "retention", "the command of retention.archive has not ended (\(date))",
                advice: Message(StatusMessage.lookAtArchive), needsPerson: false, at: clock.now())
            }), own)
      }
      retention.beginsAtOnce = false
      retention.nudge = Nudge()
      add(retention)
    }
    if let forwarder { services.append(running.tracking("forward", ForwardingService(forwarder: forwarder))) }
    services.append(ClockService(store: store, clock: clock))
    services.append(
      FlushService(
        state: configuration.store.layout.state, clock: clock, logger: logger.of(.store, configuration.log),
        flush: { await flush() }))
    return services
  }

  private func polling(
    _ name: String, _ part: LogSettings.Part, _ schedule: Schedule, _ configuration: Configuration,
    _ work: @escaping @Sendable (StopSignal) async throws(StorageError) -> Void
  ) -> PollingService {
    PollingService(
      name: name, schedule: schedule, timeZone: configuration.timezone, clock: clock,
      logger: logger.of(part, configuration.log), dueTimes: dueTimes, health: health, nudge: nudge, work: work)
  }

  private func log(_ report: PruneReport, _ logger: Logger) {
    if let refusal = report.refusal {
      logger.warning("nothing was pruned", metadata: ["error": "\(refusal)"])
    }
    if !report.pruned.isEmpty {
      logger.notice(
        "partitions were pruned",
        metadata: ["partitions": "\(report.pruned.map(\.description).joined(separator: ", "))"])
    }
    for (date, why) in report.reasonsToStay {
      logger.warning(
        "a partition is old enough to go, and stays",
        metadata: [
          "partition": "\(date)", "reason": "\(why.text(in: .en))", "advice": "\(why.advice?.text(in: .en) ?? "")",
        ])
    }
  }
}

/// An inbox that is opened when first worked on: one that cannot be opened does not block the others, and is tried
/// again.
actor InboxDoor {
  private let queue = SerialQueue(name: "opening")
  nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

  /// What makes it due ahead of its schedule; nil if nothing does.
  nonisolated let early: EarlyLooks?
  private let options: InboxOptions
  private let store: RecordStore
  private let clock: any WallClock
  private let logger: Logger
  private var inbox: Inbox?

  init(_ options: InboxOptions, store: RecordStore, clock: any WallClock, logger: Logger, early: EarlyLooks?) {
    self.early = early
    self.options = options
    self.store = store
    self.clock = clock
    self.logger = logger
  }

  /// The inbox, opened; its folder is created if it is missing.
  ///
  /// - Throws: `StorageError`.
  func open() throws(StorageError) -> Inbox {
    if let inbox { return inbox }
    var arrived: (@Sendable () -> Void)?
    if let early { arrived = { early.arrive() } }
    let opened = try Inbox(options, store: store, clock: clock, logger: logger, arrived: arrived)
    inbox = opened
    return opened
  }
}
