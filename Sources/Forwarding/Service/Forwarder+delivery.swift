internal import Catalog
internal import Concurrency
internal import EventStore
internal import Events
internal import Failures
internal import Logging
internal import Time

extension Forwarder {
  /// Sends a batch until all of it is acknowledged or has failed; gives it back if it is stopped before, or if the
  /// circuit opens.
  ///
  /// The next one may be sent once this one has been answered in full.
  func deliver(_ batch: PendingBatch, probe: Probe? = nil) async {
    var isSending = true
    func makeRoom() {
      guard isSending else { return }
      isSending = false
      sending -= 1
      changed.raise()
    }
    var delivery = lifecycle.delivery(of: batch.events, options)
    var probe = probe
    var isNoted = true
    // Whether the next event in order was sent alone, to show whether any but the refused go through.
    var isNextAlone = false
    while let events = delivery.next, !isStopping, !Task.isCancelled {
      let flushed = flushes
      if probe == nil, await !isAdmitted() { break }
      guard let attempt = await attempt(at: events, probe, &delivery) else { break }
      probe = nil
      if delivery.next == nil, attempt.isAllTaken { makeRoom() }
      isNoted = await settle(attempt)
      guard isNoted, !delivery.isCutShort, circuit.opening == nil else { break }
      if lifecycle.wantsContrast, !isNextAlone, delivery.isolateNext() {
        isNextAlone = true
      } else if delivery.wantsContrast || lifecycle.wantsContrast {
        isNoted = await contrast(with: attempt, isNextRefused: isNextAlone, &delivery)
        isNextAlone = false
        guard isNoted, !delivery.isCutShort, circuit.opening == nil else { break }
      } else {
        isNextAlone = false
      }
      if attempt.outcome.wait > .zero, !isStopping { await waitForNextAttempt(attempt.outcome.wait, flushed) }
    }
    if isNoted { isNoted = await setAside(delivery.giveUp()) }
    // What is given up halfway stays together, and has the same batchId when it is sent again.
    await release(batch, dissolving: delivery.next == nil && isNoted)
    makeRoom()
    changed.raise()
  }

  func release(_ batch: PendingBatch, dissolving: Bool) async {
    _ = await withStore("release a batch") { try await outbox.release(batch, dissolving: dissolving) }
  }

  /// Waits until something may be sent.
  ///
  /// - Returns: False if nothing but a probe is to be sent any more.
  private func isAdmitted() async -> Bool {
    while !isStopping, !Task.isCancelled, circuit.opening == nil {
      let seen = changed.generation
      if isDraining, isSilenced { return false }
      let now = clock.uptime()
      guard case .wait(let duration) = lifecycle.admit(at: now) else { return true }
      await changed.wait(after: seen, until: duration.map { now + $0 }, clock: clock)
    }
    return false
  }

  struct Attempt {
    var outcome: BatchDelivery.Outcome
    /// The events it held.
    var events: [PendingEvent]
    /// Whether each of these was sent by itself.
    var areAlone = false
    var batchId: String
    var status: Int
    var probe: Probe?
    var time: Duration
    /// What was wrong.
    var trouble: Trouble?

    /// Whether the webhook has accepted all that it was sent, so that nothing is left to be found out about it.
    var isAllTaken: Bool { probe == nil && outcome.acknowledged.count == events.count }
  }

  /// Sends some events once.
  ///
  /// - Returns: The outcome; nil if it was given up.
  func attempt(at events: [PendingEvent], _ probe: Probe?, _ delivery: inout BatchDelivery) async -> Attempt? {
    func abandon() -> Attempt? {
      if probe != nil {
        lifecycle.abandonProbe(at: clock.uptime())
        changed.raise()
      }
      return nil
    }
    guard let records = await withStore("read", { try await outbox.records(of: events) }) else { return abandon() }
    var present = events
    if records.contains(where: { $0 == nil }) {
      let gone = zip(events, records).filter { $0.1 == nil }.map(\.0)
      present = zip(events, records).filter { $0.1 != nil }.map(\.0)
      delivery.withdraw(Set(gone))
      guard let damaged = await withStore("forget", { try await outbox.forget(gone) }) else { return abandon() }
      movedAside += damaged
    }
    let batchId = BatchId.of(present)
    guard !present.isEmpty else {
      _ = abandon()
      return Attempt(
        outcome: BatchDelivery.Outcome(), events: [], batchId: batchId, status: 0, probe: nil, time: .zero)
    }

    let started = clock.uptime()
    var bytes = 0
    let answer: AnswerClass
    var status = 0
    var response: String?
    do throws(ExchangeFailure) {
      let request = try request(for: records.compactMap(\.self), batchId: batchId)
      bytes = request.body.count
      let received = try await exchange.send(request)
      let mask = mask(of: request, received)
      status = received.status
      answer = lifecycle.meaning(
        of: AnswerClass(
          of: received, rule: options.acknowledge, eventIds: present.map(\.eventId), now: clock.now().milliseconds,
          mask: mask), at: clock.uptime())
      response = N8NAnswer(received, mask: mask).excerpt
    } catch {
      let masked = ExchangeFailure(
        error.kind, SecretMask(options.secrets).applied(to: error.message), wasSent: error.wasSent)
      guard let failure = AnswerClass(of: masked) else { return abandon() }
      answer = lifecycle.meaning(of: failure, at: clock.uptime())
    }
    let time = clock.uptime() - started
    counts.requests += 1
    counts.bytes += bytes
    counts.exchangeTime += time
    await remember(answer, of: present, batchId: batchId, status: status, response: response)
    let earlier = delivery.failedAttempts
    let outcome = delivery.take(
      answer, response: response, isProbe: probe != nil || lifecycle.isDoubtful(at: clock.uptime()),
      isRefusing: circuit.opening?.probes.isRefusing ?? false,
      random: randomNumber())
    meter.sent(in: time, acknowledged: outcome.acknowledged.count)
    log(
      answer, outcome, batchId: batchId, events: present.count, attempt: earlier + 1, time: time, response: response)
    return Attempt(
      outcome: outcome, events: present, batchId: batchId, status: status, probe: probe, time: time,
      trouble: Fault(answer)?.trouble)
  }

  /// Records what was wrong with which event.
  ///
  /// If that fails, the events themselves are no worse off.
  private func remember(
    _ answer: AnswerClass, of events: [PendingEvent], batchId: String, status: Int, response: String?
  ) async {
    for (trouble, concerned) in answer.troubles(of: events, response: response) {
      let attempt = FailedAttempt(
        time: clock.now(), batchId: batchId, events: events.count, httpStatus: status == 0 ? nil : status,
        message: trouble.message, response: trouble.response)
      do {
        try await outbox.remember(attempt, of: concerned)
      } catch {
        logger.debug("an attempt cannot be remembered", metadata: ["batchId": "\(batchId)", "error": "\(error)"])
      }
    }
  }

  /// Carries out the consequences of an attempt: first what must be on disk, then what is sent next.
  ///
  /// - Returns: Whether the store has recorded it; if not, everything is stopping.
  func settle(_ attempt: Attempt) async -> Bool {
    let outcome = attempt.outcome
    var isNoted = true
    if !outcome.acknowledged.isEmpty {
      // The webhook has them. Until the store has recorded it, they are not sent again, however long that takes.
      let (batchId, status) = (attempt.batchId, attempt.status)
      isNoted =
        await withStore("note that events were forwarded") {
          try await outbox.acknowledge(outcome.acknowledged, batchId: batchId, status: status)
        } != nil
      if isNoted {
        counts.acknowledged += outcome.acknowledged.count
        meter.acknowledged(outcome.acknowledged, at: clock.now())
      }
      lastSuccess = clock.now()
    }
    var failed = outcome.failed
    if isDraining, case .fails(let fault) = outcome.signal, fault.kind != .unreached {
      heldBack += failed.filter { $0.kind == .undelivered }
      failed.removeAll { $0.kind == .undelivered }
    }
    if await !setAside(failed) { isNoted = false }
    let consequence = lifecycle.take(
      outcome, of: attempt.events, areAlone: attempt.areAlone, probe: attempt.probe, took: attempt.time, options,
      time: clock.now(),
      now: clock.uptime())
    if await !conclude(consequence, outcome.signal) { isNoted = false }
    return isNoted
  }

  /// Moves the files of events that did not get through.
  ///
  /// - Returns: Whether the store has done it; if not, everything is stopping.
  func setAside(_ failed: [BatchDelivery.Failure]) async -> Bool {
    guard !failed.isEmpty else { return true }
    let failures = failed.map { failure in
      ForwardFailure(
        event: failure.event, reason: failure.kind.reason, message: failure.trouble.message,
        httpStatus: failure.trouble.httpStatus, response: failure.trouble.response)
    }
    guard let moved = await withStore("set failed events aside", { try await outbox.fail(failures) }) else {
      return false
    }
    movedAside += moved.values.reduce(0, +)
    log(failures, moved)
    let refused = failed.count { $0.kind == .refused }
    counts.refused += refused
    counts.undelivered += failed.count - refused
    meter.setAside(refused: refused, undelivered: failed.count - refused)
    return true
  }

  /// Waits until a batch is sent again, and reports it.
  private func waitForNextAttempt(_ duration: Duration, _ flushed: Int) async {
    let end = clock.now() + duration
    nextAttempt = end
    await note(CircuitNote(.pausing, until: end, lastTrouble?.trouble))
    await pause(duration, since: flushed)
    if nextAttempt == end { nextAttempt = nil }
    if clock.now() < end, circuit.opening == nil { await note(CircuitNote(.closed)) }
  }

  /// Waits, until it is stopped or flushed, or until only probes are sent.
  ///
  /// - Parameters:
  ///   - duration: How long.
  ///   - flushed: How often all pauses had been ended when the reason for this one arose; nil: now.
  private func pause(_ duration: Duration, since flushed: Int? = nil) async {
    let end = clock.uptime() + duration
    let flushed = flushed ?? flushes
    while !isStopping, !Task.isCancelled, flushed == flushes, circuit.opening == nil {
      let seen = changed.generation
      guard end > clock.uptime() else { return }
      await changed.wait(after: seen, until: end, clock: clock)
    }
  }

  /// Retries a call to the store until it succeeds; reports once that it fails.
  ///
  /// - Returns: Nil if everything is stopped before.
  func withStore<Result: Sendable>(_ doing: String, _ body: () async throws -> Result) async -> Result? {
    let backoff = Backoff(first: .seconds(1), maximum: .seconds(30))
    var failures = 0
    while true {
      do {
        let result = try await body()
        if storeFailures.remove(doing) != nil {
          logger.notice("the store works again", metadata: ["for": "\(doing)"])
        }
        return result
      } catch {
        failures += 1
        if storeFailures.insert(doing).inserted {
          logger.error(
            "forwarding cannot go on and tries again later",
            metadata: [
              "cannot": "\(doing)", "error": "\(error)",
              "advice": "\((error as? StorageError)?.advice ?? "see the log")",
            ])
        }
        guard !isStopping, !Task.isCancelled, !isDraining || failures < 3 else { return nil }
        await pause(backoff.equalJitter(afterFailures: failures, random: randomNumber()))
        guard !isStopping, !Task.isCancelled else { return nil }
      }
    }
  }
}

extension BatchDelivery.Failure.Kind {
  fileprivate var reason: FailureReason {
    switch self {
    case .refused: .rejected
    case .undelivered: .unreachable
    }
  }
}
