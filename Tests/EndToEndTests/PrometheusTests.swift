import Glibc
import TestSupport
import Testing

/// Prometheus' own tool reads the metrics.
@Suite(
  .tags(.spawned),
  .enabled(
    if: access("/usr/bin/promtool", X_OK) == 0,
    "skipped, because there is no promtool; apt-get install prometheus brings it"))
struct PrometheusTests {
  private func promtool(_ arguments: String..., reading path: String = "/dev/null") async throws -> SpawnedProgram.End {
    let input = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(input) }
    return try await SpawnedProgram(arguments, executable: "/usr/bin/promtool", input: input).end()
  }

  @Test func `The metrics have nothing that it would complain of, and count what is no regular file`() async throws {
    let site = try await Site(admin: "'127.0.0.1:0'")
    let (program, port) = try await site.startWithPage()
    site.drop("1.json", #"{"id":"e1","type":"t"}"#)
    #expect(symlink("/nowhere", "\(site.tree.inbox)/link.json") == 0)
    #expect(await site.waits { site.acknowledged == ["e1"] && site.tree.names("failed").contains("link.json") })
    let counted = #"eventdrop_events_total{inbox="default",outcome="failed"} 1"#
    let metrics = try await site.get("/metrics", from: port) { $0.body.contains(counted) }.body
    #expect(metrics.contains(counted) && metrics.contains(#"eventdrop_drops_total{inbox="default"} 2"#))
    site.tree.write(metrics, to: "metrics")
    let end = try await promtool("check", "metrics", reading: "\(site.tree.path)/metrics")
    #expect(end.code == 0 && end.output.isEmpty && end.errors.isEmpty, "\(end)")
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }

  @Test func `The alert rules are valid, and their tests pass`() async throws {
    let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/packaging/prometheus/"
    let check = try await promtool("check", "rules", root + "eventdrop.rules.yml")
    #expect(check.code == 0, "\(check)")
    let test = try await promtool("test", "rules", root + "eventdrop.rules.test.yml")
    #expect(test.code == 0, "\(test)")
  }
}
