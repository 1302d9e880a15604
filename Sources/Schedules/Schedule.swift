/// When something is done: at intervals, by cron expressions, or by several of these.
package struct Schedule: Hashable, Sendable, CustomStringConvertible {
  private enum Rule: Hashable, Sendable {
    case every(Duration)
    case cron(CronExpression)
  }

  private let rules: [Rule]
  /// As it was written, on one line.
  package let description: String

  /// Reads `every 5s`, a cron expression of five fields, `@hourly` … `@yearly`, or several of these.
  ///
  /// - Throws: `ScheduleError`.
  package init(_ texts: [String]) throws(ScheduleError) {
    guard !texts.isEmpty else { throw ScheduleError("a schedule must not be empty; write 'every 5s' or '0 3 * * *'") }
    var rules: [Rule] = []
    for text in texts {
      let trimmed = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
      guard trimmed.first?.lowercased() == "every" else {
        rules.append(.cron(try CronExpression(text)))
        continue
      }
      do {
        guard trimmed.count == 2 else { throw DurationError(text: trimmed.dropFirst().joined(separator: " ")) }
        let interval = try DurationText.parse(String(trimmed[1]))
        guard interval > .zero else { throw DurationError(text: String(trimmed[1])) }
        rules.append(.every(interval))
      } catch {
        throw ScheduleError("'\(text)': what follows 'every' is a duration greater than zero, such as 5s, 10m or 1d")
      }
    }
    self.rules = rules
    description = texts.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }.joined(separator: ", ")
  }

  /// Whether clocks alone tell when it is due: an interval begins when it was last due, which only whoever waits knows.
  package var isByTheClock: Bool {
    rules.allSatisfy { if case .cron = $0 { true } else { false } }
  }

  /// The first time after this one at which it is due; nil where there is none, as on 30 February.
  ///
  /// - Parameters:
  ///   - time: For an interval, when it was last due.
  ///   - zone: Whose clock cron expressions mean.
  /// - Returns: That time.
  package func next(after time: Timestamp, in zone: TimeZoneRules) -> Timestamp? {
    rules.compactMap { rule in
      switch rule {
      case .every(let interval): time + interval
      case .cron(let expression): expression.next(after: time, in: zone)
      }
    }.min()
  }
}

/// What is wrong with a schedule.
package struct ScheduleError: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String

  init(_ description: String) {
    self.description = description
  }
}
