import Glibc
import SystemPackage
import TestSupport
import Testing

/// People are notified of what needs them.
@Suite(.tags(.spawned), .timeLimit(.minutes(2))) struct NotifyTests {
  @Test func `A command is called for failed files once, and once when they are gone`() async throws {
    let site = try await Site(hasSink: false)
    let log = site.tree.path.pushing("told").string
    site.tree.write(
      site.configuration
        + "\nnotify: { command: \"sh -c 'echo $EVENTDROP_STATE $1 >> \(log); env >> \(log).env' x\" }\n",
      to: "config.yaml")
    let program = try site.start(environment: ["N8N_WEBHOOK_TOKEN": "s3cret"])
    site.drop("a.json", #"{"type":"t"}"#)
    site.drop("b.json", #"{"type":"t"}"#)
    func notified() -> [Substring] { (site.tree.readText("told") ?? "").split(separator: "\n") }
    #expect(await site.waits { notified().count == 1 })
    #expect(
      notified().first?.hasPrefix("needs-person eventdrop on ") == true && notified()[0].contains("missing-event-id"))
    #expect(site.tree.readText("told.env")?.contains("s3cret") == false)
    for name in site.tree.names("failed") { site.tree.remove("failed/\(name)") }
    #expect(await site.waits { notified().count == 2 })
    #expect(notified().last?.hasPrefix("over eventdrop on ") == true)
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }

  /// A daemon with one failed file, and this command for notifications.
  private func start(_ site: Site, _ command: String, more: String = "") throws -> SpawnedProgram {
    site.tree.write(site.configuration + "\nnotify: { command: \"\(command)\" }\n\(more)", to: "config.yaml")
    return try site.start()
  }

  @Test func `What was found and not delivered is delivered after a restart`() async throws {
    let site = try await Site(hasSink: false)
    let first = try start(site, "sh -c 'exit 1' x")
    site.drop("a.json", #"{"type":"t"}"#)
    #expect(try await first.errorLine(containing: "nobody can be notified") != nil)
    first.signal(SIGTERM)
    #expect(try await first.end().code == 0)
    let log = site.tree.path.pushing("told").string
    let second = try start(site, "sh -c 'echo $EVENTDROP_STATE $1 >> \(log)' x")
    #expect(await site.waits { site.tree.readText("told")?.contains("missing-event-id") == true })
    second.signal(SIGTERM)
    #expect(try await second.end().code == 0)
    let third = try start(site, "sh -c 'echo $EVENTDROP_STATE $1 >> \(log)' x")
    for name in site.tree.names("failed") { site.tree.remove("failed/\(name)") }
    #expect(await site.waits { site.tree.readText("told")?.contains("over eventdrop on") == true })
    // If a stop comes right after the command, the notification is repeated, and never lost.
    #expect(Set(site.tree.readText("told")?.split(separator: "\n").map { $0.prefix(4) } ?? []) == ["need", "over"])
    third.signal(SIGTERM)
    #expect(try await third.end().code == 0)
  }

  @Test(arguments: ["", "trap : TERM; "])
  func `A command that hangs holds up no stop, and its notification is sent again after the next start`(
    trap: String
  ) async throws {
    let site = try await Site(hasSink: false)
    let log = site.tree.path.pushing("told").string
    let first = try start(site, "sh -c '\(trap)echo hangs >> \(log); while :; do sleep 1; done' x")
    site.drop("a.json", #"{"type":"t"}"#)
    #expect(await site.waits { site.tree.readText("told") == "hangs\n" })
    #expect(try await first.timeToEnd(afterSignal: SIGTERM) < .seconds(5))
    let end = try await first.end()
    #expect(end.code == 0 && !end.errors.contains("does not come to its end"), "\(end.errors)")
    let second = try start(site, "sh -c 'echo $EVENTDROP_STATE >> \(log)' x")
    #expect(await site.waits { site.tree.readText("told") == "hangs\nneeds-person\n" })
    second.signal(SIGTERM)
    #expect(try await second.end().code == 0)
  }

  @Test func `A command that hangs does not keep people from being notified in other ways`() async throws {
    let site = try await Site()
    site.tree.write(
      site.configuration + "\nnotify: { command: \"sh -c 'sleep 600' x\", webhook: \"\(site.url)\" }\n",
      to: "config.yaml")
    let program = try site.start(environment: ["N8N_WEBHOOK_URL": ""])
    site.drop("a.json", #"{"type":"t"}"#)
    // Events are only stored here: what the webhook receives are notifications.
    #expect(try await site.sinkLine(containing: #""path":"#) != nil)
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }

  @Test func `An inbox that has never had a drop is reported as silent`() async throws {
    let site = try await Site(hasSink: false)
    let log = site.tree.path.pushing("told").string
    site.tree.write(
      site.configuration.replacing("settle: 20ms", with: "settle: 20ms\n    silentAfter: 2s")
        + "\nnotify: { command: \"sh -c 'echo $1 >> \(log)' x\" }\n", to: "config.yaml")
    let program = try site.start()
    #expect(
      await site.waits { site.tree.readText("told")?.contains("the inbox 'default' has brought no event yet") == true }
    )
    let status = try await SpawnedProgram(
      ["status", "--exit-code", "--config", "\(site.tree.path)/config.yaml"]
    ).end()
    #expect(status.code == 2 && status.output.contains("the inbox 'default' has brought no event yet"), "\(status)")
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }

  @Test func `A test says of each way whether it works`() async throws {
    let site = try await Site()
    let port = try Site.freePort()
    site.tree.write(
      """
      notify:
        command: "true #"
        webhook: "\(site.url)"
        mail: { to: [a@example.com], from: b@example.com, smtp: "127.0.0.1:\(port)" }
      """, to: "config.yaml")
    let end = try await SpawnedProgram(["notify", "--test", "--config", "\(site.tree.path)/config.yaml"]).end()
    #expect(end.code == 1)
    #expect(end.output.hasPrefix("sent    command\nsent    webhook\nfailed  mail: "), "\(end.output)")
  }
}
