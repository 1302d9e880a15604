extension Timestamp {
  /// In RFC 3339 form, in a time zone's local time: `2026-11-23T04:41:00.123+01:00`, or with `Z` if that is UTC.
  ///
  /// - Parameters:
  ///   - zone: The time zone.
  ///   - isBrief: Whether to leave out milliseconds.
  /// - Returns: The text.
  package func rfc3339(in zone: TimeZoneRules, isBrief: Bool = false) -> String {
    // RFC 3339 has no offsets in seconds, which existed when clocks followed the sun.
    let minutes = zone.offset(at: self) / 60
    let local = (self + .seconds(minutes * 60)).rfc3339.dropLast(isBrief ? 5 : 1)
    guard minutes != 0 else { return local + "Z" }
    return local + (minutes < 0 ? "-" : "+") + Self.twoDigits(abs(minutes) / 60) + ":"
      + Self.twoDigits(abs(minutes) % 60)
  }

  private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// Whether it is that day by the clocks of some place: none has ever been more than 16 hours ahead of or behind UTC.
  package func isOnDay(_ date: CalendarDate) -> Bool {
    let farthest = Duration.seconds(16 * 3600)
    let days = [self - farthest, self + farthest].map { TimeZoneRules.utc.date(of: $0) }
    return days[0] <= date && date <= days[1]
  }
}
