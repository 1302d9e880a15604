import Glibc
import SystemPackage
import TestSupport
import Testing

/// The program on file systems with defects: stand-ins for shares, in C, compiled when needed.
@Suite(
  .tags(.spawned, .durability), .onlyInFullRuns, .serialized,
  .enabled(if: StandIns.areThere, "skipped, because there is no C compiler, or no root or /dev/fuse"))
struct StandInTests {
  private func id(_ name: String) -> String { #"{"id":"\#(name)","type":"t"}"# }

  @Test(arguments: [["norename2", "linkinodes"], ["norename2", "nolink"], []])
  func `Whatever a file system lacks, drops are stored, and broken ones set aside`(lacks: [String]) async throws {
    let site = try await Site(hasSink: false)
    let share = try Share(site, lacks)
    site.tree.write(id("a"), to: "source/a.json")
    // A broken file is moved to another file system only after a minute of quiet: once is enough.
    let hasBroken = lacks.contains("nolink")
    if hasBroken { site.tree.write("{", to: "source/bad.json") }
    mkfifo("\(site.tree.path)/source/pipe.json", 0o600)
    _ = try await site.start(["--once"]).end()
    // Since no webhook accepts it, its record may be in retry at the end.
    #expect(site.records + site.tree.names("retry").filter { $0 == "a.json" } == ["a.json"])
    #expect(site.tree.names("failed") == ["pipe.json", "pipe.json.error"])
    #expect((site.tree.names("retry") + site.tree.names("failed")).contains("bad.json.error") == hasBroken)
    #expect(site.tree.names("inbox").filter { !$0.hasPrefix(".") } == [])
    withExtendedLifetime(share) {}
  }

  @Test func `A share whose server died is worked on again once it is mounted again`() async throws {
    let site = try await Site(hasSink: false)
    var share: Share? = try Share(site, [])
    let daemon = try site.start()
    site.tree.write(id("a"), to: "source/a.json")
    #expect(await site.waits { site.records == ["a.json"] })
    share?.kill()
    _ = try await daemon.errorLine(containing: "it cannot go on")
    share = nil
    share = try Share(site, [])
    site.tree.write(id("b"), to: "source/b.json")
    #expect(await site.waits { site.records == ["a.json", "b.json"] })
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
    withExtendedLifetime(share) {}
  }

  @Test func `A configuration is read again while a share hangs that has claims, and the stop ends`() async throws {
    let site = try await Site(hasSink: false)
    let share = try Share(site, [])
    site.tree.write(
      """
      inboxes:
        - { name: share, path: inbox, schedule: every 100ms, settle: 20ms }
        - { name: disk, path: disk, schedule: every 100ms, settle: 20ms }
      admin: { listen: '127.0.0.1:0' }
      shutdownGrace: 1s
      """, to: "config.yaml")
    let (daemon, port) = try await site.startWithPage()
    site.tree.write(id("a"), to: "source/a.json")
    #expect(await site.waits { site.records == ["a.json"] })
    // The lock of the claims is on the share.
    #expect(system("grep -q '/inbox/.eventdrop-claims/lock' /proc/\(daemon.processID)/maps") == 0)
    share.hang()
    daemon.signal(SIGHUP)
    let next = try #require(try await daemon.errorLine(containing: "the page is at"))
    #expect(!next.contains(":\(port)/"))
    #expect(site.tree.readText("/proc/\(daemon.processID)/comm") == "eventdrop\n")
    site.tree.write(id("b"), to: "disk/b.json")
    #expect(await site.waits { site.records == ["a.json", "b.json"] })
    #expect(try await daemon.timeToEnd(afterSignal: SIGTERM) < .seconds(4))
    #expect(try await daemon.end().code == 0)
    withExtendedLifetime(share) {}
  }

  @Test(arguments: [116, 5, 13, 110])
  func `A file that cannot be opened holds up no other, is reported once, and taken when it can be`(
    error: Int32
  ) async throws {
    let site = try await Site(hasSink: false)
    let rules = site.tree.path.appending("rules").string
    site.tree.write("openat BAD \(error)\n", to: "rules")
    site.drop("BAD.json", id("bad"))
    let library = try #require(StandIns.built("errno-rules.so"))
    let daemon = try site.start(environment: ["LD_PRELOAD": library, "RULES": rules])
    site.drop("a.json", id("a"))
    #expect(await site.waits { site.records == ["a.json"] })
    #expect(site.tree.names("inbox") == ["BAD.json"])
    site.drop("b.json", id("b"))
    #expect(await site.waits { site.records == ["a.json", "b.json"] })
    site.tree.write("", to: "rules")
    #expect(await site.waits { site.records == ["a.json", "b.json", "bad.json"] })
    daemon.signal(SIGTERM)
    let end = try await daemon.end()
    #expect(end.code == 0)
    #expect(end.errors.split(separator: "\n").count { $0.contains("drops cannot be read") } == 1)
  }
}

/// A folder of the site, presented as its inbox by a server in user space.
private final class Share {
  private let path: String
  private let server: SpawnedProgram

  init(_ site: Site, _ lacks: [String]) throws {
    path = site.tree.inbox.string
    mkdir("\(site.tree.path)/source", 0o755)
    let program = try #require(StandIns.built("passfuse"))
    server = try SpawnedProgram(["\(site.tree.path)/source", path] + lacks, executable: program)
    let path = path
    try #require(Site.waitsInPlace { system("mountpoint -q '\(path)'") == 0 })
  }

  func kill() { server.signal(SIGKILL) }

  func hang() {
    server.signal(SIGUSR2)
    #expect(Site.waitsInPlace { system("grep -q '^State:.T' /proc/\(server.processID)/status") == 0 })
  }

  deinit {
    server.signal(SIGCONT)
    umount2(path, Int32(MNT_DETACH))
  }
}
