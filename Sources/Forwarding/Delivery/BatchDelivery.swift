package import EventStore
package import Schedules

/// The way of one batch: attempts, waits, and halves, until each of its events is acknowledged or has failed.
///
/// It decides and touches nothing; whoever sends asks for `next`, and tells what came of it.
package struct BatchDelivery: Sendable {
  /// What has to be done after an attempt, in this order.
  package struct Outcome: Hashable, Sendable {
    package var acknowledged: [PendingEvent] = []
    package var failed: [Failure] = []
    package var signal = EndpointSignal.none
    /// How long to wait before the next attempt.
    package var wait = Duration.zero

    package init(
      acknowledged: [PendingEvent] = [], failed: [Failure] = [], signal: EndpointSignal = .none,
      wait: Duration = .zero
    ) {
      self.acknowledged = acknowledged
      self.failed = failed
      self.signal = signal
      self.wait = wait
    }
  }

  /// What an attempt tells about the webhook.
  package enum EndpointSignal: Hashable, Sendable {
    case none
    /// It takes events.
    case works
    /// It cannot take any; `isNarrowing` where it has failed of what was sent to it, and less is sent next.
    case fails(Trouble, retryAfter: Duration?, isNarrowing: Bool)
    /// It has asked not to be called for a while.
    case wantsSilence(Duration)
  }

  /// An event that did not get through.
  package struct Failure: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
      /// The event is refused: this counts against it.
      case refused
      /// It had its attempts, and nothing is wrong with it that we know.
      case undelivered
      /// The workflow has failed of it, or of what it was sent with.
      case workflowFailed
    }

    package var event: PendingEvent
    package var kind: Kind
    package var trouble: Trouble
  }

  /// Some of the batch's events, that are sent together.
  private struct Part: Sendable {
    var events: [PendingEvent]
    /// How many attempts at these events were in vain.
    var attempts = 0
    /// Whether the whole has had its attempts, and the one event is sought that the workflow fails of.
    var isSuspect = false
  }

  /// In the order in which they are sent.
  private var parts: [Part]
  private let attempts: Int
  private let backoff: Backoff
  private let isPutOff: Bool
  /// How many events are sent once the workflow has failed of more as a probe.
  private static let few = 10
  /// Whether any event went through, so that the webhook is known to work.
  private var hasProgress = false
  /// How many events have failed by themselves while they were suspected.
  private var isolated = 0
  /// What no answer has named, after all attempts: it stays pending.
  package private(set) var unnamed: [PendingEvent] = []
  /// What the workflow has failed of as probes, or may fail of, so that others are to be probes: it stays pending, too.
  package private(set) var suspects: [PendingEvent] = []
  /// What has failed, to be told after the others have had their turn.
  private var held: [Failure] = []

  /// - Parameters:
  ///   - events: The batch.
  ///   - attempts: How often it is sent before it is given up.
  ///   - backoff: How long to wait between attempts.
  ///   - maxEvents: How many events a request may hold. A batch that was composed under other settings may have more.
  ///   - maxBytes: How many bytes of records a request may hold, but for one event by itself.
  ///   - isPutOff: Whether others have gone first, so that it tells nothing of the webhook where an answer does not name
  ///     these events.
  package init(
    events: [PendingEvent], attempts: Int, backoff: Backoff, maxEvents: Int = .max, maxBytes: Int = .max,
    isPutOff: Bool = false
  ) {
    parts = []
    var room = 0
    for event in events {
      if let last = parts.indices.last, parts[last].events.count < maxEvents, event.bytes <= room {
        parts[last].events.append(event)
      } else {
        parts.append(Part(events: [event]))
        room = maxBytes
      }
      room -= min(event.bytes, room)
    }
    self.attempts = max(attempts, 1)
    self.backoff = backoff
    self.isPutOff = isPutOff
  }

  /// What is to be sent next; nil once all is done.
  package var next: [PendingEvent]? { parts.first?.events }

  /// How many attempts at what is to be sent next have been in vain.
  package var failedAttempts: Int { parts.first?.attempts ?? 0 }

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
  ///   - random: A number from 0 to 1.
  /// - Returns: What has to be done now.
  package mutating func take(
    _ answer: AnswerClass, response: String? = nil, isProbe: Bool, random: Double
  ) -> Outcome {
    guard !parts.isEmpty else { return Outcome() }
    var outcome = decide(answer, response: response, isProbe: isProbe, random: random)
    if case .results = answer, held.isEmpty { return outcome }
    held += outcome.failed
    // An event is given up after all that were sent with it have gone through, but nobody waits for it longer than that.
    let isNextAtOnce = !parts.isEmpty && outcome.wait == .zero && [.none, .works].contains(outcome.signal)
    outcome.failed = isNextAtOnce ? [] : giveUp()
    return outcome
  }

  /// What has failed and was not told yet; for whoever sends no more.
  package mutating func giveUp() -> [Failure] {
    defer { held = [] }
    return held
  }

  private mutating func decide(
    _ answer: AnswerClass, response: String?, isProbe: Bool, random: Double
  ) -> Outcome {
    switch answer {
    case .acknowledged:
      hasProgress = true
      return Outcome(acknowledged: parts.removeFirst().events, signal: .works)
    case .results(let results):
      return take(results, response: response, isProbe: isProbe, random: random)
    case .refused(let trouble):
      return refuse(trouble)
    case .endpoint(let trouble):
      return Outcome(signal: .fails(trouble, retryAfter: nil, isNarrowing: false))
    case .transient(let trouble, let retryAfter):
      if isProbe { return Outcome(signal: .fails(trouble, retryAfter: retryAfter, isNarrowing: false)) }
      return retry(trouble, retryAfter: retryAfter, random: random)
    case .suspicious(let trouble):
      return isProbe ? narrow(trouble) : suspect(trouble, random: random)
    }
  }

  /// The events at fault are among these: halves them, or lets the one of them fail.
  private mutating func refuse(_ trouble: Trouble) -> Outcome {
    guard split() else {
      let failed = parts.removeFirst().events.map { Failure(event: $0, kind: .refused, trouble: trouble) }
      return Outcome(failed: failed, signal: .works)
    }
    return Outcome(signal: .works)
  }

  /// Takes what the answer says of each event; what is not done yet is tried again.
  ///
  /// After the attempts, an event that the workflow wants later moves, and one that it does not name stays pending. Those
  /// that it does not name have no more attempts where others wait for them to end: as a probe, and once they were put off.
  private mutating func take(
    _ results: [EventResult], response: String?, isProbe: Bool, random: Double
  ) -> Outcome {
    var part = parts.removeFirst()
    var outcome = Outcome(signal: .works)
    var rest: [(event: PendingEvent, trouble: Trouble, isUnnamed: Bool)] = []
    for (index, event) in part.events.enumerated() {
      let result = index < results.count ? results[index] : .unnamed
      guard let trouble = result.trouble(response: response) else {
        outcome.acknowledged.append(event)
        continue
      }
      switch result {
      case .reject: outcome.failed.append(Failure(event: event, kind: .refused, trouble: trouble))
      case .retry: rest.append((event, trouble, false))
      case .acknowledged, .unnamed: rest.append((event, trouble, true))
      }
    }
    let isInVain = outcome.acknowledged.isEmpty && outcome.failed.isEmpty
    if !isInVain { hasProgress = true }
    guard let why = (rest.first { !$0.isUnnamed } ?? rest.first)?.trouble else { return outcome }

    part.events = rest.map(\.event)
    part.attempts += 1
    part.isSuspect = false
    let isHoldingUp = rest.allSatisfy(\.isUnnamed) && (isPutOff || isProbe && isInVain)
    if part.attempts < attempts, !isHoldingUp {
      parts.insert(part, at: 0)
      outcome.wait = isProbe ? .zero : backoff.fullJitter(afterFailures: part.attempts, random: random)
    } else {
      unnamed += rest.filter(\.isUnnamed).map(\.event)
      outcome.failed += rest.filter { !$0.isUnnamed }.map {
        Failure(event: $0.event, kind: .undelivered, trouble: $0.trouble)
      }
      // Where others go through, it is not the webhook that is away.
      if !hasProgress { outcome.signal = .fails(why, retryAfter: nil, isNarrowing: false) }
    }
    if isProbe, isInVain { outcome.signal = .fails(why, retryAfter: nil, isNarrowing: false) }
    if isPutOff, isHoldingUp, isInVain { outcome.signal = .none }
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
    return Outcome(failed: failed, signal: .fails(trouble, retryAfter: retryAfter, isNarrowing: false))
  }

  /// Spends an attempt; after the last, seeks the one event that the workflow fails of.
  private mutating func suspect(_ trouble: Trouble, random: Double) -> Outcome {
    if !parts[0].isSuspect, parts[0].attempts + 1 < attempts {
      return retry(trouble, retryAfter: nil, random: random)
    }
    parts[0].isSuspect = true
    if split() { return Outcome() }
    isolated += 1
    let part = parts.removeFirst()
    var failed = part.events.map { Failure(event: $0, kind: .workflowFailed, trouble: trouble) }
    if hasProgress { return Outcome(failed: failed) }
    // Two events that fail by themselves, and none that goes through: it is not the events.
    guard isolated > 1 || parts.isEmpty else { return Outcome(failed: failed) }
    let others = parts.filter(\.isSuspect).flatMap(\.events)
    parts.removeAll(where: \.isSuspect)
    failed += others.map { Failure(event: $0, kind: .workflowFailed, trouble: trouble) }
    return Outcome(failed: failed, signal: .fails(trouble, retryAfter: nil, isNarrowing: false))
  }

  /// A probe that the workflow has failed of: a few of its events are the next, then the first of all, then the last.
  ///
  /// Where none of these goes through, other batches are the next probes, so that no event can block all others.
  private mutating func narrow(_ trouble: Trouble) -> Outcome {
    if split(after: parts[0].events.count > Self.few ? Self.few : 1, isSuspect: true) {
      return Outcome(signal: .fails(trouble, retryAfter: nil, isNarrowing: true))
    }
    // Where single events fail, too, it is more likely the workflow: it is left alone for longer.
    let outcome = Outcome(signal: .fails(trouble, retryAfter: nil, isNarrowing: false))
    let single = parts.removeFirst()
    isolated += 1
    if isolated == 1, let last = parts.indices.last {
      let other = parts[last].events.removeLast()
      if parts[last].events.isEmpty { parts.removeLast() }
      parts.insert(Part(events: [other], isSuspect: true), at: 0)
      parts.append(Part(events: single.events, isSuspect: true))
    } else {
      suspects = single.events + parts.flatMap(\.events)
      parts = []
    }
    return outcome
  }

  /// Puts two in the place of the first part.
  ///
  /// - Parameters:
  ///   - count: How many events are in the first of them; nil: half.
  ///   - isSuspect: Whether they are sought through without attempts of their own; nil: as the whole is.
  /// - Returns: False where it is a single event.
  private mutating func split(after count: Int? = nil, isSuspect: Bool? = nil) -> Bool {
    let part = parts[0]
    guard part.events.count > 1 else { return false }
    let middle = count ?? (part.events.count + 1) / 2
    parts.replaceSubrange(
      0..<1,
      with: [part.events[..<middle], part.events[middle...]].map {
        Part(events: Array($0), isSuspect: isSuspect ?? part.isSuspect)
      })
    return true
  }
}
