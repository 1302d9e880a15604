internal import Concurrency
package import EventStore
package import Logging
package import Time

/// Sends what is pending: full batches at once, the rest at the schedule's ticks.
///
/// It carries out what the state machines decide (`BatchDelivery`, `Lifecycle`) and makes no decisions about answers
/// itself.
package actor Forwarder {
  nonisolated let options: ForwardingOptions
  nonisolated let outbox: any Outbox
  nonisolated let exchange: any HTTPExchange
  nonisolated let clock: any WallClock
  nonisolated let logger: Logger
  private nonisolated let random: @Sendable () -> Double
  /// Raised on any change that somebody may wait for: something stored, a tick, the circuit, a stop.
  nonisolated let changed = Signal()
  /// Raised when something may have become pending.
  private nonisolated let stored = Signal()

  var lifecycle: Lifecycle
  var circuit: Circuit { lifecycle.circuit }
  var counts = ForwardingCounts()
  let meter = ForwardMeter()
  /// How many files were moved to `retry/` and `failed/`.
  package internal(set) var movedAside = 0
  var lastSuccess: Timestamp?
  var lastTrouble: (trouble: Trouble, at: Timestamp)?
  /// Whether a partial batch may be sent.
  private var isDue = false
  /// When that is next the case.
  private var nextTick: Timestamp?
  private(set) var isStopping = false
  /// Whether what is under way is given up as well.
  private var isCancelled = false
  /// Whether it ends instead of waiting.
  private(set) var isDraining = false
  /// What the store fails to do.
  var storeFailures: Set<String> = []
  /// When the next probe is due, by the time of day.
  var nextProbe: Timestamp?
  /// When a batch that was not accepted is sent again, by the time of day; nil while there is none.
  var nextAttempt: Timestamp?
  /// What the next process will find.
  var keptMemory = ForwardingMemory()
  /// How many batches are being sent.
  ///
  /// At most `concurrency`; a batch that was answered in full no longer counts while the store records it.
  var sending = 0
  /// Whether it was reported that the webhook does not recover by itself.
  var isAlarmLogged = false
  private var hasDrained = false
  /// What a drain has given up and not set aside yet: before that it tries single events, which may show whose fault it
  /// is.
  var heldBack: [BatchDelivery.Failure] = []
  /// How often all pauses have been ended.
  private(set) var flushes = 0

  /// - Parameters:
  ///   - options: How to send.
  ///   - outbox: What to send.
  ///   - exchange: The connection.
  ///   - clock: What time it is.
  ///   - logger: What is reported to the operator.
  ///   - random: Numbers between 0 and 1.
  package init(
    _ options: ForwardingOptions, outbox: any Outbox, exchange: any HTTPExchange, clock: any WallClock, logger: Logger,
    random: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
  ) {
    self.options = options
    self.outbox = outbox
    self.exchange = exchange
    self.clock = clock
    self.logger = logger
    self.random = random
    lifecycle = Lifecycle(intervals: options.circuit)
  }

  /// Forwards the events of a store, over libcurl.
  package init(_ options: ForwardingOptions, store: RecordStore, clock: any WallClock, logger: Logger) {
    self.init(options, outbox: store, exchange: CurlClient(options), clock: clock, logger: logger)
  }

  /// The name under which the circuit's state is kept for `status`.
  ///
  /// Its value is the text of a `CircuitNote`.
  package static let circuitNote = "circuit"

  /// The name under which the next process finds what it needs to know: the text of a `ForwardingMemory`.
  package static let memoryNote = "forwarding"

  /// Signals that something may have become pending.
  package nonisolated func notify() {
    stored.raise()
    changed.raise()
  }

  /// Stops sending: `run` and `drain` return once what is under way has ended.
  package func stop() {
    isStopping = true
    changed.raise()
  }

  /// Also gives up what is under way; that costs no attempt, and its events stay pending.
  package func cancel() {
    isCancelled = true
    stop()
  }

  /// Ends every pause: the next probe, attempt and batch are due now.
  package func flush() {
    let now = clock.uptime()
    lifecycle.hasten(at: now)
    noteNextProbe(at: now)
    isDue = true
    flushes += 1
    changed.raise()
  }

  package func status() -> ForwardingStatus {
    let silence = circuit.silence(at: clock.uptime())
    return ForwardingStatus(
      interruption: circuit.opening.map {
        ForwardingStatus.Interruption(
          trouble: $0.trouble, since: $0.since, nextProbe: nextProbe, mendsItself: $0.mendsItself)
      },
      silentUntil: silence > .zero ? clock.now() + silence : nil,
      nextAttempt: nextAttempt, nextTick: nextTick, counts: counts, lastSuccess: lastSuccess, lastTrouble: lastTrouble,
      isStoreFailing: !storeFailures.isEmpty)
  }

  /// Runs until it is stopped, or its task is cancelled.
  package func run() async {
    // What was left from before need not wait for a tick.
    isDue = true
    await recall()
    await takeBack()
    await withTaskGroup(of: Ending.self) { group in
      group.addTask {
        await self.tick()
        return .ticks
      }
      if let linger = options.linger {
        group.addTask {
          await self.followStoring(after: linger)
          return .ticks
        }
      }
      await work(in: &group) { await self.work() }
    }
  }

  /// Sends all that can be sent now, without waiting for ticks: full batches while more is being stored, then the rest.
  ///
  /// If the circuit opens, other single events are tried at once: if one goes through, what is at fault is narrowed
  /// down. If none does, or if nobody is listening, the rest stays pending.
  ///
  /// - Parameter isMoreComing: Whether more is being stored; a `notify` follows when that is over.
  /// - Returns: Whether nothing was left that could be sent.
  package func drain(while isMoreComing: @escaping @Sendable () -> Bool = { false }) async -> Bool {
    isDraining = true
    defer { isDraining = false }
    if !hasDrained {
      await recall()
      // What is set aside from here on waits for the clock of `retry/`.
      await takeBack()
    }
    hasDrained = true
    await withTaskGroup(of: Ending.self) { group in
      await work(in: &group) { await self.workThrough(while: isMoreComing) }
    }
    _ = await setAside(heldBack)
    heldBack = []
    return circuit.opening == nil && storeFailures.isEmpty && !isSilenced && !isStopping
  }

  /// Whether the webhook asks for a pause longer than our waits between attempts: too long to wait for.
  var isSilenced: Bool { circuit.silence(at: clock.uptime()) > options.backoff.maximum }

  private enum Ending {
    case worker, ticks, cancellation
  }

  /// Starts the workers and waits for them; cancels them on request.
  private func work(in group: inout TaskGroup<Ending>, _ body: @escaping @Sendable () async -> Void) async {
    // Those that send, and some whose answers are being recorded: the disk takes several at a time.
    let count = max(options.concurrency, 1) + 4
    for _ in 0..<count {
      group.addTask {
        await body()
        return .worker
      }
    }
    group.addTask {
      await self.waitForCancellation()
      return .cancellation
    }
    var workers = count
    while workers > 0, let ending = await group.next() {
      switch ending {
      case .worker: workers -= 1
      case .cancellation: group.cancelAll()
      case .ticks: break
      }
    }
    group.cancelAll()
  }

  private func waitForCancellation() async {
    while !isCancelled, !Task.isCancelled {
      await changed.wait(after: changed.generation, clock: clock)
    }
  }

  // MARK: Workers

  private func work() async {
    while !isStopping, !Task.isCancelled {
      let seen = changed.generation
      guard circuit.opening != nil else {
        if await sendNext({ await self.nextBatch() }) != .sent, !isStopping {
          await changed.wait(after: seen, clock: clock)
        }
        continue
      }
      // Until what was sent before is given back, a probe would find only later events.
      guard sending == 0 else {
        await changed.wait(after: seen, clock: clock)
        continue
      }
      let now = clock.uptime()
      switch lifecycle.admit(at: now) {
      case .send: break
      case .wait(let duration):
        if await isAnotherWaiting() {
          lifecycle.turnToOthers(at: now)
        } else {
          await changed.wait(after: seen, until: duration.map { now + $0 }, clock: clock)
        }
      case .probe(let probe):
        nextProbe = nil
        if await !send(probe), !isStopping { await changed.wait(after: seen, clock: clock) }
      }
    }
  }

  private func workThrough(while isMoreComing: @Sendable () -> Bool) async {
    while !isStopping, !Task.isCancelled, !isSilenced, storeFailures.isEmpty {
      let seen = changed.generation
      guard circuit.opening == nil else {
        // Until what was sent before is given back, a probe would not find it.
        if sending > 0 {
          await changed.wait(after: seen, clock: clock)
        } else if let probe = lifecycle.admitAtOnce() {
          nextProbe = nil
          if await !send(probe, isAtOnce: true) { return changed.raise() }
        } else {
          return changed.raise()
        }
        continue
      }
      let isLast = !isMoreComing()
      switch await sendNext({ await self.compose(onlyFull: !isLast) }) {
      case .sent: break
      case .nothing where isLast:
        changed.raise()
        return
      case .nothing, .busy: await changed.wait(after: seen, clock: clock)
      }
    }
  }

  private enum Turn {
    case sent
    /// There was no batch.
    case nothing
    /// As many are being sent as allowed.
    case busy
  }

  private func sendNext(_ next: () async -> PendingBatch?) async -> Turn {
    let most = lifecycle.isDoubtful(at: clock.uptime()) ? 1 : max(options.concurrency, 1)
    guard sending < most else { return .busy }
    sending += 1
    guard let batch = await next() else {
      // Others waiting to send would find nothing either.
      sending -= 1
      return .nothing
    }
    await deliver(batch)
    return .sent
  }

  private func nextBatch() async -> PendingBatch? {
    if let batch = await compose(onlyFull: true) { return batch }
    // A tick lets one partial batch go: what comes in meanwhile waits for the next.
    guard isDue else { return nil }
    isDue = false
    return await compose(onlyFull: false)
  }

  func compose(onlyFull: Bool) async -> PendingBatch? {
    let maxEvents = lifecycle.events(of: options.eventsPerRequest)
    return await withStore("read") {
      try await outbox.nextBatch(maxEvents: maxEvents, maxBytes: options.recordBytesPerRequest, onlyFull: onlyFull)
    } ?? nil
  }

  private func tick() async {
    var last = clock.now()
    while !isStopping, !Task.isCancelled {
      let now = clock.now()
      // If the clock was set back, we must not wait for the time that it showed before.
      last = min(last, now)
      nextTick = options.schedule.next(after: last, in: options.timeZone)
      guard let next = nextTick else { return }
      guard next <= now else {
        try? await clock.sleep(for: min(next - now, .seconds(60)))
        continue
      }
      last = now
      isDue = true
      changed.raise()
    }
  }

  /// Sends what was stored soon, together with what is stored meanwhile; while a request is under way, more of it
  /// gathers.
  private func followStoring(after linger: Duration) async {
    var seen = 0
    while !isStopping, !Task.isCancelled {
      await stored.wait(after: seen)
      guard !isStopping, !Task.isCancelled else { return }
      try? await clock.sleep(for: linger)
      seen = stored.generation
      isDue = true
      changed.raise()
    }
  }

  nonisolated func randomNumber() -> Double { random() }
}
