internal import EventStore
internal import Events
internal import Logging
internal import Schedules

/// The circuit, and what operators are told.
extension Forwarder {
  /// Tells the circuit.
  func signal(_ signal: BatchDelivery.EndpointSignal, isProbe: Bool) async {
    let now = clock.uptime()
    switch signal {
    case .works:
      guard let opening = circuit.close() else { return }
      nextProbe = nil
      changed.raise()
      let pending = try? await outbox.pending()
      logger.notice(
        "the webhook takes events again",
        metadata: [
          "after": "\(DurationText.text(of: clock.now() - opening.since))", "pending": "\(pending?.count ?? 0)",
        ])
      await note("closed")
    case .fails(let trouble, let retryAfter, let isNarrowing):
      let time = clock.now()
      lastTrouble = (trouble, time)
      let isNew = circuit.open(
        for: trouble, retryAfter: retryAfter, isProbe: isProbe, keepsInterval: isNarrowing, time: time, now: now)
      noteNextProbe(at: now)
      changed.raise()
      await note("open \((circuit.opening?.since ?? time).rfc3339) \(trouble)")
      guard isNew else { return }
      counts.openings += 1
      meter.opened()
      let pending = try? await outbox.pending()
      logger.error(
        "forwarding pauses until the webhook takes events again; nothing is lost",
        metadata: [
          "webhook": "\(options.address)", "why": "\(trouble.summary)",
          "help": "\(trouble.hint ?? "it is tried again by itself")",
          "pending": "\(pending?.count ?? 0)",
        ])
    case .wantsSilence(let duration):
      circuit.beSilent(for: duration, at: now)
      noteNextProbe(at: now)
      if circuit.opening == nil, let lastTrouble {
        await note("silent \((clock.now() + circuit.silence(at: now)).rfc3339) \(lastTrouble.trouble)")
      }
    case .none:
      guard isProbe else { return }
      circuit.abandonProbe(at: now)
      noteNextProbe(at: now)
      changed.raise()
    }
  }

  private func noteNextProbe(at now: Duration) {
    if case .open(_, let next) = circuit.state { nextProbe = clock.now() + (next - now) }
  }

  /// Leaves the circuit's state where `status` finds it; not being able to is no reason to wait.
  func note(_ text: String) async {
    try? await outbox.setNote(Self.circuitNote, text)
  }

  func tell(_ failures: [ForwardFailure], _ moved: [FailedPlace: Int]) {
    let first = failures.first
    logger.warning(
      "events could not be forwarded and are set aside",
      metadata: [
        "retry": "\(moved[.retry] ?? 0)", "failed": "\(moved[.failed] ?? 0)",
        "reason": "\(first?.reason.rawValue ?? "")",
        "eventId": "\(first?.event.eventId.text ?? "")", "why": "\(first?.message ?? "")",
      ])
  }

  /// Says what came of a request.
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
    case .transient(let why, _), .suspicious(let why), .endpoint(let why), .refused(let why): trouble = why
    }
    counts.failedRequests += 1
    lastTrouble = (trouble, clock.now())
    // While nothing is sent but probes, the line that said so stands for all of them.
    if circuit.opening != nil {
      logger.debug("not forwarded: \(trouble)", metadata: metadata)
      return
    }
    metadata["attempt"] = "\(attempt)/\(options.attempts)"
    if case .wantsSilence(let wait) = outcome.signal {
      metadata["again"] = "\(DurationText.text(of: wait))"
    } else if outcome.wait > .zero {
      metadata["again"] = "\(DurationText.text(of: outcome.wait))"
    }
    logger.warning("not forwarded: \(trouble)", metadata: metadata)
  }
}
