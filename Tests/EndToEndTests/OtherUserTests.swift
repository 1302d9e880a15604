import DurableFiles
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Senders and the daemon are different users, and share a group that may write to the inbox.
///
/// The kernel then grants the daemon no lease on the senders' files, so that it cannot check whether one is open.
@Suite(.tags(.spawned), .enabled(if: OtherUser.isThere, "skipped, because to be another user takes root and setpriv"))
struct OtherUserTests {
  private func event(_ id: String) -> String { #"{"id":"\#(id)","type":"t"}"# }

  private func site() async throws -> Site {
    let site = try await Site(hasSink: false)
    let configuration = site.configuration
      .replacing("forward:", with: "forward:\n  url: \"\"")
      .replacing("backoff: { first: 100ms, max: 200ms }", with: "backoff: { first: 1h, max: 1h }")
    site.tree.write(
      configuration + "\nfolders: { mode: \"0770\", processed: own/processed, retry: own/retry, failed: own/failed,"
        + " state: own/state }\n", to: "config.yaml")
    let path = site.tree.path.string
    #expect(mkdir("\(path)/own", 0o755) == 0 && chown("\(path)/own", OtherUser.user, OtherUser.group) == 0)
    #expect(chown("\(path)/inbox", 0, OtherUser.group) == 0 && chmod("\(path)/inbox", 0o2770) == 0)
    #expect(chmod(path, 0o755) == 0 && chmod("\(path)/config.yaml", 0o644) == 0)
    return site
  }

  private func drop(_ site: Site, _ name: String, _ content: String, secondsOld age: Int = 0) {
    site.drop(name, content)
    let path = "\(site.tree.inbox)/\(name)"
    #expect(chmod(path, 0o640) == 0)
    let times = [timespec](repeating: timespec(tv_sec: time(nil) - age, tv_nsec: 0), count: 2)
    #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
  }

  private func status(_ site: Site, _ file: String) throws -> FileStatus {
    let path = site.tree.path.pushing(FilePath(file))
    let folder = try Folder(at: path.removingLastComponent(), files: SystemFiles())
    return try #require(try folder.status(of: FileName(path.lastComponent?.string ?? "")))
  }

  @Test func `Files settle by size and age, and what is written has the modes that were set`() async throws {
    let site = try await site()
    drop(site, "a.json", event("a"))
    drop(site, "bad.json", "{")
    drop(site, "open.json", event("open"))
    drop(site, "quiet.jsonl", event("quiet") + "\n", secondsOld: 120)
    // Its own user would have to leave it alone as long as this is open.
    let open = open("\(site.tree.inbox)/open.json", O_WRONLY | O_APPEND | O_CLOEXEC)
    defer { close(open) }
    let path = site.tree.path.appending("config.yaml").string
    // Whether lines are still being written can only be known after a minute without changes.
    let once = try OtherUser.start(["run", "--once", "--config", path])
    #expect(await site.waits { site.tree.names("inbox") == ["quiet.jsonl"] })
    let end = try await once.end()
    #expect(end.code == 1, "\(end.errors)")
    #expect(site.tree.names("inbox") == [])
    let partition = try #require(site.tree.names("own/processed").first { $0.hasPrefix("2") })
    #expect(site.tree.names("own/processed/\(partition)") == ["a.json", "open.json", "quiet.json"])
    #expect(site.tree.names("own/retry") == ["bad.json", "bad.json.error"])
    for folder in ["own/processed", "own/processed/\(partition)", "own/retry", "own/failed", "own/state"] {
      #expect(try status(site, folder).mode & 0o777 == 0o770, "\(folder)")
    }
    for file in ["own/processed/\(partition)/a.json", "own/retry/bad.json.error", "own/state/catalog.sqlite"] {
      let status = try status(site, file)
      #expect(status.owner == OtherUser.user && status.mode & 0o117 == 0, "\(file) \(status)")
      #expect(status.mode & 0o660 == (file.hasSuffix("sqlite") ? status.mode & 0o660 : 0o660), "\(file) \(status)")
    }
    // A failed file is the one that was dropped, unchanged.
    #expect(try status(site, "own/retry/bad.json").mode & 0o777 == 0o640)
    #expect(try status(site, "own/retry/bad.json").owner == 0)
  }

  @Test func `A sender's file that the daemon may not read stays in the inbox, and holds up no other`() async throws {
    let site = try await site()
    drop(site, "a.json", event("a"))
    drop(site, "b.json", event("b"))
    #expect(chmod("\(site.tree.inbox)/a.json", 0o600) == 0)
    let path = site.tree.path.appending("config.yaml").string
    let end = try await OtherUser.start(["run", "--once", "--config", path]).end()
    #expect(end.code == 1)
    #expect(end.errors.contains("drops cannot be read and stay in the inbox"))
    #expect(site.tree.names("inbox") == ["a.json"])
    let partition = try #require(site.tree.names("own/processed").first { $0.hasPrefix("2") })
    #expect(site.tree.names("own/processed/\(partition)") == ["b.json"])
  }

  @Test func `A state folder that may not be opened is reported, and not taken for an empty one`() async throws {
    let site = try await site()
    site.tree.write("", to: "own/processed/2020-01-01/e1.json")
    site.tree.write(event("a"), to: "a.json")
    site.tree.write("", to: "own/state/lock")
    #expect(system("chmod -R a+rX '\(site.tree.path)'") == 0)
    #expect(chmod("\(site.tree.path)/own/state", 0o700) == 0)
    let path = site.tree.path.appending("config.yaml").string
    for arguments in [
      ["list"], ["report"], ["status"], ["show", "z"], ["diff", "z"], ["reprocess", "z"], ["discard", "z"],
      ["prune", "--dry-run"], ["flush"], ["verify"], ["tail"],
    ] {
      let end = try await OtherUser.start(arguments + ["--config", path]).end()
      #expect(end.code == 1, "\(arguments): \(end)")
      #expect(end.errors.contains("cannot open the folder") && end.errors.contains("own/state"), "\(arguments): \(end)")
      #expect(end.errors.contains("give this process's user the right"), "\(arguments): \(end)")
    }
    let trial = try await OtherUser.start(["test", "\(site.tree.path)/a.json", "--config", path]).end()
    #expect(trial.code == 1 && trial.output.contains("own/state"), "\(trial)")
    let check = try await OtherUser.start(["check", "--config", path]).end()
    let printed = check.output + check.errors
    #expect(check.code == 78 && printed.contains("own/state") && !printed.contains("lock: free"), "\(check)")
  }

  @Test func `Whoever may only read can verify, while a daemon runs and while none does`() async throws {
    let site = try await site()
    drop(site, "a.json", event("a"))
    let path = site.tree.path.appending("config.yaml").string
    let end = try await SpawnedProgram(["run", "--once", "--config", path]).end()
    #expect(end.code == 0, "\(end)")
    // Everything can be read, and nothing be written.
    #expect(system("chmod -R a+rX,go-w '\(site.tree.path)'") == 0)
    func verified() async throws -> SpawnedProgram.End {
      try await OtherUser.start(["verify", "--config", path]).end()
    }
    let before = site.tree.names("own/state")
    let atRest = try await verified()
    #expect(atRest.code == 0 && atRest.output.contains("1 record in 1 partition"), "\(atRest)")
    #expect(site.tree.names("own/state") == before)
    let daemon = try site.start()
    #expect(await site.waits { site.tree.names("own/state").contains("catalog.sqlite-shm") })
    #expect(system("chmod -R a+rX,go-w '\(site.tree.path)'") == 0)
    let running = try await verified()
    #expect(running.code == 0 && running.output.contains("1 record in 1 partition"), "\(running)")
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
  }
}

/// A user without privileges, who runs the daemon.
enum OtherUser {
  static let user: UInt32 = 54_321
  static let group: UInt32 = 54_322

  private static let words = ["--reuid", "\(user)", "--regid", "\(group)", "--clear-groups"]

  /// Whether this process may become that user, who must be able to reach the program.
  static var isThere: Bool {
    let command = (["setpriv"] + words + ["test", "-x", "'\(SpawnedProgram.path(of: "eventdrop"))'"])
    return geteuid() == 0 && system("( \(command.joined(separator: " ")) ) >/dev/null 2>&1") == 0
  }

  static func start(_ arguments: [String]) throws -> SpawnedProgram {
    try SpawnedProgram(words + [SpawnedProgram.path(of: "eventdrop")] + arguments, executable: "/usr/bin/setpriv")
  }
}
