import Glibc
import SystemPackage
import TestSupport
import Testing

/// A refused prune needs a person, and is reported where people look.
@Suite(.tags(.spawned)) struct RefusedPruneTests {
  private func perform(_ site: Site, _ arguments: String...) async throws -> SpawnedProgram.End {
    try await SpawnedProgram(arguments + ["--config", "\(site.tree.path)/config.yaml"]).end()
  }

  @Test func `Status reports that a prune was refused, until a person confirms it`() async throws {
    let site = try await Site(hasSink: false)
    let documents = (1...3).map {
      #"{"eventId":"e\#($0)","eventType":"t","processedAt":{"$date":"2020-11-0\#($0)T10:00:00Z"},"data":{}}"#
    }
    site.tree.write(documents.joined(separator: "\n"), to: "export.json")
    #expect(try await perform(site, "import", "\(site.tree.path)/export.json").code == 0)
    #expect(try await perform(site, "status", "--exit-code").code == 0)
    let refused = try await perform(site, "prune")
    #expect(refused.code == 1 && refused.errors.contains(" --yes"), "\(refused)")
    let status = try await perform(site, "status", "--exit-code")
    #expect(status.code == 2)
    #expect(status.output.hasPrefix("needs a person: nothing is pruned: it would take 3 of 3 partitions"), "\(status)")
    #expect(status.output.contains("run: eventdrop prune ") && status.output.contains(" --yes"), "\(status)")
    #expect(try await perform(site, "status", "--json").output.contains(#""code":"retention""#))
    // If nothing is pruned at all, it does not matter.
    site.tree.write(site.configuration + "\nretention: { keep: forever }\n", to: "config.yaml")
    #expect(try await perform(site, "status", "--exit-code").code == 0)
    site.tree.write(site.configuration, to: "config.yaml")
    #expect(try await perform(site, "prune", "--yes").code == 0)
    #expect(try await perform(site, "status", "--exit-code").code == 0)
  }

  @Test func `All times that people are shown are of the time zone of the configuration`() async throws {
    let site = try await Site(hasSink: false)
    site.tree.write(
      site.configuration.replacing("settle: 20ms", with: "settle: 20ms\n    silentAfter: 1s")
        + "\ntimezone: Asia/Tokyo\n", to: "config.yaml")
    for name in ["a", "b"] { site.drop("\(name).json", #"{"type":"t"}"#) }
    _ = try await site.start(["--once"]).end()
    site.tree.write("{}", to: "state/claims/default/k.json")
    site.drop("odd.name", "{}")
    let status = try await perform(site, "status")
    let times = status.output.matches(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/#).map {
      String($0.0)
    }
    #expect(times.count >= 4, "\(status.output)")
    #expect(times.allSatisfy { $0.hasSuffix("+09:00") }, "\(status.output)")
  }
}
