import Glibc
import SystemPackage
import TestSupport
import Testing

/// A claimed file is in no folder that people look into: status and verify report it.
@Suite(.tags(.spawned)) struct ClaimedFileTests {
  private func perform(_ site: Site, _ arguments: String...) async throws -> SpawnedProgram.End {
    try await SpawnedProgram(arguments + ["--config", "\(site.tree.path)/config.yaml"]).end()
  }

  @Test(arguments: [
    "state/claims/default", "state/claims/gone", "state/claims/default%2F0a", "state/retrying",
    "inbox/.eventdrop-claims", "retry/.eventdrop-claims",
  ])
  func `What a killed run has claimed is counted, and what ends it is said`(folder: String) async throws {
    let site = try await Site()
    #expect(try await site.start(["--once"]).end().code == 0)
    #expect(try await perform(site, "status", "--exit-code").code == 0)
    #expect(try await perform(site, "verify").code == 0)
    site.tree.write(#"{"eventId":"k","eventType":"t"}"#, to: "\(folder)/k.json")

    let status = try await perform(site, "status", "--exit-code")
    #expect(status.code == 2)
    #expect(status.output.hasPrefix("needs a person: eventdrop is not running, and 1 file or event waits"))
    #expect(status.output.contains("the next start of eventdrop stores them or puts them back"))
    let row = status.output.split(separator: "\n").first { $0.hasPrefix("claimed ") }
    #expect(row?.split(separator: " ").prefix(2) == ["claimed", "1"])
    let json = try await perform(site, "status", "--json").output
    #expect(json.contains(#""claimed":1,"claims":[{"inbox":"#) && json.contains(#""code":"claimed""#))

    let verify = try await perform(site, "verify")
    #expect(verify.code == 1)
    #expect(verify.output.contains("the next start of eventdrop stores them or puts them back"))
    #expect(verify.output.contains("1 claimed file"))
    let sums = try await perform(site, "verify", "--json").output
    #expect(sums.contains(#""kind":"claimed-file""#) && sums.contains(#""claimed":1"#))

    // The next start does what was said.
    _ = try await site.start(["--once"]).end()
    let isPutBack = ["failed", "retry"].contains { site.tree.names($0).contains("k.json") }
    #expect(site.records == ["k.json"] || isPutBack)
    #expect(try await perform(site, "status", "--json").output.contains(#""claimed":0,"claims":[]"#))
  }

  @Test func `Where nothing is stored yet, a claim is reported all the same`() async throws {
    let site = try await Site(hasSink: false)
    site.tree.write(#"{"eventId":"k","eventType":"t"}"#, to: "state/claims/old/k.json")
    let verify = try await perform(site, "verify")
    #expect(verify.code == 1 && verify.output.contains("1 claimed file"))
    #expect(try await perform(site, "status", "--exit-code").code == 2)
  }

  @Test func `A running daemon reports claims, and nobody is called for them`() async throws {
    let site = try await Site(admin: "'127.0.0.1:0'")
    let (program, port) = try await site.startWithPage()
    site.tree.write("", to: "state/claims/gone/k.json")
    let answer = try await site.get("/api/status", from: port) { $0.body.contains(#""claimed":1"#) }.body
    #expect(answer.contains(#""claimed":1,"claims":[{"inbox":"gone","count":1,"#))
    #expect(answer.hasPrefix(#"{"verdict":{"state":"well""#))
    #expect(try await site.get("/metrics", from: port).body.contains("\neventdrop_claimed_files 1\n"))
    #expect(try await perform(site, "verify").code == 0)
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }
}
