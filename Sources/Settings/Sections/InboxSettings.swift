package import SystemPackage
package import Time

/// One folder that other systems drop files into.
package struct InboxSettings: Sendable, Equatable {
  /// In records, logs and metrics.
  package var name = "default"
  package var path: FilePath
  /// When to look.
  package var schedule = Schedule.default("every 2s")
  /// How long a file must not have changed.
  package var settle: Duration = .seconds(2)
  /// What the name of the file that says that another is complete ends in; nil: there are none.
  package var marker: String?
  /// Patterns of glob(7); a file that matches one of these, and none of `exclude`, is a drop.
  package var include = ["*.json", "*.jsonl", "*.ndjson", "*.json.gz", "*.jsonl.gz", "*.ndjson.gz"]
  package var exclude = [".*", "*.part", "*.filepart", "*.tmp", "*.error", "~*"]
  package var recursive = false
  /// In lower case.
  ///
  /// Only that it can be a name is made sure.
  package var charset = "utf-8"
  /// JSON Pointers, `@cloudevent`, `@filename` or `@sha256`; the first that is there counts.
  ///
  /// Each is a list: one of several JSON Pointers is there where all of them are, which are then joined.
  package var eventId = [["/eventId"], ["@cloudevent"], ["/id"]]
  /// JSON Pointers, `@filename` or `@sha256`; the first that is there counts.
  package var eventType = ["/eventType", "/type"]
  package var data = ["/data"]
  /// What is put before the eventIds of this inbox, whose systems' numbers may be those of another.
  package var eventIdPrefix: String?
  /// The type of events that have none; nil: these are failures.
  package var eventTypeDefault: String?
  /// How long without a drop is strange; nil: no time is.
  package var silentAfter: Duration?
  /// In bytes.
  package var maxFileSize = 16 << 20
  /// In bytes.
  package var maxEventSize = 4 << 20

  init(relativeTo folder: FilePath) {
    path = folder.resolving("inbox")
  }

  /// - Returns: Whether the name is the one that the file means.
  mutating func read(_ section: inout Section, _ claims: inout FolderClaims) -> Bool {
    let isNameRight = section.read("name", as: .inboxName, into: &name)
    let owner = isNameRight ? "the inbox '\(name)'" : "the inbox in line \(section.place.line)"
    claims.read("path", of: owner, into: &path, &section)
    section.read("schedule", into: &schedule)
    section.read("settle", as: .duration(in: .zero ... .seconds(86_400)), into: &settle)
    section.read("marker", as: .marker, into: &marker)
    section.read("include", asListOf: .pattern, into: &include)
    section.read("exclude", asListOf: .pattern, atLeast: 0, into: &exclude)
    section.read("recursive", as: .boolean, into: &recursive)
    section.read("charset", as: .charset, into: &charset)
    section.readEventId("eventId", into: &eventId)
    section.read(
      "eventType", asListOf: .textSource("/eventType", constant: "eventTypeDefault"), into: &eventType)
    section.read("data", asListOf: .jsonPointer("/data"), into: &data)
    section.read("eventIdPrefix", as: .eventIdPrefix, into: &eventIdPrefix)
    section.read("eventTypeDefault", as: .eventType, into: &eventTypeDefault)
    section.read(
      "silentAfter", as: .duration(in: .seconds(1) ... .seconds(366 * 86_400), orSuchAs: "2h or 1d"), into: &silentAfter
    )
    section.read("maxFileSize", as: .size(in: 1...(1 << 32)), into: &maxFileSize)
    section.read("maxEventSize", as: .size(in: 1...(1 << 30)), into: &maxEventSize)
    return isNameRight
  }
}

extension Section {
  /// Reads where eventIds come from: one entry, or a list of entries, each of which can be a list of JSON Pointers.
  fileprivate mutating func readEventId(_ key: String, into entries: inout [[String]]) {
    let kind = ValueKind<String>.textSource("/eventId", words: ["@cloudevent", "@filename", "@sha256"])
    let part = ValueKind<String>.textSource("/eventId", words: [])
    guard let node = takeResolved(key, .alternatives(kind.form, part: part.form)), !node.isNull else { return }
    let nodes: [YAMLNode]
    switch node.content {
    case .list(let items): nodes = items
    case .scalar: nodes = [node]
    case .mapping:
      report("expected \(kind.expectation), or a list of these, not a mapping", in: key)
      return
    case .refused: return
    }
    guard !nodes.isEmpty else {
      report("this list must not be empty; expected \(kind.expectation)", in: key)
      return
    }
    var found: [[String]] = []
    for item in nodes {
      switch item.content {
      case .list(let parts) where parts.isEmpty:
        reading.log.report("\(path(of: key)): a list of members must not be empty", at: item.place)
      case .list(let parts):
        let texts = parts.compactMap { value(of: $0, key, as: part) }
        if texts.count == parts.count { found.append(texts) }
      default:
        if let text = value(of: item, key, as: kind) { found.append([text]) }
      }
    }
    if found.count == nodes.count { entries = found }
  }
}
