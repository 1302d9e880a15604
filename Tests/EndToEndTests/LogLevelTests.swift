import Glibc
import TestSupport
import Testing

/// What the built daemon logs about each of its parts.
@Suite(.tags(.spawned)) struct LogLevelTests {
  @Test func `A part logs as much as its own level says, and each line names its part`() async throws {
    let site = try await Site()
    site.tree.write(
      site.configuration + "\nlog: { level: info, levels: { inbox: error, forward: debug }, format: json }\n",
      to: "config.yaml")
    let program = try site.start()
    site.drop("1.json", #"{"id":"e1","type":"t"}"#)
    #expect(await site.waits { site.acknowledged == ["e1"] })
    program.signal(SIGTERM)
    let end = try await program.end()
    #expect(end.code == 0)
    #expect(end.errors.contains(#""message":"forwarded""#) && end.errors.contains(#""part":"forward""#))
    #expect(!end.errors.contains("portion stored"))
    #expect(end.errors.contains(#""message":"started""#))
  }
}
