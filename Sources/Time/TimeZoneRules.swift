/// A time zone's rules: which offset from UTC applies when.
package struct TimeZoneRules: Hashable, Sendable {
  /// Its name in the time zone database, such as `Europe/Paris`.
  package let identifier: String
  /// When each offset begins to apply, in order; before the first, `initialOffset`.
  let transitions: [Transition]
  let initialOffset: Int
  /// The rules after the last transition.
  let continuation: PosixRules?

  /// An instant from which an offset applies.
  struct Transition: Hashable, Sendable {
    /// Seconds since 1970.
    var time: Int64
    /// Seconds to add to UTC.
    var offset: Int
  }

  package static let utc = TimeZoneRules(identifier: "UTC", transitions: [], initialOffset: 0, continuation: nil)

  init(identifier: String, transitions: [Transition], initialOffset: Int, continuation: PosixRules?) {
    self.identifier = identifier
    self.transitions = transitions
    self.initialOffset = initialOffset
    self.continuation = continuation
  }

  /// How many seconds local time is ahead of UTC at an instant.
  package func offset(at time: Timestamp) -> Int {
    offset(atSecond: time.seconds)
  }

  func offset(atSecond second: Int64) -> Int {
    guard let last = transitions.last else { return continuation?.offset(atSecond: second) ?? initialOffset }
    if second >= last.time { return continuation?.offset(atSecond: second) ?? last.offset }
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].time <= second { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? initialOffset : transitions[low - 1].offset
  }

  /// The local day at an instant.
  package func date(of time: Timestamp) -> CalendarDate {
    CalendarDate(daysSinceEpoch: Int((time.seconds + Int64(offset(at: time))).flooredQuotient(by: 86_400)))
  }

  /// The first instant of a day: midnight, or, if a clock change skips that, the instant of the change.
  package func startOfDay(_ date: CalendarDate) -> Timestamp {
    Timestamp(milliseconds: instants(ofLocal: Int64(date.daysSinceEpoch) * 86_400).first * 1000)
  }

  /// The meaning of a local time.
  struct Instants {
    /// Seconds since 1970: its first occurrence; if a clock change skips it, the instant of the change.
    var first: Int64
    /// Its second occurrence, if a clock change repeats it.
    var second: Int64?
    var isSkipped: Bool
  }

  /// The instants at which clocks show a local time.
  ///
  /// - Parameter local: Seconds since 1970-01-01T00:00:00 of local time.
  /// - Returns: The first of them, or the change that skips it.
  func instants(ofLocal local: Int64) -> Instants {
    // No offset exceeds a day, and none changes twice within two.
    let before = offset(atSecond: local - 86_400)
    let after = offset(atSecond: local + 86_400)
    let early = local - Int64(before)
    let late = local - Int64(after)
    if offset(atSecond: early) == before {
      let isRepeated = early < late && offset(atSecond: late) == after
      return Instants(first: early, second: isRepeated ? late : nil, isSkipped: false)
    }
    if offset(atSecond: late) == after { return Instants(first: late, isSkipped: false) }
    // Skipped: the change is where the offset stops being the earlier one.
    var low = min(early, late) - 1
    var high = max(early, late) + 1
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if offset(atSecond: middle) == before { low = middle } else { high = middle }
    }
    return Instants(first: high, isSkipped: true)
  }
}
