internal import Glibc

/// A PostgreSQL of a test's own, on a socket in a temporary folder; it ends with this value.
package final class TestDatabase: Sendable {
  private let folder: String
  private let server: ServerProcess

  /// Where Debian has its programs, of the newest version; nil if there is none, or nobody to run it as: it does not run as
  /// root.
  private static let programs: String? = {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob("/usr/lib/postgresql/*/bin/initdb", 0, nil, &found) == 0, found.gl_pathc > 0,
      let path = found.gl_pathv[Int(found.gl_pathc) - 1]
    else { return nil }
    guard getuid() != 0 || getpwnam("postgres") != nil && access("/usr/bin/setpriv", X_OK) == 0 else { return nil }
    return String(cString: path).split(separator: "/").dropLast().map { "/" + $0 }.joined()
  }()

  /// Whether there is one to be started.
  package static var isThere: Bool { programs != nil }
  package static let whyNot = "skipped, because PostgreSQL is missing (packaging/install-dependencies tests)"

  /// Makes a database, and starts its server.
  package init() async throws {
    var template = Array("/tmp/eventdrop-db-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(text: "no temporary folder can be made") }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    self.folder = folder
    server = ServerProcess()
    if getuid() == 0, let user = getpwnam("postgres") { chown(folder, user.pointee.pw_uid, user.pointee.pw_gid) }
    try await run("initdb -D \(folder)/data -U postgres -A trust -N -E UTF8 --locale=C")
    try await start()
  }

  deinit {
    server.end()
    let removing = try? SpawnedProgram(["-rf", folder], executable: "/bin/rm")
    if let removing { waitpid(removing.processID, nil, 0) }
  }

  /// How a machine of the fleet reaches it.
  package var url: String { "postgresql://postgres@/postgres?host=\(folder)" }

  /// Starts the server, and waits until it takes connections.
  package func start() async throws {
    let command = Self.asOwner(
      "\(Self.programs ?? "")/postgres -D \(folder)/data -k \(folder) -c listen_addresses= -c fsync=off")
    for _ in 0..<600 {
      if !server.isRunning {
        server.set(try SpawnedProgram(["-c", "exec \(command) >>\(folder)/log 2>&1"], executable: "/bin/sh"))
      }
      if (try? await query("SELECT 1")) == "1" { return }
      // After a kill, the old server's processes may still be on their way out.
      usleep(50_000)
    }
    throw Failure(text: "the server does not start")
  }

  /// Ends the server as a power cut would.
  package func kill() { server.kill() }

  /// Stops all processes of the server, or has them go on.
  package func signal(_ number: Int32) { server.signal(number) }

  /// Asks it something with `psql`.
  ///
  /// - Returns: The answer, its columns divided by `|`.
  @discardableResult
  package func query(_ text: String) async throws -> String {
    let words = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", text]
    return try await finish(SpawnedProgram(words, executable: "\(Self.programs ?? "")/psql"))
  }

  /// Writes all of it down, to be restored later.
  package func dump() async throws {
    try await run("pg_dump -d '\(url)' --clean --if-exists -n eventdrop -f \(folder)/dump.sql")
  }

  /// Puts the database back to what it was.
  package func restore() async throws {
    try await run("psql -X -q -v ON_ERROR_STOP=1 -d '\(url)' -1 -f \(folder)/dump.sql")
  }

  private static func asOwner(_ command: String) -> String {
    getuid() == 0 ? "setpriv --reuid postgres --regid postgres --clear-groups \(command)" : command
  }

  @discardableResult
  private func run(_ command: String) async throws -> String {
    try await finish(
      SpawnedProgram(
        ["-c", "cd \(folder) && exec " + Self.asOwner("\(Self.programs ?? "")/\(command)")], executable: "/bin/sh"))
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
