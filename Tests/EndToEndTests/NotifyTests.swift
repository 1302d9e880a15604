import Glibc
import SystemPackage
import TestSupport
import Testing

/// People are told of what needs them.
@Suite(.tags(.spawned), .timeLimit(.minutes(2))) struct NotifyTests {
  @Test func `A command is told of failed files once, and once when they are gone`() async throws {
    let site = try await Site(hasSink: false)
    let log = site.tree.path.pushing("told").string
    site.tree.write(
      site.configuration
        + "\nnotify: { command: \"sh -c 'echo $EVENTDROP_STATE $1 >> \(log); env >> \(log).env' x\" }\n",
      to: "config.yaml")
    let program = try site.start(environment: ["N8N_WEBHOOK_TOKEN": "s3cret"])
    site.drop("a.json", #"{"type":"t"}"#)
    site.drop("b.json", #"{"type":"t"}"#)
    func told() -> [Substring] { (site.tree.readText("told") ?? "").split(separator: "\n") }
    #expect(await site.waits { told().count == 1 })
    #expect(told().first?.hasPrefix("needs-person eventdrop on ") == true && told()[0].contains("missing-event-id"))
    #expect(site.tree.readText("told.env")?.contains("s3cret") == false)
    for name in site.tree.names("failed") { site.tree.remove("failed/\(name)") }
    #expect(await site.waits { told().count == 2 })
    #expect(told().last?.hasPrefix("over eventdrop on ") == true)
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
