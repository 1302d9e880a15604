package import EventStore
internal import Events
package import Schedules

/// What is sent, how much of it together, and whose fault it is that it does not go through.
///
/// A value: it is told what became of each request, and says what follows. An answer is about the endpoint until it is shown to
/// be about an event, and the other way round; what shows it is another event that goes through meanwhile.
package struct Lifecycle: Sendable {
  /// What follows from a request, beside what follows for the events that it held.
  package struct Consequence: Hashable, Sendable {
    /// The circuit has closed: why it was open.
    package var closed: Circuit.Opening?
    /// Whether it has opened.
    package var isOpened = false
    /// Events that fail now, since others have gone through that were sent after them.
    package var charged: [BatchDelivery.Failure] = []
    /// Events that were set aside as refused, and should not have been.
    package var givenBack: [PendingEvent] = []
    /// So many events were not answered in time, and a person could help; told once.
    package var unansweredSize: Int?

    package init() {}
  }

  /// So many single events in a row that are refused are none of their own fault, unless another one goes through.
  private static let inARow = 3

  private static let mostSuspects = 10_000

  package private(set) var circuit: Circuit
  private var size = BatchSize()
  private var starts = StartWatch()
  /// Those that have failed while others went through, and how many go together with them next; also where they come back
  /// later.
  private var suspects: [EventID: Int] = [:]
  /// Those that were refused alone, one after the other, with nothing acknowledged since the first of them.
  private var refused: [PendingEvent] = []
  /// How often each event was sent without an answer, or alone as a probe.
  private var sent: [EventID: Int] = [:]
  /// What was sent in vain since the circuit opened, and in how small a request.
  private var failed: [EventID: Int] = [:]
  /// The events for which alone the circuit is open: each was sent by itself and had failed before, and fails for good once
  /// another one goes through.
  package private(set) var accused: [BatchDelivery.Failure] = []
  /// Whether the circuit is open for the sake of suspects alone.
  package private(set) var isOpenForSuspects = false
  private var hasToldSize = false

  package init(intervals: Backoff) {
    circuit = Circuit(intervals: intervals)
  }

  /// Asks whether something may be sent.
  package mutating func admit(at now: Duration) -> Circuit.Admission { circuit.admit(at: now) }

  /// How many events go together.
  package func events(of maximum: Int) -> Int { size.events(of: maximum) }

  /// The way of a batch.
  package func delivery(of events: [PendingEvent], _ options: ForwardingOptions) -> BatchDelivery {
    BatchDelivery(
      events: events, attempts: options.attempts, backoff: options.backoff,
      maxEvents: size.events(of: options.eventsPerRequest), maxBytes: options.recordBytesPerRequest,
      suspects: suspects)
  }

  /// How many waiting events have to be looked at to find a single one.
  package var lookLimit: Int { failed.count + suspects.count + sent.count + 1 }

  /// The event that a probe carries; nil: the oldest ones.
  package func event(for probe: Probe, of waiting: [PendingEvent]) -> PendingEvent? {
    ProbeOrder.choose(probe, of: waiting, failed: Set(failed.keys).union(suspects.keys), sent: sent)
  }

  /// The event that tells whether others go through, where some are refused alone.
  package func contrast(of waiting: [PendingEvent], to events: [PendingEvent]) -> PendingEvent? {
    let known = Set(suspects.keys).union(refused.map(\.eventId)).union(events.map(\.eventId))
    return waiting.last { !known.contains($0.eventId) }
  }

  /// Whether nothing is sent for the sake of events that had failed before, so that any other one shows at once whether the
  /// webhook works.
  package func showsMore(_ waiting: [PendingEvent]) -> Bool {
    isOpenForSuspects && waiting.contains { failed[$0.eventId] == nil && suspects[$0.eventId] == nil }
  }

  /// Whether nothing more is to be held against events before another one was sent.
  package var wantsContrast: Bool { refused.count >= Self.inARow }

  /// What an answer means after those before it.
  package mutating func meaning(of answer: AnswerClass, at now: Duration) -> AnswerClass {
    starts.take(answer, at: now)
  }

  /// Takes what became of a request.
  ///
  /// - Parameters:
  ///   - outcome: That.
  ///   - events: What it held.
  ///   - areAlone: Whether each of them was sent by itself.
  ///   - probe: Which probe it was; nil: none.
  ///   - took: How long it took.
  ///   - options: What is configured.
  ///   - time: The time of day.
  ///   - now: The time on the clock that never goes back.
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
      }
      if probe?.isSingle ?? false {
        size.answeredAlone(in: took, timeout: options.timeout)
      } else {
        size.answered(events.count, of: options.eventsPerRequest, in: took, timeout: options.timeout)
      }
    }
    for event in outcome.refusedAlone {
      refused.removeAll { $0.eventId == event.eventId }
      refused.append(event)
    }
    switch outcome.signal {
    case .works: close(probe, acknowledged, &consequence)
    case .fails(let fault):
      refused = []
      noteFailure(fault, of: events, areAlone: areAlone || events.count == 1, probe, options, &consequence)
      consequence.isOpened = circuit.open(
        for: fault, probe: probe, isSuspected: isOpenForSuspects, time: time, now: now)
    case .wantsSilence(let duration): circuit.beSilent(for: duration, at: now)
    case .none: if probe != nil { circuit.abandonProbe(at: now) }
    }
    return consequence
  }

  private mutating func close(_ probe: Probe?, _ acknowledged: Set<EventID>, _ consequence: inout Consequence) {
    guard let opening = circuit.close() else { return }
    consequence.closed = opening
    defer {
      failed = [:]
      accused = []
      isOpenForSuspects = false
    }
    // The oldest have gone through: what was sent before them was as good, and the webhook is back.
    guard !acknowledged.isEmpty, probe?.isSingle ?? true else { return }
    if suspects.count > Self.mostSuspects { suspects = [:] }
    for (eventId, count) in failed where !acknowledged.contains(eventId) {
      // First half of it, as for any request without an answer; then a quarter, because each step can cost a time-out.
      suspects[eventId] = max(suspects[eventId] == nil ? (count + 1) / 2 : (count + 3) / 4, 1)
    }
    consequence.charged = accused.filter { !acknowledged.contains($0.event.eventId) }
  }

  private mutating func noteFailure(
    _ fault: Fault, of events: [PendingEvent], areAlone: Bool, _ probe: Probe?, _ options: ForwardingOptions,
    _ consequence: inout Consequence
  ) {
    if fault.kind != .unreached { noteFailed(events, together: areAlone ? 1 : events.count) }
    if fault.kind == .unanswered || probe?.isSingle ?? false {
      for event in events { sent[event.eventId, default: 0] += 1 }
    }
    if fault.kind == .unanswered, !(probe?.isSingle ?? false) {
      size.unanswered(events.count)
      if events.count > 1, !hasToldSize {
        hasToldSize = true
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
    // Once for each time that they are sent: a probe that finds nothing new has its intervals.
    if probe == nil { isOpenForSuspects = true }
    guard areAlone else { return }
    for event in events where !accused.contains(where: { $0.event == event }) {
      accused.append(BatchDelivery.Failure(event: event, kind: .refused, trouble: fault.trouble))
    }
  }

  private mutating func noteFailed(_ events: [PendingEvent], together count: Int) {
    for event in events { failed[event.eventId] = min(failed[event.eventId] ?? .max, count) }
  }

  /// Takes whether another event went through, after some were refused alone.
  ///
  /// - Returns: Those that were set aside for that and should not have been, where none goes through.
  package mutating func takeContrast(
    _ isAcknowledged: Bool, trouble: Trouble, time: Timestamp, now: Duration
  ) -> Consequence {
    var consequence = Consequence()
    defer { refused = [] }
    guard !isAcknowledged, refused.count >= Self.inARow else { return consequence }
    consequence.givenBack = refused
    noteFailed(refused, together: 1)
    var told = trouble
    told.summary = "whatever is sent alone is refused: \(trouble.summary)"
    consequence.isOpened = circuit.open(for: Fault(told, .refused), time: time, now: now)
    return consequence
  }

  /// Notes that the webhook may be asked again.
  package mutating func hasten(at now: Duration) { circuit.hasten(at: now) }

  /// Lets another event than the suspects show at once whether the webhook works.
  package mutating func turnToOthers(at now: Duration) {
    isOpenForSuspects = false
    circuit.hasten(at: now)
  }

  /// Gives a probe up that was not sent.
  package mutating func abandonProbe(at now: Duration) { circuit.abandonProbe(at: now) }

  /// Puts the next probe off, since something else than an event has told that it would be in vain.
  package mutating func fail(_ probe: Probe, _ fault: Fault, time: Timestamp, now: Duration) {
    _ = circuit.open(for: fault, probe: probe, time: time, now: now)
  }
}
