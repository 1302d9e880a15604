import Fleet
import SystemPackage
import TestSupport
import Testing

/// `eventdrop check` on a machine of a fleet, with a real database and without one.
@Suite(.tags(.spawned), .onlyInFullRuns, .enabled(if: TestDatabase.isThere, Comment(rawValue: TestDatabase.whyNot)))
struct FleetCheckTests {
  private func check(
    _ url: String, language: String = "en", _ words: String...
  ) async throws -> (code: Int, text: String) {
    let tree = TemporaryTree()
    tree.write(
      """
      admin: { listen: off }
      fleet: { url: "\(url)", node: lyon }
      language: \(language)

      """, to: "config.yaml")
    let end = try await SpawnedProgram(
      ["check", "--config", tree.path.appending("config.yaml").string] + words
    ).end()
    return (end.code, end.output + end.errors)
  }

  private func made() async throws -> TestDatabase {
    let database = try await TestDatabase()
    try await database.query(FleetSchema.statements)
    return database
  }

  @Test("A database without tables is a mistake, one with them can be used, and a server that may lose them a warning")
  func tables() async throws {
    let database = try await TestDatabase()
    var found = try await check(database.url)
    #expect(found.code == 78 && found.text.contains("has no tables for eventdrop; make them: eventdrop fleet init"))
    #expect(found.text.contains("config.yaml:2:"))
    found = try await check(database.url, language: "fr")
    #expect(found.code == 78 && found.text.contains("n’a pas les tables d’eventdrop"))

    try await database.query(FleetSchema.statements)
    found = try await check(database.url)
    #expect(found.code == 0 && found.text.contains("can be used; this machine's name is 'lyon'"), "\(found)")
    #expect(found.text.contains("warning: fleet.url: the server of the fleet's database has fsync = off"))
    #expect(!found.text.contains("synchronous_commit"))
    try await database.query("ALTER DATABASE postgres SET synchronous_commit = off")
    found = try await check(database.url)
    #expect(found.code == 0 && found.text.contains("has synchronous_commit = off"))
    #expect(try await check(database.url, "--strict").code == 78)
    try await database.query("UPDATE eventdrop.fleet SET version = 2")
    found = try await check(database.url)
    #expect(found.code == 78 && found.text.contains("another version of eventdrop"))
  }

  @Test("A role without rights, one that is not there, and an encoding that has not all characters are reported")
  func rights() async throws {
    let database = try await made()
    func url(user: String = "postgres", database name: String = "postgres") -> String {
      database.url.replacing("//postgres@/postgres?", with: "//\(user)@/\(name)?")
    }
    try await database.query("CREATE ROLE poor LOGIN")
    var found = try await check(url(user: "poor"))
    #expect(found.code == 78 && found.text.contains("eventdrop.events, eventdrop.fleet, eventdrop.nodes"), "\(found)")
    try await database.query(
      "GRANT USAGE ON SCHEMA eventdrop TO poor; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA eventdrop TO poor"
    )
    found = try await check(url(user: "poor"))
    #expect(found.code == 0, "\(found)")
    found = try await check(url(user: "nobody"))
    #expect(found.code == 78 && found.text.contains("cannot be used"))
    try await database.query("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    found = try await check(url(database: "latin"))
    #expect(found.code == 78 && found.text.contains("encoded in LATIN1"))
  }

  @Test("A name that another machine has is a mistake while that one is there")
  func names() async throws {
    let database = try await made()
    try await database.query(
      "INSERT INTO eventdrop.nodes (node, tree, epoch, counter, generation) VALUES ('lyon', 'another', 1, 0, 1)")
    let found = try await check(database.url)
    #expect(found.code == 78 && found.text.contains("another machine of the fleet is called 'lyon'"))
    try await database.query("UPDATE eventdrop.nodes SET seen_at = now() - interval '2 minutes'")
    #expect(try await check(database.url).code == 0)
  }

  @Test("A database that is not there is a warning: drops wait for it")
  func away() async throws {
    let database = try await made()
    database.kill()
    let found = try await check(database.url)
    #expect(
      found.code == 0 && found.text.contains("warning: fleet.url: the fleet's database cannot be reached now"),
      "\(found)")
    #expect(!found.text.contains("can be used;"))
  }
}
