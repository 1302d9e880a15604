internal import EventStore
internal import Logging
internal import Schedules

/// What is sent while nothing else is, and what is sent to tell whose fault it is.
extension Forwarder {
  /// Sends a probe.
  ///
  /// - Returns: False where there is nothing to be sent.
  func send(_ probe: Probe) async -> Bool {
    sending += 1
    await takeBack()
    guard await isWorthAnEvent(probe) else {
      sending -= 1
      return true
    }
    var batch: PendingBatch?
    var sent = probe
    if probe.isSingle { batch = await single(probe) }
    if batch == nil {
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

  /// Puts back what was set aside because no webhook could take it: it has its old place in the order.
  func takeBack() async {
    let count = await withStore("take events back") { try await outbox.takeBackUndelivered() } ?? 0
    guard count > 0 else { return }
    logger.info("events that could not be forwarded are pending again", metadata: ["events": "\(count)"])
  }

  private func single(_ probe: Probe) async -> PendingBatch? {
    let (limit, isNewest) = (lifecycle.lookLimit, probe == .other(newest: true))
    guard
      let waiting = await withStore("read", { try await outbox.waiting(limit: limit, newestFirst: isNewest) }),
      let event = lifecycle.event(for: probe, of: waiting)
    else { return nil }
    return await withStore("read") { try await outbox.single(event) } ?? nil
  }

  /// Sends another event, since some were refused alone: only where it goes through were those at fault.
  ///
  /// - Returns: Whether the store has noted what came of it.
  func contrast(with refused: Attempt, _ delivery: inout BatchDelivery) async -> Bool {
    guard let trouble = refused.trouble else { return true }
    let limit = lifecycle.lookLimit + options.eventsPerRequest
    // Of those that were sent alone, nothing else is known where there is no other.
    var failed = delivery.accusedEvents
    var areAlone = true
    let waiting = await withStore("read") { try await outbox.waiting(limit: limit, newestFirst: true) } ?? []
    var isAcknowledged = false
    if let event = lifecycle.contrast(of: waiting, to: refused.events),
      let batch = await withStore("read", { try await outbox.single(event) }) ?? nil
    {
      failed += batch.events
      areAlone = false
      var other = BatchDelivery(events: batch.events, attempts: 1, backoff: options.backoff)
      let attempt = await attempt(at: batch.events, nil, &other)
      if let attempt, !attempt.outcome.acknowledged.isEmpty {
        isAcknowledged = true
        guard await settle(attempt) else { return false }
      }
      await release(batch, dissolving: true)
      // Given up half-way: nothing is known.
      guard attempt != nil else { return true }
    }
    let now = clock.uptime()
    let consequence = lifecycle.takeContrast(isAcknowledged, trouble: trouble, time: clock.now(), now: now)
    if consequence.isOpened {
      delivery.pardon()
      return await conclude(consequence, .fails(Fault(circuit.opening?.trouble ?? trouble, .refused)))
    }
    let outcome = delivery.takeContrast(isAcknowledged)
    return await settle(
      Attempt(
        outcome: outcome, events: failed, areAlone: areAlone, batchId: refused.batchId, status: refused.status,
        probe: nil, time: .zero, trouble: trouble))
  }

  // MARK: Asking without an event

  /// Asks an endpoint that had nothing at its address whether it has by now: that costs no event, and runs nothing.
  ///
  /// - Returns: Whether an event is to be sent to find out.
  private func isWorthAnEvent(_ probe: Probe) async -> Bool {
    guard let opening = circuit.opening, opening.trouble.httpStatus == 404 else { return true }
    guard let trouble = await WebhookInquiry.ask(exchange, options).trouble else { return true }
    let now = clock.uptime()
    var fault = Fault(trouble, .unreached, mendsItself: trouble.isStart)
    // Within a minute of a start, what is not there yet is no more than that.
    if case .endpoint(let meant) = lifecycle.meaning(of: .endpoint(trouble), at: now) {
      fault = Fault(meant, .unreached, mendsItself: meant.isStart)
    }
    lifecycle.fail(probe, fault, time: clock.now(), now: now)
    _ = await conclude(Lifecycle.Consequence(), .fails(fault))
    return false
  }
}
