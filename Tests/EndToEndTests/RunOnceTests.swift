import Glibc
import TestSupport
import Testing

/// `run --once` exits with 1 whatever has put a file into `retry/` or `failed/`.
@Suite(.tags(.spawned)) struct RunOnceTests {
  @Test func `A claim that belongs to no inbox any more and is set aside is reported by the exit code`() async throws {
    let site = try await Site()
    site.tree.write(#"{"eventId":"k","eventType":"t"}"#, to: "state/claims/old/k.json")
    let end = try await site.start(["--once"]).end()
    #expect(site.tree.names("failed") == ["k.json", "k.json.error"])
    #expect(end.code == 1, "\(end.errors)")
    // What was there before does not belong to this run.
    #expect(try await site.start(["--once"]).end().code == 0)
  }

  @Test func `A file in retry that was edited or has no report is tried, one whose time has not come is left`()
    async throws
  {
    let site = try await Site()
    let report = { (name: String) in
      #"{"file":"\#(name)","stage":"parse","reason":"invalid-json","message":"m","attempts":1,"inbox":"default","#
        + #""firstFailedAt":"2026-11-23T12:00:00.000Z","lastFailedAt":"2026-11-23T12:00:00.000Z","#
        + #""nextAttemptAt":"2126-11-23T12:00:00.000Z"}"#
    }
    site.tree.write("{", to: "retry/later.json")
    for name in ["later.json", "edited.json"] { site.tree.write(report(name), to: "retry/\(name).error") }
    // Its time must differ from the report's.
    try await Task.sleep(for: .milliseconds(20))
    site.tree.write(#"{"eventId":"e","eventType":"t"}"#, to: "retry/edited.json")
    site.tree.write(#"{"eventId":"b","eventType":"t"}"#, to: "retry/bare.json")
    let end = try await site.start(["--once"]).end()
    #expect(end.code == 0, "\(end.errors)")
    #expect(site.records == ["b.json", "e.json"])
    #expect(site.tree.names("retry") == ["later.json", "later.json.error"])
  }

  @Test func `A copy that is superseded and moved to failed is reported by the exit code`() async throws {
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

  @Test func `A report whose file was moved away is removed, but not while the file waits in the inbox`() async throws {
    let site = try await Site()
    let hourly = site.configuration.replacing(
      "backoff: { first: 100ms, max: 200ms }", with: "backoff: { first: 1h, max: 1h }")
    site.tree.write(hourly.replacing("settle: 20ms", with: "settle: 20ms\n    marker: .done"), to: "config.yaml")
    for text in ["{", "{ "] {
      site.drop("a.json", text)
      site.tree.write("", to: "inbox/a.json.done")
      #expect(try await site.start(["--once"]).end().code == 1)
    }
    let both = ["a.json", "a.json.error", "a~2.json", "a~2.json.error"]
    #expect(site.tree.names("retry") == both)
    site.tree.move("retry/a~2.json", to: "inbox/a~2.json")
    _ = try await site.start(["--once"]).end()
    #expect(site.tree.names("retry") == both.filter { $0 != "a~2.json" })
    site.tree.remove("inbox/a~2.json")
    _ = try await site.start(["--once"]).end()
    #expect(site.tree.names("retry") == ["a.json", "a.json.error"])
  }
}
