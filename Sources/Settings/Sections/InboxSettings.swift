package import Schedules
package import SystemPackage

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
  /// JSON Pointers, `@filename` or `@sha256`; the first that is there counts.
  package var eventId = ["/eventId", "/id"]
  package var eventType = ["/eventType", "/type"]
  package var data = ["/data"]
  /// The type of events that have none; nil: these are failures.
  package var eventTypeDefault: String?
  /// In bytes.
  package var maxFileSize = 16 << 20
  /// In bytes.
  package var maxEventSize = 4 << 20

  init(relativeTo folder: FilePath) {
    path = folder.resolving("inbox")
  }

  mutating func read(_ section: inout Section, _ claims: inout FolderClaims) {
    section.read("name", as: .inboxName, into: &name)
    claims.read("path", of: "the inbox '\(name)'", into: &path, &section)
    section.read("schedule", into: &schedule)
    section.read("settle", as: .duration(in: .zero ... .seconds(86_400)), into: &settle)
    section.read("marker", as: .marker, into: &marker)
    section.read("include", asListOf: .pattern, into: &include)
    section.read("exclude", asListOf: .pattern, atLeast: 0, into: &exclude)
    section.read("recursive", as: .boolean, into: &recursive)
    section.read("charset", as: .charset, into: &charset)
    section.read("eventId", asListOf: .textSource("/eventId"), into: &eventId)
    section.read("eventType", asListOf: .textSource("/eventType"), into: &eventType)
    section.read("data", asListOf: .jsonPointer("/data"), into: &data)
    section.read("eventTypeDefault", as: .eventType, into: &eventTypeDefault)
    section.read("maxFileSize", as: .size(in: 1...(1 << 32)), into: &maxFileSize)
    section.read("maxEventSize", as: .size(in: 1...(1 << 30)), into: &maxEventSize)
  }
}
