internal import Time

/// Consecutive machine failures of one worker: reported once, with longer and longer pauses.
package struct Setback: Sendable {
  private var failures = 0
  private let backoff = Backoff(first: .seconds(1), maximum: .seconds(60))

  package init() {}

  package var isOngoing: Bool { failures > 0 }

  /// How long to wait before going on.
  package var pause: Duration { backoff.ceiling(afterFailures: failures) }

  /// Counts a failure.
  ///
  /// - Returns: Whether it is the first in a row, which has to be reported.
  package mutating func fail() -> Bool {
    failures += 1
    return failures == 1
  }

  /// Counts a success.
  ///
  /// - Returns: Whether there were failures before, so that it has to be reported.
  package mutating func succeed() -> Bool {
    defer { failures = 0 }
    return failures > 0
  }
}
