import Glibc
import SystemPackage
import TestSupport
import Testing

/// Signals that come while the daemon is starting are neither lost nor the end of the process.
@Suite(.tags(.spawned)) struct SignalTests {
  /// A site whose next start has a catalog to build.
  private func site(_ records: Int) async throws -> Site {
    let site = try await Site(hasSink: false)
    let lines = (0..<records).map {
      #"{"eventId":"e\#($0)","eventType":"t","processedAt":{"$date":"2026-11-01T10:00:00Z"},"data":{"n":\#($0)}}"#
    }
    site.tree.write(lines.joined(separator: "\n"), to: "export.json")
    let end = try await SpawnedProgram([
      "import", "\(site.tree.path)/export.json", "--config", "\(site.tree.path)/config.yaml",
    ]).end()
    #expect(end.code == 0)
    for ending in ["", "-wal", "-shm"] { site.tree.remove("state/catalog.sqlite\(ending)") }
    return site
  }

  private func isBuilding(_ site: Site) -> Bool { site.tree.names("state").contains("catalog.new.sqlite") }

  @Test(arguments: [SIGTERM, SIGINT])
  func `Told to stop while it builds the catalog, it ends in order`(number: Int32) async throws {
    let site = try await site(20_000)
    let program = try site.start()
    #expect(Site.waitsInPlace { isBuilding(site) })
    program.signal(number)
    let end = try await program.end()
    #expect(end.code == 0, "\(end)")
    #expect(!end.errors.contains("started"))
    // The next one finds everything that existed.
    #expect(try await site.start(["--once"]).end().code == 0)
    let listed = try await SpawnedProgram(
      ["report", "--json", "--config", "\(site.tree.path)/config.yaml"]
    ).end()
    #expect(listed.output.contains(#""count":20000"#), "\(listed)")
  }

  @Test func `Told to read its configuration while it builds the catalog, it does so once it works`() async throws {
    let site = try await site(20_000)
    let program = try site.start()
    #expect(Site.waitsInPlace { isBuilding(site) })
    program.signal(SIGHUP)
    #expect(try await program.errorLine(containing: "started") != nil)
    #expect(try await program.errorLine(containing: "the configuration was read again") != nil)
    #expect(try await program.errorLine(containing: "started") != nil)
    site.drop("1.json", #"{"id":"new","type":"t"}"#)
    #expect(await site.waits { site.records.contains("new.json") })
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }

  @Test func `A stop that follows a reload at once is not lost`() async throws {
    let site = try await Site(hasSink: false)
    for round in 0..<5 {
      let program = try site.start()
      #expect(try await program.errorLine(containing: "started") != nil)
      program.signal(SIGHUP)
      usleep(UInt32(round) * 5000)
      program.signal(SIGTERM)
      #expect(try await program.end().code == 0)
    }
  }

  @Test func `A command that is no daemon is ended by them`() async throws {
    let site = try await Site(hasSink: false)
    let command = try SpawnedProgram(["tail", "--config", "\(site.tree.path)/config.yaml"])
    // It takes them first and then gives them back: from then on they end it.
    #expect(Site.waitsInPlace { Self.waitsForInput(command.processID) })
    command.signal(SIGTERM)
    #expect(try await command.end().code == 128 + Int(SIGTERM))
  }

  /// Whether a process no longer catches any of these signals, and has more than one thread.
  private static func waitsForInput(_ process: Int32) -> Bool {
    guard let file = fopen("/proc/\(process)/status", "rb") else { return false }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 8192)
    let count = fread(&buffer, 1, buffer.count, file)
    let lines = String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n")
    func value(_ name: String) -> UInt64? {
      lines.first { $0.hasPrefix(name) }?.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) }
    }
    guard let caught = value("SigCgt:"), let threads = value("Threads:") else { return false }
    return threads > 1 && caught & (1 << UInt64(SIGTERM - 1)) == 0
  }
}
