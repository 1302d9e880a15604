import Glibc
import SystemPackage
import TestSupport
import Testing

/// Commands that only read leave everything as it is, and need no more of the configuration than they use.
@Suite(.tags(.spawned), .timeLimit(.minutes(10))) struct ReadingCommandTests {
  /// Each with whether it has an answer if nothing was ever stored.
  static let commands: [(words: [String], hasAnswer: Bool)] = [
    (["status"], true), (["status", "--json"], true), (["status", "--partitions"], true), (["list"], true),
    (["list", "--json", "--status", "failed"], true), (["report"], true), (["report", "--json"], true),
    (["verify"], true), (["verify", "--json"], true), (["test", "DROP"], true), (["show", "x"], false),
    (["diff", "x"], false), (["flush"], false), (["prune", "--dry-run"], true),
    (["reprocess", "--status", "failed", "--dry-run"], true), (["discard", "--status", "failed", "--dry-run"], true),
    (["check"], true),
  ]

  private func run(_ tree: TemporaryTree, _ words: [String]) async throws -> SpawnedProgram.End {
    let drop = tree.path.appending("a.json").string
    let words = words.map { $0 == "DROP" ? drop : $0 }
    return try await SpawnedProgram(words + ["--config", tree.path.appending("config.yaml").string]).end()
  }

  /// Everything that exists, with what would show that it was touched.
  private func everything(in tree: TemporaryTree, _ folder: String = "") -> [String] {
    tree.names(folder).flatMap { name -> [String] in
      let path = folder.isEmpty ? name : "\(folder)/\(name)"
      var status = stat()
      lstat(tree.path.pushing(FilePath(path)).string, &status)
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      // A folder's own times show what came and went, such as the index of a catalog that is read for long.
      let state = isFolder ? "" : " \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
      return ["\(path) \(status.st_ino)\(state)"] + everything(in: tree, path)
    }
  }

  @Test func `Where nothing was ever stored, nothing is made`() async throws {
    let tree = TemporaryTree()
    tree.write("admin: { listen: off }\n", to: "config.yaml")
    tree.write(#"{"id":"1","type":"t"}"#, to: "a.json")
    let before = everything(in: tree)
    for (words, hasAnswer) in Self.commands {
      let end = try await run(tree, words)
      #expect(end.code == (hasAnswer ? 0 : 1), "\(words): \(end)")
      #expect(everything(in: tree) == before, "\(words)")
    }
  }

  @Test func `Where something is stored, nothing is changed`() async throws {
    let site = try await Site(hasSink: false)
    site.drop("a.json", #"{"id":"x","type":"t"}"#)
    site.drop("b.json", "{")
    let config = ["--config", site.tree.path.appending("config.yaml").string]
    _ = try await SpawnedProgram(["run", "--once"] + config).end()
    // Also an old day, which a prune would affect.
    let day = try #require(site.tree.names("processed").first { $0.hasPrefix("2") })
    site.tree.write(site.tree.read("processed/\(day)/x.json") ?? [], to: "processed/2001-01-01/old.json")
    site.tree.write(#"{"id":"1","type":"t"}"#, to: "a.json")
    let before = everything(in: site.tree)
    for (words, _) in Self.commands where words != ["check"] {
      let end = try await run(site.tree, words)
      #expect(end.code <= 1, "\(words): \(end)")
      #expect(everything(in: site.tree) == before, "\(words)")
    }
    let prune = try await run(site.tree, ["prune", "--dry-run"])
    // The catalog has not seen that day yet, so its events count as pending.
    #expect(prune.output.contains("kept 2001-01-01: 1 of its events are pending"), "\(prune)")
  }

  @Test func `What a daemon has left that was killed stays as it is`() async throws {
    let site = try await Site(hasSink: false)
    // Without a webhook, what is stored stays pending.
    let daemon = try SpawnedProgram(["run", "--config", site.tree.path.appending("config.yaml").string])
    for number in 1...20 { site.drop("\(number).json", #"{"id":"e\#(number)","type":"t"}"#) }
    // A drop is released once the catalog has its event; until then it is claimed.
    #expect(
      await site.waits {
        site.records.count == 20 && site.tree.names("inbox").isEmpty && site.tree.names("state/claims/default").isEmpty
      })
    daemon.signal(SIGKILL)
    _ = try await daemon.end()
    #expect(site.tree.names("state").contains("catalog.sqlite-wal"))
    site.tree.write(#"{"id":"1","type":"t"}"#, to: "a.json")
    // The log's index belongs to any reader.
    func all() -> [String] { everything(in: site.tree).filter { !$0.contains("sqlite-shm") } }
    let before = all()
    // Verifying takes long enough for a daemon to start, so that it opens the catalog as a daemon does.
    for (words, _) in Self.commands where !["check", "verify"].contains(words[0]) {
      let end = try await run(site.tree, words)
      #expect(end.code <= 1, "\(words): \(end)")
      #expect(all() == before, "\(words)")
    }
    let list = try await run(site.tree, ["list", "--json"])
    #expect(list.output.split(separator: "\n").count == 20, "\(list)")
  }

  @Test func `A rehearsed prune says what a prune does`() async throws {
    let site = try await Site(hasSink: false)
    site.tree.write("retention: { keep: 1d }\nadmin: { listen: off }\n", to: "config.yaml")
    let line = { (id: String, day: String) in
      #"{"_id":"\#(id)","eventId":"\#(id)","eventType":"t","processedAt":{"$date":"\#(day)T10:00:00Z"},"data":{}}"#
        + "\n"
    }
    site.tree.write(line("a", "2020-01-01") + line("b", "2020-01-02"), to: "export.json")
    let export = site.tree.path.appending("export.json").string
    let imported = try await run(site.tree, ["import", export])
    #expect(imported.code == 0, "\(imported)")
    let before = everything(in: site.tree)
    let rehearsal = try await run(site.tree, ["prune", "--dry-run"])
    #expect(rehearsal.output.contains("would prune 2020-01-01\nwould prune 2020-01-02"), "\(rehearsal)")
    #expect(rehearsal.code == 1 && rehearsal.errors.contains("nothing was pruned"), "\(rehearsal)")
    #expect(everything(in: site.tree) == before)
    let prune = try await run(site.tree, ["prune", "--yes"])
    #expect(prune.output.contains("pruned 2020-01-01\npruned 2020-01-02"), "\(prune)")
  }

  @Test(.enabled(if: OtherUser.isThere, "skipped, because to be another user takes root and setpriv"))
  func `Who may only read can ask`() async throws {
    let site = try await Site(hasSink: false)
    site.drop("a.json", #"{"id":"x","type":"t"}"#)
    let (tree, config) = (site.tree, site.tree.path.appending("config.yaml").string)
    _ = try await SpawnedProgram(["run", "--once", "--config", config]).end()
    tree.write(#"{"id":"1","type":"t"}"#, to: "a.json")
    _ = try await SpawnedProgram(["-c", "chmod -R a+rX '\(tree.path)'"], executable: "/bin/sh").end()
    let before = everything(in: tree)
    for words in [
      ["status"], ["list"], ["show", "x"], ["report"], ["test", tree.path.appending("a.json").string],
      ["prune", "--dry-run"],
    ] {
      let end = try await OtherUser.start(words + ["--config", config]).end()
      #expect(end.code == 0, "\(words): \(end)")
      #expect(everything(in: tree) == before, "\(words)")
    }
  }

  @Test func `Nothing is needed of what only the daemon uses`() async throws {
    let site = try await Site(hasSink: false)
    site.drop("a.json", #"{"id":"x","type":"t"}"#)
    let config = site.tree.path.appending("config.yaml").string
    _ = try await SpawnedProgram(["run", "--once", "--config", config]).end()
    site.tree.write(#"{"id":"1","type":"t"}"#, to: "a.json")
    site.tree.write(
      """
      inboxes: [{ path: inbox }]
      forward: { url: "${A}", auth: { bearer: "${B}" }, secret: "${file:/nowhere}", timeout: "${C}", tls: { ca: "${D}" } }
      retry: { attempts: "${E}", backoff: { first: "${F}" }, schedule: "${G}" }
      retention: { archive: { command: "${H}", environment: ["${I}"] }, schedule: "${J}", keep: "${K}" }
      admin: { listen: "${L}", token: "${M}", title: "${N}" }
      notify: { command: "${O}", webhook: "${P}", mail: { to: "${Q}", from: "${R}", smtp: "${S}" }, after: "${T}" }
      fleet: { url: "${U}", node: "${V}", takeover: "${W}" }
      processed: { durability: "${X}", portion: "${Y}" }
      log: { level: "${Z}", format: "${AA}" }
      language: "${AB}"
      shutdownGrace: "${AC}"
      standby: "${AD}"
      """, to: "config.yaml")
    for words in [
      ["status"], ["list"], ["show", "x"], ["report"], ["test", "DROP"], ["verify"], ["status", "--json"],
    ] {
      let end = try await run(site.tree, words)
      #expect(end.code == 0, "\(words): \(end)")
    }
    #expect(try await run(site.tree, ["diff", "x"]).code == 1)
    // Nothing is said about what cannot be seen from here.
    let status = try await run(site.tree, ["status"])
    #expect(status.output.contains("not known here") && !status.output.contains("0 3 * * *"), "\(status)")
    // But commands that remove or send something need to know.
    for words in [["prune"], ["prune", "--dry-run"], ["notify", "--test"], ["check"]] {
      let end = try await run(site.tree, words)
      #expect(end.code == 78 && end.errors.contains("is not set"), "\(words): \(end)")
    }
  }

  /// Runs a command in a shell, `$0`, with what a script does with its output.
  private func run(_ tree: TemporaryTree, shell script: String) async throws -> SpawnedProgram.End {
    try await SpawnedProgram(
      ["-c", script, SpawnedProgram.path(of: "eventdrop")], executable: "/bin/sh",
      environment: ["EVENTDROP_CONFIG": tree.path.appending("config.yaml").string]
    ).end()
  }

  @Test func `Output for which there is no room is reported, so that a cut export does not look whole`() async throws {
    let site = try await Site(hasSink: false)
    site.drop("a.json", #"{"id":"1","type":"t"}"#)
    _ = try await run(site.tree, ["run", "--once"])
    for command in [
      "status", "status --json", "list", "list --json", "list --type none", "show 1", "report", "report --json",
      "verify", "schema", "prune --dry-run", "--help", "--generate-completion-script bash",
    ] {
      let end = try await run(site.tree, shell: "exec \"$0\" \(command) >/dev/full")
      #expect(end.code == 1, "\(command): \(end)")
      #expect(end.errors == "eventdrop: standard output is not whole: No space left on device\n", "\(command): \(end)")
    }
    // A failure of the command itself keeps its code.
    let both = try await run(site.tree, shell: "exec \"$0\" status --config nope >/dev/full")
    #expect(both.code == 78, "\(both)")
  }

  @Test func `A reader that wants no more of the output ends a command in silence`() async throws {
    let site = try await Site(hasSink: false)
    site.drop("a.json", #"{"id":"1","type":"t"}"#)
    _ = try await run(site.tree, ["run", "--once"])
    for command in ["schema", "list --json", "status", "tail --since 1h"] {
      let script = "{ sleep 0.1; \"$0\" \(command); echo \"code $?\" >&2; } | true"
      let end = try await run(site.tree, shell: script)
      #expect(end.errors == "code 0\n", "\(command): \(end)")
    }
  }
}
