/// The rule for a time zone's future, in the syntax of the POSIX variable TZ: `CET-1CEST,M3.5.0,M10.5.0/3`.
///
/// RFC 9636, section 3.3.2, including the hours from -167 to 167 that it allows.
struct PosixRules: Hashable, Sendable {
  private var standardOffset: Int
  private var daylight: Daylight?

  private struct Daylight: Hashable, Sendable {
    var offset: Int
    var start: Change
    var end: Change
  }

  /// When a change happens within a year.
  private struct Change: Hashable, Sendable {
    enum Day: Hashable, Sendable {
      /// From 1; 29 February has no number.
      case julian(Int)
      /// From 0; 29 February counts.
      case ordinal(Int)
      case weekday(month: Int, week: Int, weekday: Int)
    }
    var day: Day
    /// Seconds of local time after that day's midnight.
    var time: Int

    /// In seconds since 1970, local time.
    func local(in year: Int) -> Int64 {
      let newYear = CalendarDate(year: year, month: 1, day: 1).daysSinceEpoch
      let days: Int
      switch day {
      case .julian(let number):
        let isLeap = CalendarDate.days(inMonth: 2, of: year) == 29
        days = newYear + number - 1 + (isLeap && number >= 60 ? 1 : 0)
      case .ordinal(let number): days = newYear + number
      case .weekday(let month, let week, let weekday):
        let first = CalendarDate(year: year, month: month, day: 1)
        var day = 1 + (weekday - first.weekday).flooredRemainder(by: 7) + (week - 1) * 7
        while day > CalendarDate.days(inMonth: month, of: year) { day -= 7 }
        days = first.daysSinceEpoch + day - 1
      }
      return Int64(days) * 86_400 + Int64(time)
    }
  }

  /// Parses the text; nil if it is invalid.
  init?(_ text: [UInt8]) {
    var reader = Reader(rest: text[...])
    guard reader.skipName(), let standard = reader.offset() else { return nil }
    standardOffset = -standard
    guard !reader.rest.isEmpty else { return }
    guard reader.skipName() else { return nil }
    var offset = standardOffset + 3600
    if reader.rest.first != UInt8(ascii: ",") {
      guard let written = reader.offset() else { return nil }
      offset = -written
    }
    guard reader.skip(","), let start = reader.change(), reader.skip(","), let end = reader.change(),
      reader.rest.isEmpty
    else { return nil }
    daylight = Daylight(offset: offset, start: start, end: end)
  }

  func offset(atSecond second: Int64) -> Int {
    guard let daylight else { return standardOffset }
    let days = (second + Int64(standardOffset)).flooredQuotient(by: 86_400)
    let year = CalendarDate(daysSinceEpoch: Int(days)).year
    // The last change before this instant, in this year or the one before.
    var latest: (time: Int64, offset: Int)?
    for year in [year - 1, year, year + 1] {
      let changes = [
        (daylight.start.local(in: year) - Int64(standardOffset), daylight.offset),
        (daylight.end.local(in: year) - Int64(daylight.offset), standardOffset),
      ]
      for (time, offset) in changes where time <= second && time >= latest?.time ?? .min { latest = (time, offset) }
    }
    return latest?.offset ?? standardOffset
  }

  private struct Reader {
    var rest: ArraySlice<UInt8>

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: character) else { return false }
      rest.removeFirst()
      return true
    }

    mutating func skipName() -> Bool {
      if skip("<") {
        guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
        rest = rest[(end + 1)...]
        return true
      }
      let name = rest.prefix { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
      rest = rest[name.endIndex...]
      return name.count >= 3
    }

    mutating func number() -> Int? {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard digits.count <= 4, let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
      rest = rest[digits.endIndex...]
      return number
    }

    /// `[+-]hh[:mm[:ss]]`, in seconds.
    mutating func offset() -> Int? {
      let isNegative = skip("-")
      if !isNegative { _ = skip("+") }
      guard let hours = number() else { return nil }
      var seconds = hours * 3600
      if skip(":") {
        guard let minutes = number() else { return nil }
        seconds += minutes * 60
        if skip(":") {
          guard let more = number() else { return nil }
          seconds += more
        }
      }
      return isNegative ? -seconds : seconds
    }

    mutating func change() -> Change? {
      let day: Change.Day
      if skip("M") {
        guard let month = number(), skip("."), let week = number(), skip("."), let weekday = number(),
          (1...12).contains(month), (1...5).contains(week), (0...6).contains(weekday)
        else { return nil }
        day = .weekday(month: month, week: week, weekday: weekday)
      } else if skip("J") {
        guard let number = number(), (1...365).contains(number) else { return nil }
        day = .julian(number)
      } else {
        guard let number = number(), (0...365).contains(number) else { return nil }
        day = .ordinal(number)
      }
      var time = 7200
      if skip("/") {
        guard let written = offset() else { return nil }
        time = written
      }
      return Change(day: day, time: time)
    }
  }
}
