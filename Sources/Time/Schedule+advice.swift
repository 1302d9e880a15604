/// What a schedule amounts to, for advice about it.
extension Schedule {
  /// The longest time between two of its times, by local clocks; a clock change may make one an hour longer.
  ///
  /// - Parameter day: The first day of the twelve years in which it is searched for: there are two 29 Februaries in any
  ///   twelve years.
  /// - Returns: Nil if it is due at most once in these years.
  package func longestPause(from day: CalendarDate) -> Duration? {
    var intervals: [Duration] = []
    var expressions: [CronExpression] = []
    for rule in rules {
      switch rule {
      case .every(let interval): intervals.append(interval)
      case .cron(let expression): expressions.append(expression)
      }
    }
    return (intervals + [Self.longestPause(of: expressions, from: day)].compactMap(\.self)).min()
  }

  private static func longestPause(of expressions: [CronExpression], from day: CalendarDate) -> Duration? {
    guard !expressions.isEmpty else { return nil }
    // Most days are alike: which expressions are due on a day determines its times.
    var known: [[Bool]: CronTimes?] = [:]
    var longest = 0
    var last: Int?
    for offset in 0..<12 * 366 {
      let date = day.adding(days: offset)
      let isDue = expressions.map { $0.matches(date) }
      let times = known[isDue] ?? CronTimes(of: zip(expressions, isDue).filter(\.1).map(\.0))
      known[isDue] = .some(times)
      guard let times else { continue }
      let midnight = offset * CronTimes.minutesPerDay
      if let last { longest = max(longest, midnight + times.first - last) }
      longest = max(longest, times.longestPause)
      last = midnight + times.last
    }
    return longest == 0 ? nil : .seconds(longest * 60)
  }

  /// Its rules that are due every minute of one hour, such as `* 3 * * *`, each with the rule that is due once in it.
  package var rulesOfEveryMinute: [(rule: String, once: String)] {
    zip(rules, texts).compactMap { rule, text in
      guard case .cron(let expression) = rule, expression.isEveryMinuteOfOneHour else { return nil }
      return (text, (["0"] + text.split(separator: " ").dropFirst()).joined(separator: " "))
    }
  }

  /// Its rules that are due on some days of the month, and on some days of the week as well, such as `0 3 1 * 1`.
  package var rulesOfEitherDay: [String] {
    zip(rules, texts).compactMap { rule, text in
      if case .cron(let expression) = rule, expression.isEitherDay { text } else { nil }
    }
  }
}

/// The times of a day at which cron expressions are due, in minutes since midnight.
private struct CronTimes {
  static let minutesPerDay = 24 * 60

  var first: Int
  var last: Int
  /// The longest time between two of them; 0 if there is one.
  var longestPause = 0

  /// Nil if there are none.
  init?(of expressions: [CronExpression]) {
    let times = (0..<Self.minutesPerDay).filter { time in
      expressions.contains { $0.isDue(hour: time / 60, minute: time % 60) }
    }
    guard let first = times.first, let last = times.last else { return nil }
    (self.first, self.last) = (first, last)
    longestPause = zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? 0
  }
}

extension CronExpression {
  fileprivate func isDue(hour: Int, minute: Int) -> Bool {
    hours & (1 << UInt64(hour)) != 0 && minutes & (1 << UInt64(minute)) != 0
  }

  fileprivate var isEveryMinuteOfOneHour: Bool { minutes == (1 << 60) - 1 && hours.nonzeroBitCount == 1 }
}
