internal import EventStore
internal import Events
internal import Logging
internal import Schedules

/// Events that others go before: no answer has named them, or the workflow has failed of them as probes.
extension Forwarder {
  /// Gives a batch back of which nothing more can be done now.
  func putOff(_ batch: PendingBatch, _ delivery: BatchDelivery) async {
    guard await withStore("put a batch off", { try await outbox.putOff(batch) }) != nil else { return }
    putOffs += 1
    if isDraining { putOffWhileDraining.formUnion((delivery.unnamed + delivery.suspects).map(\.sequence)) }
    let now = clock.uptime()
    guard let unnamed = delivery.unnamed.first else {
      // When these are sent again is up to the circuit.
      putOffSince = putOffSince ?? now
      logger.debug(
        "other events are the next probes", metadata: ["eventId": "\(delivery.suspects.first?.eventId.text ?? "")"])
      return
    }
    // Those that were put off before have their turn in this run, too.
    if !isDraining { putOffSince = now + options.circuit.maximum }
    logger.warning(
      "the answers do not name all events; the others go first, and these are sent again later",
      metadata: [
        "events": "\(delivery.unnamed.count)", "eventId": "\(unnamed.eventId)",
        "again": "\(DurationText.text(of: options.circuit.maximum))",
        "help": "let the workflow answer for each event that it gets",
      ])
  }

  /// When such events are due, where nothing else is to be sent; nil: nobody knows yet, or there are none.
  var putOffDue: Duration? {
    guard let putOffSince, !isSendingPutOff else { return nil }
    switch circuit.state {
    case .closed: return putOffSince
    case .open(_, let nextProbe): return max(putOffSince, nextProbe)
    case .probing: return nil
    }
  }

  /// Whether they go first for once: something else may always be there.
  var isPutOffOverdue: Bool {
    guard circuit.opening == nil, let putOffDue else { return false }
    return clock.uptime() >= putOffDue + options.circuit.maximum * 3
  }

  /// One batch of them at a time; where it can only be a probe, it is one event, so that whatever comes is the next.
  func composePutOff() async -> PendingBatch? {
    guard let putOffDue, clock.uptime() >= putOffDue else { return nil }
    isSendingPutOff = true
    let seen = putOffs
    let maxEvents = circuit.opening == nil ? options.eventsPerRequest : 1
    let batch = await withStore("read") {
      try await outbox.nextPutOffBatch(maxEvents: maxEvents, maxBytes: options.recordBytesPerRequest)
    }
    if let batch = batch ?? nil {
      // Those that have waited longest come first: from here on all have had their turn.
      guard isDraining, let first = batch.events.first, putOffWhileDraining.contains(first.sequence) else {
        return batch
      }
      await release(batch, dissolving: true)
      isSendingPutOff = false
      return nil
    }
    isSendingPutOff = false
    if batch != nil, putOffs == seen { putOffSince = nil }
    return nil
  }
}
