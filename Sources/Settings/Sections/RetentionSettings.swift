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
  /// The names of the variables that it gets beside PATH, HOME, LANG and TZ.
  package var archiveEnvironment: [String] = []

  mutating func read(_ section: inout Section) {
    section.read("keep", as: .keep, into: &keep)
    section.read(
      "identities", as: .duration(in: .zero ... .seconds(36_500 * 86_400), orSuchAs: "400d"), into: &identities)
    section.read("schedule", into: &schedule)
    readArchive(&section)
  }
}

extension RetentionSettings {
  /// A command alone, or with the variables that it needs.
  fileprivate mutating func readArchive(_ section: inout Section) {
    guard section.isMapping("archive") else {
      section.read("archive", as: .text("a command"), into: &archive)
      return
    }
    section.section("archive") { section in
      section.read("command", as: .text("a command"), into: &archive)
      section.read("environment", asListOf: .variableName, atLeast: 0, into: &archiveEnvironment)
      if !section.has("command") { section.report("a command is needed too") }
    }
  }
}

extension ValueKind where Value == String {
  /// The name of a variable of the environment (POSIX, section 8.1).
  fileprivate static var variableName: Self {
    ValueKind(expectation: "the name of a variable, such as BORG_PASSPHRASE") { text throws(ValueMistake) in
      let isName = text.utf8.allSatisfy { $0.isAlphanumeric || $0 == UInt8(ascii: "_") }
      guard isName, let first = text.utf8.first, !(0x30...0x39).contains(first) else { throw ValueMistake() }
      return text
    }
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
