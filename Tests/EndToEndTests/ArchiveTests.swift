import Glibc
import SystemPackage
import TestSupport
import Testing

/// `retention.archive`: a command that receives a partition before it is pruned.
@Suite(.tags(.spawned)) struct ArchiveTests {
  private func site(archive: String) async throws -> Site {
    let site = try await Site(hasSink: false)
    site.tree.write(
      "retention: { archive: \"\(archive)\" }\nlog: { level: warning }\nadmin: { listen: off }\n", to: "config.yaml")
    site.tree.write(
      #"{"eventId":"old","eventType":"t","processedAt":{"$date":"2020-01-01T10:00:00Z"},"data":{}}"#, to: "export.json")
    let end = try await perform(site, "import", site.tree.path.appending("export.json").string)
    #expect(end.code == 0, "\(end.errors)")
    return site
  }

  private func perform(_ site: Site, _ arguments: String...) async throws -> SpawnedProgram.End {
    try await SpawnedProgram(arguments + ["--config", site.tree.path.appending("config.yaml").string]).end()
  }

  /// Whether a process no longer exists, or is only waiting to be reaped.
  private func isGone(_ process: Int32) -> Bool {
    guard let line = TemporaryTree().readText("/proc/\(process)/stat") else { return true }
    return line.contains(") Z ")
  }

  @Test func `A partition that the command has taken goes`() async throws {
    let tree = TemporaryTree()
    let site = try await site(archive: "cp -r -t \(tree.path)")
    let end = try await perform(site, "prune", "--yes")
    #expect(end.code == 0)
    #expect(end.output == "pruned 2020-01-01\n")
    #expect(tree.names("2020-01-01") == ["forwards.jsonl", "old.json"])
    #expect(site.tree.names("processed") == ["identities"])
  }

  @Test(arguments: ["exit 3;", "/nowhere/at/all", "kill -9 $$;"])
  func `A partition that the command has not taken stays`(command: String) async throws {
    let site = try await site(archive: command)
    let end = try await perform(site, "prune", "--yes")
    #expect(end.errors.contains("was not archived and stays"))
    #expect(site.tree.names("processed") == ["2020-01-01"])
  }

  @Test func `The command gets the variables that are named for it, and three descriptors`() async throws {
    let tree = TemporaryTree()
    let site = try await site(archive: "x")
    site.tree.write(
      """
      retention:
        archive:
          command: "sh -c 'env > \(tree.path)/env; ls /proc/self/fd > \(tree.path)/fd; cat > \(tree.path)/in' #"
          environment: [WANTED, MISSING]
      admin: { listen: off }
      """, to: "config.yaml")
    let program = try SpawnedProgram(
      ["prune", "--yes", "--config", site.tree.path.appending("config.yaml").string],
      environment: ["N8N_WEBHOOK_TOKEN": "s3cret", "WANTED": "yes", "HOME": "/nowhere", "TZ": "UTC", "LANG": "C"])
    #expect(try await program.end().code == 0)
    let variables = Set((tree.readText("env") ?? "").split(separator: "\n").map { $0.prefix { $0 != "=" } })
    #expect(variables.subtracting(["PWD", "OLDPWD", "SHLVL", "_"]) == ["PATH", "HOME", "LANG", "TZ", "WANTED"])
    // The fourth is the one with which ls reads the folder.
    #expect(tree.readText("fd") == "0\n1\n2\n3\n")
    #expect(tree.readText("in") == "")
  }

  @Test(.timeLimit(.minutes(1))) func `A stop ends the command, and what it has started`() async throws {
    let tree = TemporaryTree()
    let site = try await site(archive: "x")
    // Several days: no prune of half of all goes ahead without confirmation.
    for day in 2...4 {
      site.tree.write(
        #"{"eventId":"\#(day)","eventType":"t","processedAt":{"$date":"2099-01-0\#(day)T10:00:00Z"},"data":{}}"#,
        to: "export.json")
      _ = try await perform(site, "import", site.tree.path.appending("export.json").string)
    }
    site.tree.write(
      """
      inboxes: [{ path: inbox, schedule: every 100ms }]
      retention: { schedule: every 100ms, archive: "trap '' TERM; sleep 1000 & echo $! > \(tree.path)/pid; wait; sleep 1000 #" }
      admin: { listen: off }
      """, to: "config.yaml")
    let program = try site.start()
    #expect(await site.waits { (tree.readText("pid") ?? "").hasSuffix("\n") })
    let child = try #require(Int32((tree.readText("pid") ?? "").dropLast()))
    let time = try await program.timeToEnd(afterSignal: SIGTERM)
    #expect(time < .seconds(3))
    #expect(try await program.end().code == 0)
    #expect(await site.waits { isGone(child) })
    #expect(site.tree.names("processed").contains("2020-01-01"))
  }

  @Test func `What would go is not archived in a rehearsal`() async throws {
    let tree = TemporaryTree()
    let site = try await site(archive: "cp -r -t \(tree.path)")
    #expect(try await perform(site, "prune", "--dry-run").output.contains("would prune 2020-01-01"))
    #expect(tree.names("") == [])
  }
}
