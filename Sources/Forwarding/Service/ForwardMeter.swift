internal import Catalog
internal import CoreMetrics
internal import Time

/// Counts and times what is sent, for monitoring.
struct ForwardMeter: Sendable {
  private let good = Counter(label: "eventdrop_forward_requests_total", dimensions: [("outcome", "acknowledged")])
  private let bad = Counter(label: "eventdrop_forward_requests_total", dimensions: [("outcome", "failed")])
  private let duration = Timer(label: "eventdrop_forward_duration_seconds")
  private let delay = Timer(label: "eventdrop_forward_delay_seconds")
  private let acknowledged = Self.events("acknowledged")
  private let refused = Self.events("refused")
  private let undelivered = Self.events("undelivered")
  private let openings = Counter(label: "eventdrop_circuit_openings_total")

  private static func events(_ outcome: String) -> Counter {
    Counter(label: "eventdrop_forward_events_total", dimensions: [("outcome", outcome)])
  }

  /// Counts a request.
  ///
  /// - Parameters:
  ///   - time: How long it took.
  ///   - acknowledged: How many events its answer acknowledged.
  func sent(in time: Duration, acknowledged: Int) {
    duration.recordNanoseconds(Int64(time / .nanoseconds(1)))
    (acknowledged > 0 ? good : bad).increment()
  }

  /// Counts events that the webhook has accepted, and how long each had waited for that.
  func acknowledged(_ events: [PendingEvent], at now: Timestamp) {
    acknowledged.increment(by: events.count)
    for event in events {
      delay.recordNanoseconds(Int64(max(now - event.updatedAt, .zero) / .nanoseconds(1)))
    }
  }

  /// Counts events that were set aside.
  func setAside(refused: Int, undelivered: Int) {
    self.refused.increment(by: refused)
    self.undelivered.increment(by: undelivered)
  }

  func opened() {
    openings.increment()
  }
}
