internal import Operations
internal import Synchronization
internal import Time

/// Shows a progress bar below the log lines on a terminal; does nothing if standard error is not a terminal.
final class ProgressDisplay: Sendable {
  private struct State {
    var bar: ProgressBar
    var lastShown: Duration?
  }

  private let writer: LineWriter
  private let clock: any WallClock
  private let isShown: Bool
  private let state: Mutex<State>

  /// A bar that starts now.
  ///
  /// - Parameters:
  ///   - label: The activity, in a word or two.
  ///   - writer: The writer of the log lines as well, so that they and the bar do not collide.
  ///   - clock: The clock for the rate.
  init(_ label: String, writer: LineWriter = .standardError, clock: any WallClock = SystemClock()) {
    self.writer = writer
    self.clock = clock
    isShown = writer.isTerminal
    state = Mutex(State(bar: ProgressBar(label, at: clock.uptime())))
  }

  /// Updates the progress; shown at most ten times a second.
  ///
  /// - Parameters:
  ///   - done: How many units are done.
  ///   - total: How many there are; nil if unknown.
  func show(done: Int, of total: Int?) {
    guard isShown else { return }
    let now = clock.uptime()
    state.withLock { state in
      if let last = state.lastShown, now - last < .milliseconds(100) { return }
      state.lastShown = now
      writer.showFooter(state.bar.line(done: done, total: total, at: now, columns: writer.columns ?? 80))
    }
  }

  /// Writes a line to standard output, which may be the same terminal.
  func print(_ line: String) {
    writer.hidingFooter { LineWriter.standardOutput.write(line.utf8) }
  }

  /// Removes the bar.
  func finish() {
    guard isShown else { return }
    writer.showFooter("")
  }
}
