internal import CSQLite
internal import Glibc

/// An open SQLite database.
///
/// Not to be shared between threads: whoever opens it keeps it.
final class Connection {
  private let database: OpaquePointer
  private var statements: [String: Statement] = [:]
  /// Called once, when SQLite reports that the file is damaged.
  var whenDamaged: (() -> Void)?

  /// Refused if SQLite is in use already; nothing depends on it.
  private static let isConfigured = eventdrop_sqlite_keep_no_statistics() == SQLITE_OK

  /// Opens a database file, and creates it if it is missing.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - isReadOnly: Whether it is only read; it must exist then.
  ///   - isBrief: Whether it is read for a moment only, in which nobody starts to work on it.
  /// - Throws: `CatalogError`.
  init(path: String, isReadOnly: Bool = false, isBrief: Bool = false) throws(CatalogError) {
    _ = Self.isConfigured
    var opened: OpaquePointer?
    // A reader of a database with a write-ahead log writes to the log's index. Without a log, nobody works on the
    // database, and a reader that says so creates no file beside it. If a log was left behind, one that may not write
    // does not checkpoint it when it closes.
    let isAtRest =
      isReadOnly && isBrief && access(path, R_OK) == 0 && access(path + "-wal", F_OK) != 0 && errno == ENOENT
    let flags =
      (isReadOnly && isBrief ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE)
      | (isReadOnly ? 0 : SQLITE_OPEN_CREATE) | (isAtRest ? SQLITE_OPEN_URI : 0) | SQLITE_OPEN_NOMUTEX
      | SQLITE_OPEN_EXRESCODE
    let code = sqlite3_open_v2(isAtRest ? Self.address(ofResting: path) : path, &opened, flags, nil)
    guard code == SQLITE_OK, let opened else {
      let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close_v2(opened)
      throw CatalogError(code: code, message: message, statement: "open \(path)")
    }
    database = opened
    // Another of our processes (status, prune) may be in the middle of a transaction.
    sqlite3_busy_timeout(database, 10_000)
    if isReadOnly { try execute("PRAGMA query_only = 1") }
  }

  /// A file's URI (sqlite.org/uri.html), for one that does not change while it is open.
  private static func address(ofResting path: String) -> String {
    var address = "file:"
    for byte in path.utf8 {
      let isPlain =
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
        || (0x61...0x7A).contains(byte) || "/._-".utf8.contains(byte)
      if isPlain {
        address.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        address += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }
    return address + "?immutable=1"
  }

  deinit {
    statements.removeAll()
    sqlite3_close_v2(database)
  }

  /// Runs statements that return no rows.
  ///
  /// - Throws: `CatalogError`.
  func execute(_ sql: String) throws(CatalogError) {
    let code = sqlite3_exec(database, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw error(code, sql) }
  }

  /// A statement, prepared once and kept.
  ///
  /// - Throws: `CatalogError`.
  func prepared(_ sql: String) throws(CatalogError) -> Statement {
    if let statement = statements[sql] {
      statement.reset()
      return statement
    }
    var prepared: OpaquePointer?
    let code = sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK, let prepared else { throw error(code, sql) }
    let statement = Statement(prepared, of: self)
    statements[sql] = statement
    return statement
  }

  /// See `Catalog.transaction`.
  func transaction<Result>(_ body: () throws(CatalogError) -> Result) throws(CatalogError) -> Result {
    guard sqlite3_get_autocommit(database) != 0 else { return try body() }
    return try within("BEGIN IMMEDIATE", body)
  }

  /// See `Catalog.durableTransaction`.
  func durableTransaction<Result>(_ body: () throws(CatalogError) -> Result) throws(CatalogError) -> Result {
    try execute("PRAGMA synchronous = FULL")
    defer { try? execute("PRAGMA synchronous = NORMAL") }
    return try within("BEGIN IMMEDIATE", body)
  }

  /// See `Catalog.reading`.
  func reading<Result>(_ body: () throws(CatalogError) -> Result) throws(CatalogError) -> Result {
    try within("BEGIN", body)
  }

  private func within<Result>(
    _ beginning: String, _ body: () throws(CatalogError) -> Result
  ) throws(CatalogError) -> Result {
    try prepared(beginning).run()
    do {
      let result = try body()
      try prepared("COMMIT").run()
      return result
    } catch {
      // Fails if SQLite has already rolled back by itself, as it does when the disk is full.
      try? execute("ROLLBACK")
      throw error
    }
  }

  /// How many rows the last statement changed.
  var changes: Int { Int(sqlite3_changes64(database)) }

  func error(_ code: Int32, _ sql: String) -> CatalogError {
    let error = CatalogError(code: code, message: String(cString: sqlite3_errmsg(database)), statement: sql)
    if error.isDamage, let action = whenDamaged {
      whenDamaged = nil
      action()
    }
    return error
  }
}

/// SQLite's error.
package struct CatalogError: Error, Hashable, Sendable {
  /// SQLite's extended result code.
  package var code: Int32
  package var message: String
  package var statement: String

  /// Whether the file is damaged, or not a database at all.
  package var isDamage: Bool { [SQLITE_CORRUPT, SQLITE_NOTADB].contains(code & 0xFF) }
}

extension CatalogError: CustomStringConvertible {
  package var description: String { "the catalog: \(message) (SQLite \(code), at: \(statement.prefix(160)))" }
}
