internal import CSQLite
internal import DurableFiles
package import EventStore
package import Events
internal import Logging
internal import SystemPackage
package import TestSupport
internal import Time

/// A store on its own tree, without inboxes or forwarding.
package struct StorePlace {
  package let tree: TemporaryTree
  package let files: RecordingFiles
  package let clock: ManualClock
  package let store: RecordStore

  package init(
    _ tree: TemporaryTree = TemporaryTree(), files: RecordingFiles = RecordingFiles(),
    clock: ManualClock = ManualClock(), durability: StoreOptions.Durability = .group
  ) throws {
    self.tree = tree
    self.files = files
    self.clock = clock
    store = try RecordStore(
      StoreOptions(tree.layout, durability: durability), files: files, clock: clock,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  /// The same tree, opened by another process after this one was killed.
  package func reopened() throws -> StorePlace { try StorePlace(tree, clock: clock) }

  /// Stores a portion of events with these ids, each with `data` containing `value`.
  package func commit(_ ids: [String], value: Int = 0) async throws -> [CommitOutcome] {
    try await store.commit(try ids.map { Submission(try Self.event($0, value: value)) })
  }

  /// The next batch, which may contain everything pending.
  package func nextBatch(maxEvents: Int = 100, maxBytes: Int = 1 << 20) async throws -> PendingBatch? {
    try await store.nextBatch(maxEvents: maxEvents, maxBytes: maxBytes, onlyFull: false)
  }

  package static func event(_ id: String, type: String = "t", value: Int = 0) throws -> Event {
    let mapping = EventMapping(
      inbox: "default", eventId: [try MemberSource("/id")], eventType: [try MemberSource("/type")],
      data: [try MemberSource("/data")], maxEventSize: 4 << 20)
    let bytes = Array(#"{"id":"\#(id)","type":"\#(type)","data":{"value":\#(value)}}"#.utf8)
    var reader = EventReader(mapping: mapping)
    switch reader.item(in: bytes, 0..<bytes.count, named: DropName(bytes: "drop.json".utf8), index: 1) {
    case .event(let event): return event
    case .failed(let item): throw item.failure
    }
  }

  /// The names of the records of a day.
  package func records(_ day: String) -> [String] {
    tree.names("processed/\(day)").filter { $0.hasSuffix(".json") }
  }

  /// The catalog's answer to a query, one row per line, its columns separated by spaces.
  package func catalog(_ query: String) -> [String] {
    var connection: OpaquePointer?
    defer { sqlite3_close(connection) }
    guard
      sqlite3_open_v2(tree.state.appending("catalog.sqlite").string, &connection, SQLITE_OPEN_READONLY, nil)
        == SQLITE_OK
    else { return ["the catalog cannot be opened"] }
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    guard sqlite3_prepare_v2(connection, query, -1, &statement, nil) == SQLITE_OK else { return ["bad query"] }
    var rows: [String] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      let columns = (0..<sqlite3_column_count(statement)).map { column in
        sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "null"
      }
      rows.append(columns.joined(separator: " "))
    }
    return rows
  }

  /// The ids of the events in this state, in the order of storing.
  package func events(inState state: Int) -> [String] {
    catalog("SELECT eventId FROM event WHERE state = \(state) ORDER BY sequence")
  }

  package var pending: [String] { events(inState: 0) }
  package var forwarded: [String] { events(inState: 1) }
}

extension CommitOutcome {
  /// The outcome of the event, in one word.
  package var word: String {
    switch self {
    case .stored: "stored"
    case .duplicate: "duplicate"
    case .conflict: "conflict"
    case .held: "held"
    }
  }
}
