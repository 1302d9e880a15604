internal import Schedules

/// A value that is looked up again only now and then: the longer that takes, the more rarely.
///
/// So whoever asks as often as he likes never costs more than a set part of one processor.
struct Paced<Value> {
  private var value: Value?
  private var takenAt = Duration.zero
  private var cost = Duration.zero
  private let least: Duration

  /// - Parameter least: For how long a value is good at least.
  init(atLeast least: Duration) {
    self.least = least
  }

  /// The value: the last one while it is good, else a new one.
  mutating func value<Failure: Error>(
    by clock: any WallClock, _ look: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let started = clock.uptime()
    // A four-hundredth of the time at most, for each of the few values that the page shows.
    if let value, started - takenAt < max(least, cost * 400) { return value }
    let new = try look()
    takenAt = clock.uptime()
    cost = takenAt - started
    value = new
    return new
  }
}
