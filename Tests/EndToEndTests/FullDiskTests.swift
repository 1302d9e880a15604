import Glibc
import TestSupport
import Testing

/// The built program on a file system that fills up.
@Suite(
  .tags(.spawned), .timeLimit(.minutes(2)),
  .enabled(if: SmallVolume.reasonToSkip == nil, "skipped, because mounting a file system takes root"))
struct FullDiskTests {
  private static let count = 150

  private func dropAll(_ site: Site) {
    let text = String(repeating: "x", count: 900)
    for number in 1...Self.count {
      site.drop("\(number).json", #"{"id":"e\#(number)","type":"t","data":{"text":"\#(text)"}}"#)
    }
  }

  /// Takes away a daemon's disk space, checks that nothing is lost and that it is reported once, frees space, and
  /// checks that everything continues.
  private func goThrough(_ volume: SmallVolume, fill: () -> Void) async throws {
    let site = try await Site(in: volume.path)
    let daemon = try site.start()
    #expect(try await daemon.errorLine(containing: "started") != nil)
    daemon.signal(SIGSTOP)
    dropAll(site)
    fill()
    #expect(site.tree.names("inbox").count == Self.count)
    daemon.signal(SIGCONT)
    let line = try await daemon.errorLine(containing: "it cannot go on")
    #expect(line?.contains("make room on the disk") == true, "\(line ?? "nothing said")")
    // What there was room for is stored, and the rest is where it was.
    #expect(await site.waits { site.tree.names("inbox").count + site.records.count >= Self.count })
    #expect(site.tree.names("retry") == [] && site.tree.names("failed") == [])
    volume.makeRoom()
    #expect(await site.waits { site.acknowledged.count == Self.count })
    #expect(site.records.count == Self.count)
    #expect(site.tree.names("inbox") == [])
    daemon.signal(SIGTERM)
    let end = try await daemon.end()
    #expect(end.code == 0)
    #expect(!end.errors.contains("it cannot go on"), "it was said again: \(end.errors)")
    #expect(end.errors.contains("it goes on"))
  }

  @Test func `A full disk stops the intake, and room lets it go on`() async throws {
    let volume = try #require(SmallVolume(.memory(files: 4000), bytes: 8 << 20))
    try await goThrough(volume) { volume.fill(leaving: 400 << 10) }
  }

  @Test func `A disk that is full to the last byte does no harm`() async throws {
    let volume = try #require(SmallVolume(.memory(files: 4000), bytes: 8 << 20))
    try await goThrough(volume) { volume.fill(leaving: 0) }
  }

  @Test func `A full ext4 does no harm`() async throws {
    let volume = try #require(SmallVolume(.ext4, bytes: 8 << 20))
    try await goThrough(volume) { volume.fill(leaving: 200 << 10) }
  }

  @Test func `No inodes left do no harm`() async throws {
    let volume = try #require(SmallVolume(.memory(files: 400), bytes: 16 << 20))
    try await goThrough(volume) { volume.fillFiles(leaving: 12) }
  }

  @Test func `A reload while the disk is full ends nothing, and room lets it go on`() async throws {
    let volume = try #require(SmallVolume(.memory(files: 4000), bytes: 4 << 20))
    let site = try await Site(in: volume.path)
    let daemon = try site.start()
    site.drop("a.json", #"{"id":"a","type":"t"}"#)
    #expect(await site.waits { site.acknowledged == ["a"] })
    volume.fill(leaving: 0)
    daemon.signal(SIGHUP)
    let line = try await daemon.errorLine(containing: "cannot be opened and are tried again")
    #expect(line?.contains("full") == true, "\(line ?? "nothing said")")
    volume.makeRoom()
    site.drop("b.json", #"{"id":"b","type":"t"}"#)
    #expect(await site.waits { site.acknowledged == ["a", "b"] })
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
  }

  @Test func `A full folder of failed files holds up what it concerns, and nothing else`() async throws {
    let volume = try #require(SmallVolume(.memory(files: 4), bytes: 64 << 10))
    let site = try await Site()
    site.tree.write(
      site.configuration + "\nfolders: { failed: \(volume.path) }\n", to: "config.yaml")
    volume.fill(leaving: 0)
    #expect(mkfifo("\(site.tree.inbox)/a.json", 0o600) == 0)
    let daemon = try site.start()
    #expect(try await daemon.errorLine(containing: "cannot be moved to the folder of failed files") != nil)
    site.drop("b.json", #"{"id":"b","type":"t"}"#)
    #expect(await site.waits { site.acknowledged == ["b"] })
    #expect(site.tree.names("inbox") == ["a.json"])
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
  }
}
