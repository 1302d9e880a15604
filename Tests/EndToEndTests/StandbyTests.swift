import Glibc
import TestSupport
import Testing

/// Two processes of the built program on one tree; the second waits for the first to end.
@Suite(.tags(.spawned)) struct StandbyTests {
  private func site() async throws -> Site {
    let site = try await Site()
    site.tree.write(site.configuration + "\nstandby: true\n", to: "config.yaml")
    return site
  }

  @Test func `The second waits, and takes over when the first is killed`() async throws {
    let site = try await site()
    let first = try site.start()
    #expect(try await first.errorLine(containing: "started") != nil)
    let second = try site.start()
    let line = try #require(try await second.errorLine(containing: "standing by"))
    #expect(line.contains("\(first.processID)"))
    site.drop("1.json", #"{"id":"e1","type":"t"}"#)
    #expect(await site.waits { site.acknowledged == ["e1"] })
    first.signal(SIGKILL)
    _ = try await first.end()
    site.drop("2.json", #"{"id":"e2","type":"t"}"#)
    #expect(await site.waits { site.acknowledged == ["e1", "e2"] })
    #expect(site.acknowledgements.count == 2)
    second.signal(SIGTERM)
    #expect(try await second.end().code == 0)
  }

  @Test func `While it waits, it can be stopped, and asked to read its configuration`() async throws {
    let site = try await site()
    let first = try site.start()
    #expect(try await first.errorLine(containing: "started") != nil)
    let second = try site.start()
    #expect(try await second.errorLine(containing: "standing by") != nil)
    second.signal(SIGHUP)
    #expect(try await second.errorLine(containing: "standing by") != nil)
    second.signal(SIGTERM)
    #expect(try await second.end().code == 0)
    first.signal(SIGTERM)
    #expect(try await first.end().code == 0)
  }
}
