internal import EventStore
internal import Events
package import Time

/// When processed events are removed, and what is done with them before; how long they are kept is up to the store.
package struct RetentionSettings: Sendable, Equatable {
  /// When to prune.
  package var schedule = Schedule.default("0 3 * * *")
  /// A command that receives a partition's path before it is pruned.
  package var archive: String?
  /// The variables of our environment that the command receives, besides PATH, HOME, LANG and TZ.
  package var archiveEnvironment: [String] = []

  mutating func read(_ section: inout Section, into store: inout StoreOptions) {
    store.readRetention(&section)
    section.read("schedule", into: &schedule)
    readArchive(&section)
  }

  /// A command, or a mapping of the command and its variables.
  private mutating func readArchive(_ section: inout Section) {
    let kind = ValueKind<String>.command
    let node = section.take("archive", .oneOrSection(kind.form))
    if case .scalar? = node?.content, let node {
      let text = section.reading.resolved(node, of: section.path(of: "archive"), isSecret: false)
      if !text.isEmpty { archive = section.value(of: text, "archive", as: kind) }
    }
    let isMapping = if case .mapping? = node?.content { true } else { false }
    if case .list? = node?.content { section.report(.expected(.command, found: .list), in: "archive") }
    section.section("archive", isMapping ? node : nil) { section in
      let isRight = section.read("command", as: kind, into: &archive)
      section.read("environment", asListOf: .variableName, atLeast: 0, into: &archiveEnvironment)
      if isMapping, isRight, archive == nil { section.report(.noCommand) }
    }
  }
}

extension ValueKind where Value == String {
  fileprivate static var variableName: Self {
    ValueKind(
      expectation: .expected(.variableName),
      form: .pattern("^[A-Za-z_][A-Za-z0-9_]*$")
    ) { text throws(ValueMistake) in
      let isName = text.utf8.allSatisfy { $0.isAlphanumeric || $0 == UInt8(ascii: "_") }
      guard !text.utf8.contains(UInt8(ascii: "=")) else {
        throw ValueMistake(.variableWithValue)
      }
      guard isName, let first = text.utf8.first, !(0x30...0x39).contains(first) else { throw ValueMistake() }
      return text
    }
  }
}

extension ValueKind where Value == Duration? {
  static var keep: Self {
    let duration = ValueKind<Duration>.duration(in: .seconds(86_400) ... .seconds(36_500 * 86_400), isOfDays: true)
    return ValueKind(
      expectation: .expected(.durationOrForever), isQuotable: true,
      form: .pattern("^(forever|([0-9]+(ms|s|m|h|d))+)$")
    ) { text throws(ValueMistake) in
      let others = ["never", "always", "infinite", "unlimited", "all", "none", "off", "ever"]
      guard !others.contains(text.lowercased()) else { throw ValueMistake(hint: .writeIfMeant, ["text": "forever"]) }
      return text == "forever" ? nil : try duration.read(text)
    }
  }
}
