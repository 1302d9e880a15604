internal import Catalog
internal import EventStore
internal import Events
internal import Time

// What is valid, but hardly intended, about schedules, durations and time zones.
extension Configuration {
  private var schedules: [(key: String, schedule: Schedule)] {
    inboxes.enumerated().map { ("inboxes[\($0)].schedule", $1.schedule) } + [
      ("forward.schedule", forward.schedule), ("retry.schedule", retry.schedule),
      ("retention.schedule", retention.schedule),
    ]
  }

  func warnOfTimes(at now: Timestamp, _ warn: (_ key: String, _ message: Message) -> Void) {
    for (key, schedule) in schedules {
      for rule in schedule.rulesThatNeverCome(after: now, in: timezone) {
        warn(key, .warning(.neverComes, ["rule": .text(rule)]))
      }
      for (rule, once) in schedule.rulesOfEveryMinute {
        warn(key, .warning(.everyMinute, ["rule": .text(rule), "once": .text(once)]))
      }
      for rule in schedule.rulesOfEitherDay { warn(key, .warning(.eitherDay, ["rule": .text(rule)])) }
    }
    let today = timezone.date(of: now)
    for (number, inbox) in inboxes.enumerated() {
      guard let limit = inbox.silentAfter, let pause = inbox.schedule.longestPause(from: today), limit <= pause else {
        continue
      }
      warn(
        "inboxes[\(number)].silentAfter",
        .warning(.silentBetweenLooks, ["pause": .text(DurationText.text(of: pause))]))
    }
    for (key, zone) in [("timezone", timezone), ("processed.timezone", store.layout.timeZone)] {
      guard let (sign, other) = zone.signAndOpposite else { continue }
      warn(
        key, .warning(.zoneSign, ["zone": .text(zone.identifier), "sign": .text(sign), "other": .text(other)]))
    }
  }
}

extension TimeZoneRules {
  /// The sign of a zone such as `Etc/GMT+2`, and the zone with the opposite one; nil for any other zone.
  ///
  /// These names have the sign of POSIX: what is west of Greenwich is positive (`etcetera` of the tz database).
  fileprivate var signAndOpposite: (sign: String, opposite: String)? {
    for (prefix, sign, other) in [("Etc/GMT+", "plus", "Etc/GMT-"), ("Etc/GMT-", "minus", "Etc/GMT+")]
    where identifier.hasPrefix(prefix) && !identifier.hasSuffix(prefix.suffix(1) + "0") {
      return (sign, other + identifier.dropFirst(prefix.count))
    }
    return nil
  }
}
