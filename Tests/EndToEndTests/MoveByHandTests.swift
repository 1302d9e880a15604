import Glibc
import TestSupport
import Testing

/// Reprocessing as people do it, with `mv`, while the daemon is running.
@Suite(.tags(.spawned)) struct MoveByHandTests {
  /// A site whose retries are not due for long, so that only what is moved is reprocessed.
  private func site(
    sinkArguments: [String] = [], retry: String = "retry:"
  ) async throws -> (Site, SpawnedProgram) {
    let site = try await Site(sinkArguments: sinkArguments)
    site.tree.write(
      site.configuration.replacing(
        "backoff: { first: 100ms, max: 200ms }", with: "backoff: { first: 1h, max: 1h }"
      ).replacing("retry:", with: retry),
      to: "config.yaml")
    return (site, try site.start())
  }

  private func stop(_ daemon: SpawnedProgram) async throws {
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
  }

  private func text(_ site: Site, _ record: String) -> String {
    String(decoding: site.record(record) ?? [], as: UTF8.self)
  }

  private func member(_ name: String, of record: String) -> Substring? {
    record.split(separator: "\"\(name)\":\"", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first?
      .prefix { $0 != "\"" }
  }

  @Test func `A record that is moved into the inbox is forwarded again, and keeps when it was created`() async throws {
    let (site, daemon) = try await site()
    site.drop("a.json", #"{"id":"e1","type":"t","data":{"n":1}}"#)
    #expect(await site.waits { site.acknowledgements == ["e1"] })
    let before = text(site, "e1.json")
    let partition = try #require(site.tree.names("processed").first { $0.hasPrefix("2") })
    site.tree.move("processed/\(partition)/e1.json", to: "inbox/e1.json")
    #expect(await site.waits { site.acknowledgements == ["e1", "e1"] })
    let after = text(site, "e1.json")
    #expect(member("createdAt", of: after) == member("createdAt", of: before))
    #expect(try #require(member("updatedAt", of: after)) > (try #require(member("updatedAt", of: before))))
    #expect(site.tree.names("inbox") == [])
    try await stop(daemon)
  }

  @Test(arguments: [true, false])
  func `Files in retry that are mended and moved into the inbox are stored, their sidecars along or left behind`(
    isSidecarMoved: Bool
  ) async throws {
    let (site, daemon) = try await site()
    for name in ["a", "b"] { site.drop("\(name).json", #"{"id":"\#(name)","type":"t""#) }
    #expect(await site.waits { site.tree.names("retry").count == 4 })
    for name in ["a", "b"] {
      // Fixed where nobody looks at it: an edited file in retry is tried at once, and may be gone before it is moved.
      let sidecar = try #require(site.tree.readText("retry/\(name).json.error"))
      site.tree.move("retry/\(name).json", to: "inbox/\(name).json.part")
      site.tree.write(#"{"id":"\#(name)","type":"t"}"#, to: "inbox/\(name).json.part")
      if isSidecarMoved {
        site.tree.remove("retry/\(name).json.error")
        site.tree.write(sidecar, to: "inbox/\(name).json.error")
      }
      site.tree.move("inbox/\(name).json.part", to: "inbox/\(name).json")
    }
    #expect(await site.waits { site.acknowledged == ["a", "b"] })
    #expect(await site.waits { site.tree.names("retry") == [] && site.tree.names("inbox") == [] })
    #expect(site.tree.names("failed") == [])
    try await stop(daemon)
  }

  @Test func `What fails again after it was moved begins with its first attempt`() async throws {
    let (site, daemon) = try await site()
    site.drop("a.json", "{")
    #expect(await site.waits { site.tree.names("retry").count == 2 })
    let before = try #require(site.tree.readText("retry/a.json.error"))
    site.tree.move("retry/a.json", to: "inbox/a.json")
    #expect(await site.waits { site.tree.readText("retry/a.json.error").map { $0 != before } == true })
    let after = try #require(site.tree.readText("retry/a.json.error"))
    #expect(after.contains(#""attempts": 1"#), "\(after)")
    #expect(site.tree.readText("retry/a.json") == "{")
    try await stop(daemon)
  }

  @Test func `A refused event that is moved out of failed goes through once the webhook takes it`() async throws {
    let (site, daemon) = try await site(sinkArguments: ["--reject", "e1"], retry: "retry:\n  attempts: 1")
    site.drop("a.json", #"{"id":"e1","type":"t"}"#)
    #expect(await site.waits { site.tree.names("failed") == ["e1.json", "e1.json.error"] })
    _ = try await site.stopSink()
    try await site.startSink([])
    site.tree.move("failed/e1.json", to: "inbox/e1.json")
    #expect(await site.waits { site.acknowledged == ["e1"] })
    #expect(await site.waits { site.tree.names("failed") == [] })
    try await stop(daemon)
  }

  @Test func `A partition that is moved away stays as it is, and the daemon works on`() async throws {
    let (site, daemon) = try await site()
    site.drop("a.json", #"{"id":"e1","type":"t"}"#)
    #expect(await site.waits { site.acknowledged == ["e1"] })
    let partition = try #require(site.tree.names("processed").first { $0.hasPrefix("2") })
    site.tree.move("processed/\(partition)", to: "archived")
    let before = site.tree.readText("archived/forwards.jsonl")
    site.drop("b.json", #"{"id":"e2","type":"t"}"#)
    #expect(await site.waits { site.acknowledged == ["e2"] })
    #expect(site.tree.names("archived") == ["e1.json", "forwards.jsonl"])
    #expect(site.tree.readText("archived/forwards.jsonl") == before)
    try await stop(daemon)
  }
}
