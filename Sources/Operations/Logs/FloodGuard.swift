/// Keeps a repeated message from flooding the log: it is reported once, and later how often it was repeated.
///
/// Pure: it has no clock and writes nothing.
package struct FloodGuard<Message: Hashable & Sendable>: Sendable {
  /// What to do with a message.
  package struct Admission: Sendable {
    /// Messages whose window is over by now: to be reported first.
    package var repeats: [Repeat]
    /// Whether to report the message; if not, it was reported less than a window ago and is counted.
    package var isReported: Bool
  }

  /// A message that was repeated after it had been reported.
  package struct Repeat: Hashable, Sendable {
    /// The message, as it first was.
    package var message: Message
    /// How often it was repeated.
    package var count: Int

    package init(message: Message, count: Int) {
      self.message = message
      self.count = count
    }
  }

  private struct Window {
    var start: Duration
    var count: Int
    var order: UInt64
  }

  private let length: Duration
  private let capacity: Int
  private var windows: [Message: Window] = [:]
  private var nextOrder: UInt64 = 0
  /// The start of the oldest window, so that most calls have to check nothing else.
  private var oldestStart: Duration?

  /// A guard.
  ///
  /// - Parameters:
  ///   - window: How long a reported message is only counted.
  ///   - capacity: How many different messages it remembers at once; any others are always reported.
  package init(window: Duration = .seconds(60), capacity: Int = 1000) {
    length = window
    self.capacity = max(1, capacity)
  }

  /// Takes a message.
  ///
  /// - Parameters:
  ///   - message: All that identifies the message: its text and its values, without the time.
  ///   - now: The time on the monotonic clock.
  /// - Returns: What to report now.
  package mutating func admit(_ message: Message, at now: Duration) -> Admission {
    let repeats = takeRepeats(at: now)
    if let window = windows[message] {
      windows[message]?.count = window.count &+ 1
      return Admission(repeats: repeats, isReported: false)
    }
    if windows.count < capacity {
      windows[message] = Window(start: now, count: 0, order: nextOrder)
      nextOrder &+= 1
      if oldestStart == nil { oldestStart = now }
    }
    return Admission(repeats: repeats, isReported: true)
  }

  /// The messages that were repeated in a window that is over, in the order in which they were first reported.
  ///
  /// They are forgotten, so that the next of each is reported.
  package mutating func takeRepeats(at now: Duration) -> [Repeat] {
    guard let oldestStart, now - oldestStart >= length else { return [] }
    return take(startedUpTo: now - length)
  }

  /// Those of all windows, before the program ends.
  package mutating func takeAllRepeats() -> [Repeat] {
    take(startedUpTo: nil)
  }

  private mutating func take(startedUpTo latest: Duration?) -> [Repeat] {
    let over = windows.filter { entry in latest.map { entry.value.start <= $0 } ?? true }
      .sorted { $0.value.order < $1.value.order }
    for (message, _) in over { windows[message] = nil }
    oldestStart = windows.values.lazy.map(\.start).min()
    return over.compactMap { $0.value.count > 0 ? Repeat(message: $0.key, count: $0.value.count) : nil }
  }
}
