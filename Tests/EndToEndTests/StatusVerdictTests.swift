import Glibc
import SystemPackage
import TestSupport
import Testing

/// `status` never says that all is well while something waits that nobody works on.
@Suite(.tags(.spawned), .timeLimit(.minutes(2))) struct StatusVerdictTests {
  private func status(_ site: Site, environment: [String: String] = [:]) async throws -> SpawnedProgram.End {
    try await SpawnedProgram(
      ["status", "--exit-code", "--config", "\(site.tree.path)/config.yaml"], environment: environment
    ).end()
  }

  private func verdict(_ end: SpawnedProgram.End) -> Substring { end.output.prefix { $0 != "\n" } }

  @Test(arguments: [false, true])
  func `What an inbox does not take hides no drop`(isRecursive: Bool) async throws {
    let site = try await Site(hasSink: false)
    if isRecursive {
      site.tree.write(
        site.configuration.replacing("settle: 20ms", with: "settle: 20ms\n    recursive: true"), to: "config.yaml")
    }
    for name in [".ftpquota", "x.txt", "y.txt"] { site.tree.write("", to: "inbox/\(name)") }
    let daemon = try site.start()
    #expect(await site.waits { site.tree.names("state/looks") == ["default.json"] })
    let well = try await status(site)
    #expect(well.code == 0 && well.output.contains("no-pattern: 3 files"), "\(well)")
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
    site.tree.write(#"{"id":"a","type":"t"}"#, to: isRecursive ? "inbox/sub/a.json" : "inbox/a.json")
    for _ in 0..<2 {
      let end = try await status(site)
      #expect(end.code == 2 && verdict(end).contains("eventdrop is not running, and 1 file"), "\(end)")
      // What lay there at the last look is of no account.
      for name in ["x.txt", "y.txt"] { site.tree.remove("inbox/\(name)") }
    }
  }

  @Test(arguments: ["retry", "failed"])
  func `What is in a folder that cannot be read is unknown, and why is said`(folder: String) async throws {
    let site = try await Site(hasSink: false)
    #expect(try await SpawnedProgram(["run", "--once", "--config", "\(site.tree.path)/config.yaml"]).end().code == 0)
    #expect(rmdir("\(site.tree.path)/\(folder)") == 0)
    site.tree.write("", to: folder)
    let end = try await status(site)
    #expect(end.code == 2 && verdict(end).contains("\(site.tree.path)/\(folder)"), "\(end)")
    let line = end.output.split(separator: "\n").first { $0.hasPrefix("\(folder) ") }
    #expect(line?.hasSuffix(" unknown") ?? false, "\(end)")
    let json = try await SpawnedProgram(["status", "--json", "--config", "\(site.tree.path)/config.yaml"]).end()
    #expect(json.output.contains(#""\#(folder)":null"#) && json.output.contains(#""code":"folder""#), "\(json)")
  }

  @Test(.enabled(if: OtherUser.isThere, "skipped, because to be another user takes root and setpriv"))
  func `A daemon that may not read a folder gives no number for it`() async throws {
    let site = try await Site(hasSink: false)
    site.tree.write(
      "inboxes: [{ path: inbox, settle: 0s }]\nadmin: { listen: '127.0.0.1:0' }", to: "config.yaml")
    let path = site.tree.path.string
    for folder in ["", "/inbox"] { #expect(chown(path + folder, OtherUser.user, OtherUser.group) == 0) }
    let daemon = try OtherUser.start(["run", "--config", "\(path)/config.yaml"])
    let line = try #require(try await daemon.errorLine(containing: "the page is at"))
    let digits = try #require(line.split(separator: "127.0.0.1:").last).prefix { $0 != "/" }
    let port = try #require(Int(digits))
    #expect(try await site.get("/metrics", from: port).body.contains(#"eventdrop_folder_files{folder="failed"} 0"#))
    #expect(chmod("\(path)/failed", 0) == 0)
    let status = try await site.get("/api/status", from: port) { $0.body.contains(#""failed":null"#) }.body
    #expect(status.contains(#""failed":null"#) && status.contains(#""retry":0"#), "\(status)")
    #expect(status.contains("\(path)/failed: Permission denied"), "\(status)")
    let metrics = try await site.get("/metrics", from: port).body
    #expect(metrics.contains(#"eventdrop_folder_files{folder="retry"} 0"#))
    #expect(!metrics.contains(#"eventdrop_folder_files{folder="failed"}"#))
    #expect(chmod("\(path)/failed", 0o755) == 0)
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
  }

  @Test func `What only a stopped daemon could forward waits, whoever asks`() async throws {
    let site = try await Site(hasSink: false)
    site.tree.write(
      site.configuration.replacing("forward:", with: "forward:\n  url: ${N8N_WEBHOOK_URL:-}"), to: "config.yaml")
    let daemon = try site.start()
    site.drop("a.json", #"{"id":"a","type":"t"}"#)
    #expect(try await daemon.errorLine(containing: "the webhook") != nil)
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
    for environment in [[:], ["N8N_WEBHOOK_URL": site.url]] {
      let end = try await status(site, environment: environment)
      #expect(end.code == 2 && verdict(end).contains("eventdrop is not running"), "\(end)")
      #expect(!end.output.contains("tried again at"), "\(end)")
    }
  }

  @Test(.enabled(if: OtherUser.isThere, "skipped, because to be another user takes root and setpriv"))
  func `What the daemon may not do is known to others, and over once it may`() async throws {
    let site = try await Site(hasSink: false)
    site.tree.write(site.configuration.replacing("forward:", with: "forward:\n  url: \"\""), to: "config.yaml")
    let path = site.tree.path.string
    for folder in ["", "/inbox"] { #expect(chown(path + folder, OtherUser.user, OtherUser.group) == 0) }
    let daemon = try OtherUser.start(["run", "--config", "\(path)/config.yaml"])
    site.drop("a.json", #"{"id":"a","type":"t"}"#)
    #expect(await site.waits { site.records == ["a.json"] })
    #expect(chmod("\(path)/processed", 0) == 0)
    site.drop("b.json", #"{"id":"b","type":"t"}"#)
    #expect(await site.waits { site.tree.names("state").contains("troubles.json") })
    let blocked = try await status(site)
    #expect(blocked.code == 2 && verdict(blocked).contains("the inbox 'default' cannot go on"), "\(blocked)")
    #expect(chmod("\(path)/processed", 0o755) == 0)
    #expect(await site.waits { site.records == ["a.json", "b.json"] })
    #expect(await site.waits { !site.tree.names("state").contains("troubles.json") })
    #expect(try await status(site).code == 0)
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
  }

  @Test(.enabled(if: SmallVolume.reasonToSkip == nil, "skipped, because mounting a file system takes root"))
  func `A full disk is known to others`() async throws {
    let volume = try #require(SmallVolume(.memory(files: 1000), bytes: 4 << 20))
    let site = try await Site(hasSink: false, in: volume.path)
    let daemon = try site.start()
    #expect(try await daemon.errorLine(containing: "started") != nil)
    volume.fill(leaving: 0)
    let end = try await status(site)
    #expect(end.code == 2 && verdict(end).contains("the disk is full"), "\(end)")
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
  }

  @Test func `An event whose record is missing is not done`() async throws {
    let site = try await Site(hasSink: false)
    site.drop("a.json", #"{"id":"a","type":"t"}"#)
    #expect(try await site.start(["--once"], environment: ["N8N_WEBHOOK_URL": ""]).end().code == 0)
    for day in site.tree.names("processed") { site.tree.move("processed/\(day)", to: "elsewhere") }
    try await site.startSink()
    #expect(try await site.start(["--once"]).end().code == 1)
  }
}
