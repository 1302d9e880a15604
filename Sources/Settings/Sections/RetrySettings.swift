internal import EventStore
internal import Events
package import Time

/// When failed files are retried; how is up to the store.
package struct RetrySettings: Sendable, Equatable {
  /// When to look for what is due.
  package var schedule = Schedule.default("every 10s")

  mutating func read(_ section: inout Section, into store: inout StoreOptions) {
    section.read("schedule", into: &schedule)
    store.readRetry(&section)
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
      .backoff,
      ["first": .text(DurationText.text(of: first)), "longest": .text(DurationText.text(of: maximum))],
      in: section.has("first") ? "first" : "max")
  }
}
