package import DurableFiles
internal import Time

/// The index of the tree, in SQLite: what is where, what is pending, what was acknowledged.
///
/// Everything in it is also in the tree, except what may be lost with it: which events go together, how often an event
/// had failed before, and what the answers were. So a catalog of another version is simply rebuilt.
package final class Catalog {
  let connection: Connection
  /// Whether it counts its events as they change; while being built, it counts them once, at the end.
  private(set) var isCounting: Bool

  /// Opens the catalog, and creates it if it is missing.
  ///
  /// - Parameters:
  ///   - path: The database file.
  ///   - cacheSize: How many bytes of its pages to keep in memory.
  ///   - isReadOnly: Whether it is only read.
  ///   - isBrief: Whether that takes only a moment, in which nobody starts to work on it.
  ///   - isOfAnyVersion: Whether its version does not matter: its content is only searched.
  ///   - isNew: Whether it is being built, to be thrown away if interrupted: nothing is synced, and there are no
  ///     indexes and no tally before `finishBuilding`.
  /// - Throws: `CatalogError`, also if it has another version.
  package init(
    path: String, cacheSize: Int = 16 << 20, isReadOnly: Bool = false, isBrief: Bool = false,
    isOfAnyVersion: Bool = false, isNew: Bool = false
  ) throws(CatalogError) {
    connection = try Connection(path: path, isReadOnly: isReadOnly, isBrief: isBrief)
    isCounting = !isNew
    if isNew {
      try connection.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
      try connection.execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -65536")
      try connection.transaction { () throws(CatalogError) in try connection.execute(Self.tables) }
      return
    }
    guard !isReadOnly else {
      if !isOfAnyVersion { try check("PRAGMA user_version", is: Self.version) }
      return
    }
    // The answer "wal" confirms it; a file system without shared memory would keep "delete".
    _ = try connection.prepared("PRAGMA journal_mode = WAL").first { $0.text(0) }
    // On by default in Debian's SQLite. Removed records are not overwritten either.
    try connection.execute("PRAGMA secure_delete = OFF")
    // NORMAL: the log is synced before its pages get into the database, not after each transaction. What a power cut
    // loses of it, the next start reads from the tree.
    try connection.execute("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000")
    try connection.execute("PRAGMA cache_size = -\(cacheSize / 1024)")
    try check("PRAGMA synchronous", is: 1)
    let found = try connection.prepared("PRAGMA user_version").first { $0.integer(0) } ?? 0
    guard found != Self.version else { return }
    guard found == 0 else {
      throw CatalogError(code: 26, message: "it is of version \(found), not \(Self.version)", statement: "open \(path)")
    }
    try connection.transaction { () throws(CatalogError) in
      try connection.execute(Self.tables)
      try connection.execute(Self.indexes)
    }
  }

  /// Builds the indexes and the tally of a new catalog: for all rows at once, which is far faster than row by row.
  ///
  /// - Throws: `CatalogError`.
  package func finishBuilding() throws(CatalogError) {
    try connection.transaction { () throws(CatalogError) in
      try connection.execute(Self.indexes)
      isCounting = true
      try count(.all)
    }
  }

  private func check(_ pragma: String, is wanted: Int64) throws(CatalogError) {
    let found = try connection.prepared(pragma).first { $0.integer(0) }
    guard found == wanted else {
      throw CatalogError(code: 26, message: "\(pragma) is not \(wanted)", statement: pragma)
    }
  }

  /// Called once, when SQLite reports that the file is damaged.
  package var whenDamaged: (() -> Void)? {
    get { connection.whenDamaged }
    set { connection.whenDamaged = newValue }
  }

  /// The database, in `state/`.
  package static let fileName = FileName("catalog.sqlite")

  /// The write-ahead log, next to the database (sqlite.org/wal.html).
  package static let logName = FileName("catalog.sqlite-wal")

  private static let version: Int64 = 8

  // `sequence` is the order of storing. A record that is rewritten gets a new one, so that a sequence identifies one
  // writing of a record. `batch` is set from when an event is put into a batch until that batch is finished.
  private static let tables = """
    CREATE TABLE partition (
      id INTEGER PRIMARY KEY,
      date TEXT NOT NULL UNIQUE,
      isOpen INTEGER NOT NULL,
      changed INTEGER NOT NULL,
      journal INTEGER NOT NULL
    );
    CREATE TABLE event (
      sequence INTEGER PRIMARY KEY,
      eventId TEXT NOT NULL UNIQUE,
      eventType TEXT NOT NULL,
      partition INTEGER NOT NULL,
      inbox TEXT NOT NULL,
      bytes INTEGER NOT NULL,
      createdAt INTEGER NOT NULL,
      updatedAt INTEGER NOT NULL,
      state INTEGER NOT NULL,
      forwardedAt INTEGER,
      attempts INTEGER NOT NULL,
      firstFailedAt INTEGER,
      failedOf TEXT,
      batch INTEGER
    );
    CREATE TABLE tally (
      partition INTEGER NOT NULL,
      eventType TEXT NOT NULL,
      state INTEGER NOT NULL,
      events INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      acknowledged INTEGER NOT NULL,
      delay INTEGER NOT NULL,
      longestDelay INTEGER NOT NULL,
      PRIMARY KEY (partition, eventType, state)
    ) WITHOUT ROWID;
    CREATE TABLE failure (
      folder INTEGER NOT NULL,
      name BLOB NOT NULL,
      eventId TEXT,
      reason TEXT NOT NULL,
      PRIMARY KEY (folder, name)
    ) WITHOUT ROWID;
    CREATE TABLE attempt (
      id INTEGER PRIMARY KEY,
      time INTEGER NOT NULL,
      batchId TEXT NOT NULL,
      events INTEGER NOT NULL,
      httpStatus INTEGER,
      message TEXT NOT NULL,
      response TEXT
    );
    CREATE TABLE attemptedEvent (
      eventId TEXT NOT NULL,
      attempt INTEGER NOT NULL,
      PRIMARY KEY (eventId, attempt)
    ) WITHOUT ROWID;
    CREATE TABLE rewriting (
      eventId TEXT NOT NULL,
      time INTEGER NOT NULL,
      failedOf TEXT,
      PRIMARY KEY (eventId, time)
    ) WITHOUT ROWID;
    CREATE TABLE identity (key TEXT PRIMARY KEY, digest BLOB NOT NULL, date TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE note (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    """

  private static let indexes = """
    CREATE INDEX eventToCompose ON event (sequence, bytes) WHERE state = 0 AND batch IS NULL;
    CREATE INDEX eventInBatch ON event (batch, sequence) WHERE batch IS NOT NULL;
    CREATE INDEX eventInPartition ON event (partition);
    CREATE INDEX eventByTime ON event (updatedAt);
    CREATE INDEX eventByType ON event (eventType, updatedAt);
    CREATE INDEX failureOfEvent ON failure (eventId) WHERE eventId IS NOT NULL;
    CREATE INDEX eventOfAttempt ON attemptedEvent (attempt);
    CREATE INDEX attemptByTime ON attempt (time);
    CREATE INDEX identityOfDate ON identity (date);
    CREATE TRIGGER attemptForgotten AFTER DELETE ON attemptedEvent
      BEGIN
        DELETE FROM attempt WHERE id = old.attempt
          AND NOT EXISTS (SELECT 1 FROM attemptedEvent WHERE attempt = old.attempt);
      END;
    PRAGMA user_version = 8;
    """
}

// MARK: Transactions

extension Catalog {
  /// Runs `body` in a transaction: all or nothing.
  ///
  /// Within another transaction, it becomes part of that. An error in it may have ended the whole already
  /// (`OR ROLLBACK`), so nobody may catch it in between and go on.
  ///
  /// A power cut can undo the last transactions, one whole after another: what they contain is in the tree as well.
  ///
  /// - Throws: `CatalogError`, or what `body` throws.
  package func transaction<Result>(_ body: () throws(CatalogError) -> Result) throws(CatalogError) -> Result {
    try connection.transaction(body)
  }

  /// Runs `body` in a transaction that is on disk when this returns.
  ///
  /// - Throws: `CatalogError`, or what `body` throws.
  package func durableTransaction<Result>(_ body: () throws(CatalogError) -> Result) throws(CatalogError) -> Result {
    try connection.durableTransaction(body)
  }

  /// Runs `body`, which only reads, on a snapshot of the catalog.
  ///
  /// - Throws: `CatalogError`, or what `body` throws.
  package func reading<Result>(_ body: () throws(CatalogError) -> Result) throws(CatalogError) -> Result {
    try connection.reading(body)
  }
}

extension Timestamp {
  var catalogValue: CatalogValue { .integer(milliseconds) }
}
