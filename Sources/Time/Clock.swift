internal import Glibc

/// The time, and waiting: all code that needs either asks a clock, so that tests can set the time.
package protocol WallClock: Sendable {
  /// The time of day according to the system; it can jump.
  func now() -> Timestamp

  /// The time since an arbitrary moment, including suspended time; it never goes back.
  func uptime() -> Duration

  /// Waits.
  ///
  /// - Throws: `CancellationError` if the task is cancelled before or during the wait.
  func sleep(for duration: Duration) async throws

  /// Waits until `uptime` has this value.
  ///
  /// - Throws: `CancellationError` if the task is cancelled before or during the wait.
  func sleep(until uptime: Duration) async throws
}

extension WallClock {
  package func sleep(until uptime: Duration) async throws {
    try await sleep(for: uptime - self.uptime())
  }
}

/// The system's clock.
package struct SystemClock: WallClock {
  package init() {}

  package func now() -> Timestamp {
    let time = read(CLOCK_REALTIME)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  package func uptime() -> Duration {
    let time = read(CLOCK_BOOTTIME)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  package func sleep(for duration: Duration) async throws {
    try await Task.sleep(for: duration)
  }

  private func read(_ clock: clockid_t) -> timespec {
    var time = timespec()
    clock_gettime(clock, &time)
    return time
  }
}
