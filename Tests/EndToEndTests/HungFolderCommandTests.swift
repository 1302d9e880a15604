import Glibc
import TestSupport
import Testing

/// No command waits for a folder that does not answer: it says so, and shows what the others say.
@Suite(
  .tags(.spawned), .onlyInFullRuns, .timeLimit(.minutes(5)),
  .enabled(if: HungFolder.canBe, "skipped, because it takes root, /dev/fuse and python3"))
struct HungFolderCommandTests {
  /// A command, and the folders that it asks.
  struct Command: Sendable {
    var words: [String]
    var asks: Set<String>
    /// What it prints although a folder hangs.
    var shows: [String: String] = [:]
    /// Its exit code if one of them hangs, and if none does.
    var failing = 1
    var usual = 0
  }

  private static let store: Set<String> = ["state", "processed", "retry", "failed"]

  /// Commands that change nothing.
  static let commands: [Command] = [
    Command(
      words: ["check"], asks: store.union(["share"]),
      shows: Dictionary(uniqueKeysWithValues: store.union(["share"]).map { ($0, "inbox 'disk'") }), failing: 78),
    Command(
      words: ["test", "DROP"], asks: ["state", "processed"],
      shows: ["state": "disk, where it lies", "processed": "disk, where it lies"]),
    Command(words: ["test", "SHARED"], asks: ["share"], usual: 64),
    Command(
      words: ["list"], asks: ["state", "retry", "failed"],
      shows: ["state": "conflict", "retry": "conflict", "failed": "invalid-json"]),
    Command(words: ["list", "--json", "--status", "failed"], asks: ["state", "failed"], shows: ["state": "conflict"]),
    Command(
      words: ["show", "x"], asks: store,
      shows: ["state": "conflict", "processed": "x: ", "retry": #""eventId":"x""#, "failed": #""eventId":"x""#]),
    Command(
      words: ["report"], asks: ["state", "retry", "failed"],
      shows: ["state": "failed: 1", "retry": "failed: 1", "failed": "retry: 1"]),
    Command(
      words: ["verify"], asks: ["state", "processed", "retry", "share"],
      shows: ["state": "1 record", "processed": "1 finding", "retry": "1 record", "share": "1 record"]),
    Command(words: ["diff", "x"], asks: store),
    Command(words: ["tail"], asks: ["state", "retry", "failed"]),
    Command(words: ["reprocess", "x", "--dry-run"], asks: store),
    Command(words: ["discard", "--status", "failed", "--dry-run"], asks: ["state", "failed"]),
    Command(words: ["prune", "--dry-run"], asks: ["state", "processed"]),
    Command(words: ["flush"], asks: ["state"], usual: 1),
    Command(
      words: ["status"], asks: ["state"],
      shows: [
        "share": "the inbox 'share' does not answer", "processed": "a folder does not answer",
        "retry": "a folder does not answer", "failed": "a folder does not answer",
      ]),
  ]

  /// Commands that work as the daemon does: beside each other, they would find the lock taken.
  static let workers: [Command] = [
    Command(words: ["verify", "--repair"], asks: store.union(["share"])),
    Command(words: ["reindex"], asks: store),
    Command(words: ["import", "EXPORT"], asks: store),
    Command(words: ["prune"], asks: store),
    Command(words: ["run", "--once"], asks: store.union(["share"])),
  ]

  /// A site with a record, an event in conflict with it, and a file that is no event.
  private func site() async throws -> Site {
    let site = try await Site(hasSink: false)
    site.tree.write(configuration(hung: nil, at: ""), to: "config.yaml")
    site.tree.write("", to: "share/.keep")
    site.drop("x.json", #"{"id":"x","type":"t","data":1}"#)
    _ = try await start(["run", "--once"], site).end()
    site.drop("y.json", #"{"id":"x","type":"t","data":2}"#)
    site.drop("z.json", "{")
    _ = try await start(["run", "--once"], site).end()
    #expect(site.records == ["x.json"])
    #expect(site.tree.names("failed") == ["y.json", "y.json.error"])
    #expect(site.tree.names("retry") == ["z.json", "z.json.error"])
    site.tree.write("", to: "export.jsonl")
    return site
  }

  private func configuration(hung: String?, at path: String) -> String {
    func place(_ name: String) -> String { name == hung ? path : name }
    return """
      inboxes:
        - { name: share, path: \(place("share")), settle: 0s }
        - { name: disk, path: inbox, settle: 0s }
      folders:
        processed: \(place("processed"))
        retry: \(place("retry"))
        failed: \(place("failed"))
        state: \(place("state"))
      retry: { backoff: { first: 1h, max: 1h } }
      admin: { listen: off }
      """
  }

  private func start(_ words: [String], _ site: Site, shared: String = "share") throws -> SpawnedProgram {
    let files = ["DROP": "inbox/d.json", "SHARED": "\(shared)/d.json", "EXPORT": "export.jsonl"]
    let words = words.map { word in
      files[word].map { $0.hasPrefix("/") ? $0 : "\(site.tree.path)/\($0)" } ?? word
    }
    return try SpawnedProgram(words + ["--config", "\(site.tree.path)/config.yaml"])
  }

  /// Its end, which comes whatever hangs.
  private func end(of program: SpawnedProgram) async throws -> SpawnedProgram.End {
    // One that hangs fails the test, and not the whole run.
    let watchdog = Task {
      try await Task.sleep(for: .seconds(40))
      program.signal(SIGKILL)
    }
    defer { watchdog.cancel() }
    return try await program.end()
  }

  private func check(_ end: SpawnedProgram.End, of command: Command, while hung: String, _ folder: HungFolder) {
    let all = end.output + end.errors
    let isHung = command.asks.contains(hung)
    let told = all.split(separator: "\n").contains {
      $0.contains(folder.path) && $0.contains("does not answer; look at")
    }
    #expect(told == isHung, "\(command.words) while \(hung) hangs: \(end)")
    #expect(end.code == (isHung ? command.failing : command.usual), "\(command.words) while \(hung) hangs: \(end)")
    if let shown = command.shows[hung] {
      #expect(end.output.contains(shown), "\(command.words) while \(hung) hangs: \(end)")
    }
  }

  @Test func `While a folder hangs, each command that asks it says so, and shows what the others say`() async throws {
    // Beside each other: they mostly wait.
    try await withThrowingTaskGroup { group in
      for hung in ["share", "state", "processed", "retry", "failed"] {
        group.addTask { try await runAll(while: hung) }
      }
      try await group.waitForAll()
    }
  }

  private func runAll(while hung: String) async throws {
    let site = try await site()
    let folder = try await HungFolder()
    site.tree.write(configuration(hung: hung, at: folder.path), to: "config.yaml")
    site.drop("d.json", #"{"id":"d","type":"t"}"#)
    folder.hang()
    let shared = hung == "share" ? folder.path : "share"
    // A tail would go on.
    let programs = try Self.commands.filter { $0.words != ["tail"] || $0.asks.contains(hung) }
      .map { ($0, try start($0.words, site, shared: shared)) }
    for (command, program) in programs { check(try await end(of: program), of: command, while: hung, folder) }
    for command in Self.workers where command.asks.contains(hung) {
      check(try await end(of: start(command.words, site)), of: command, while: hung, folder)
    }
    // An inbox that hangs holds up no other.
    if hung == "share" { #expect(site.records == ["d.json", "x.json"]) }
  }
}
