internal import Concurrency
internal import Synchronization
package import Time

/// Something that is looked up now and then, the longer that takes, the more rarely; whoever asks never waits long.
///
/// Where a look does not end, because a file system hangs, the last value is told, and since when the look hangs. So
/// whoever asks as often as he likes never costs more than a set part of one processor, and no thread but one.
package final class Observation<Value: Sendable>: Sendable {
  /// A value, and how old it is.
  package struct Seen: Sendable {
    package var value: Value
    package var at: Timestamp
    /// Since when a newer look has not ended; nil where none is late.
    package var lateSince: Timestamp?
  }

  private struct State {
    var seen: Seen?
    var endedAt = Duration.zero
    var cost = Duration.zero
    /// When the look that is under way began, by both clocks.
    var begun: (uptime: Duration, time: Timestamp)?
  }

  private let state = Mutex(State())
  private let changed = Signal()
  private let clock: any WallClock
  private let least: Duration
  private let look: @Sendable () async -> Value
  /// How long a look is waited for.
  private let patience: Duration
  /// A two-hundredth of the time at most is spent on looking, for each of the few values that are asked for.
  private static var share: Int { 200 }

  /// - Parameters:
  ///   - clock: Who measures.
  ///   - least: For how long a value is good at least.
  ///   - patience: How long whoever asks waits at most.
  ///   - look: Looks; on a thread of its own, for it may hang.
  package init(
    by clock: any WallClock, atLeast least: Duration, patience: Duration = .seconds(2),
    _ look: @escaping @Sendable () async -> Value
  ) {
    self.clock = clock
    self.least = least
    self.patience = patience
    self.look = look
  }

  /// Begins to look, if that is due, and waits for nothing: who asks for several values begins with all of them, and waits for
  /// all together as long as for one.
  package func begin() { _ = beginIfDue() }

  /// - Returns: Until when the look that is under way is waited for; nil if the value is still good.
  private func beginIfDue() -> Duration? {
    let now = clock.uptime()
    let (isToBegin, end) = state.withLock { state -> (Bool, Duration?) in
      if state.seen != nil, state.begun == nil, now - state.endedAt < max(least, state.cost * Self.share) {
        return (false, nil)
      }
      if let begun = state.begun { return (false, begun.uptime + patience) }
      state.begun = (now, clock.now())
      return (true, now + patience)
    }
    if isToBegin { begin(at: now) }
    return end
  }

  /// The value; nil where the first look has not ended in time.
  package func current() async -> Seen? {
    let generation = changed.generation
    guard let end = beginIfDue() else { return state.withLock(\.seen) }
    if end > clock.uptime() { await changed.wait(after: generation, until: end, clock: clock) }
    return state.withLock { state in
      var seen = state.seen
      // Only a look that is late makes the value an old one.
      if let begun = state.begun, clock.uptime() - begun.uptime >= patience { seen?.lateSince = begun.time }
      return seen
    }
  }

  /// Since when a look has not ended that should have; nil where none is late.
  package var lateSince: Timestamp? {
    state.withLock { state in
      guard let begun = state.begun, clock.uptime() - begun.uptime >= patience else { return nil }
      return begun.time
    }
  }

  private func begin(at uptime: Duration) {
    Task {
      let value = await look()
      let (time, ended) = (clock.now(), clock.uptime())
      state.withLock { state in
        state.seen = Seen(value: value, at: time)
        state.endedAt = ended
        state.cost = ended - uptime
        state.begun = nil
      }
      changed.raise()
    }
  }
}
