package import Catalog
internal import DurableFiles
internal import EventStore
internal import Forwarding
package import Logging
package import Operations
internal import ServiceLifecycle
internal import Synchronization
internal import SystemPackage
package import Time

/// Tells what is under way to come to an end.
package final class StopSignal: Sendable {
  private let state = Mutex(false)
  let wakeup: Wakeup

  init(wakeup: Wakeup = Wakeup()) { self.wakeup = wakeup }

  var isOn: Bool { state.withLock { $0 } }

  func stop() {
    state.withLock { $0 = true }
    wakeup.ring()
  }
}

/// Makes services look now instead of when they are due.
package final class Nudge: Sendable {
  private struct State {
    var generation = 0
    var wakeups: [Wakeup] = []
  }

  private let state = Mutex(State())

  package init() {}

  /// How often it has been given.
  var generation: Int { state.withLock { $0.generation } }

  /// Gives it to everyone waiting.
  package func give() {
    let wakeups = state.withLock { state in
      state.generation += 1
      return state.wakeups
    }
    for wakeup in wakeups { wakeup.ring() }
  }

  fileprivate func register(_ wakeup: Wakeup) { state.withLock { $0.wakeups.append(wakeup) } }
}

/// Works on something by a schedule: at once, then whenever it is due.
package struct PollingService: Service {
  /// What its work throws: a failure of folders or catalog, after which it is tried again following a pause.
  package typealias Failure = StorageError

  /// What it works on, for the log.
  let name: String
  let schedule: Schedule
  let timeZone: TimeZoneRules
  let clock: any WallClock
  let logger: Logger
  /// Whether it starts at once, or waits until it is first due.
  var beginsAtOnce: Bool
  /// Where it reports when it is due.
  let dueTimes: DueTimes
  /// Where it reports its state.
  let health: ServiceHealth
  /// What makes it due at once.
  var nudge: Nudge
  /// What makes it due ahead of its schedule; nil if nothing does.
  package var early: EarlyLooks?
  let work: @Sendable (StopSignal) async throws(Failure) -> Void

  package init(
    name: String, schedule: Schedule, timeZone: TimeZoneRules, clock: any WallClock, logger: Logger,
    beginsAtOnce: Bool = true, dueTimes: DueTimes = DueTimes(), health: ServiceHealth = ServiceHealth(),
    nudge: Nudge = Nudge(),
    work: @escaping @Sendable (StopSignal) async throws(Failure) -> Void
  ) {
    self.name = name
    self.schedule = schedule
    self.timeZone = timeZone
    self.clock = clock
    self.logger = logger
    self.beginsAtOnce = beginsAtOnce
    self.dueTimes = dueTimes
    self.health = health
    self.nudge = nudge
    self.work = work
  }

  package func run() async throws {
    let stop = early.map { StopSignal(wakeup: $0.wakeup) } ?? StopSignal()
    nudge.register(stop.wakeup)
    await withGracefulShutdownHandler {
      await withTaskCancellationHandler {
        await loop(stop)
      } onCancel: {
        stop.stop()
      }
    } onGracefulShutdown: {
      stop.stop()
    }
  }

  private func loop(_ stop: StopSignal) async {
    var setback = Setback()
    var isFleetAway = false
    var last = beginsAtOnce ? nil : clock.now()
    /// After a setback, by the monotonic clock.
    var resumption: Duration?
    var nudges = nudge.generation
    while !stop.isOn {
      if nudge.generation != nudges {
        nudges = nudge.generation
        (last, resumption) = (nil, nil)
      }
      let now = clock.now()
      // If the clock was set back, we must not wait for the time that it showed before.
      last = last.map { min($0, now) }
      let next = last.map { schedule.next(after: $0, in: timeZone) } ?? now
      var pause = resumption.map { $0 - clock.uptime() } ?? next.map { $0 - now }
      dueTimes.set(pause.map { now + max($0, .zero) }, for: name)
      if resumption == nil, let early = early?.due {
        let rest = early - clock.uptime()
        pause = min(pause ?? rest, rest)
      }
      if let pause, pause <= .zero {
        early?.begin()
        await look(stop, &setback, &isFleetAway)
        last = clock.now()
        // A database comes back for all who wait for it at the same time.
        let pause = isFleetAway ? min(setback.pause, .seconds(1)) : setback.pause
        resumption = setback.isOngoing ? clock.uptime() + pause : nil
      } else {
        // If the clock is set, that is noticed within the minute.
        await stop.wakeup.wait(for: min(pause ?? .seconds(60), .seconds(60)), by: clock)
      }
    }
  }

  private func look(_ stop: StopSignal, _ setback: inout Setback, _ isFleetAway: inout Bool) async {
    health.sign(name, by: clock)
    do throws(StorageError) {
      try await work(stop)
      health.succeed(name, at: clock.now())
      if setback.succeed() { logger.notice("it goes on", metadata: ["what": "\(name)"]) }
      isFleetAway = false
    } catch {
      if case .fleet = error { isFleetAway = true } else { isFleetAway = false }
      let isNew = health.fail(
        name, "\(error)", advice: error.adviceMessage, needsPerson: error.needsPerson, at: clock.now())
      // The same failure is reported once; another reason is news.
      guard setback.fail() || isNew else { return }
      logger.error(
        "it cannot go on and is tried again; nothing is lost",
        metadata: ["what": "\(name)", "error": "\(error)", "advice": "\(error.advice)"])
    }
  }
}

extension StorageError {
  /// Whether it does not end by itself, as with a network share that is away.
  fileprivate var needsPerson: Bool {
    if case .fleet(let failure) = self { return failure.needsPerson }
    guard case .files(let failure) = self else { return true }
    switch failure.errno {
    case .noSpace, .diskQuotaExceeded, .readOnlyFileSystem, .permissionDenied, .notPermitted, .noSuchFileOrDirectory,
      .notDirectory:
      return true
    default: return false
    }
  }
}

/// Forwards until the end.
struct ForwardingService: Service {
  let forwarder: Forwarder

  func run() async throws {
    await withGracefulShutdownHandler {
      await withTaskCancellationHandler {
        await forwarder.run()
      } onCancel: {
        Task { await forwarder.cancel() }
      }
    } onGracefulShutdown: {
      Task { await forwarder.stop() }
    }
  }
}
