package import EventStore
package import Events
package import Time

/// The way of one batch: attempts, waits, and halves, until each of its events is acknowledged or has failed.
///
/// It decides and touches nothing; whoever sends asks for `next`, and tells what came of it.
package struct BatchDelivery: Sendable {
  /// Some of the batch's events, that are sent together.
  private struct Part: Sendable {
    var events: [PendingEvent]
    /// How many attempts at these events were in vain.
    var attempts = 0
    /// Whether the whole has had its attempts, and the events are sought that are at fault.
    var isSuspect = false
  }

  /// In the order in which they are sent.
  private var parts: [Part]
  private let attempts: Int
  private let backoff: Backoff
  /// Whether others went through after these events had failed: their attempts are used up.
  private let wasSuspect: Bool
  /// Whether any event went through, so that the webhook is known to work.
  private var hasProgress = false
  /// What has failed and is told after the others have had their turn.
  private var held: [Failure] = []
  /// Whether what is sent next is to tell whose fault it is; until then, nothing is told.
  private var isNextContrast = false
  /// What was refused alone, whatever the answer, and fails once another event is acknowledged.
  private var accused: [Failure] = []
  /// Whether it has found the webhook unable to take anything: then no more of it is sent.
  ///
  /// This does not ask the circuit, since another batch that was under way may have closed that again meanwhile. What this
  /// one has left then gets its turn from the start, with what is known of its events by then.
  package private(set) var isCutShort = false

  /// - Parameters:
  ///   - events: The batch.
  ///   - attempts: How often it is sent before it is given up.
  ///   - backoff: How long to wait between attempts.
  ///   - maxEvents: How many events a request may hold. A batch that was composed under other settings may have more.
  ///   - maxBytes: How many bytes of records a request may hold, but for one event by itself.
  ///   - suspects: Events that have failed while others went through, and how many may go together with each; what has any of
  ///     them is sent in parts of that size, and sought through at once.
  package init(
    events: [PendingEvent], attempts: Int, backoff: Backoff, maxEvents: Int = .max, maxBytes: Int = .max,
    suspects: [EventID: Int] = [:]
  ) {
    let smallest = suspects.isEmpty ? nil : events.lazy.compactMap { suspects[$0.eventId] }.min()
    wasSuspect = smallest != nil
    // Each search goes on from the last one, whatever else has let requests grow meanwhile.
    let most = smallest.map { min(maxEvents, max($0, 1)) } ?? maxEvents
    parts = []
    var room = 0
    for event in events {
      if let last = parts.indices.last, parts[last].events.count < most, event.bytes <= room {
        parts[last].events.append(event)
      } else {
        parts.append(Part(events: [event], isSuspect: wasSuspect))
        room = maxBytes
      }
      room -= min(event.bytes, room)
    }
    self.attempts = max(attempts, 1)
    self.backoff = backoff
  }

  /// What is to be sent next; nil once all is done.
  package var next: [PendingEvent]? { parts.first?.events }

  /// How many attempts at what is to be sent next have been in vain.
  package var failedAttempts: Int { parts.first?.attempts ?? 0 }

  /// Whether nothing more can be said of these events before another one was sent.
  package var wantsContrast: Bool {
    !hasProgress && !accused.isEmpty && (parts.isEmpty || accused.count > 1)
  }

  /// The events that were refused alone, and of which nothing more can be said.
  package var accusedEvents: [PendingEvent] { accused.map(\.event) }

  /// Takes out events that are not there any more.
  package mutating func withdraw(_ gone: Set<PendingEvent>) {
    for index in parts.indices { parts[index].events.removeAll { gone.contains($0) } }
    parts.removeAll(where: \.events.isEmpty)
  }

  /// Takes what became of `next`.
  ///
  /// - Parameters:
  ///   - answer: The class of the answer.
  ///   - response: What the answer says, for the events that its results are about.
  ///   - isProbe: Whether it was sent while the circuit was open: then nobody's attempts are spent on a webhook that is
  ///     away.
  ///   - isRefusing: Whether the circuit is open since whatever was sent was refused.
  ///   - random: A number from 0 to 1.
  /// - Returns: What has to be done now.
  package mutating func take(
    _ answer: AnswerClass, response: String? = nil, isProbe: Bool, isRefusing: Bool = false, random: Double
  ) -> Outcome {
    guard !parts.isEmpty else { return Outcome() }
    defer { isNextContrast = false }
    var outcome = decide(answer, response: response, isProbe: isProbe, isRefusing: isRefusing, random: random)
    if case .fails = outcome.signal {
      isCutShort = true
      // What was to tell whose fault it is has not gone through either.
      if isNextContrast { pardon() }
    }
    // Others of the same batch have gone through.
    if parts.isEmpty, hasProgress { progress() }
    if case .results = answer, held.isEmpty { return outcome }
    held += outcome.failed
    // An event is given up after all that were sent with it have gone through, but nobody waits for it longer than that.
    let isNextAtOnce =
      isNextContrast || !parts.isEmpty && outcome.wait == .zero && [.none, .works].contains(outcome.signal)
    outcome.failed = isNextAtOnce ? [] : giveUp()
    return outcome
  }

  /// Has the first event that is yet to be sent go alone, so that it tells whether others than the refused go through.
  ///
  /// - Returns: False if nothing is left, or what is left is suspect itself.
  package mutating func isolateNext() -> Bool {
    guard let part = parts.first, !part.isSuspect, !wasSuspect else { return false }
    isNextContrast = true
    guard part.events.count > 1 else { return true }
    let rest = Part(events: Array(part.events.dropFirst()))
    parts.replaceSubrange(0..<1, with: [Part(events: [part.events[0]]), rest])
    return true
  }

  /// Takes whether another event went through, which was sent because of what these were answered.
  package mutating func takeContrast(_ isAcknowledged: Bool) -> Outcome {
    guard !isAcknowledged else {
      progress()
      return Outcome(failed: parts.isEmpty ? giveUp() : [])
    }
    guard let trouble = accused.last?.trouble else { return Outcome(failed: giveUp()) }
    isCutShort = true
    let fault = Fault(trouble, .answered, mendsItself: true)
    defer { accused = [] }
    // These have had their attempts, and were tried before; the others wait in `retry/` as any that nobody takes.
    guard !wasSuspect else { return Outcome(failed: giveUp(), signal: .fails(fault)) }
    let others = parts.filter(\.isSuspect).flatMap(\.events).map {
      Failure(event: $0, kind: .undelivered, trouble: trouble)
    }
    parts.removeAll(where: \.isSuspect)
    let undelivered = accused.map { Failure(event: $0.event, kind: .undelivered, trouble: $0.trouble) }
    return Outcome(failed: giveUp() + undelivered + others, signal: .fails(fault))
  }

  /// What has failed and was not told yet; for whoever sends no more.
  package mutating func giveUp() -> [Failure] {
    defer { held = [] }
    return held
  }

  /// Nothing is held against any event: it is the endpoint.
  package mutating func pardon() {
    isCutShort = true
    held = []
    accused = []
  }

  private mutating func progress() {
    hasProgress = true
    held += accused
    accused = []
  }

  private mutating func decide(
    _ answer: AnswerClass, response: String?, isProbe: Bool, isRefusing: Bool, random: Double
  ) -> Outcome {
    switch answer {
    case .acknowledged:
      progress()
      return Outcome(acknowledged: parts.removeFirst().events, signal: .works)
    case .results(let results):
      return take(results, response: response, isProbe: isProbe, random: random)
    case .refused(let trouble):
      if isProbe, isRefusing { return Outcome(signal: .fails(Fault(trouble, .refused))) }
      return refuse(trouble)
    case .transient, .unanswered, .suspicious, .endpoint:
      guard let fault = Fault(answer) else { return Outcome() }
      // What had no answer is not sent again before others were, in however small a part.
      if isProbe || fault.kind == .unanswered { return Outcome(signal: .fails(fault)) }
      if parts[0].isSuspect { return narrow(fault.trouble) }
      switch answer {
      case .transient(let trouble, let retryAfter): return retry(trouble, retryAfter: retryAfter, random: random)
      case .suspicious(let trouble) where parts[0].attempts + 1 < attempts:
        return retry(trouble, retryAfter: nil, random: random)
      case .suspicious(let trouble):
        parts[0].isSuspect = true
        return narrow(trouble)
      default: return Outcome(signal: .fails(fault))
      }
    }
  }

  /// The events at fault are among these: halves them, or lets the one of them fail.
  private mutating func refuse(_ trouble: Trouble) -> Outcome {
    if split() { return Outcome(signal: .works) }
    let events = parts.removeFirst().events
    let failed = events.map { Failure(event: $0, kind: .refused, trouble: trouble) }
    return Outcome(failed: failed, refusedAlone: events, signal: .works)
  }

  /// The same for what may be the webhook's state just as well: the one of them only fails once another goes through.
  private mutating func narrow(_ trouble: Trouble) -> Outcome {
    if split() { return Outcome() }
    let events = parts.removeFirst().events
    accused += events.map { Failure(event: $0, kind: .refused, trouble: trouble) }
    return Outcome(refusedAlone: events)
  }

  /// Takes what the answer says of each event.
  ///
  /// What it wants later is tried again, and moves after the attempts; what it does not name stays pending, and goes out with
  /// the next batch.
  private mutating func take(
    _ results: [EventResult], response: String?, isProbe: Bool, random: Double
  ) -> Outcome {
    var part = parts.removeFirst()
    var outcome = Outcome(signal: .works)
    var later: [(event: PendingEvent, trouble: Trouble)] = []
    for (index, event) in part.events.enumerated() {
      let result = index < results.count ? results[index] : .unnamed
      guard let trouble = result.trouble(response: response) else {
        outcome.acknowledged.append(event)
        continue
      }
      switch result {
      case .reject: outcome.failed.append(Failure(event: event, kind: .refused, trouble: trouble))
      case .retry, .contradicted: later.append((event, trouble))
      case .acknowledged, .unnamed: break
      }
    }
    let isInVain = outcome.acknowledged.isEmpty && outcome.failed.isEmpty
    if !isInVain { progress() }
    guard let why = later.first?.trouble else { return outcome }

    part.events = later.map(\.event)
    part.attempts += 1
    part.isSuspect = false
    if part.attempts < attempts {
      parts.insert(part, at: 0)
      outcome.wait = isProbe ? .zero : backoff.fullJitter(afterFailures: part.attempts, random: random)
    } else {
      outcome.failed += later.map { Failure(event: $0.event, kind: .undelivered, trouble: $0.trouble) }
    }
    // Where others go through, it is not the webhook that is away.
    if isProbe ? isInVain : !hasProgress && part.attempts >= attempts {
      outcome.signal = .fails(Fault(why, .answered, mendsItself: true))
    }
    return outcome
  }

  /// Spends an attempt.
  private mutating func retry(_ trouble: Trouble, retryAfter: Duration?, random: Double) -> Outcome {
    parts[0].attempts += 1
    guard parts[0].attempts >= attempts else {
      let wait = backoff.fullJitter(afterFailures: parts[0].attempts, random: random)
      guard let retryAfter, retryAfter > wait else { return Outcome(wait: wait) }
      return Outcome(signal: .wantsSilence(retryAfter))
    }
    let failed = parts.removeFirst().events.map { Failure(event: $0, kind: .undelivered, trouble: trouble) }
    let kind: Fault.Kind = trouble.httpStatus == nil ? .unreached : .answered
    return Outcome(
      failed: failed, signal: .fails(Fault(trouble, kind, retryAfter: retryAfter, mendsItself: true)))
  }

  /// Puts two halves in the place of the first part.
  ///
  /// - Returns: False where it is a single event.
  private mutating func split() -> Bool {
    let part = parts[0]
    guard part.events.count > 1 else { return false }
    let middle = (part.events.count + 1) / 2
    parts.replaceSubrange(
      0..<1,
      with: [part.events[..<middle], part.events[middle...]].map {
        Part(events: Array($0), isSuspect: part.isSuspect)
      })
    return true
  }
}
