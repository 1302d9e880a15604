internal import Logging
internal import Time

/// A pipeline's work: counted for metrics and, for an inbox, logged in one line per portion.
struct IntakeTally {
  var summary = WorkSummary()
  /// The part already counted.
  private var counted = WorkSummary()
  private let inbox: String
  private let meter: IntakeMeter
  /// Where portions are logged; nil if they are not.
  private let logger: Logger?

  /// For an inbox.
  init(inbox: String, logger: Logger) {
    self.inbox = inbox
    self.logger = logger
    meter = IntakeMeter(inbox: inbox)
  }

  /// For the retry folder.
  init(retriesOf inbox: String) {
    self.inbox = inbox
    logger = nil
    meter = IntakeMeter(retriesOf: inbox)
  }

  /// Records how long the store took for a portion.
  func stored(in time: Duration) { meter.stored(in: time) }

  /// Counts what was done since the last call.
  ///
  /// - Parameters:
  ///   - time: How long that took.
  ///   - now: The current time.
  mutating func count(in time: Duration, at now: Timestamp) {
    let done = summary - counted
    counted = summary
    meter.count(done, at: now)
    guard let logger, done.drops > 0 else { return }
    var metadata = done.metadata
    metadata["inbox"] = "\(inbox)"
    metadata["duration_ms"] = "\(time.inMilliseconds)"
    logger.info("portion stored", metadata: metadata)
  }
}
