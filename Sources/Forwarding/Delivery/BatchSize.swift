internal import Time

/// How many events are sent together after some were not answered in time.
///
/// Half of what was not answered is the next size; each answer raises it by a tenth, as long as there is time to spare.
package struct BatchSize: Sendable {
  /// Nil: as many as the configuration allows.
  package private(set) var limit: Int?

  /// - Parameter limit: The limit of an earlier run.
  package init(limit: Int? = nil) {
    self.limit = limit
  }

  /// The size for a request.
  package func events(of maximum: Int) -> Int { min(limit ?? maximum, maximum) }

  /// This many events were sent and not answered.
  package mutating func unanswered(_ count: Int) {
    limit = max(1, min(count / 2, limit ?? .max))
  }

  /// One event was answered alone: no more are sent together than would be processed in time at that pace.
  ///
  /// - Parameters:
  ///   - time: How long it took.
  ///   - timeout: How long a request may take.
  package mutating func answeredAlone(in time: Duration, timeout: Duration) {
    guard let limit, time > .zero else { return }
    self.limit = max(1, min(limit, Int(min(timeout * 8 / 11 / time, 1e9))))
  }

  /// Events were answered.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - maximum: How many may be sent together.
  ///   - time: How long it took.
  ///   - timeout: How long it may take.
  package mutating func answered(_ count: Int, of maximum: Int, in time: Duration, timeout: Duration) {
    guard let limit, count >= limit else { return }
    // If it takes nearly all of the time now, more would take too long.
    guard time * 11 < timeout * 8 else { return }
    let larger = limit + max(1, limit / 10)
    self.limit = larger >= maximum ? nil : larger
  }
}
