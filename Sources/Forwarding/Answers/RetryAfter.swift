internal import Time

/// The field `Retry-After` (RFC 9110, section 10.2.3).
package enum RetryAfter {
  /// No answer can silence us for longer than this.
  package static let maximum = Duration.seconds(3600)

  /// Reads it: whole seconds, or a date.
  ///
  /// - Parameters:
  ///   - text: The field's value.
  ///   - now: Milliseconds since 1970.
  /// - Returns: How long to wait, from zero to `maximum`; nil if it is neither.
  package static func parse(_ text: String, now: Int64) -> Duration? {
    let trimmed = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
    if trimmed.count == 1, let digits = trimmed.first, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      return min(Int64(digits).map { .seconds($0) } ?? maximum, maximum)
    }
    guard let date = HTTPDate.parse(text) else { return nil }
    // A four-digit year in milliseconds is far from overflowing; `now` may be anything.
    let (difference, overflow) = (date * 1000).subtractingReportingOverflow(now)
    guard !overflow, difference > 0 else { return .zero }
    return min(.milliseconds(difference), maximum)
  }
}

/// A date in HTTP, in each of the three formats that a recipient must accept (RFC 9110, section 5.6.7).
enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Seconds since 1970; nil if it is not such a date.
  static func parse(_ text: String) -> Int64? {
    let words = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "-" }).map(String.init)
    // Sun, 06 Nov 1994 08:49:37 GMT — Sunday, 06-Nov-94 08:49:37 GMT — Sun Nov  6 08:49:37 1994
    if words.count == 6, words[5] == "GMT" {
      guard let year = year(words[3]) else { return nil }
      return seconds(day: words[1], month: words[2], year: year, time: words[4])
    }
    if words.count == 5, words[4].utf8.count == 4, let year = number(words[4], 1...9999) {
      return seconds(day: words[2], month: words[1], year: year, time: words[3])
    }
    return nil
  }

  private static func year(_ text: String) -> Int? {
    switch text.utf8.count {
    case 4: number(text, 1...9999)
    // Two digits used to mean the last century; they are read as the year nearest to now.
    case 2: number(text, 0...99).map { $0 < 70 ? 2000 + $0 : 1900 + $0 }
    default: nil
    }
  }

  private static func seconds(day: String, month: String, year: Int, time: String) -> Int64? {
    let parts = time.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard let month = months.firstIndex(of: month), parts.count == 3, let day = number(day, 1...31),
      let hour = number(parts[0], 0...23), let minute = number(parts[1], 0...59), let second = number(parts[2], 0...60)
    else { return nil }
    let days = CalendarDate(year: year, month: month + 1, day: day).daysSinceEpoch
    return Int64(days * 86_400 + hour * 3600 + minute * 60 + second)
  }

  private static func number(_ text: String, _ range: ClosedRange<Int>) -> Int? {
    guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = Int(text), range.contains(number)
    else { return nil }
    return number
  }
}
