/// How long to wait between attempts: doubling from `first` to `maximum`, with a random part, so that many waiters do
/// not come back at the same moment.
package struct Backoff: Hashable, Sendable {
  package var first: Duration
  package var maximum: Duration

  package init(first: Duration, maximum: Duration) {
    self.first = first
    self.maximum = maximum
  }

  /// The longest wait before an attempt.
  ///
  /// - Parameter failures: The number of failures, at least 1.
  /// - Returns: The wait.
  package func ceiling(afterFailures failures: Int) -> Duration {
    let milliseconds = max(first.inMilliseconds, 0)
    let shift = min(max(failures, 1) - 1, 62)
    let (scaled, overflow) = milliseconds.multipliedReportingOverflow(by: 1 << Int64(shift))
    return min(overflow ? maximum : .milliseconds(scaled), maximum)
  }

  /// A wait with full jitter: from zero to the ceiling.
  ///
  /// - Parameters:
  ///   - failures: The number of failures, at least 1.
  ///   - random: A number from 0 to 1.
  /// - Returns: The wait.
  package func fullJitter(afterFailures failures: Int, random: Double) -> Duration {
    scaled(ceiling(afterFailures: failures), by: random)
  }

  /// A wait with half of it random: from half the ceiling to the ceiling.
  ///
  /// - Parameters:
  ///   - failures: The number of failures, at least 1.
  ///   - random: A number from 0 to 1.
  /// - Returns: The wait.
  package func equalJitter(afterFailures failures: Int, random: Double) -> Duration {
    scaled(ceiling(afterFailures: failures), by: 0.5 + random / 2)
  }

  private func scaled(_ duration: Duration, by factor: Double) -> Duration {
    .milliseconds(Int64(Double(duration.inMilliseconds) * min(max(factor, 0), 1)))
  }
}
