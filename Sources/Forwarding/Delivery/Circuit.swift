package import Time

/// Whether anything is sent at all.
///
/// Closed, everything is. Open, only one probe at a time is sent, at intervals that double; the first that gets a real
/// answer closes it again.
package struct Circuit: Sendable {
  /// Why nothing is sent, and since when.
  package struct Opening: Hashable, Sendable {
    package var trouble: Trouble
    package var since: Timestamp
    /// Whether it usually ends by itself.
    package var mendsItself: Bool
    /// Between the last probe and the next one.
    package var interval: Duration
    /// What was refused, and what was not answered, is blamed on the endpoint until other content has met the same.
    package fileprivate(set) var probes: ProbeOrder
    /// Whether pauses were ended while a probe was under way: then the next one follows at once.
    fileprivate var isHastened = false
    /// Until when the endpoint may be starting, on the monotonic clock; nil: it is not starting.
    fileprivate var startEnds: Duration?

    /// Postpones the next probe further.
    ///
    /// A start is over within seconds, so the interval stays at its first value while one may last. If a start takes
    /// longer, or recurs, it is treated as any other trouble until the interval has reached its maximum.
    fileprivate mutating func lengthen(after fault: Fault, first: Duration, maximum: Duration, at now: Duration) {
      if fault.trouble.isStart {
        let end = startEnds ?? now + StartWatch.length
        startEnds = end
        if now < end { return interval = first }
      }
      interval = min(interval * 2, maximum)
      if interval == maximum, let startEnds, startEnds <= now { self.startEnds = nil }
    }
  }

  package enum State: Hashable, Sendable {
    case closed
    /// `nextProbe` is on the monotonic clock.
    case open(Opening, nextProbe: Duration)
    case probing(Opening)
  }

  /// What a sender may do.
  package enum Admission: Hashable, Sendable {
    case send
    /// Send this, and report how it went: others wait for it.
    case probe(Probe)
    /// Ask again after this time; nil: once the probe under way has ended.
    case wait(Duration?)
  }

  package private(set) var state = State.closed
  /// The webhook asked not to be called before this time.
  private var silentUntil: Duration?
  /// Why it was open, if only a refusal has closed it.
  ///
  /// If it soon opens again and nothing was acknowledged meanwhile, that has not ended.
  private var doubtful: (opening: Opening, until: Duration)?
  private let first: Duration
  private let maximum: Duration

  /// - Parameter intervals: How long after opening the first probe is sent, and the maximum time between two.
  package init(intervals: Backoff) {
    first = max(intervals.first, .milliseconds(1))
    maximum = max(first, intervals.maximum)
  }

  package var opening: Opening? {
    switch state {
    case .closed: nil
    case .open(let opening, _), .probing(let opening): opening
    }
  }

  /// Why it was open, if only a refusal has closed it and nothing was acknowledged since.
  package var doubted: Opening? { if case .closed = state { doubtful?.opening } else { nil } }

  /// Whether the trouble it was open for may not have ended: then one batch at a time shows whether it has.
  package func isDoubtful(at now: Duration) -> Bool {
    guard doubted != nil, let doubtful else { return false }
    return now <= doubtful.until
  }

  /// Asks whether something may be sent.
  package mutating func admit(at now: Duration) -> Admission {
    switch state {
    case .closed:
      if let silentUntil, now < silentUntil { return .wait(silentUntil - now) }
      silentUntil = nil
      return .send
    case .open(let opening, let nextProbe):
      guard now >= nextProbe else { return .wait(nextProbe - now) }
      state = .probing(opening)
      return .probe(opening.probes.next)
    case .probing: return .wait(nil)
    }
  }

  /// Asks for a probe without waiting until it is due; for a caller that will not be around then.
  ///
  /// - Returns: One that carries a single event; nil if one is under way, or another would show nothing new.
  package mutating func admitAtOnce() -> Probe? {
    guard case .open(let opening, _) = state, !opening.trouble.isStart, let probe = opening.probes.atOnce else {
      return nil
    }
    state = .probing(opening)
    return probe
  }

  /// Starts the way an earlier circuit ended, without an answer: with a probe that is due.
  package mutating func resume(_ fault: Fault, since: Timestamp, at now: Duration) {
    guard open(for: fault, time: since, now: now) else { return }
    hasten(at: now)
  }

  /// The webhook accepts events again, or refuses some and may accept others.
  ///
  /// - Parameter refused: If it has only refused some, and acknowledged none: the time on the monotonic clock.
  /// - Returns: Why it was open, if it was.
  package mutating func close(refusingAt refused: Duration? = nil) -> Opening? {
    if let refused {
      if let opening { doubtful = (opening, until: refused + maximum) }
    } else {
      doubtful = nil
    }
    // A silence remains: what answers now may have been sent before the webhook asked for it.
    defer { state = .closed }
    return opening
  }

  /// Something other than a probe was refused: if nothing was acknowledged since it was open, the doubt remains.
  package mutating func refuse(at now: Duration) {
    if isDoubtful(at: now) { doubtful?.until = now + maximum }
  }

  /// The webhook cannot accept anything.
  ///
  /// - Parameters:
  ///   - fault: Why.
  ///   - probe: The probe that found it out; nil: another request, and what requests sent earlier find out is known
  ///     already.
  ///   - isSuspected: Whether it was found out by a single event that had failed before while others went through.
  ///   - time: The time of day.
  ///   - now: The time on the monotonic clock.
  /// - Returns: Whether it was closed before.
  package mutating func open(
    for fault: Fault, probe: Probe? = nil, isSuspected: Bool = false, time: Timestamp, now: Duration
  ) -> Bool {
    let retryAfter = fault.retryAfter ?? .zero
    switch state {
    case .closed:
      var opening = Opening(
        trouble: fault.trouble, since: time, mendsItself: fault.mendsItself, interval: first,
        probes: ProbeOrder(isSuspected: isSuspected))
      if let doubtful, now <= doubtful.until {
        (opening.interval, opening.startEnds) = (doubtful.opening.interval, doubtful.opening.startEnds)
        opening.lengthen(after: fault, first: first, maximum: maximum, at: now)
        // What was refused as a probe did not help: without this, each probe would carry the same events.
        opening.probes = doubtful.opening.probes
        opening.probes.didFail(with: fault, opening.probes.next)
      } else {
        if fault.trouble.isStart { opening.startEnds = now + StartWatch.length }
        opening.probes.didFail(with: fault, nil)
      }
      doubtful = nil
      state = .open(opening, nextProbe: max(now + max(opening.interval, retryAfter), silentUntil ?? .zero))
      return true
    case .probing(var opening) where probe != nil:
      opening.trouble = fault.trouble
      opening.mendsItself = fault.mendsItself
      opening.lengthen(after: fault, first: first, maximum: maximum, at: now)
      opening.probes.didFail(with: fault, probe)
      let pause = opening.isHastened ? retryAfter : max(opening.interval, retryAfter)
      opening.isHastened = false
      state = .open(opening, nextProbe: max(now + pause, silentUntil ?? .zero))
      return false
    case .open(var opening, let nextProbe):
      opening.probes.didFail(with: fault, nil)
      state = .open(opening, nextProbe: nextProbe)
      return false
    case .probing(var opening):
      opening.probes.didFail(with: fault, nil)
      state = .probing(opening)
      return false
    }
  }

  /// The probe was given up without an answer: the next one may be sent at once.
  package mutating func abandonProbe(at now: Duration) {
    guard case .probing(var opening) = state else { return }
    opening.isHastened = false
    state = .open(opening, nextProbe: now)
  }

  /// Ends every pause: what may be sent, may be sent now.
  package mutating func hasten(at now: Duration) {
    silentUntil = nil
    switch state {
    case .closed: break
    case .open(let opening, _): state = .open(opening, nextProbe: now)
    case .probing(var opening):
      opening.isHastened = true
      state = .probing(opening)
    }
  }

  /// Holds everything back for a while, without reporting any trouble: the webhook asked for it.
  package mutating func beSilent(for duration: Duration, at now: Duration) {
    let end = max(silentUntil ?? .zero, now + duration)
    silentUntil = end
    if case .open(let opening, let nextProbe) = state { state = .open(opening, nextProbe: max(nextProbe, end)) }
  }

  /// The remaining time of the silence that the webhook asked for.
  package func silence(at now: Duration) -> Duration {
    max((silentUntil ?? .zero) - now, .zero)
  }
}
