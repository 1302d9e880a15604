internal import Glibc
internal import Synchronization

/// A test's own PostgreSQL server, on a socket in a temporary folder, and, if wanted, its standby; both end with this
/// value.
package final class TestDatabase: Sendable {
  private let folder: String
  private let servers = [ServerProcess(), ServerProcess()]
  /// Which of the two can be written to.
  private let primary = Mutex(0)

  /// Where Debian puts the programs of the newest version; nil if there is none, or no user to run it as: it does not
  /// run as root.
  private static let programs: String? = {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob("/usr/lib/postgresql/*/bin/initdb", 0, nil, &found) == 0, found.gl_pathc > 0,
      let path = found.gl_pathv[Int(found.gl_pathc) - 1]
    else { return nil }
    guard getuid() != 0 || getpwnam("postgres") != nil && access("/usr/bin/setpriv", X_OK) == 0 else { return nil }
    return String(cString: path).split(separator: "/").dropLast().map { "/" + $0 }.joined()
  }()

  /// Whether there is one to start.
  package static var isThere: Bool { programs != nil }
  package static let whyNot = "skipped, because PostgreSQL is missing (packaging/install-dependencies tests)"

  /// Creates a database, and starts its server.
  package init() async throws {
    var template = Array("/tmp/eventdrop-db-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(text: "no temporary folder can be made") }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    self.folder = folder
    for path in [folder, "\(folder)/0", "\(folder)/1"] {
      mkdir(path, 0o755)
      if getuid() == 0, let user = getpwnam("postgres") { chown(path, user.pointee.pw_uid, user.pointee.pw_gid) }
    }
    try await run("initdb -D \(data(0)) -U postgres -A trust -N -E UTF8 --locale=C")
    try await start()
  }

  deinit {
    for server in servers { server.end() }
    let removing = try? SpawnedProgram(["-rf", folder], executable: "/bin/rm")
    if let removing { waitpid(removing.processID, nil, 0) }
  }

  /// The socket folders of the two servers, of which the second may never exist.
  package var sockets: [String] { ["\(folder)/0", "\(folder)/1"] }

  private func data(_ server: Int) -> String { "\(folder)/data\(server)" }

  private func url(_ server: Int) -> String { Self.url(sockets: [sockets[server]]) }

  /// How a machine of the fleet reaches servers with their sockets in these folders.
  package static func url(sockets: [String]) -> String {
    "postgresql://postgres@/postgres?host=\(sockets.joined(separator: ","))"
  }

  /// How a machine of the fleet reaches the server that can be written to.
  package var url: String { url(primary.withLock(\.self)) }

  private var server: ServerProcess { servers[primary.withLock(\.self)] }

  /// Starts the server, and waits until it accepts connections.
  package func start() async throws { try await start(primary.withLock(\.self)) }

  private func start(_ number: Int) async throws {
    let server = servers[number]
    let command = Self.asOwner(
      "\(Self.programs ?? "")/postgres -D \(data(number)) -k \(sockets[number]) -c listen_addresses= -c fsync=off")
    for _ in 0..<600 {
      if !server.isRunning {
        server.set(try SpawnedProgram(["-c", "exec \(command) >>\(folder)/log\(number) 2>&1"], executable: "/bin/sh"))
      }
      if (try? await query("SELECT 1", of: number)) == "1" { return }
      // After a kill, the old server's processes may still be exiting.
      usleep(50_000)
    }
    throw Failure(text: "the server does not start")
  }

  /// Ends the server as a power cut would.
  package func kill() { server.kill() }

  // MARK: A standby

  /// Creates a standby, replacing any former server, and waits until it follows.
  ///
  /// - Parameter isSynchronous: Whether from then on nothing is confirmed before the standby has it.
  /// - Throws: `Failure`.
  package func addStandby(isSynchronous: Bool) async throws {
    let first = primary.withLock(\.self)
    let second = 1 - first
    servers[second].end()
    try await query("ALTER SYSTEM RESET synchronous_standby_names")
    try await query("SELECT pg_reload_conf()")
    let copying =
      "pg_basebackup -d '\(url(first))' -D \(data(second)) -R -c fast -N"
    try await run(copying, after: "rm -rf \(data(second))")
    try await start(second)
    if isSynchronous {
      try await query("ALTER SYSTEM SET synchronous_standby_names = '*'")
      try await query("SELECT pg_reload_conf()")
    }
    let wanted = isSynchronous ? "sync" : "async"
    for _ in 0..<600 {
      if try await query("SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'") == wanted { return }
      usleep(50_000)
    }
    throw Failure(text: "the standby does not follow")
  }

  /// Ends the server as a power cut would, and promotes its standby.
  package func failOver() async throws {
    let first = primary.withLock(\.self)
    servers[first].kill()
    // No remnant of it may serve anybody while the other is written to.
    usleep(300_000)
    try await query("SELECT pg_promote()", of: 1 - first)
    primary.withLock { $0 = 1 - first }
  }

  /// Queries it with `psql`.
  ///
  /// - Returns: The answer, its columns separated by `|`.
  @discardableResult
  package func query(_ text: String) async throws -> String {
    try await query(text, of: primary.withLock(\.self))
  }

  @discardableResult
  private func query(_ text: String, of server: Int) async throws -> String {
    let words = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url(server), "-c", text]
    return try await finish(SpawnedProgram(words, executable: "\(Self.programs ?? "")/psql"))
  }

  /// Dumps everything, to be restored later.
  package func dump() async throws {
    try await run("pg_dump -d '\(url)' --clean --if-exists -n eventdrop -f \(folder)/dump.sql")
  }

  /// Restores the database from the dump.
  package func restore() async throws {
    try await run("psql -X -q -v ON_ERROR_STOP=1 -d '\(url)' -1 -f \(folder)/dump.sql")
  }

  private static func asOwner(_ command: String) -> String {
    getuid() == 0 ? "setpriv --reuid postgres --regid postgres --clear-groups \(command)" : command
  }

  @discardableResult
  private func run(_ command: String, after first: String = "true") async throws -> String {
    try await finish(
      SpawnedProgram(
        ["-c", "cd \(folder) && \(first) && exec " + Self.asOwner("\(Self.programs ?? "")/\(command)")],
        executable: "/bin/sh"))
  }

  private func finish(_ program: SpawnedProgram) async throws -> String {
    let end = try await program.end()
    guard end.code == 0 else { throw Failure(text: end.errors) }
    return end.output.split(separator: "\n").joined(separator: "\n")
  }

  package struct Failure: Error {
    package let text: String

    package init(text: String) { self.text = text }
  }
}
