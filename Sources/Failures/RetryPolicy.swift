package import Catalog
internal import DurableFiles
package import Events
package import Time

/// Where a failed file goes, and when it is retried: determined by its reason, its history and the time alone.
package struct RetryPolicy: Equatable, Sendable {
  /// How often a file is tried before it needs a person.
  package var attempts: Int
  /// The same for a file whose content cannot be read as an event.
  package var unreadableAttempts: Int
  package var backoff: Backoff

  package init(
    attempts: Int = 5, unreadableAttempts: Int = 2,
    backoff: Backoff = Backoff(first: .seconds(30), maximum: .seconds(3600))
  ) {
    self.attempts = attempts
    self.unreadableAttempts = unreadableAttempts
    self.backoff = backoff
  }

  /// Decides on a failure.
  ///
  /// - Parameters:
  ///   - reason: What failed.
  ///   - history: The file's earlier failures.
  ///   - now: The current time.
  ///   - random: Between 0 and 1: the jitter.
  /// - Returns: The decision.
  package func decide(
    _ reason: FailureReason, history: FailureHistory?, now: Timestamp, random: Double
  ) -> RetryDecision {
    // A file that fails in another way than before starts again: five refusals are not five of anything else.
    let isSameCourse = history.map { $0.reason.course == reason.course } ?? false
    let earlier = isSameCourse ? history?.attempts ?? 0 : 0
    let count = min(max(earlier, 0), FailureReport.mostAttempts) + 1
    let limit: Int =
      switch reason.course {
      case .retried: attempts
      case .retriedAsUnreadable: unreadableAttempts
      case .retriedForever: .max
      case .leftToAPerson: 0
      }
    return RetryDecision(
      attempts: count, firstFailedAt: min(history?.firstFailedAt ?? now, now), lastFailedAt: now,
      nextAttemptAt: count >= limit ? nil : now + backoff.equalJitter(afterFailures: count, random: random))
  }
}

/// What happens to a file that has failed.
package struct RetryDecision: Hashable, Sendable {
  /// How often it has failed in the same way, including this time.
  package var attempts: Int
  package var firstFailedAt: Timestamp
  package var lastFailedAt: Timestamp
  /// When it is retried; nil if it needs a person.
  package var nextAttemptAt: Timestamp?

  /// Where it belongs.
  package var place: FailedPlace { nextAttemptAt == nil ? .failed : .retry }

  /// The report beside it.
  func report(
    on failure: DropFailure, file: FileName, inbox: String, droppedAs: DropName?, httpStatus: Int? = nil,
    response: String? = nil, count: Int? = nil
  ) -> FailureReport {
    FailureReport(
      file: file.description, failure: failure, httpStatus: httpStatus, response: response, attempts: attempts,
      firstFailedAt: firstFailedAt, lastFailedAt: lastFailedAt, nextAttemptAt: nextAttemptAt, inbox: inbox,
      droppedAs: droppedAs, count: count)
  }
}
