package import Time

/// How what failed is tried again.
package struct RetrySettings: Sendable, Equatable {
  /// When to look for what is due.
  package var schedule = Schedule.default("every 10s")
  /// How often a file is tried in all.
  package var attempts = 5
  /// The same, of a file that is not JSON or lacks a member.
  package var unreadableAttempts = 2
  package var backoff = Backoff(first: .seconds(30), maximum: .seconds(3600))

  mutating func read(_ section: inout Section) {
    section.read("schedule", into: &schedule)
    section.read("attempts", as: .integer(in: 1...1000), into: &attempts)
    section.read("unreadableAttempts", as: .integer(in: 1...1000), into: &unreadableAttempts)
    section.section("backoff") { backoff.read(&$0) }
  }
}

extension Backoff {
  mutating func read(_ section: inout Section) {
    let isFirstRight = section.read(
      "first", as: .duration(in: .milliseconds(1) ... .seconds(86_400)), into: &first)
    let isMaximumRight = section.read(
      "max", as: .duration(in: .milliseconds(1) ... .seconds(30 * 86_400)), into: &maximum)
    guard first > maximum, isFirstRight, isMaximumRight else { return }
    section.report(
      "the first wait, \(DurationText.text(of: first)), is longer than the longest, \(DurationText.text(of: maximum));"
        + " set both 'first' and 'max'", in: section.has("first") ? "first" : "max")
  }
}
