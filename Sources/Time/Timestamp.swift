/// An instant, in milliseconds since 1970-01-01T00:00:00Z, not counting leap seconds.
package struct Timestamp: Hashable, Comparable, Sendable {
  package var milliseconds: Int64

  package init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  /// The instant of a file's time.
  ///
  /// - Parameter nanoseconds: Since 1970, as in a file's status.
  package init(nanoseconds: Int64) {
    self.init(milliseconds: nanoseconds / 1_000_000)
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.milliseconds < right.milliseconds
  }

  /// Later by a duration; it saturates at the ends of the range.
  package static func + (time: Timestamp, duration: Duration) -> Timestamp {
    let (sum, overflow) = time.milliseconds.addingReportingOverflow(duration.inMilliseconds)
    return Timestamp(milliseconds: overflow ? (duration < .zero ? .min : .max) : sum)
  }

  /// Earlier by a duration.
  package static func - (time: Timestamp, duration: Duration) -> Timestamp {
    time + (.zero - duration)
  }

  /// How much later one instant is than another.
  package static func - (left: Timestamp, right: Timestamp) -> Duration {
    let (difference, overflow) = left.milliseconds.subtractingReportingOverflow(right.milliseconds)
    return .milliseconds(overflow ? (left < right ? .min : .max) : difference)
  }

  /// What can be written and read back: the years 0001 to 9999, because RFC 3339 has four digits for them.
  package static let writable =
    Timestamp(milliseconds: -62_135_596_800_000)...Timestamp(milliseconds: 253_402_300_799_999)

  /// Seconds since 1970, rounded down.
  var seconds: Int64 { milliseconds.flooredQuotient(by: 1000) }
}

extension Duration {
  /// Whole milliseconds, rounded down; it saturates at the ends of the range.
  package var inMilliseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    if overflow { return seconds < 0 ? .min : .max }
    return scaled.addingReportingOverflow(attoseconds.flooredQuotient(by: 1_000_000_000_000_000)).partialValue
  }
}

extension FixedWidthInteger {
  /// The quotient by a positive divisor, rounded down even if this is negative.
  func flooredQuotient(by divisor: Self) -> Self {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }

  /// The remainder of that division; never negative.
  func flooredRemainder(by divisor: Self) -> Self {
    let remainder = self % divisor
    return remainder < 0 ? remainder + divisor : remainder
  }
}

// MARK: RFC 3339

extension Timestamp: CustomStringConvertible {
  /// A time in a message never appears as a bare number.
  package var description: String { rfc3339 }

  /// In RFC 3339 form, in UTC, with milliseconds: `2026-11-23T03:41:00.123Z`.
  package var rfc3339: String {
    var text: [UInt8] = []
    append(rfc3339To: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends the text of `rfc3339`; years outside 0 to 9999 are clamped to that range.
  package func append(rfc3339To text: inout [UInt8]) {
    let bounded = min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999)
    let days = bounded.flooredQuotient(by: 86_400_000)
    let time = Int(bounded - days * 86_400_000)
    let date = CalendarDate(daysSinceEpoch: Int(days))
    text.append(decimal: date.year, digits: 4)
    text.append(0x2D)
    text.append(decimal: date.month, digits: 2)
    text.append(0x2D)
    text.append(decimal: date.day, digits: 2)
    text.append(0x54)
    text.append(decimal: time / 3_600_000, digits: 2)
    text.append(0x3A)
    text.append(decimal: time / 60_000 % 60, digits: 2)
    text.append(0x3A)
    text.append(decimal: time / 1000 % 60, digits: 2)
    text.append(0x2E)
    text.append(decimal: time % 1000, digits: 3)
    text.append(0x5A)
  }

  /// Parses a time of RFC 3339, section 5.6; digits beyond milliseconds are dropped.
  ///
  /// A leap second becomes the second after it, because this clock does not count it.
  package init?(rfc3339 text: String) {
    var reader = DigitReader(Array(text.utf8))
    guard let date = reader.date(), reader.skip(0x54, or: 0x74),
      let hour = reader.number(2, upTo: 23), reader.skip(0x3A),
      let minute = reader.number(2, upTo: 59), reader.skip(0x3A),
      let second = reader.number(2, upTo: 60)
    else { return nil }
    var milliseconds = 0
    if reader.skip(0x2E) {
      guard let fraction = reader.fraction() else { return nil }
      milliseconds = fraction
    }
    var offset = 0
    if !reader.skip(0x5A, or: 0x7A) {
      let isWest = reader.skip(0x2D)
      guard isWest || reader.skip(0x2B), let hours = reader.number(2, upTo: 23), reader.skip(0x3A),
        let minutes = reader.number(2, upTo: 59)
      else { return nil }
      offset = (hours * 60 + minutes) * (isWest ? -1 : 1)
    }
    guard reader.isAtEnd else { return nil }
    let seconds = date.daysSinceEpoch * 86_400 + (hour * 60 + minute - offset) * 60 + second
    self.init(milliseconds: Int64(seconds * 1000 + milliseconds))
    guard Self.writable.contains(self) else { return nil }
  }
}

extension [UInt8] {
  fileprivate mutating func append(decimal number: Int, digits: Int) {
    var divisor = 1
    for _ in 1..<digits { divisor *= 10 }
    while divisor > 0 {
      append(0x30 + UInt8(truncatingIfNeeded: number / divisor % 10))
      divisor /= 10
    }
  }
}

/// Reads numbers of fixed width, and the characters between them.
struct DigitReader {
  private let text: [UInt8]
  private var position = 0

  init(_ text: [UInt8]) {
    self.text = text
  }

  var isAtEnd: Bool { position == text.count }

  mutating func skip(_ byte: UInt8, or other: UInt8? = nil) -> Bool {
    guard position < text.count, text[position] == byte || text[position] == other else { return false }
    position += 1
    return true
  }

  mutating func number(_ digits: Int, upTo maximum: Int) -> Int? {
    guard position + digits <= text.count else { return nil }
    var number = 0
    for byte in text[position..<(position + digits)] {
      guard (0x30...0x39).contains(byte) else { return nil }
      number = number * 10 + Int(byte - 0x30)
    }
    position += digits
    return number <= maximum ? number : nil
  }

  /// The milliseconds from one or more digits after a decimal point.
  mutating func fraction() -> Int? {
    var milliseconds = 0
    var scale = 100
    let start = position
    while position < text.count, (0x30...0x39).contains(text[position]) {
      milliseconds += Int(text[position] - 0x30) * scale
      scale /= 10
      position += 1
    }
    return position > start ? milliseconds : nil
  }

  mutating func date() -> CalendarDate? {
    guard let year = number(4, upTo: 9999), skip(0x2D), let month = number(2, upTo: 12), skip(0x2D),
      let day = number(2, upTo: 31), month >= 1, day >= 1, day <= CalendarDate.days(inMonth: month, of: year)
    else { return nil }
    return CalendarDate(year: year, month: month, day: day)
  }
}
