package import Catalog
internal import Events
package import Time

/// What is sent, how much of it together, and who is at fault if it does not go through.
///
/// A value: it takes the outcome of each request, and says what follows. An answer is about the endpoint until it is
/// shown to be about an event, and vice versa; it is shown by another event that goes through meanwhile.
package struct Lifecycle: Sendable {
  private static let mostSuspects = 10_000

  package private(set) var circuit: Circuit
  private var size = BatchSize()
  private var starts = StartWatch()
  /// Events that have failed while others went through, and how many are sent together with them next; kept in case
  /// they come back later.
  private var suspects: [EventID: Int] = [:]
  /// Events that were refused for good while others went through; their outcome says nothing about the webhook.
  private var charged: Set<EventID> = []
  /// Events that were refused alone, one after the other, with nothing acknowledged since the first of them.
  private var refused: [PendingEvent] = []
  /// How often each event that is still pending was sent without an answer, or alone.
  ///
  /// Whenever a single event is chosen, it is the one that was sent least often: so each has its turn, even if some are
  /// refused and given back again and again.
  private var sent: [EventID: Int] = [:]
  /// What was sent in vain since the circuit opened, and in how small a request.
  private var failed: [EventID: Int] = [:]
  /// The events that are the only reason why the circuit is open: each was sent by itself and had failed before, and
  /// fails for good once another one goes through.
  package private(set) var accused: [BatchDelivery.Failure] = []
  /// Whether the circuit is open because of suspects alone.
  package private(set) var isOpenForSuspects = false
  private var hasReportedSize = false

  package init(intervals: Backoff) {
    circuit = Circuit(intervals: intervals)
  }

  /// What has to be known after a restart.
  package var memory: ForwardingMemory {
    var memory = ForwardingMemory()
    (memory.size, memory.suspects, memory.sent) = (size.limit, suspects, sent)
    if let opening = circuit.opening, opening.probes.isUnanswered {
      memory.unanswered = ForwardingMemory.Unanswered(since: opening.since, message: opening.trouble.message)
      memory.failed = failed
    }
    return memory
  }

  /// Continues where an earlier process ended.
  package mutating func resume(_ memory: ForwardingMemory, at now: Duration) {
    size = BatchSize(limit: memory.size)
    (suspects, sent, failed) = (memory.suspects, memory.sent, memory.failed)
    guard let unanswered = memory.unanswered else { return }
    circuit.resume(Fault(Trouble(unanswered.message), .unanswered, mendsItself: true), since: unanswered.since, at: now)
  }

  /// Asks whether something may be sent.
  package mutating func admit(at now: Duration) -> Circuit.Admission { circuit.admit(at: now) }

  /// Asks for a probe without waiting until it is due; nil if it would show nothing new.
  package mutating func admitAtOnce() -> Probe? { circuit.admitAtOnce() }

  /// Whether the webhook has answered after an outage but acknowledged nothing yet.
  ///
  /// Then what is sent is a probe in all but name: one batch at a time, and no attempts are spent. Otherwise an
  /// endpoint that also refuses some requests while it is down would get all batches with each probe.
  package func isDoubtful(at now: Duration) -> Bool { circuit.isDoubtful(at: now) }

  /// How many events are sent together.
  package func events(of maximum: Int) -> Int { size.events(of: maximum) }

  /// The delivery of a batch.
  package func delivery(of events: [PendingEvent], _ options: ForwardingOptions) -> BatchDelivery {
    BatchDelivery(
      events: events, attempts: options.attempts, backoff: options.backoff,
      maxEvents: size.events(of: options.eventsPerRequest), maxBytes: options.recordBytesPerRequest,
      suspects: suspects)
  }

  /// How many waiting events have to be looked at to find a single one.
  package var lookLimit: Int { failed.count + suspects.count + sent.count + charged.count + 1 }

  /// Chooses the single event that a probe carries.
  ///
  /// The outcome of an event that has failed before while others went through says nothing about the webhook: if it is
  /// the oldest, another one is sent.
  ///
  /// - Parameters:
  ///   - probe: Which probe.
  ///   - waiting: The waiting events, oldest first.
  ///   - isAtOnce: Whether it is sent before it is due: then it shows something new, or there is none.
  /// - Returns: The event, and which probe it is then; nil if the oldest ones are sent, or if there is none.
  package func choose(
    _ probe: Probe, of waiting: [PendingEvent], isAtOnce: Bool = false
  ) -> (event: PendingEvent, probe: Probe)? {
    let (known, doubtful) = (Set(failed.keys), charged.union(suspects.keys))
    guard probe == .oldest else {
      let alone = isAtOnce ? Set(failed.filter { $0.value == 1 }.keys) : nil
      return ProbeOrder.choose(probe, of: waiting, failed: known, doubtful: doubtful, sent: sent, butNot: alone)
        .map { ($0, probe) }
    }
    guard let oldest = waiting.first, doubtful.contains(oldest.eventId) else { return nil }
    let other = Probe.other(newest: false)
    return ProbeOrder.choose(other, of: waiting, failed: known, sent: sent, butNot: doubtful).map { ($0, other) }
  }

  /// An event to show whether others go through if some are refused alone: one that was sent in vain least often.
  ///
  /// - Parameters:
  ///   - waiting: The waiting events, oldest first.
  ///   - events: The events that were sent last.
  ///   - isNewest: Whether to choose the one furthest from the refused, rather than the next in order.
  /// - Returns: Nil if there is none.
  package func contrast(of waiting: [PendingEvent], to events: [PendingEvent], isNewest: Bool) -> PendingEvent? {
    let known = charged.union(suspects.keys).union(refused.map(\.eventId)).union(events.map(\.eventId))
    return ProbeOrder.leastSent(waiting.filter { !known.contains($0.eventId) }, sent: sent, newest: isNewest)
  }

  /// Whether sending is paused only because of events that had failed before, so that any other one shows at once
  /// whether the webhook works.
  package func showsMore(_ waiting: [PendingEvent]) -> Bool {
    isOpenForSuspects
      && waiting.contains {
        failed[$0.eventId] == nil && suspects[$0.eventId] == nil && !charged.contains($0.eventId)
      }
  }

  /// Whether no more events are to be blamed before another one has been sent.
  package var wantsContrast: Bool { refused.count >= ProbeOrder.inARow }

  /// What an answer means, given those before it.
  package mutating func meaning(of answer: AnswerClass, at now: Duration) -> AnswerClass {
    starts.take(answer, at: now)
  }

  /// Takes the outcome of a request.
  ///
  /// - Parameters:
  ///   - outcome: The outcome.
  ///   - events: The events it held.
  ///   - areAlone: Whether each of them was sent by itself.
  ///   - probe: Which probe it was; nil: none.
  ///   - took: How long it took.
  ///   - options: The configuration.
  ///   - time: The time of day.
  ///   - now: The time on the monotonic clock.
  /// - Returns: What follows.
  package mutating func take(
    _ outcome: BatchDelivery.Outcome, of events: [PendingEvent], areAlone: Bool = false, probe: Probe?,
    took: Duration, _ options: ForwardingOptions, time: Timestamp, now: Duration
  ) -> Consequence {
    var consequence = Consequence()
    let acknowledged = Set(outcome.acknowledged.map(\.eventId))
    if !acknowledged.isEmpty {
      refused = []
      for eventId in acknowledged {
        suspects[eventId] = nil
        sent[eventId] = nil
        failed[eventId] = nil
        charged.remove(eventId)
      }
      if probe?.isSingle ?? false {
        size.answeredAlone(in: took, timeout: options.timeout)
      } else {
        size.answered(events.count, of: options.eventsPerRequest, in: took, timeout: options.timeout)
      }
    }
    charge(outcome.failed.filter { $0.kind == .refused }.map(\.event))
    for event in outcome.refusedAlone {
      refused.removeAll { $0.eventId == event.eventId }
      refused.append(event)
    }
    switch outcome.signal {
    case .works: close(probe, acknowledged, at: now, &consequence)
    case .fails(let fault):
      // Another one was sent to show whose fault it is, and has not gone through either.
      if wantsContrast { giveBackRefused(&consequence) }
      refused = []
      noteFailure(
        fault, of: events, areAlone: areAlone || events.count == 1, probe, options, now: now, &consequence)
      consequence.isOpened = circuit.open(
        for: fault, probe: probe, isSuspected: isOpenForSuspects, time: time, now: now)
    case .wantsSilence(let duration): circuit.beSilent(for: duration, at: now)
    case .none: if probe != nil { circuit.abandonProbe(at: now) }
    }
    return consequence
  }

  private mutating func close(
    _ probe: Probe?, _ acknowledged: Set<EventID>, at now: Duration, _ consequence: inout Consequence
  ) {
    // A refusal of something sent before it opened adds nothing to what opened it.
    guard probe != nil || !acknowledged.isEmpty else { return circuit.refuse(at: now) }
    defer { if !acknowledged.isEmpty { failed = [:] } }
    if !acknowledged.isEmpty { consequence.recovered = circuit.opening ?? circuit.doubted }
    guard let opening = circuit.close(refusingAt: acknowledged.isEmpty ? now : nil) else { return }
    consequence.closed = opening
    defer {
      accused = []
      isOpenForSuspects = false
    }
    // The oldest have gone through: what was sent before them was as good, and the webhook works again.
    guard !acknowledged.isEmpty, probe?.isSingle ?? true else { return }
    if suspects.count > Self.mostSuspects { suspects = [:] }
    for (eventId, count) in failed where !acknowledged.contains(eventId) {
      // At first half of it, as for any request without an answer; then a quarter, because each step can cost a
      // timeout.
      suspects[eventId] = max(suspects[eventId] == nil ? (count + 1) / 2 : (count + 3) / 4, 1)
    }
    consequence.charged = accused.filter { !acknowledged.contains($0.event.eventId) }
    charge(consequence.charged.map(\.event))
  }

  private mutating func charge(_ events: [PendingEvent]) {
    if charged.count > Self.mostSuspects { charged = [] }
    charged.formUnion(events.map(\.eventId))
  }

  private mutating func noteFailure(
    _ fault: Fault, of events: [PendingEvent], areAlone: Bool, _ probe: Probe?, _ options: ForwardingOptions,
    now: Duration, _ consequence: inout Consequence
  ) {
    if fault.kind != .unreached { noteFailed(events, together: areAlone ? 1 : events.count) }
    if fault.kind == .unanswered || probe?.isSingle ?? false { noteSent(events) }
    if fault.kind == .unanswered, !(probe?.isSingle ?? false) {
      size.unanswered(events.count)
      if events.count > 1, !hasReportedSize {
        hasReportedSize = true
        consequence.unansweredSize = events.count
      }
    }
    guard fault.kind != .unreached else { return }
    guard events.allSatisfy({ suspects[$0.eventId] != nil }) else {
      // Another one has not gone through either.
      accused = []
      isOpenForSuspects = false
      return
    }
    // Once each time they are sent: a probe that finds nothing new has its intervals.
    if probe == nil, !isDoubtful(at: now) { isOpenForSuspects = true }
    guard areAlone else { return }
    for event in events where !accused.contains(where: { $0.event == event }) {
      accused.append(BatchDelivery.Failure(event: event, kind: .refused, trouble: fault.trouble))
    }
  }

  private mutating func noteSent(_ events: [PendingEvent]) {
    for event in events { sent[event.eventId, default: 0] += 1 }
  }

  private mutating func noteFailed(_ events: [PendingEvent], together count: Int) {
    for event in events { failed[event.eventId] = min(failed[event.eventId] ?? .max, count) }
  }

  /// Takes the outcome of another event, after some were refused alone.
  ///
  /// - Parameters:
  ///   - contrast: The outcome.
  ///   - accused: The events that were refused alone, which it was to judge.
  ///   - others: The other events that were sent and did not go through, the last one last.
  ///   - trouble: Why they were refused.
  ///   - time: The time of day.
  ///   - now: The time on the monotonic clock.
  /// - Returns: Whether the endpoint is at fault; and if so, the events that were set aside as refused and should not
  ///   have been.
  package mutating func take(
    _ contrast: Contrast, accused: [PendingEvent], others: [PendingEvent], trouble: Trouble, time: Timestamp,
    now: Duration
  ) -> Consequence {
    var consequence = Consequence()
    defer { refused = [] }
    noteSent(others)
    let isRow = wantsContrast
    let fault: Fault
    switch contrast {
    case .acknowledged:
      charge(others)
      return consequence
    case .refused where !isRow: return consequence
    case .refused:
      var common = trouble
      common.message = Message(WebhookMessage.refusesAll, ["why": .message(trouble.message)])
      fault = Fault(common, .refused)
    case .unanswered(let none):
      fault = none
      if let last = others.last { noteFailed([last], together: 1) }
      noteFailed(accused, together: 1)
    }
    if isRow { giveBackRefused(&consequence) }
    consequence.isOpened = circuit.open(for: fault, time: time, now: now)
    return consequence
  }

  /// Clears the events that were refused in a row: the endpoint is at fault.
  private mutating func giveBackRefused(_ consequence: inout Consequence) {
    consequence.givenBack = refused
    charged.subtract(refused.map(\.eventId))
    noteFailed(refused, together: 1)
    noteSent(refused)
  }

  /// Notes that the webhook may be tried again.
  package mutating func hasten(at now: Duration) { circuit.hasten(at: now) }

  /// Lets an event that is not suspect show at once whether the webhook works.
  package mutating func turnToOthers(at now: Duration) {
    isOpenForSuspects = false
    circuit.hasten(at: now)
  }

  /// Gives up a probe that was not sent.
  package mutating func abandonProbe(at now: Duration) { circuit.abandonProbe(at: now) }

  /// Postpones the next probe, because something other than an event has shown that it would be in vain.
  package mutating func fail(_ probe: Probe, _ fault: Fault, time: Timestamp, now: Duration) {
    _ = circuit.open(for: fault, probe: probe, time: time, now: now)
  }
}
