package import Catalog
package import Events

/// What is sent while nothing else is.
package enum Probe: Hashable, Sendable {
  /// The oldest events, as many as are sent together.
  case oldest
  /// A single one that was not among those that failed, if there is any.
  case other(newest: Bool)
  /// The single one that has been sent least often.
  case leastSent

  /// Whether it is a single event, chosen by itself.
  package var isSingle: Bool { self != .oldest }
}

/// Which probe comes next: a value that takes the outcome of each.
///
/// An answer may be about the content. So after two probes that got one, every other probe carries a single different
/// event. If nothing answers, each request may still be running or queued: then each probe is the one event that has
/// been sent least often.
package struct ProbeOrder: Hashable, Sendable {
  /// How many probes have failed because of an answer, or without one once they were sent.
  private var failed: Int
  /// How many single events have failed as probes.
  private var singles = 0
  /// Whether the last failure was not even sent.
  private var isUnreached = false
  /// Whether a request has got no answer.
  private(set) var isUnanswered = false
  /// Whether the endpoint refuses whatever is sent.
  package private(set) var isRefusing = false

  /// - Parameter isSuspected: Whether the one event that failed had failed before while others went through: then it is
  ///   their turn.
  package init(isSuspected: Bool = false) {
    failed = isSuspected ? 2 : 0
  }

  package var next: Probe {
    if isUnanswered { return .leastSent }
    return failed >= 2 && failed.isMultiple(of: 2) ? other : .oldest
  }

  private var other: Probe { .other(newest: !singles.isMultiple(of: 2)) }

  /// If this many single events in a row do not go through, they are not at fault.
  static let inARow = 3

  /// For a caller that does not wait: a single event that shows whether others go through; nil if that was tried often
  /// enough, or if nothing reaches the webhook at all.
  var atOnce: Probe? {
    guard !isUnreached, singles < Self.inARow else { return nil }
    return isUnanswered ? .leastSent : other
  }

  /// - Parameters:
  ///   - fault: How a request ended.
  ///   - probe: Which probe it was; nil: none.
  package mutating func didFail(with fault: Fault, _ probe: Probe?) {
    if fault.kind == .unanswered { isUnanswered = true }
    if probe != nil || !isRefusing { isRefusing = fault.kind == .refused }
    isUnreached = fault.kind == .unreached
    guard let probe else { return }
    if probe.isSingle { singles += 1 }
    if fault.kind != .unreached { failed += 1 }
  }

  /// The event that a probe carries.
  ///
  /// - Parameters:
  ///   - probe: Which probe.
  ///   - events: The waiting events, oldest first.
  ///   - failed: Those that were sent in vain since nothing else is sent.
  ///   - doubtful: Those that have failed before while others went through: their outcome says the least.
  ///   - sent: How often each was sent without an answer, or alone.
  ///   - alone: Those that have failed alone and would show nothing new; nil: they may be sent again.
  /// - Returns: Nil if there is none, or if it is the oldest ones' turn.
  package static func choose(
    _ probe: Probe, of events: [PendingEvent], failed: Set<EventID>, doubtful: Set<EventID> = [],
    sent: [EventID: Int], butNot alone: Set<EventID>? = nil
  ) -> PendingEvent? {
    let events = alone.map { alone in events.filter { !alone.contains($0.eventId) } } ?? events
    switch probe {
    case .oldest: return nil
    case .leastSent: return leastSent(events, doubtful: doubtful, sent: sent, newest: false)
    case .other(let newest):
      let others = events.filter { !failed.contains($0.eventId) && !doubtful.contains($0.eventId) }
      if let other = leastSent(others, doubtful: doubtful, sent: sent, newest: newest) { return other }
      // One event of several that were sent together is different content, too; the last is the furthest from the
      // first.
      guard events.count > 1 || alone != nil else { return nil }
      return leastSent(events, doubtful: doubtful, sent: sent, newest: true)
    }
  }

  /// The event that was sent in vain least often.
  ///
  /// - Parameters:
  ///   - events: The waiting events.
  ///   - doubtful: Those that have failed before while others went through: they are chosen last.
  ///   - sent: How often each was sent without an answer, or alone.
  ///   - newest: Whether to choose the newest of several, rather than the oldest.
  /// - Returns: Nil if there is none.
  static func leastSent(
    _ events: [PendingEvent], doubtful: Set<EventID> = [], sent: [EventID: Int], newest: Bool
  ) -> PendingEvent? {
    events.min { one, other in
      let (first, second) = (sent[one.eventId] ?? 0, sent[other.eventId] ?? 0)
      guard first == second else { return first < second }
      let (isFirst, isSecond) = (doubtful.contains(one.eventId), doubtful.contains(other.eventId))
      guard isFirst == isSecond else { return isSecond }
      return newest ? one.sequence > other.sequence : one.sequence < other.sequence
    }
  }
}
