import Glibc
import TestSupport
import Testing

/// `run --once` ends with 1 whatever has put a file into `retry/` or `failed/`.
@Suite(.tags(.spawned)) struct RunOnceTests {
  @Test func `A claim that belongs to no inbox any more and is set aside is told by the exit code`() async throws {
    let site = try await Site()
    site.tree.write(#"{"eventId":"k","eventType":"t"}"#, to: "state/claims/old/k.json")
    let end = try await site.start(["--once"]).end()
    #expect(site.tree.names("failed") == ["k.json", "k.json.error"])
    #expect(end.code == 1, "\(end.errors)")
    // What lay there before is not of this run.
    #expect(try await site.start(["--once"]).end().code == 0)
  }

  @Test func `A copy that is superseded and moved to failed is told by the exit code`() async throws {
    let site = try await Site()
    site.tree.write(
      site.configuration.replacing("backoff: { first: 100ms, max: 200ms }", with: "backoff: { first: 1h, max: 1h }"),
      to: "config.yaml")
    site.drop("a.json", #"{"id":"e1"}"#)
    #expect(try await site.start(["--once"]).end().code == 1)
    #expect(site.tree.names("retry") == ["a.json", "a.json.error"])
    // It is not due for an hour.
    #expect(try await site.start(["--once"]).end().code == 0)
    site.drop("b.json", #"{"id":"e1","type":"t"}"#)
    let end = try await site.start(["--once"]).end()
    #expect(site.records == ["e1.json"])
    #expect(site.tree.names("failed") == ["a.json", "a.json.error"])
    #expect(end.code == 1, "\(end.errors)")
    #expect(try await site.start(["--once"]).end().code == 0)
  }
}
