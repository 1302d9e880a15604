/// When something is done: at intervals, by cron expressions, or by several of these.
package struct Schedule: Hashable, Sendable, CustomStringConvertible {
  enum Rule: Hashable, Sendable {
    case every(Duration)
    case cron(CronExpression)
  }

  let rules: [Rule]
  /// Each rule as written, on one line.
  let texts: [String]
  /// As written, on one line.
  package let description: String

  /// Parses `every 5s`, a cron expression of five fields, `@hourly` … `@yearly`, or several of these.
  ///
  /// - Throws: `ScheduleError`.
  package init(_ texts: [String]) throws(ScheduleError) {
    guard !texts.isEmpty else { throw ScheduleError(.noRules) }
    var rules: [Rule] = []
    for text in texts {
      let trimmed = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
      guard trimmed.first?.lowercased() == "every" else {
        do {
          rules.append(.cron(try CronExpression(text)))
        } catch {
          throw ScheduleError(error.reason, suggestion: Self.meant(by: text))
        }
        continue
      }
      do {
        guard trimmed.count == 2 else { throw DurationError(text: trimmed.dropFirst().joined(separator: " ")) }
        let interval = try DurationText.parse(String(trimmed[1]))
        guard interval > .zero else { throw DurationError(text: String(trimmed[1])) }
        rules.append(.every(interval))
      } catch {
        throw ScheduleError(.interval(text), suggestion: Self.meant(by: text))
      }
    }
    self.rules = rules
    self.texts = texts.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    description = self.texts.joined(separator: ", ")
  }

  /// At once, and then repeatedly.
  ///
  /// - Parameter interval: Greater than zero.
  package init(every interval: Duration) {
    rules = [.every(interval)]
    texts = ["every \(DurationText.text(of: interval))"]
    description = texts[0]
  }

  /// What is probably meant by a rule written in another way.
  ///
  /// An interval, for `5s`, `@every 5m` or `every 5 minutes`; or an expression with `?` for a star. Nil if this is
  /// unclear.
  private static func meant(by text: String) -> String? {
    var words = text.lowercased().split(whereSeparator: { $0 == " " || $0 == "\t" })
    if words.count == 5, words.contains("?") {
      let expression = words.map { $0 == "?" ? "*" : String($0) }.joined(separator: " ")
      return (try? CronExpression(expression)) == nil ? nil : expression
    }
    if words.first == "every" || words.first == "@every" { words.removeFirst() }
    let whole = words.joined()
    let digits = whole.prefix { $0.isASCII && $0.isNumber }
    let units = [
      "minute": "1m", "hour": "1h", "second": "1s", "day": "1d", "ms": "ms", "milliseconds": "ms", "s": "s", "sec": "s",
      "seconds": "s", "m": "m", "min": "m", "minutes": "m", "h": "h", "hours": "h", "d": "d", "days": "d",
    ]
    guard let unit = units[String(whole.dropFirst(digits.count))] else { return nil }
    let meant = digits.isEmpty ? unit : String(digits) + unit
    guard let interval = try? DurationText.parse(meant), interval > .zero else { return nil }
    return "every \(meant)"
  }

  /// Whether it only says how often to look, not when: it has an interval of at most a minute.
  package var isFrequent: Bool {
    rules.contains { if case .every(let interval) = $0 { interval <= .seconds(60) } else { false } }
  }

  /// Whether clocks alone determine when it is due: an interval starts when it was last due, which only the waiter
  /// knows.
  package var isByTheClock: Bool {
    rules.allSatisfy { if case .cron = $0 { true } else { false } }
  }

  /// Its rules that are never due, such as on 30 February, as written.
  package func rulesThatNeverCome(after time: Timestamp, in zone: TimeZoneRules) -> [String] {
    zip(rules, texts).filter { rule, _ in
      if case .cron(let expression) = rule { expression.next(after: time, in: zone) == nil } else { false }
    }.map(\.1)
  }

  /// The first time after this one at which it is due; nil if it never is, such as on 30 February.
  ///
  /// - Parameters:
  ///   - time: For an interval, when it was last due.
  ///   - zone: The time zone of cron expressions.
  /// - Returns: The time.
  package func next(after time: Timestamp, in zone: TimeZoneRules) -> Timestamp? {
    rules.compactMap { rule in
      switch rule {
      case .every(let interval): time + interval
      case .cron(let expression): expression.next(after: time, in: zone)
      }
    }.min()
  }
}
