internal import EventStore
internal import Logging
internal import Time

/// What a pipeline has done: counted for whoever watches, and of an inbox, told in a line of the log for each portion.
struct IntakeTally {
  var summary = WorkSummary()
  /// What has been counted of it.
  private var counted = WorkSummary()
  private let inbox: String
  private let meter: IntakeMeter
  /// Where portions are told; nil where they are not.
  private let logger: Logger?

  /// Of an inbox.
  init(inbox: String, logger: Logger) {
    self.inbox = inbox
    self.logger = logger
    meter = IntakeMeter(inbox: inbox)
  }

  /// Of the retry folder.
  init(retriesOf inbox: String) {
    self.inbox = inbox
    logger = nil
    meter = IntakeMeter(retriesOf: inbox)
  }

  /// Notes how long the store took for a portion.
  func stored(in time: Duration) { meter.stored(in: time) }

  /// Counts what was done since the last time.
  ///
  /// - Parameters:
  ///   - time: How long that took.
  ///   - now: What time it is.
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
