internal import Events
internal import ExactJSON
package import Intake
package import SystemPackage
package import Time

/// A folder that other systems drop files into.
package struct InboxSettings: Sendable, Equatable {
  /// How its files are taken and read.
  package var options: InboxOptions
  /// When to look.
  package var schedule = Schedule.default("every 2s")
  /// How long without a drop is unusual; nil: no time is.
  package var silentAfter: Duration?

  /// In records, logs and metrics.
  package var name: String { options.name }
  package var path: FilePath { options.path }

  init(relativeTo folder: FilePath, portion: Int) {
    let mapping = EventMapping(
      inbox: "default", eventId: [.member("eventId"), .cloudEvent, .member("id")],
      eventType: [.member("eventType"), .member("type")], data: [.member("data")], maxEventSize: 4 << 20)
    options = InboxOptions(
      name: "default", path: folder.resolving("inbox"), settle: .seconds(2),
      include: ["*.json", "*.jsonl", "*.ndjson", "*.json.gz", "*.jsonl.gz", "*.ndjson.gz"],
      exclude: [".*", "*.part", "*.filepart", "*.tmp", "*.error", "~*"], mapping: mapping, maxFileSize: 16 << 20,
      portion: portion)
  }

  /// - Returns: Whether the name is what the file means.
  mutating func read(_ section: inout Section, _ claims: inout FolderClaims) -> Bool {
    let isNameRight = section.read("name", as: .inboxName, into: &options.name)
    let owner = isNameRight ? FolderOwner.inbox(name) : .inboxInLine(section.place.line)
    claims.read("path", of: owner, into: &options.path, &section)
    section.read("schedule", into: &schedule)
    section.read("settle", as: .duration(in: .zero ... .seconds(86_400)), into: &options.settle)
    section.read("marker", as: .marker, into: &options.marker)
    section.read("include", asListOf: .pattern, into: &options.include)
    section.read("exclude", asListOf: .pattern, atLeast: 0, into: &options.exclude)
    section.read("recursive", as: .boolean, into: &options.recursive)
    section.read("charset", as: .charset, into: &options.charset)
    readMapping(&section)
    section.read(
      "silentAfter",
      as: .duration(in: .seconds(1) ... .seconds(366 * 86_400), as: .expected(.longDuration), isOfDays: true),
      into: &silentAfter)
    section.read("maxFileSize", as: .size(in: 1...(1 << 32)), into: &options.maxFileSize)
    section.read("maxEventSize", as: .size(in: 1...(1 << 30)), into: &options.mapping.maxEventSize)
    return isNameRight
  }

  /// Reads how its events become records.
  private mutating func readMapping(_ section: inout Section) {
    options.mapping.inbox = name
    section.readEventId("eventId", into: &options.mapping.eventId)
    section.read(
      "eventType", asListOf: .textSource("/eventType", constant: "eventTypeDefault"), into: &options.mapping.eventType)
    section.read("data", asListOf: .pointer("/data"), into: &options.mapping.data)
    var prefix: String? = options.mapping.eventIdPrefix
    section.read("eventIdPrefix", as: .eventIdPrefix, into: &prefix)
    options.mapping.eventIdPrefix = prefix ?? ""
    section.read("eventTypeDefault", as: .eventType, into: &options.mapping.eventTypeDefault)
  }
}

extension Section {
  /// Reads the sources of eventIds: one entry, or a list of entries, each of which can be a list of JSON Pointers.
  fileprivate mutating func readEventId(_ key: String, into entries: inout [MemberSource]) {
    let kind = ValueKind<MemberSource>.textSource("/eventId", words: ["@cloudevent", "@filename", "@sha256"])
    let part = ValueKind<MemberSource>.textSource("/eventId", words: [])
    guard let node = takeResolved(key, .alternatives(kind.form, part: part.form)), !node.isNull else { return }
    let nodes: [YAMLNode]
    switch node.content {
    case .list(let items): nodes = items
    case .scalar: nodes = [node]
    case .mapping:
      report(kind.expectation.found(.mappingForList), in: key)
      return
    case .refused: return
    }
    guard !nodes.isEmpty else {
      report(Message(ConfigurationMessage.emptyList), hint: kind.expectation, in: key)
      return
    }
    var found: [MemberSource] = []
    for item in nodes {
      switch item.content {
      case .list(let parts) where parts.isEmpty:
        reading.log.report(Message(ConfigurationMessage.emptyParts), key: path(of: key), at: item.place)
      case .list(let parts):
        let sources = parts.compactMap { value(of: $0, key, as: part) }
        if sources.count == parts.count { found.append(sources.count == 1 ? sources[0] : .joined(sources)) }
      default:
        if let source = value(of: item, key, as: kind) { found.append(source) }
      }
    }
    if found.count == nodes.count { entries = found }
  }
}

extension MemberSource {
  /// A member of the event itself.
  fileprivate static func member(_ name: String) -> MemberSource { .pointer(JSONPointer(member: name)) }
}
