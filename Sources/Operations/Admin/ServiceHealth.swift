package import Events
internal import Synchronization
package import Time

/// The state of the daemon's services, as they report it themselves: no file system has to be asked for it.
///
/// Services have the names of `DueTimes`: `inbox NAME`, `retry`, `retention`.
package final class ServiceHealth: Sendable {
  /// The service that takes up what was claimed from folders that are no longer inboxes.
  package static let formerInboxes = "former inboxes"

  /// Why a service is blocked.
  package struct Trouble: Hashable, Sendable {
    /// What last went wrong.
    package var reason: String
    /// What a person can do about it.
    package var advice: Message
    /// Whether it does not end without a person.
    package var needsPerson: Bool
    package var since: Timestamp

    package init(reason: String, advice: Message, needsPerson: Bool, since: Timestamp) {
      self.reason = reason
      self.advice = advice
      self.needsPerson = needsPerson
      self.since = since
    }
  }

  /// What is known about one service.
  package struct Report: Sendable {
    /// Nil while it works.
    package var trouble: Trouble?
    /// When its last look ended; nil before the first.
    package var lookedAt: Timestamp?
    /// When it last had something to do.
    package var lastArrival: Timestamp?
    /// How many files an inbox had at its last look; nil before the first.
    package var waiting: Int?
    /// What was not taken at its last look, by reason.
    package var groups: [WaitingGroup] = []
    /// What was still claimed within its folder at the end of its last look; nil if nothing was.
    package var claimed: ClaimedGroup?
    /// Since when a look has given no sign of progress, if one is under way: the file system hangs.
    package var silentSince: Timestamp?
  }

  private struct State {
    var report = Report()
    /// When the look that is under way last gave a sign, by both clocks.
    var lastSign: (uptime: Duration, time: Timestamp)?
  }

  private let states = Mutex<[String: State]>([:])
  /// How long a look may go without a sign: every loop of a look checks more often whether to stop.
  private static let patience = Duration.seconds(10)

  package init() {}

  /// Notes that a look has begun, or that it is making progress.
  package func sign(_ name: String, by clock: any WallClock) {
    let sign = (clock.uptime(), clock.now())
    states.withLock { $0[name, default: State()].lastSign = sign }
  }

  /// Notes that a look has ended well.
  package func succeed(_ name: String, at time: Timestamp) {
    states.withLock { states in
      states[name, default: State()].lastSign = nil
      states[name]?.report.lookedAt = time
      states[name]?.report.trouble = nil
    }
  }

  /// Notes that a look has ended with an error.
  ///
  /// - Returns: Whether the reason differs from that of the previous look.
  @discardableResult
  package func fail(_ name: String, _ reason: String, advice: Message, needsPerson: Bool, at time: Timestamp) -> Bool {
    states.withLock { states in
      var state = states[name] ?? State()
      let isNew = state.report.trouble?.reason != reason
      state.report.trouble = Trouble(
        reason: reason, advice: advice, needsPerson: needsPerson, since: state.report.trouble?.since ?? time)
      state.report.lookedAt = time
      state.lastSign = nil
      states[name] = state
      return isNew
    }
  }

  /// Notes that something arrived.
  package func arrive(_ name: String, at time: Timestamp) {
    states.withLock { $0[name, default: State()].report.lastArrival = time }
  }

  /// Notes how many files an inbox has, and why the last look left some of them.
  package func setWaiting(
    _ count: Int, _ groups: [WaitingGroup], claimed: ClaimedGroup? = nil, for name: String
  ) {
    states.withLock { states in
      states[name, default: State()].report.waiting = count
      states[name]?.report.groups = groups
      states[name]?.report.claimed = claimed
    }
  }

  /// What is currently known about a service.
  package func report(of name: String, by clock: any WallClock) -> Report {
    guard let state = states.withLock({ $0[name] }) else { return Report() }
    var report = state.report
    if let sign = state.lastSign, clock.uptime() - sign.uptime > Self.patience { report.silentSince = sign.time }
    return report
  }

  /// Why services are blocked, by name.
  package var troubles: [String: Trouble] { states.withLock { $0.compactMapValues(\.report.trouble) } }

  /// The names of all services that have reported anything.
  package var names: [String] { states.withLock { $0.keys.sorted() } }
}
