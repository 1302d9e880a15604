package import Catalog
package import Events
package import Time

/// The delivery of one batch: attempts, waits, and halves, until each of its events is acknowledged or has failed.
///
/// It only decides and touches nothing; the sender asks for `next`, and reports the outcome.
package struct BatchDelivery: Sendable {
  /// Some of the batch's events, to be sent together.
  private struct Part: Sendable {
    var events: [PendingEvent]
    /// How many attempts at these events have failed.
    var attempts = 0
    /// Whether the whole has had its attempts, and the search for the events at fault is on.
    var isSuspect = false
  }

  /// In the order in which they are sent.
  private var parts: [Part]
  private let attempts: Int
  private let backoff: Backoff
  /// Whether these events had failed before while others went through: their attempts are used up.
  private let wasSuspect: Bool
  /// Whether any event went through, so that the webhook is known to work.
  private var hasProgress = false
  /// What has failed, to be reported after the others have had their turn.
  private var held: [Failure] = []
  /// Whether the next request is to show whose fault it is; until then, nothing is reported.
  private var isNextContrast = false
  /// What was refused alone, whatever the answer; it fails once another event is acknowledged.
  private var accused: [Failure] = []
  /// Whether it found the webhook unable to accept anything: then no more of it is sent.
  ///
  /// This does not ask the circuit, since another batch under way may have closed that again meanwhile. The rest of
  /// this one then gets its turn from the start, with what is known of its events by then.
  package private(set) var isCutShort = false

  /// - Parameters:
  ///   - events: The batch.
  ///   - attempts: How often to send it before giving it up.
  ///   - backoff: How long to wait between attempts.
  ///   - maxEvents: How many events a request may hold. A batch composed under other settings may have more.
  ///   - maxBytes: How many bytes of records a request may hold, except for a single event.
  ///   - suspects: Events that have failed while others went through, and how many events may be sent together with
  ///     each; a batch with any of them is sent in parts of that size, and searched at once.
  package init(
    events: [PendingEvent], attempts: Int, backoff: Backoff, maxEvents: Int = .max, maxBytes: Int = .max,
    suspects: [EventID: Int] = [:]
  ) {
    let smallest = suspects.isEmpty ? nil : events.lazy.compactMap { suspects[$0.eventId] }.min()
    wasSuspect = smallest != nil
    // Each search continues where the last one ended, even if requests have grown meanwhile.
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

  /// What to send next; nil once everything is done.
  package var next: [PendingEvent]? { parts.first?.events }

  /// How many attempts at what is to be sent next have failed.
  package var failedAttempts: Int { parts.first?.attempts ?? 0 }

  /// Whether nothing more can be decided about these events until another one has been sent.
  package var wantsContrast: Bool {
    !hasProgress && !accused.isEmpty && (parts.isEmpty || accused.count > 1)
  }

  /// The events that were refused alone, and about which nothing more can be decided.
  package var accusedEvents: [PendingEvent] { accused.map(\.event) }

  /// Removes events that no longer exist.
  package mutating func withdraw(_ gone: Set<PendingEvent>) {
    for index in parts.indices { parts[index].events.removeAll { gone.contains($0) } }
    parts.removeAll(where: \.events.isEmpty)
  }

  /// Takes the outcome of `next`.
  ///
  /// - Parameters:
  ///   - answer: The class of the answer.
  ///   - response: What the answer says, for the events in its results.
  ///   - isProbe: Whether it was sent while the circuit was open: then no attempts are spent on a webhook that is down.
  ///   - isRefusing: Whether the circuit is open because everything that was sent was refused.
  ///   - random: A number between 0 and 1.
  /// - Returns: What to do now.
  package mutating func take(
    _ answer: AnswerClass, response: String? = nil, isProbe: Bool, isRefusing: Bool = false, random: Double
  ) -> Outcome {
    guard !parts.isEmpty else { return Outcome() }
    defer { isNextContrast = false }
    var outcome = decide(answer, response: response, isProbe: isProbe, isRefusing: isRefusing, random: random)
    if case .fails = outcome.signal {
      isCutShort = true
      // What was to show whose fault it is has not gone through either.
      if isNextContrast { pardon() }
    }
    // Other events of the same batch have gone through.
    if parts.isEmpty, hasProgress { progress() }
    if case .results = answer, held.isEmpty { return outcome }
    held += outcome.failed
    // An event is given up after all that were sent with it have gone through, but no pause is waited out first.
    let isNextAtOnce =
      isNextContrast || !parts.isEmpty && outcome.wait == .zero && [.none, .works].contains(outcome.signal)
    outcome.failed = isNextAtOnce ? [] : giveUp()
    return outcome
  }

  /// Makes the first event that has not been sent yet go alone, so that it shows whether any but the refused go
  /// through.
  ///
  /// - Returns: False if nothing is left, or if what is left is itself suspect.
  package mutating func isolateNext() -> Bool {
    guard let part = parts.first, !part.isSuspect, !wasSuspect else { return false }
    isNextContrast = true
    guard part.events.count > 1 else { return true }
    let rest = Part(events: Array(part.events.dropFirst()))
    parts.replaceSubrange(0..<1, with: [Part(events: [part.events[0]]), rest])
    return true
  }

  /// Takes whether another event went through, which was sent because of the answers to these.
  package mutating func takeContrast(_ isAcknowledged: Bool) -> Outcome {
    guard !isAcknowledged else {
      progress()
      return Outcome(failed: parts.isEmpty ? giveUp() : [])
    }
    guard let trouble = accused.last?.trouble else { return Outcome(failed: giveUp()) }
    isCutShort = true
    let fault = Fault(trouble, .answered, mendsItself: true)
    defer { accused = [] }
    // These have had their attempts, and were tried before; the others wait in `retry/` like any that nobody accepts.
    guard !wasSuspect else { return Outcome(failed: giveUp(), signal: .fails(fault)) }
    let others = parts.filter(\.isSuspect).flatMap(\.events).map {
      Failure(event: $0, kind: .undelivered, trouble: trouble)
    }
    parts.removeAll(where: \.isSuspect)
    let undelivered = accused.map { Failure(event: $0.event, kind: .undelivered, trouble: $0.trouble) }
    return Outcome(failed: giveUp() + undelivered + others, signal: .fails(fault))
  }

  /// What has failed and was not reported yet; for a sender that stops.
  package mutating func giveUp() -> [Failure] {
    defer { held = [] }
    return held
  }

  /// Clears all events: the endpoint is at fault.
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
      // What got no answer is not sent again before others were, however small the part.
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

  /// The events at fault are among these: halves them, or fails the single one.
  private mutating func refuse(_ trouble: Trouble) -> Outcome {
    if split() { return Outcome(signal: .works) }
    let events = parts.removeFirst().events
    let failed = events.map { Failure(event: $0, kind: .refused, trouble: trouble) }
    return Outcome(failed: failed, refusedAlone: events, signal: .works)
  }

  /// The same for what may just as well be due to the webhook: the single one only fails once another goes through.
  private mutating func narrow(_ trouble: Trouble) -> Outcome {
    if split() { return Outcome() }
    let events = parts.removeFirst().events
    accused += events.map { Failure(event: $0, kind: .refused, trouble: trouble) }
    return Outcome(refusedAlone: events)
  }

  /// Takes what the answer says about each event.
  ///
  /// What it wants later is tried again, and moved after the last attempt; what it does not name stays pending, and is
  /// sent with the next batch.
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
    // If others go through, the webhook is not down.
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

  /// Puts two halves in place of the first part.
  ///
  /// - Returns: False if it is a single event.
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
