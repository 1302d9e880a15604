internal import Catalog
internal import Concurrency
internal import EventStore
internal import Logging
internal import Time

/// What is sent while nothing else is, and what is sent to find out whose fault it is.
extension Forwarder {
  /// Sends a probe.
  ///
  /// - Parameters:
  ///   - probe: Which.
  ///   - isAtOnce: Whether it is sent before it is due: then it is a single event that shows something new, or none.
  /// - Returns: False if there is nothing to send.
  func send(_ probe: Probe, isAtOnce: Bool = false) async -> Bool {
    sending += 1
    if !isAtOnce { await takeBack() }
    guard await isWorthAnEvent(probe) else {
      sending -= 1
      changed.raise()
      return true
    }
    var batch: PendingBatch?
    var sent = probe
    if let choice = await single(probe, isAtOnce: isAtOnce) {
      (batch, sent) = choice
    } else if !isAtOnce {
      sent = .oldest
      batch = await compose(onlyFull: false)
    }
    guard let batch, !isStopping else {
      if let batch { await release(batch, dissolving: false) }
      sending -= 1
      let now = clock.uptime()
      lifecycle.abandonProbe(at: now)
      noteNextProbe(at: now)
      return false
    }
    await deliver(batch, probe: sent)
    return true
  }

  /// Whether the circuit is open because of suspects alone, and another event is pending.
  func isAnotherWaiting() async -> Bool {
    guard lifecycle.isOpenForSuspects, case .open = circuit.state else { return false }
    let waiting = try? await outbox.waiting(limit: lifecycle.lookLimit, newestFirst: false)
    return lifecycle.showsMore(waiting ?? [])
  }

  /// Puts back what was set aside because no webhook could accept it: it gets its old place in the order.
  func takeBack() async {
    let count = await withStore("take events back") { try await outbox.takeBackUndelivered() } ?? 0
    guard count > 0 else { return }
    logger.info("events that could not be forwarded are pending again", metadata: ["events": "\(count)"])
  }

  private func single(_ probe: Probe, isAtOnce: Bool) async -> (PendingBatch, Probe)? {
    let (limit, isNewest) = (lifecycle.lookLimit, probe == .other(newest: true))
    guard
      let waiting = await withStore("read", { try await outbox.waiting(limit: limit, newestFirst: isNewest) }),
      let choice = lifecycle.choose(probe, of: waiting, isAtOnce: isAtOnce),
      let batch = await withStore("read", { try await outbox.single(choice.event) }) ?? nil
    else { return nil }
    return (batch, choice.probe)
  }

  /// Sends another event, because some were refused alone: they are at fault only if it goes through.
  ///
  /// - Parameters:
  ///   - refused: The last of them.
  ///   - isNextRefused: Whether the next in order was sent alone and refused as well.
  ///   - delivery: The delivery they belong to.
  /// - Returns: Whether the store has recorded the outcome.
  func contrast(with refused: Attempt, isNextRefused: Bool, _ delivery: inout BatchDelivery) async -> Bool {
    guard let trouble = refused.trouble else { return true }
    // The events that were sent alone; if there is no other, nothing else is known.
    var sent: [PendingEvent] = []
    var contrast = Lifecycle.Contrast.refused
    // First the next in order, which overtakes the fewest; then the one furthest from those that were refused.
    for isNewest in isNextRefused ? [true] : [false, true] where contrast == .refused {
      guard let batch = await other(than: refused.events + sent, isNewest: isNewest) else { break }
      sent += batch.events
      var other = BatchDelivery(events: batch.events, attempts: 1, backoff: options.backoff)
      let attempt = await attempt(at: batch.events, nil, &other)
      var isNoted = true
      if let attempt, !attempt.outcome.acknowledged.isEmpty {
        contrast = .acknowledged
        isNoted = await settle(attempt)
      } else if case .fails(let fault) = attempt?.outcome.signal, fault.kind == .unanswered {
        contrast = .unanswered(fault)
      }
      await release(batch, dissolving: true)
      // Given up halfway: nothing is known.
      guard isNoted, attempt != nil else { return isNoted }
    }
    let accused = delivery.accusedEvents
    let others = contrast == .acknowledged ? Array(sent.dropLast()) : sent
    let consequence = lifecycle.take(
      contrast, accused: accused, others: others, trouble: trouble, time: clock.now(), now: clock.uptime())
    if consequence != Lifecycle.Consequence() {
      delivery.pardon()
      let fault = if case .unanswered(let fault) = contrast { fault } else { Fault(trouble, .refused) }
      return await conclude(consequence, .fails(circuit.opening.map { Fault($0.trouble, fault.kind) } ?? fault))
    }
    return await settle(
      Attempt(
        outcome: delivery.takeContrast(contrast == .acknowledged), events: accused + sent, areAlone: true,
        batchId: refused.batchId, status: refused.status, probe: nil, time: .zero, trouble: trouble))
  }

  /// Another event to send alone, from one end of the waiting ones.
  private func other(than refused: [PendingEvent], isNewest: Bool) async -> PendingBatch? {
    let limit = lifecycle.lookLimit + options.eventsPerRequest
    guard
      let waiting = await withStore("read", { try await outbox.waiting(limit: limit, newestFirst: isNewest) }),
      let event = lifecycle.contrast(of: waiting, to: refused, isNewest: isNewest)
    else { return nil }
    return await withStore("read") { try await outbox.single(event) } ?? nil
  }

  // MARK: Asking without an event

  /// Asks an endpoint that had nothing at its address whether it has now: that costs no event, and runs nothing.
  ///
  /// - Returns: Whether an event has to be sent to find out.
  private func isWorthAnEvent(_ probe: Probe) async -> Bool {
    guard let opening = circuit.opening, opening.trouble.httpStatus == 404 else { return true }
    guard let trouble = await WebhookInquiry.ask(exchange, options).trouble else { return true }
    let now = clock.uptime()
    var fault = Fault(trouble, .unreached, mendsItself: trouble.isStart)
    // Within a minute of a start, what is missing is just not there yet.
    if case .endpoint(let meant) = lifecycle.meaning(of: .endpoint(trouble), at: now) {
      fault = Fault(meant, .unreached, mendsItself: meant.isStart)
    }
    lifecycle.fail(probe, fault, time: clock.now(), now: now)
    _ = await conclude(Lifecycle.Consequence(), .fails(fault))
    return false
  }
}
