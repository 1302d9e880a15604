internal import Time

/// The failures of the machine that one worker meets in a row: told once, waited for longer and longer.
package struct Setback: Sendable {
  private var failures = 0
  private let backoff = Backoff(first: .seconds(1), maximum: .seconds(60))

  package init() {}

  package var isOngoing: Bool { failures > 0 }

  /// How long to wait before going on.
  package var pause: Duration { backoff.ceiling(afterFailures: failures) }

  /// Counts a failure.
  ///
  /// - Returns: Whether it is the first in a row, which is to be told.
  package mutating func fail() -> Bool {
    failures += 1
    return failures == 1
  }

  /// Counts a success.
  ///
  /// - Returns: Whether there were failures before, so that it is to be told.
  package mutating func succeed() -> Bool {
    defer { failures = 0 }
    return failures > 0
  }
}
