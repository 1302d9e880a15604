/// Keeps a message that comes again and again from filling the log: it is told once, and later how often it came.
///
/// Pure: it knows no clock and writes nothing.
package struct FloodGuard<Message: Hashable & Sendable>: Sendable {
  /// What to do when a message comes.
  package struct Admission: Sendable {
    /// Messages whose window is over meanwhile: to be told first.
    package var repeats: [Repeat]
    /// Whether to tell the message; otherwise it was told less than a window ago and is counted.
    package var isTold: Bool
  }

  /// A message that came again after it had been told.
  package struct Repeat: Hashable, Sendable {
    /// The message, as it was first.
    package var message: Message
    /// How often it came again.
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
  /// The start of the oldest window, so that most calls look at nothing else.
  private var oldestStart: Duration?

  /// A guard.
  ///
  /// - Parameters:
  ///   - window: For how long a message that was told is only counted.
  ///   - capacity: How many different messages it remembers at once; those beyond them are always told.
  package init(window: Duration = .seconds(60), capacity: Int = 1000) {
    length = window
    self.capacity = max(1, capacity)
  }

  /// Takes notice of a message.
  ///
  /// - Parameters:
  ///   - message: All that makes it the same message: its text and its values, without the time.
  ///   - now: The time of a clock that never goes back.
  /// - Returns: What to tell now.
  package mutating func admit(_ message: Message, at now: Duration) -> Admission {
    let repeats = takeRepeats(at: now)
    if let window = windows[message] {
      windows[message]?.count = window.count &+ 1
      return Admission(repeats: repeats, isTold: false)
    }
    if windows.count < capacity {
      windows[message] = Window(start: now, count: 0, order: nextOrder)
      nextOrder &+= 1
      if oldestStart == nil { oldestStart = now }
    }
    return Admission(repeats: repeats, isTold: true)
  }

  /// The messages that came again in a window that is over, in the order in which they were told first.
  ///
  /// They are forgotten, so that the next of them is told.
  package mutating func takeRepeats(at now: Duration) -> [Repeat] {
    guard let oldestStart, now - oldestStart >= length else { return [] }
    return take(startedUpTo: now - length)
  }

  /// Those of all windows, before the end of the program.
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
