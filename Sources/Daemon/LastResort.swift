internal import Concurrency
internal import Glibc
internal import Logging
internal import Synchronization

/// Ends or restarts this process if a stop does not complete: whatever hangs, `shutdownGrace` is kept.
///
/// A thread blocked on a file system cannot be interrupted. Everything under way allows a process to end at any point:
/// the next one takes up again what is claimed.
final class LastResort: Sendable {
  /// What to do when the time is over.
  enum Measure: Sendable {
    case exit
    /// The program starts again, as the same process, with the configuration as it is by then.
    case startAnew
  }

  private struct State {
    var isOver = false
    var isArmed = false
    var measure = Measure.exit
  }

  private let state = Mutex(State())
  private let grace: Duration
  private let running: RunningParts
  private let restart: Restart
  private let logger: Logger
  /// After the grace period, what is left is cancelled, and given this long.
  private static let afterGrace = Duration.milliseconds(500)

  /// - Parameters:
  ///   - grace: How long a stop may take.
  ///   - running: Names what blocks the stop.
  ///   - restart: Restarts the program.
  ///   - logger: What is reported to the operator.
  init(after grace: Duration, running: RunningParts, restart: Restart, logger: Logger) {
    self.grace = grace
    self.running = running
    self.restart = restart
    self.logger = logger
  }

  /// Starts to count the time.
  ///
  /// - Parameter measure: What to do when it is over; `exit` wins, whichever was asked for first.
  func arm(_ measure: Measure) {
    let isFirst = state.withLock { state in
      defer { state.isArmed = true }
      // A reload may be followed by a stop.
      if !state.isArmed || measure == .exit { state.measure = measure }
      return !state.isArmed
    }
    guard isFirst else { return }
    startDetachedThread(named: "last resort") { self.wait() }
  }

  /// Notes that the stop has completed.
  func disarm() {
    state.withLock { $0.isOver = true }
  }

  private func wait() {
    let limit = grace + Self.afterGrace
    let (seconds, attoseconds) = limit.components
    var left = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var rest = timespec()
    while nanosleep(&left, &rest) != 0 { left = rest }
    let (isOver, measure) = state.withLock { ($0.isOver, $0.measure) }
    guard !isOver else { return }
    let names = running.names.joined(separator: ", ")
    // The log may be what hangs: it must not delay the end.
    let isLogged = Background(named: "last words") { [logger] in
      logger.error(
        "the stop does not come to its end and is not waited for any longer; nothing is lost",
        metadata: [
          "after": "\(limit)", "at_work": "\(names.isEmpty ? "nothing" : names)",
          "advice":
            "check what these parts use: the file system of their folder, the command of retention.archive, or the command or server of notify",
        ])
      return true
    }
    withExtendedLifetime(isLogged) { _ = usleep(200_000) }
    switch measure {
    case .exit: _exit(0)
    case .startAnew: Task.immediate { [restart] in await restart.perform() }
    }
  }
}
