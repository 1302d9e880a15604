internal import Synchronization
internal import Time

/// When an inbox is looked at before its schedule has it: something has arrived, or what was seen at the last look has
/// settled by then.
///
/// The schedule stays what is relied on. Early looks are bounded: what arrives one by one is taken together, and looking
/// through a folder, however large it is, takes no more than a quarter of the time.
package final class EarlyLooks: Sendable {
  private struct State {
    var arrivals = 0
    /// How many of them the last look has come after.
    var seenArrivals = 0
    /// When the first file has settled that the last look has found, by the clock that nobody sets.
    var settlesAt: Duration?
    /// Until then, there is none.
    var restsUntil = Duration.zero
  }

  let wakeup = Wakeup()
  private let gap: Duration
  private let state = Mutex(State())

  /// What lies between two looks at least where files are taken at once; where they have to settle, a look more or less
  /// changes little.
  private static let shortestGap = Duration.milliseconds(2)
  private static let gapsPerSettle = 50
  /// How many times as long as the last look took there is none.
  private static let restPerLook = 3

  /// - Parameter settle: How long a file must not have changed.
  package init(settle: Duration) {
    gap = max(Self.shortestGap, settle / Self.gapsPerSettle)
  }

  /// Something has arrived.
  package func arrive() {
    state.withLock { $0.arrivals += 1 }
    wakeup.ring()
  }

  /// A look begins, which sees all that has arrived by now.
  package func begin() {
    state.withLock { state in
      state.seenArrivals = state.arrivals
      state.settlesAt = nil
    }
  }

  /// A look has ended.
  ///
  /// - Parameters:
  ///   - settlesAt: When the first file has settled that it has found and not taken; nil: there is none.
  ///   - lookTime: How long it took to look through the folders.
  ///   - uptime: What time it is.
  package func end(settlesAt: Duration?, lookTime: Duration, at uptime: Duration) {
    state.withLock { state in
      state.settlesAt = settlesAt
      state.restsUntil = uptime + max(gap, lookTime * Self.restPerLook)
    }
  }

  /// When the next one is due, by the clock that nobody sets; nil where only the schedule says.
  package var due: Duration? {
    state.withLock { state in
      let wanted = state.arrivals == state.seenArrivals ? state.settlesAt : .zero
      return wanted.map { max($0, state.restsUntil) }
    }
  }
}
