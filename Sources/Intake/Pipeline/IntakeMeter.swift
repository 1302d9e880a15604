internal import CoreMetrics
internal import Time

/// Counts incoming files and events, for metrics.
struct IntakeMeter: Sendable {
  private let drops: Counter?
  private let stored: Counter
  private let duplicates: Counter
  private let retried: Counter
  private let failed: Counter
  private let storing = CoreMetrics.Timer(label: "eventdrop_store_duration_seconds")
  private let lastDrop: Meter?

  /// For an inbox.
  init(inbox: String) {
    let dimensions = [("inbox", inbox)]
    self.init(
      "eventdrop_events_total", dimensions, drops: Counter(label: "eventdrop_drops_total", dimensions: dimensions),
      lastDrop: Meter(label: "eventdrop_last_drop_timestamp_seconds", dimensions: dimensions))
  }

  /// For the retry folder.
  init(retriesOf inbox: String) {
    self.init("eventdrop_retries_total", [("inbox", inbox)], drops: nil, lastDrop: nil)
  }

  private init(_ label: String, _ dimensions: [(String, String)], drops: Counter?, lastDrop: Meter?) {
    func counter(_ outcome: String) -> Counter {
      Counter(label: label, dimensions: dimensions + [("outcome", outcome)])
    }
    self.drops = drops
    self.lastDrop = lastDrop
    stored = counter("stored")
    duplicates = counter("duplicate")
    retried = counter("retry")
    failed = counter("failed")
  }

  /// Counts what was done.
  func count(_ done: WorkSummary, at now: Timestamp) {
    func add(_ counter: Counter?, _ number: Int) {
      if number > 0 { counter?.increment(by: number) }
    }
    add(drops, done.drops)
    add(stored, done.stored)
    add(duplicates, done.duplicates)
    add(retried, done.retried)
    add(failed, done.failed)
    if done.drops > 0 { lastDrop?.set(Double(now.milliseconds) / 1000) }
  }

  /// Records how long a portion took to be stored.
  func stored(in duration: Duration) {
    storing.recordNanoseconds(Int64(duration / .nanoseconds(1)))
  }
}
