package import Schedules

/// How long what was processed is kept.
package struct RetentionSettings: Sendable, Equatable {
  /// How old partitions get; nil: they stay for ever.
  package var keep: Duration? = .seconds(30 * 86_400)
  /// How long an eventId is remembered whose record was pruned.
  package var identities: Duration = .seconds(400 * 86_400)
  /// When to prune.
  package var schedule = Schedule.default("0 3 * * *")
  /// A command that gets a partition's path before it is pruned.
  package var archive: String?

  mutating func read(_ section: inout Section) {
    section.read("keep", as: .keep, into: &keep)
    section.read(
      "identities", as: .duration(in: .zero ... .seconds(36_500 * 86_400), orSuchAs: "400d"), into: &identities)
    section.read("schedule", into: &schedule)
    section.read("archive", as: .text("a command"), into: &archive)
  }
}

extension ValueKind where Value == Duration? {
  fileprivate static var keep: Self {
    let duration = ValueKind<Duration>.duration(in: .seconds(86_400) ... .seconds(36_500 * 86_400))
    return ValueKind(expectation: "a duration such as 30d, or forever") { text throws(ValueMistake) in
      text == "forever" ? nil : try duration.read(text)
    }
  }
}
