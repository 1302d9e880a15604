internal import CSQLite

/// A prepared statement: bind, step, read columns.
final class Statement {
  private let handle: OpaquePointer
  private unowned let connection: Connection

  init(_ handle: OpaquePointer, of connection: Connection) {
    self.handle = handle
    self.connection = connection
  }

  deinit {
    sqlite3_finalize(handle)
  }

  func reset() {
    // It repeats the error of the last step, which has been thrown already.
    sqlite3_reset(handle)
  }

  /// Binds values to the parameters `?1`, `?2`, ….
  ///
  /// - Throws: `CatalogError`.
  @discardableResult
  func bind(_ values: CatalogValue...) throws(CatalogError) -> Statement {
    try bind(all: values)
  }

  /// Binds values to the parameters `?1`, `?2`, …, or to those from a given one on.
  ///
  /// - Throws: `CatalogError`.
  @discardableResult
  func bind(all values: [CatalogValue], from first: Int = 1) throws(CatalogError) -> Statement {
    for (index, value) in values.enumerated() {
      let position = Int32(index + first)
      let code =
        switch value {
        case .null: sqlite3_bind_null(handle, position)
        case .integer(let number): sqlite3_bind_int64(handle, position, number)
        case .text(var text):
          text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) {
              sqlite3_bind_text(handle, position, $0.baseAddress ?? emptyText, Int32(clamping: $0.count), copied)
            }
          }
        case .bytes(let bytes):
          bytes.withUnsafeBytes { raw in
            raw.isEmpty
              ? sqlite3_bind_zeroblob(handle, position, 0)
              : sqlite3_bind_blob(handle, position, raw.baseAddress, Int32(clamping: raw.count), copied)
          }
        }
      guard code == SQLITE_OK else { throw connection.error(code, sql) }
    }
    return self
  }

  /// Advances to the next row.
  ///
  /// - Returns: False if there is none; the statement can then be bound again.
  /// - Throws: `CatalogError`.
  func step() throws(CatalogError) -> Bool {
    let code = sqlite3_step(handle)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      sqlite3_reset(handle)
      return false
    default:
      let error = connection.error(code, sql)
      sqlite3_reset(handle)
      throw error
    }
  }

  /// Runs it to the end.
  ///
  /// - Throws: `CatalogError`.
  func run() throws(CatalogError) {
    while try step() {}
  }

  /// The first row read by `read`, if there is one.
  ///
  /// - Throws: `CatalogError`.
  func first<Row>(_ read: (Statement) -> Row) throws(CatalogError) -> Row? {
    defer { reset() }
    return try step() ? read(self) : nil
  }

  /// All rows read by `read`.
  ///
  /// - Throws: `CatalogError`.
  func all<Row>(_ read: (Statement) -> Row) throws(CatalogError) -> [Row] {
    var rows: [Row] = []
    while try step() { rows.append(read(self)) }
    return rows
  }

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  func optionalInteger(_ column: Int32) -> Int64? {
    sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : integer(column)
  }

  func text(_ column: Int32) -> String {
    guard let text = sqlite3_column_text(handle, column) else { return "" }
    let bytes = UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(handle, column)))
    return String(decoding: bytes, as: UTF8.self)
  }

  func optionalText(_ column: Int32) -> String? {
    sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : text(column)
  }

  func bytes(_ column: Int32) -> [UInt8] {
    guard let blob = sqlite3_column_blob(handle, column) else { return [] }
    return Array(UnsafeRawBufferPointer(start: blob, count: Int(sqlite3_column_bytes(handle, column))))
  }

  private var sql: String { sqlite3_sql(handle).map { String(cString: $0) } ?? "" }
}

/// A value in SQLite's types.
enum CatalogValue {
  case null
  case integer(Int64)
  case text(String)
  case bytes([UInt8])

  static func optional(_ number: Int64?) -> CatalogValue { number.map { .integer($0) } ?? .null }
  static func optional(_ text: String?) -> CatalogValue { text.map { .text($0) } ?? .null }
  static func optional(_ bytes: [UInt8]?) -> CatalogValue { bytes.map { .bytes($0) } ?? .null }
}

// SQLITE_TRANSIENT: SQLite makes a copy before the call returns. The macro is a cast that Swift does not import.
private var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

nonisolated(unsafe) private let emptyText: UnsafePointer<CChar> = {
  // Never written, never freed: a text of no bytes must still have an address, or SQLite takes it for NULL.
  let text = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
  text.initialize(to: 0)
  return UnsafePointer(text)
}()
