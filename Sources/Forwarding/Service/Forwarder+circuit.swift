internal import Catalog
internal import Concurrency
internal import Events
internal import Failures
internal import Logging
internal import Time

/// The circuit, and what is reported to operators.
extension Forwarder {
  /// Carries out the consequences of a request, besides those for its own events.
  ///
  /// - Returns: Whether the store has recorded it; if not, everything is stopping.
  func conclude(_ consequence: Lifecycle.Consequence, _ signal: BatchDelivery.EndpointSignal) async -> Bool {
    let now = clock.uptime()
    var isNoted = await setAside(consequence.charged)
    if !consequence.givenBack.isEmpty {
      let count = await withStore("give events back", { try await outbox.giveBack(consequence.givenBack) })
      isNoted = isNoted && count != nil
      movedAside -= min(count ?? 0, movedAside)
    }
    if let events = consequence.unansweredSize { logSlowness(events) }
    if consequence.closed != nil {
      heldBack = []
      // It need not have been closed by a probe: of several requests, one may be acknowledged after another has opened
      // it. What was set aside then would stay there until it opens again.
      await takeBack()
    }
    if let opening = consequence.closed ?? consequence.recovered {
      await log(opening, isClosed: consequence.closed != nil, isRecovered: consequence.recovered != nil)
    }
    await keepMemory()
    switch signal {
    case .works: break
    case .fails(let fault):
      let time = clock.now()
      lastTrouble = (fault.trouble, time)
      noteNextProbe(at: now)
      changed.raise()
      if let opening = circuit.opening {
        await note(opening)
        await log(opening, isNew: consequence.isOpened)
      }
    case .wantsSilence:
      noteNextProbe(at: now)
      if circuit.opening == nil {
        await note(CircuitNote(.silent, until: clock.now() + circuit.silence(at: now), lastTrouble?.trouble))
      }
    case .none:
      noteNextProbe(at: now)
      if circuit.opening != nil { changed.raise() }
    }
    return isNoted
  }

  func noteNextProbe(at now: Duration) {
    if case .open(_, let next) = circuit.state { nextProbe = clock.now() + (next - now) }
  }

  /// Reports that events are sent again, and whether the webhook accepts them.
  private func log(_ opening: Circuit.Opening, isClosed: Bool, isRecovered: Bool) async {
    if isClosed {
      nextProbe = nil
      isAlarmLogged = false
    }
    changed.raise()
    let pending = try? await outbox.pending()
    logger.notice(
      isRecovered ? "the webhook takes events again" : "the webhook refuses events now, and others are tried",
      metadata: [
        "after": "\(DurationText.text(of: clock.now() - opening.since))", "pending": "\(pending?.count ?? 0)",
      ])
    if isClosed { await note(CircuitNote(.closed)) }
  }

  /// Reports why nothing is sent: at once, and as an error once it is clear that it does not end by itself.
  private func log(_ opening: Circuit.Opening, isNew: Bool) async {
    if isNew {
      counts.openings += 1
      meter.opened()
    }
    // What usually ends by itself within a minute needs nobody's attention before.
    let isAlarm = !opening.mendsItself || clock.now() - opening.since >= StartWatch.length
    guard isNew || isAlarm && !isAlarmLogged else { return }
    isAlarmLogged = isAlarm
    let pending = try? await outbox.pending()
    logger.log(
      level: isAlarm ? .error : opening.trouble.isStart ? .notice : .warning,
      "forwarding pauses until the webhook takes events again; nothing is lost",
      metadata: [
        "webhook": "\(options.address)", "error": "\(opening.trouble.summary)",
        "advice": "\(opening.trouble.hint ?? "it is tried again by itself")", "pending": "\(pending?.count ?? 0)",
      ])
  }

  private func logSlowness(_ events: Int) {
    logger.warning(
      "the webhook has not answered in time; it may be at work all the same, so fewer events are sent together from now on",
      metadata: [
        "events": "\(events)", "timeout": "\(DurationText.text(of: options.timeout))",
        "advice":
          "raise 'forward.timeout' above what the workflow takes for a batch, or lower 'forward.batch.maxEvents'",
      ])
  }

  /// Leaves the circuit's state where `status` finds it; if that fails, forwarding goes on.
  func note(_ note: CircuitNote) async {
    try? await outbox.setNote(Self.circuitNote, note.text)
  }

  private func note(_ opening: Circuit.Opening) async {
    await note(
      CircuitNote(opening.mendsItself ? .mending : .open, since: opening.since, until: nextProbe, opening.trouble))
  }

  /// Continues where the previous process ended; it may have left its circuit open.
  func recall() async {
    if let text = try? await outbox.note(Self.memoryNote), let memory = ForwardingMemory(text, for: options.address) {
      lifecycle.resume(memory, at: clock.uptime())
      keptMemory = memory
    }
    guard let opening = circuit.opening else { return await note(CircuitNote(.closed)) }
    noteNextProbe(at: clock.uptime())
    await note(opening)
  }

  /// Leaves what the next process needs to know; if that fails, it only sends more than necessary.
  private func keepMemory() async {
    let memory = lifecycle.memory
    guard memory != keptMemory else { return }
    keptMemory = memory
    try? await outbox.setNote(Self.memoryNote, memory.text(for: options.address))
  }

  func log(_ failures: [ForwardFailure], _ moved: [FailedPlace: Int]) {
    let first = failures.first
    logger.warning(
      "events could not be forwarded and are set aside",
      metadata: [
        "retry": "\(moved[.retry] ?? 0)", "failed": "\(moved[.failed] ?? 0)",
        "reason": "\(first?.reason.rawValue ?? "")",
        "eventId": "\(first?.event.eventId.text ?? "")", "error": "\(first?.message.description ?? "")",
      ])
  }

  /// Logs the outcome of a request.
  func log(
    _ answer: AnswerClass, _ outcome: BatchDelivery.Outcome, batchId: String, events: Int, attempt: Int, time: Duration,
    response: String?
  ) {
    var metadata: Logger.Metadata = [
      "batchId": "\(batchId)", "events": "\(events)", "duration_ms": "\(time.inMilliseconds)",
    ]
    let trouble: Trouble
    switch answer {
    case .acknowledged:
      logger.info("forwarded", metadata: metadata)
      return
    case .results(let results):
      let first = results.lazy.compactMap { $0.trouble(response: response) }.first
      metadata["acknowledged"] = "\(outcome.acknowledged.count)"
      metadata["rejected"] = "\(outcome.failed.count { $0.kind == .refused })"
      guard outcome.acknowledged.isEmpty, let first else {
        logger.info("forwarded", metadata: metadata)
        return
      }
      trouble = first
    case .transient(let why, _), .unanswered(let why), .suspicious(let why), .endpoint(let why), .refused(let why):
      trouble = why
    }
    counts.failedRequests += 1
    lastTrouble = (trouble, clock.now())
    metadata["error"] = "\(trouble.summary)"
    if let hint = trouble.hint { metadata["advice"] = "\(hint)" }
    // While only probes are sent, the line that said so stands for all of them.
    if circuit.opening != nil {
      logger.debug("not forwarded", metadata: metadata)
      return
    }
    metadata["attempt"] = "\(attempt)/\(options.attempts)"
    if case .wantsSilence(let wait) = outcome.signal {
      metadata["retry_in"] = "\(DurationText.text(of: wait))"
    } else if outcome.wait > .zero {
      metadata["retry_in"] = "\(DurationText.text(of: outcome.wait))"
    }
    logger.warning("not forwarded", metadata: metadata)
  }
}
