import DurableFiles
import EventStore
import Events
import ExactJSON
import Failures
import Intake
import Logging
import StoreSupport
import SystemPackage
import TestSupport
import Time

/// A store with one inbox on its own tree.
struct Workplace {
  let tree: TemporaryTree
  let store: RecordStore
  let inbox: Inbox
  let retry: RetryQueue
  let options: InboxOptions

  init(
    _ tree: TemporaryTree = TemporaryTree(), files: any FileOperations = SystemFiles(),
    clock: any WallClock = SystemClock(),
    settle: Duration = .zero, portion: Int = 500, retryBackoff: Duration = .zero, keep: Duration? = nil,
    retryAttempts: Int = 5,
    change: (inout InboxOptions) -> Void = { _ in }
  ) throws {
    self.tree = tree
    var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .critical
    var store = StoreOptions(
      tree.layout,
      retryPolicy: RetryPolicy(
        attempts: retryAttempts, backoff: Backoff(first: retryBackoff, maximum: retryBackoff)))
    store.keep = keep
    var options = InboxOptions(
      name: "default", path: tree.inbox, settle: settle, include: ["*.json", "*.jsonl", "*.ndjson"],
      exclude: [".*", "*.part", "*.tmp", "*.error", "~*"], mapping: try .standard(), maxFileSize: 16 << 20,
      portion: portion)
    change(&options)
    self.options = options
    self.store = try RecordStore(store, files: files, clock: clock, logger: logger)
    inbox = try Inbox(options, store: self.store, clock: clock, logger: logger)
    retry = try RetryQueue(inboxes: [options], settle: settle, store: self.store, clock: clock, logger: logger)
  }

  /// The names of all records, without the partition.
  var records: [String] {
    tree.names("processed").flatMap { tree.names("processed/\($0)") }.filter { $0 != "forwards.jsonl" }.sorted()
  }

  func drop(_ name: String, _ content: String) { tree.write(content, to: "inbox/\(name)") }

  /// The sidecar of a failed file.
  func report(_ file: String) -> FailureReport? {
    tree.read("\(file).error").flatMap { FailureReport($0) }
  }
}

extension EventMapping {
  static func standard() throws -> EventMapping {
    EventMapping(
      inbox: "default", eventId: [try MemberSource("/eventId"), try MemberSource("/id")],
      eventType: [try MemberSource("/eventType"), try MemberSource("/type")], data: [try MemberSource("/data")],
      maxEventSize: 4 << 20)
  }
}
