import Glibc
import SystemPackage
import TestSupport
import Testing

/// What a machine of a fleet reports about the others and their database, on the page and in `status`.
@Suite(
  .tags(.spawned), .timeLimit(.minutes(5)),
  .enabled(if: TestDatabase.isThere, Comment(rawValue: TestDatabase.whyNot)))
struct FleetPageTests {
  /// A machine of a fleet, and the proxy between it and the database.
  private func site(_ database: TestDatabase) async throws -> (Site, DatabaseProxy) {
    let site = try await Site(admin: "'127.0.0.1:0'")
    site.tree.write("", to: "proxy/.keep")
    let folder = site.tree.path.appending("proxy").string
    let proxy = try DatabaseProxy(in: folder, to: database.sockets[0])
    site.tree.write(
      site.configuration + "\nfleet: { url: \"\(TestDatabase.url(sockets: [folder]))\", node: lyon }\n",
      to: "config.yaml")
    let made = try await command(site, "fleet", "init")
    try #require(made.code == 0, "\(made.text)")
    return (site, proxy)
  }

  private func command(_ site: Site, _ words: String...) async throws -> (code: Int, text: String) {
    let end = try await SpawnedProgram(words + ["--config", site.tree.path.appending("config.yaml").string]).end()
    return (end.code, end.output + end.errors)
  }

  /// What the page gets about the fleet.
  private func fleet(_ site: Site, _ port: Int) async throws -> String {
    let overview = try await site.get("/api/overview", from: port).body
    return String(overview.split(separator: #""fleet":"#).last?.split(separator: #","minutes""#).first ?? "")
  }

  /// Waits until a condition holds, for at most half a minute.
  private func waits(until isSo: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<300 {
      if try await isSo() { return true }
      try await Task.sleep(for: .milliseconds(100))
    }
    return false
  }

  @Test("It shows all machines, and all is not well as soon as the database is away, whether it is gone or hangs")
  func away() async throws {
    let database = try await TestDatabase()
    let (site, proxy) = try await site(database)
    let (program, port) = try await site.startWithPage()
    try await database.query(
      """
      INSERT INTO eventdrop.nodes (node, tree, epoch, counter, generation, records, pending)
      VALUES ('nantes', 'another', 1, 7, 1, 1200, 3)
      """)
    site.drop("1.json", #"{"id":"e1","type":"t"}"#)
    #expect(
      try await waits {
        let answer = try await fleet(site, port)
        return answer.contains(#"{"trouble":null,"#) && answer.contains(#""node":"lyon","state":"joined","#)
          && answer.contains(#""records":1,"pending":0"#) && answer.contains(#""node":"nantes","state":"joined","#)
          && answer.contains(#""records":1200,"pending":3"#)
      })
    #expect(try await command(site, "status", "--exit-code").code == 0)

    for isKilled in [true, false] {
      if isKilled { database.kill() } else { proxy.hold(true) }
      var longest = Duration.zero
      #expect(
        try await waits {
          let asked = ContinuousClock.now
          let answer = try await fleet(site, port)
          longest = max(longest, ContinuousClock.now - asked)
          return answer.contains(#""code": "fleet-database-away""#) && answer.contains(#""node":"nantes""#)
        })
      // No request waits for the database.
      #expect(longest < .seconds(5))
      #expect(try await waits { try await site.get("/readyz", from: port).status == 503 })
      let status = try await command(site, "status", "--exit-code")
      #expect(
        status.code == 1
          && status.text.hasPrefix("mends itself: nothing new is stored, as the fleet's database cannot be asked"),
        "\(status)")
      #expect(try await site.get("/api/status", from: port).body.contains(#""code":"fleet","state":"mends-itself""#))
      site.drop("\(isKilled).json", #"{"id":"\#(isKilled)","type":"t"}"#)
      try await Task.sleep(for: .milliseconds(500))
      #expect(!site.records.contains("\(isKilled).json"))
      if isKilled { try await database.start() } else { proxy.hold(false) }
      #expect(await site.waits { site.records.contains("\(isKilled).json") })
      #expect(try await waits { try await command(site, "status", "--exit-code").code == 0 })
      #expect(try await waits { try await fleet(site, port).contains(#"{"trouble":null,"#) })
    }
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }

  @Test("A name that another machine has needs a person at once")
  func unusable() async throws {
    let database = try await TestDatabase()
    let (site, proxy) = try await site(database)
    defer { withExtendedLifetime(proxy) {} }
    try await database.query(
      "INSERT INTO eventdrop.nodes (node, tree, epoch, counter, generation) VALUES ('lyon', 'another', 1, 0, 1)")
    let (program, _) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    #expect(
      try await waits {
        let status = try await command(site, "status", "--exit-code")
        return status.code == 2 && status.text.contains("another machine is called 'lyon'")
      })
  }

  @Test("A machine that stands alone shows none")
  func alone() async throws {
    let site = try await Site(admin: "'127.0.0.1:0'")
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    #expect(try await fleet(site, port) == "null")
  }

  @Test(
    "The page shows a row for each machine, and keeps them while the database is away",
    .enabled(if: Browser.path != nil, "skipped, because there is no chromium; apt-get install chromium brings it"),
    arguments: [
      ("en-US", "the database answers", "takes part", "cannot be asked"),
      ("fr-FR", "la base commune répond", "participe", "ne répond pas"),
    ])
  func rows(language: String, answers: String, state: String, away: String) async throws {
    let database = try await TestDatabase()
    let (site, proxy) = try await site(database)
    defer { withExtendedLifetime(proxy) {} }
    let (program, port) = try await site.startWithPage()
    let browser = try await Browser(#require(Browser.path), language: language)
    try await browser.open("http://127.0.0.1:\(port)/")
    let (section, row) = ("document.getElementById('fleet')", "document.querySelector('#machines tr')?.textContent")
    #expect(
      try await browser.waits(
        until:
          "!\(section).hidden && \(section).textContent.includes('\(answers)') && \(row).startsWith('lyon\(state)')"
      ))
    database.kill()
    #expect(
      try await browser.waits(
        until: "\(section).textContent.includes('\(away)') && \(row).startsWith('lyon\(state)')"))
    #expect(browser.problems == [])
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }
}
