import Glibc
import SystemPackage
import TestSupport
import Testing

/// `retention.archive`: a command that takes a partition before it is pruned.
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

  @Test func `What would go is not archived in a rehearsal`() async throws {
    let tree = TemporaryTree()
    let site = try await site(archive: "cp -r -t \(tree.path)")
    #expect(try await perform(site, "prune", "--dry-run").output.contains("would prune 2020-01-01"))
    #expect(tree.names("") == [])
  }
}
