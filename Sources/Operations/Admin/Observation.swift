internal import Concurrency
internal import Synchronization
package import Time

/// Something that is looked at from time to time, the less often the longer that takes; whoever asks never waits long.
///
/// If a look does not end, because a file system hangs, the last value is returned, and since when the look has been
/// hanging. So however often it is asked for, it never costs more than a fixed part of one processor, and only one
/// thread.
package final class Observation<Value: Sendable>: Sendable {
  /// A value, and how old it is.
  package struct Seen: Sendable {
    package var value: Value
    package var at: Timestamp
    /// Since when a newer look has not ended; nil if none is late.
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
  /// How long to wait for a look.
  private let patience: Duration
  /// At most a two-hundredth of the time is spent looking, for each of the few values that are asked for.
  private static var share: Int { 200 }

  /// - Parameters:
  ///   - clock: Measures the time.
  ///   - least: How long a value is valid at least.
  ///   - patience: How long a caller waits at most.
  ///   - look: Looks; on its own thread, because it may hang.
  package init(
    by clock: any WallClock, atLeast least: Duration, patience: Duration = .seconds(2),
    _ look: @escaping @Sendable () async -> Value
  ) {
    self.clock = clock
    self.least = least
    self.patience = patience
    self.look = look
  }

  /// Starts to look if that is due, and does not wait: a caller that needs several values starts all the looks first,
  /// and then waits for all of them only as long as for one.
  package func begin() { _ = beginIfDue() }

  /// - Returns: Until when to wait for the look that is under way; nil if the value is still valid.
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

  /// The value; nil if the first look has not ended in time.
  package func current() async -> Seen? {
    let generation = changed.generation
    guard let end = beginIfDue() else { return state.withLock(\.seen) }
    if end > clock.uptime() { await changed.wait(after: generation, until: end, clock: clock) }
    return state.withLock { state in
      var seen = state.seen
      // The value is out of date only if a look is late.
      if let begun = state.begun, clock.uptime() - begun.uptime >= patience { seen?.lateSince = begun.time }
      return seen
    }
  }

  /// Since when a look has been overdue; nil if none is late.
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
