/// What is wrong with a schedule; its sentences are with all others, in `FormatMessage`.
package struct ScheduleError: Error, Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    case noRules
    /// A word preceded by `@`.
    case unknownShortcut(String)
    /// What follows `every` is not a duration greater than zero.
    case interval(String)
    /// A rule with seconds before the minutes, and the rule without them.
    case sixFields(String, withoutSeconds: String)
    case otherFields(String, count: Int)
    case field(Field, String, FieldMistake)
  }

  /// A field of a cron expression.
  package enum Field: String, Sendable {
    case minute, hour, day, month, weekday
  }

  /// What is wrong with a field.
  package enum FieldMistake: Hashable, Sendable {
    /// A step that is not a number from 1 to this one.
    case step(upTo: Int)
    case backwards
    case outOfRange(ClosedRange<Int>)
    /// Anything else; the range is an example of a valid one.
    case unclear(example: ClosedRange<Int>)
  }

  package var reason: Reason
  /// The rule that was probably meant.
  package var suggestion: String?

  init(_ reason: Reason, suggestion: String? = nil) {
    self.reason = reason
    self.suggestion = suggestion
  }
}
