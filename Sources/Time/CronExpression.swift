/// A cron expression of five fields: minute, hour, day of the month, month, day of the week.
///
/// As in crontab(5): if both days are restricted, either is enough; Sunday is 0 and 7. A star with a step, `*/2`, is a
/// restriction too, as most readers of such expressions expect, although the oldest crons disagree.
struct CronExpression: Hashable, Sendable {
  /// One bit per value.
  private(set) var minutes: UInt64
  private(set) var hours: UInt64
  private var days: UInt64
  private var months: UInt64
  private var weekdays: UInt64
  /// Whether both days are restricted, so that either is enough.
  private(set) var isEitherDay: Bool
  /// Whether minute or hour is a star, so that it says how often, not at what time.
  private var isInterval: Bool

  private static let shortcuts = [
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
  ]

  init(_ text: String) throws(ScheduleError) {
    guard let expression = text.hasPrefix("@") ? Self.shortcuts[text.lowercased()] : text else {
      throw ScheduleError(.unknownShortcut(text))
    }
    let fields = expression.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    guard fields.count == 5 else {
      // Quartz, Spring and others put seconds before the minutes.
      let rest = fields.dropFirst().joined(separator: " ")
      if fields.count == 6, (try? CronExpression(rest)) != nil {
        throw ScheduleError(.sixFields(text, withoutSeconds: rest))
      }
      throw ScheduleError(.otherFields(text, count: fields.count))
    }
    minutes = try CronField(field: .minute, values: 0...59).parse(fields[0])
    hours = try CronField(field: .hour, values: 0...23).parse(fields[1])
    days = try CronField(field: .day, values: 1...31).parse(fields[2])
    months = try CronField(field: .month, values: 1...12, names: CronField.months).parse(fields[3])
    weekdays = try CronField(field: .weekday, values: 0...7, names: CronField.weekdays).parse(fields[4])
    if weekdays & (1 << 7) != 0 { weekdays |= 1 }
    weekdays &= 0x7F
    isInterval = fields[0].contains("*") || fields[1].contains("*")
    isEitherDay = fields[2] != "*" && fields[4] != "*"
  }

  /// Whether it is due on a day, at some time of it.
  func matches(_ date: CalendarDate) -> Bool {
    guard months & (1 << UInt64(date.month)) != 0 else { return false }
    let day = days & (1 << UInt64(date.day)) != 0
    let weekday = weekdays & (1 << UInt64(date.weekday)) != 0
    return isEitherDay ? day || weekday : day && weekday
  }

  /// The first instant after this one at which it is due; nil if there is none in the next 40 years.
  ///
  /// A job at a fixed time is due once at a clock change that skips its hour, and only the first time in an hour that
  /// is repeated. A job with a star in minute or hour is due whenever clocks show one of its times: never in a skipped
  /// hour, and twice in a repeated one.
  func next(after time: Timestamp, in zone: TimeZoneRules) -> Timestamp? {
    let now = time.seconds
    var date = zone.date(of: time)
    // A change moves local times by hours, so a local time of yesterday may still be ahead of this instant.
    date = date.adding(days: -1)
    let end = date.adding(days: 40 * 366)
    while date < end {
      guard months & (1 << UInt64(date.month)) != 0 else {
        date =
          date.month == 12
          ? CalendarDate(year: date.year + 1, month: 1, day: 1)
          : CalendarDate(year: date.year, month: date.month + 1, day: 1)
        continue
      }
      if matches(date), let found = next(after: now, on: date, in: zone) {
        // If the clock goes back over midnight, some of the next day's times precede some of this day's.
        let tomorrow = date.adding(days: 1)
        let other = isInterval && matches(tomorrow) ? next(after: now, on: tomorrow, in: zone) : nil
        return Timestamp(milliseconds: min(found, other ?? found) * 1000)
      }
      date = date.adding(days: 1)
    }
    return nil
  }

  private func next(after now: Int64, on date: CalendarDate, in zone: TimeZoneRules) -> Int64? {
    let midnight = Int64(date.daysSinceEpoch) * 86_400
    // The whole day has passed, whatever the offset.
    if midnight + 3 * 86_400 < now { return nil }
    var earliest: Int64?
    for hour in Int64(0)..<24 where hours & (1 << UInt64(hour)) != 0 {
      for minute in Int64(0)..<60 where minutes & (1 << UInt64(minute)) != 0 {
        let instants = zone.instants(ofLocal: midnight + hour * 3600 + minute * 60)
        if instants.isSkipped && isInterval { continue }
        if instants.first > now {
          earliest = min(earliest ?? instants.first, instants.first)
          // Local times in order are instants in order, except when the clock goes back: then check the rest of the
          // day.
          break
        }
        if isInterval, let second = instants.second, second > now { earliest = min(earliest ?? second, second) }
      }
    }
    return earliest
  }
}

/// One field of a cron expression.
private struct CronField {
  static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
  static let weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

  var field: ScheduleError.Field
  var values: ClosedRange<Int>
  var names: [String] = []

  /// The values of a text, one bit each.
  func parse(_ text: String) throws(ScheduleError) -> UInt64 {
    var bits: UInt64 = 0
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = item.split(separator: "/", omittingEmptySubsequences: false)
      guard let range = parts.first, parts.count <= 2, !range.isEmpty else { throw mistake(in: text) }
      var step = 1
      if parts.count == 2 {
        guard let number = plainNumber(parts[1]), number >= 1, number <= values.upperBound else {
          throw mistake(.step(upTo: values.upperBound), in: text)
        }
        step = number
      }
      let bounds = try bounds(of: range, hasStep: parts.count == 2, in: text)
      for value in stride(from: bounds.lowerBound, through: bounds.upperBound, by: step) { bits |= 1 << UInt64(value) }
    }
    return bits
  }

  private func bounds(of range: Substring, hasStep: Bool, in text: String) throws(ScheduleError) -> ClosedRange<Int> {
    // A star in the days of the week is a week, not eight days.
    let all = values.lowerBound...(values.upperBound == 7 ? 6 : values.upperBound)
    if range == "*" { return all }
    let ends = range.split(separator: "-", omittingEmptySubsequences: false)
    guard let first = ends.first, let from = try value(first, in: text) else { throw mistake(in: text) }
    switch ends.count {
    case 1: return hasStep ? from...max(from, all.upperBound) : from...from
    case 2:
      guard var to = try value(ends[1], in: text) else { throw mistake(in: text) }
      // From some day to Sunday.
      if values.upperBound == 7, to == 0, from > 0 { to = 7 }
      guard from <= to else {
        throw mistake(.backwards, in: text)
      }
      return from...to
    default: throw mistake(in: text)
    }
  }

  private func value(_ text: Substring, in whole: String) throws(ScheduleError) -> Int? {
    if let index = names.firstIndex(of: text.lowercased()) { return values.lowerBound == 1 ? index + 1 : index }
    guard let number = plainNumber(text) else { return nil }
    guard values.contains(number) else {
      throw mistake(.outOfRange(values), in: whole)
    }
    return number
  }

  /// Digits only: `Int` would accept a sign as well.
  private func plainNumber(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } && text.utf8.count <= 4 ? Int(text) : nil
  }

  private func mistake(in text: String) -> ScheduleError {
    mistake(.unclear(example: (values.lowerBound + 1)...(values.lowerBound + 5)), in: text)
  }

  private func mistake(_ mistake: ScheduleError.FieldMistake, in text: String) -> ScheduleError {
    ScheduleError(.field(field, text, mistake))
  }
}
