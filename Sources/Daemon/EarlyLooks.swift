internal import Synchronization
internal import Time

/// When an inbox is looked at ahead of its schedule: something has arrived, or what the last look saw has settled by
/// then.
///
/// The schedule is still what is relied on. Early looks are bounded: files that arrive one by one are taken together,
/// and looking through a folder, however large it is, takes at most a quarter of the time.
package final class EarlyLooks: Sendable {
  private struct State {
    var arrivals = 0
    /// How many of them the last look has covered.
    var seenArrivals = 0
    /// When the first file that the last look found has settled, by the monotonic clock.
    var settlesAt: Duration?
    /// No early look before this time.
    var restsUntil = Duration.zero
  }

  let wakeup = Wakeup()
  private let gap: Duration
  private let state = Mutex(State())

  /// The minimum time between two looks if files are taken at once; if they have to settle, a look more or less matters
  /// little.
  private static let shortestGap = Duration.milliseconds(2)
  private static let gapsPerSettle = 50
  /// How many times the duration of the last look to pause after it.
  private static let restPerLook = 3

  /// - Parameter settle: How long a file must have been unchanged.
  package init(settle: Duration) {
    gap = max(Self.shortestGap, settle / Self.gapsPerSettle)
  }

  /// Something has arrived.
  package func arrive() {
    state.withLock { $0.arrivals += 1 }
    wakeup.ring()
  }

  /// A look begins, and will see everything that has arrived by now.
  package func begin() {
    state.withLock { state in
      state.seenArrivals = state.arrivals
      state.settlesAt = nil
    }
  }

  /// A look has ended.
  ///
  /// - Parameters:
  ///   - settlesAt: When the first file that it found and did not take has settled; nil if there is none.
  ///   - lookTime: How long looking through the folders took.
  ///   - uptime: The current time.
  package func end(settlesAt: Duration?, lookTime: Duration, at uptime: Duration) {
    state.withLock { state in
      state.settlesAt = settlesAt
      state.restsUntil = uptime + max(gap, lookTime * Self.restPerLook)
    }
  }

  /// When the next one is due, by the monotonic clock; nil if only the schedule applies.
  package var due: Duration? {
    state.withLock { state in
      let wanted = state.arrivals == state.seenArrivals ? state.settlesAt : .zero
      return wanted.map { max($0, state.restsUntil) }
    }
  }
}
