internal import CLibPQ
internal import Time

/// A connection to PostgreSQL; for one thread.
///
/// No call takes longer than the given time, whatever server and network do.
final class DatabaseConnection {
  private let pq: eventdrop_pq
  private let connection: OpaquePointer
  private let timeout: Duration
  private let clock: any WallClock
  private var prepared: Set<String> = []

  /// Connects.
  ///
  /// - Parameters:
  ///   - url: In libpq's format; it takes precedence over what is set here.
  ///   - timeout: How long connecting to one host, or a statement, may take.
  ///   - clock: Measures that.
  /// - Throws: `DatabaseFailure`.
  init(_ url: String, timeout: Duration, clock: any WallClock) throws(DatabaseFailure) {
    var why: UnsafePointer<CChar>?
    guard let loaded = eventdrop_load_pq(&why) else {
      throw DatabaseFailure("libpq cannot be loaded (install libpq5): \(why.map { String(cString: $0) } ?? "")")
    }
    pq = loaded.pointee
    self.timeout = timeout
    self.clock = clock
    let seconds = max(2, Int(timeout.components.seconds))
    // Later entries take precedence (PQconnectdbParams), so the URL comes last.
    let settings = [
      ("connect_timeout", "\(seconds)"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
      ("keepalives_count", "3"), ("tcp_user_timeout", "\(seconds * 1000)"), ("target_session_attrs", "read-write"),
      ("application_name", "eventdrop"), ("dbname", url),
    ]
    let opened = withCStrings(settings.map(\.0)) { names in
      withCStrings(settings.map(\.1)) { values in loaded.pointee.connectdbParams(names, values, 1) }
    }
    guard let opened else { throw DatabaseFailure("libpq has no memory") }
    connection = opened
    guard pq.status(connection) == EVENTDROP_PQ_CONNECTION_OK else {
      // It is finished with this object.
      let message = Self.message(of: opened, loaded.pointee)
      throw DatabaseFailure(code: Self.isRefusal(message) ? "28000" : "", message)
    }
    eventdrop_pq_quieten(loaded, connection)
    _ = pq.setnonblocking(connection, 1)
  }

  deinit {
    pq.finish(connection)
  }

  private static func message(of connection: OpaquePointer, _ pq: eventdrop_pq) -> String {
    pq.errorMessage(connection).map { String(cString: $0) } ?? ""
  }

  /// libpq's message about the last failure.
  private var message: String { Self.message(of: connection, pq) }

  /// libpq gives no code for what a server says before a session begins.
  private static func isRefusal(_ message: String) -> Bool {
    ["password authentication failed", "no pg_hba.conf entry", "does not exist"].contains { message.contains($0) }
  }

  /// Runs a statement, preparing it the first time.
  ///
  /// - Parameters:
  ///   - statement: The statement, prepared under its name.
  ///   - parameters: Its parameters as text.
  /// - Returns: The rows.
  /// - Throws: `DatabaseFailure`.
  func run(_ statement: Statement, _ parameters: [String?]) throws(DatabaseFailure) -> [DatabaseRow] {
    if !prepared.contains(statement.name) {
      try check(pq.sendPrepare(connection, statement.name, statement.text, 0, nil))
      _ = try rows()
      prepared.insert(statement.name)
    }
    let isSent = withCStrings(parameters) { values in
      pq.sendQueryPrepared(connection, statement.name, Int32(parameters.count), values, nil, nil, 0)
    }
    try check(isSent)
    return try rows()
  }

  /// Runs several commands that return nothing.
  ///
  /// - Throws: `DatabaseFailure`.
  func execute(_ commands: String) throws(DatabaseFailure) {
    try check(pq.sendQuery(connection, commands))
    _ = try rows()
  }

  /// The first usable server version.
  static let oldestVersion = 130_000

  /// The server's version, such as 180003.
  var serverVersion: Int { Int(pq.serverVersion(connection)) }

  private func check(_ isSent: Int32) throws(DatabaseFailure) {
    guard isSent == 1 else { throw DatabaseFailure(message) }
  }

  /// Waits for all results, and reads them.
  private func rows() throws(DatabaseFailure) -> [DatabaseRow] {
    let end = clock.uptime() + timeout
    var rows: [DatabaseRow] = []
    var failure: DatabaseFailure?
    var isFlushed = false
    while true {
      if !isFlushed {
        let left = pq.flush(connection)
        guard left >= 0 else { throw DatabaseFailure(message) }
        isFlushed = left == 0
      }
      if pq.isBusy(connection) == 1 || !isFlushed {
        let rest = end - clock.uptime()
        guard rest > .zero,
          eventdrop_pq_wait(pq.socket(connection), !isFlushed, Int32(clamping: rest.inMilliseconds)) > 0
        else {
          throw DatabaseFailure("no answer within \(timeout.components.seconds) seconds")
        }
        guard pq.consumeInput(connection) == 1 else {
          throw DatabaseFailure(message)
        }
        continue
      }
      guard let result = pq.getResult(connection) else { break }
      defer { pq.clear(result) }
      switch pq.resultStatus(result) {
      case Int32(EVENTDROP_PQ_COMMAND_OK): break
      case Int32(EVENTDROP_PQ_TUPLES_OK):
        for row in 0..<pq.ntuples(result) { rows.append(DatabaseRow(pq, result, row)) }
      default:
        failure = failure ?? self.failure(of: result)
      }
    }
    if let failure { throw failure }
    return rows
  }

  private func failure(of result: OpaquePointer) -> DatabaseFailure {
    func field(_ field: Int) -> String? {
      pq.resultErrorField(result, Int32(field)).map { String(cString: $0) }
    }
    return DatabaseFailure(
      code: field(EVENTDROP_PQ_SQLSTATE) ?? "",
      field(EVENTDROP_PQ_MESSAGE) ?? message)
  }
}

/// A row of an answer, as text.
struct DatabaseRow {
  private let values: [String?]

  fileprivate init(_ pq: eventdrop_pq, _ result: OpaquePointer, _ row: Int32) {
    var values: [String?] = []
    var column: Int32 = 0
    let count = pq.nfields(result)
    while column < count {
      values.append(
        pq.getisnull(result, row, column) == 1 ? nil : pq.getvalue(result, row, column).map { String(cString: $0) })
      column += 1
    }
    self.values = values
  }

  func text(_ column: Int) -> String? { values[column] }
  func integer(_ column: Int) -> Int64? { values[column].flatMap { Int64($0) } }
  func isTrue(_ column: Int) -> Bool { values[column] == "t" }
}

/// Calls `body` with pointers to zero-terminated texts, followed by a null pointer.
private func withCStrings<Result>(
  _ texts: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
  var bytes: [CChar] = []
  let starts: [Int?] = texts.map { text in
    guard let text else { return nil }
    defer { bytes += text.utf8.map { CChar(bitPattern: $0) } + [0] }
    return bytes.count
  }
  return bytes.withUnsafeBufferPointer { bytes in
    let pointers = starts.map { start in start.flatMap { start in bytes.baseAddress.map { $0 + start } } } + [nil]
    return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}

private func withCStrings<Result>(
  _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
  withCStrings(texts.map(Optional.some), body)
}
