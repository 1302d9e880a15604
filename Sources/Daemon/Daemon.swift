internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Forwarding
internal import Glibc
internal import Intake
package import Logging
package import Operations
internal import ServiceLifecycle
package import Settings
internal import Synchronization
internal import SystemPackage
package import Time

/// Assembles the rooms, and runs them until a signal stops it.
package struct Daemon: Sendable {
  private let file: ConfigurationFile
  private let clock: any WallClock
  private let metrics: MetricsRegistry
  private let startedAt: Timestamp
  private let signals: ProcessSignals
  private let restart = Restart()
  private let makeLogger: @Sendable (Configuration) -> Logger

  /// How long after a rebuild the catalog is not rebuilt again automatically.
  private static let rebuildPause = Duration.seconds(600)

  package init(
    _ file: ConfigurationFile, clock: any WallClock = SystemClock(), metrics: MetricsRegistry = MetricsRegistry(),
    signals: ProcessSignals = .own,
    makeLogger: @escaping @Sendable (Configuration) -> Logger
  ) {
    self.file = file
    self.clock = clock
    self.metrics = metrics
    self.signals = signals
    startedAt = clock.now()
    self.makeLogger = makeLogger
  }

  /// Runs until SIGTERM or SIGINT; on SIGHUP it reads the configuration again.
  ///
  /// - Throws: `DaemonError` if it cannot start.
  package func run() async throws(DaemonError) {
    signals.listen()
    await restart.prepare()
    var configuration = try loadFirst()
    var lock: (path: FilePath, lock: FileLock)?
    var damagedAt: Duration?
    // What it has worked by. From then on, folders that cannot be opened are waited for: whoever sends events relies on it.
    var proven: Configuration?
    var isProven = false
    var setback = Setback()
    while true {
      let logger = makeLogger(configuration)
      guard !signals.isToStop else {
        logger.notice("stopped")
        return
      }
      do throws(DaemonError) {
        if lock?.path != configuration.store.layout.state {
          switch try await Standby(configuration, clock: clock, signals: signals, logger: logger).takeLock() {
          case .taken(let taken): lock = (configuration.store.layout.state, taken)
          case .isToReload:
            guard signals.takeReload() else { continue }
            configuration = Reload.load(file, logger) ?? configuration
            continue
          case .isToStop:
            logger.notice("stopped")
            return
          }
        }
        let next = try await runGeneration(configuration, logger, damagedAt)
        (proven, isProven) = (configuration, true)
        _ = setback.succeed()
        guard let next else { break }
        if next.isCatalogDamaged { damagedAt = clock.uptime() }
        isProven = next.replacedFolder != nil || next.isCatalogDamaged
        configuration = next.configuration
        // The lock of a folder that has been moved away keeps nobody out.
        if next.replacedFolder == configuration.store.layout.state { lock = nil }
      } catch {
        guard let proven else { throw error }
        if !isProven {
          logger.error(
            "the new configuration cannot be worked by; the one before is kept", metadata: ["error": "\(error)"])
          (configuration, isProven) = (proven, true)
        } else {
          if setback.fail() {
            logger.error(
              "the folders cannot be opened and are tried again; nothing is lost", metadata: ["error": "\(error)"])
          }
          if await isToReload(within: setback.pause), let changed = Reload.load(file, logger) {
            (configuration, isProven) = (changed, false)
          }
        }
      }
    }
    withExtendedLifetime(lock) {}
  }

  /// Waits, unless a stop or a reload is wanted.
  ///
  /// - Returns: Whether it is a reload.
  private func isToReload(within pause: Duration) async -> Bool {
    let end = clock.uptime() + pause
    while clock.uptime() < end, !signals.isToStop, !signals.isToReload {
      ServiceManager.current?.reportAlive()
      guard (try? await clock.sleep(for: .milliseconds(250))) != nil else { return false }
    }
    return signals.takeReload()
  }

  private func loadFirst() throws(DaemonError) -> Configuration {
    do {
      return try file.load()
    } catch {
      throw .configuration(error)
    }
  }

  // MARK: One configuration's life

  /// Runs the services of one configuration.
  ///
  /// - Returns: What to continue with; nil to stop.
  private func runGeneration(
    _ configuration: Configuration, _ logger: Logger, _ damagedAt: Duration?
  ) async throws(DaemonError) -> Reload.Next? {
    let running = RunningParts()
    let lastResort = LastResort(
      after: configuration.shutdownGrace, running: running, restart: restart, logger: logger)
    defer { lastResort.disarm() }
    // Also while the store is being opened, which can take long: that may be interrupted at any point.
    signals.onStop { lastResort.arm(.exit) }
    defer { signals.onStop(nil) }
    let rooms = try running.during("opening the store") { () throws(DaemonError) in
      try ServiceManager.whileAlive { () throws(DaemonError) in
        try Rooms(configuration, clock: clock, logger: logger)
      }
    }
    let silent = try await rooms.takeUpOrphans()
    guard !signals.isToStop else { return await stop(rooms, running, logger) }
    await rooms.noteMissingWebhook()
    await rooms.noteBeginning(configuration)
    logStart(configuration, logger)
    ServiceManager.current?.reportReady("working")
    let reload = Reload(file: file, signals: signals, logger: logger)
    rooms.store.folders.whenReplaced { path in
      logger.warning(
        "another folder lies in the place of the one that was open; it is opened and compared with the catalog",
        metadata: ["folder": "\(path)"])
      reload.found.set(Reload.Next(configuration: configuration, replacedFolder: path))
    }
    rooms.store.whenCatalogDamaged {
      // If the disk damages it again at once, rebuilding it for ever does not help.
      if let damagedAt, clock.uptime() - damagedAt < Self.rebuildPause { return }
      reload.found.set(Reload.Next(configuration: configuration, isCatalogDamaged: true))
    }
    var services: [any Service] = rooms.services(configuration, running, areAllTakenUp: silent.isEmpty)
    let board = StatusBoard(
      configuration, store: rooms.store, forwarder: rooms.forwarder, clock: clock, dueTimes: rooms.dueTimes,
      health: rooms.health, claims: Claims(configuration))
    services.append(
      running.tracking("troubles", TroubleService(configuration: configuration, health: rooms.health, clock: clock)))
    let channels = configuration.notificationChannels(clock: clock)
    if !channels.isEmpty {
      services.append(
        running.tracking(
          "notify",
          Notifier(
            board: board, channels: channels, store: rooms.store, after: configuration.notify.after,
            title: AdminServer.title(of: configuration), zone: configuration.timezone,
            language: configuration.language, clock: clock, logger: logger)))
    }
    if let listen = configuration.admin.listen {
      services.append(
        running.tracking(
          "admin",
          AdminServer(
            listen, configuration, from: file.path, board: board, registry: metrics, version: Version.text,
            startedAt: startedAt,
            actions: AdminActions(
              configuration.store.layout, inboxes: configuration.reprocessingInboxes,
              logger: logger.of(.admin, configuration.log),
              flush: { await rooms.flush() }),
            logger: logger.of(.admin, configuration.log))))
    }
    services.append(reload)
    services.append(StopWatch(lastResort: lastResort, isToReload: { reload.found.next != nil }))
    if let signs = ServiceManager.current?.signsOfLife({ await rooms.giveSignOfLife() }) { services.append(signs) }
    var settings = ServiceGroupConfiguration(services: services, logger: logger.quiet)
    settings.maximumGracefulShutdownDuration = configuration.shutdownGrace
    let group = ServiceGroup(configuration: settings)
    signals.onStop {
      lastResort.arm(.exit)
      Task { await group.triggerGracefulShutdown() }
    }
    reload.found.onFound { Task { await group.triggerGracefulShutdown() } }
    do {
      try await group.run()
    } catch {
      // The grace period has ended, and the group has cancelled the remaining work. The next start continues with every
      // claimed drop.
      logger.warning("not everything was finished in time", metadata: ["error": "\(error)"])
    }
    if let next = reload.found.next, !signals.isToStop {
      await running.during("closing the store") { await rooms.store.close() }
      // A stop that came meanwhile is seen before the next configuration is used.
      return next
    }
    return await stop(rooms, running, logger)
  }

  /// Ends the work in order.
  private func stop(_ rooms: Rooms, _ running: RunningParts, _ logger: Logger) async -> Reload.Next? {
    ServiceManager.current?.reportStopping()
    await running.during("closing the store") { await rooms.store.close() }
    logger.notice("stopped")
    return nil
  }

  private func logStart(_ configuration: Configuration, _ logger: Logger) {
    logger.notice(
      "started",
      metadata: [
        "version": "\(Version.text)", "config": "\(file.name)",
        "inboxes": "\(configuration.inboxes.map { $0.path.string }.joined(separator: ", "))",
        "processed": "\(configuration.store.layout.processed)",
        "webhook": "\(configuration.forward.shownURL ?? "none: events are stored and wait as pending")",
      ])
  }
}

extension Logger {
  /// The lifecycle library reports on each service; only failures are of use to an operator.
  fileprivate var quiet: Logger {
    var logger = self
    logger.logLevel = max(logLevel, .error)
    return logger
  }
}

/// Starts to count the time of a stop at its beginning.
private struct StopWatch: Service {
  let lastResort: LastResort
  let isToReload: @Sendable () -> Bool

  func run() async throws {
    try? await gracefulShutdown()
    lastResort.arm(isToReload() ? .startAnew : .exit)
  }
}
