import Glibc
import Schedules
import Settings
import SystemPackage
import Testing

/// Reads a configuration of this text, as `config.yaml` in `/etc/eventdrop`.
private func read(
  _ yaml: String, environment: [String: String] = [:], files: [String: String] = [:]
) throws(ConfigurationProblems) -> Configuration {
  try Configuration(
    yaml: Array(yaml.utf8), file: "config.yaml", folder: "/etc/eventdrop", environment: environment,
    readFile: { path in
      guard let text = files[path.string] else { throw Errno.noSuchFileOrDirectory }
      return Array(text.utf8)
    })
}

/// What is reported, a line each.
private func problems(_ yaml: String, environment: [String: String] = [:]) -> [String] {
  do {
    _ = try read(yaml, environment: environment)
    return []
  } catch {
    return error.description.split(separator: "\n").map(String.init)
  }
}

@Suite struct ConfigurationTests {
  @Test(arguments: ["", "# nothing\n", "---\n", "forward:\n", "{}"])
  func `An empty file is valid, and gives the defaults`(yaml: String) throws {
    let configuration = try read(yaml)
    #expect(configuration.inboxes.map(\.path) == ["/etc/eventdrop/inbox"])
    #expect(configuration.folders.processed == "/etc/eventdrop/processed")
    #expect(configuration.inboxes[0].settle == .seconds(2))
    #expect(configuration.forward.url == nil)
    #expect(configuration.retention.keep == .seconds(30 * 86_400))
    #expect(configuration.givenKeys.subtracting(["forward"]) == [])
  }

  @Test func `The shipped file has every key at its default`() throws {
    let root = String(#filePath.split(separator: "/").dropLast(3).joined(separator: "/"))
    let shipped = try #require(fopen("/\(root)/config.yaml", "rb"))
    defer { fclose(shipped) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, shipped))
    let configuration = try Configuration(
      yaml: bytes, file: "config.yaml", folder: "/etc/eventdrop", environment: [:], readFile: { _ in [] })
    var expected = try read("")
    expected.givenKeys = configuration.givenKeys
    #expect("\(configuration)" == "\(expected)")
    // Each key that the contract names stands in it.
    for key in [
      "inboxes[].name", "inboxes[].path", "inboxes[].schedule", "inboxes[].settle", "inboxes[].marker",
      "inboxes[].include", "inboxes[].exclude", "inboxes[].recursive", "inboxes[].charset", "inboxes[].eventId",
      "inboxes[].eventType", "inboxes[].data", "inboxes[].eventTypeDefault", "inboxes[].maxFileSize",
      "inboxes[].maxEventSize", "folders.processed", "folders.retry", "folders.failed", "folders.state", "folders.mode",
      "processed.timezone", "processed.durability", "processed.portion", "forward.url", "forward.schedule",
      "forward.format", "forward.acknowledge", "forward.batch.maxEvents", "forward.batch.maxBytes",
      "forward.concurrency", "forward.timeout", "forward.attempts", "forward.backoff.first", "forward.backoff.max",
      "forward.circuit.first", "forward.circuit.max", "forward.auth", "forward.secret", "forward.tls.ca",
      "forward.tls.certificate", "forward.tls.key", "forward.proxy", "forward.compress", "retry.schedule",
      "retry.attempts", "retry.unreadableAttempts", "retry.backoff.first", "retry.backoff.max", "retention.keep",
      "retention.identities", "retention.schedule", "retention.archive", "timezone", "shutdownGrace", "standby",
      "admin.listen", "admin.token", "log.level", "log.format",
    ] {
      #expect(configuration.givenKeys.contains(key), "\(key)")
    }
  }

  @Test func `Every mistake is told at once, with its place and a suggestion`() {
    let found = problems(
      """
      inboxs: []
      forward:
        shedule: every 2s
        timeout: [10s]
        batch: { maxEvents: 0 }
        attempts: many
      processed:
        timezone: Europe/Pariss
        durability: Group
      standby: yes
      """)
    #expect(
      found == [
        "config.yaml:1:1: unknown key 'inboxs'; did you mean 'inboxes'?",
        "config.yaml:3:3: unknown key 'shedule'; did you mean 'schedule'?",
        "config.yaml:4:12: forward.timeout: expected a duration such as 250ms, 2s, 5m, 1h or 30d, not a list",
        "config.yaml:5:23: forward.batch.maxEvents: expected a whole number from 1 to 10000",
        "config.yaml:6:13: forward.attempts: expected a whole number from 1 to 100",
        "config.yaml:8:13: processed.timezone: unknown time zone 'Europe/Pariss'; did you mean 'Europe/Paris'?",
        "config.yaml:9:15: processed.durability: expected one of group, each, off",
        "config.yaml:10:10: standby: expected true or false",
      ])
  }

  @Test(arguments: [
    ("a: [", "config.yaml:2:1: this is not YAML"), ("a: b: c", "config.yaml:1:5: this is not YAML"),
    ("\tforward: 1", "config.yaml:1:1: this is not YAML"),
    ("forward: 1\n---\nx: 1", "config.yaml:3:1: a second document"),
    ("forward: {}\nforward: {}", "config.yaml:2:1: the key 'forward' stands here a second time"),
    ("- 1", "config.yaml:1:1: the configuration is a mapping"),
    ("x: &a [*a]", "config.yaml:1:4: this value contains itself"),
    ("log: { level: \"${NOPE}\" }", "config.yaml:1:15: the variable NOPE is not set"),
    ("log: { level: \"${file:missing}\" }", "config.yaml:1:15: the file missing cannot be read"),
    ("inboxes: [{ name: a/b }]", "config.yaml:1:19: inboxes[].name: expected a name"),
    ("inboxes: [{}, {}]", "config.yaml:1:1: the inbox 'default' and the inbox 'default' are the same folder"),
    ("inboxes: [{ eventId: id }]", "config.yaml:1:22: inboxes[].eventId: 'id' is not a JSON Pointer"),
    (
      "inboxes: [{ path: processed }]", "config.yaml:1:1: the inbox 'default' and folders.processed are the same folder"
    ),
    ("inboxes: [{ path: state/in }]", "config.yaml:1:1: of the inbox 'default' and folders.state one lies inside"),
    ("forward: { url: n8n.example.com }", "config.yaml:1:17: forward.url: expected an address"),
    ("forward: { auth: { bearer: a, jwt: { secret: b } } }", "config.yaml:1:18: forward.auth: choose one"),
    ("forward: { secret: whsec_short }", "config.yaml:1:20: forward.secret: expected whsec_"),
    ("forward: { tls: { key: k.pem } }", "config.yaml:1:17: forward.tls: a certificate needs its key"),
    ("admin: { listen: 0.0.0.0:80 }", "config.yaml:1:8: admin.listen: 0.0.0.0:80 can be reached from other machines"),
    ("retention: { keep: 1h }", "config.yaml:1:20: retention.keep: expected a duration such as 30d, or forever"),
    ("retry: { schedule: '61 * * * *' }", "config.yaml:1:20: retry.schedule: the minute '61' is out of range"),
    ("folders: { mode: \"0999\" }", "config.yaml:1:18: folders.mode: expected permissions"),
  ])
  func `A mistake is told where it is`(yaml: String, expected: String) {
    let found = problems(yaml)
    #expect(found.contains { $0.hasPrefix(expected) }, "\(found)")
  }

  @Test func `Variables and files stand for their texts, and are never taken for YAML`() throws {
    let configuration = try read(
      """
      forward:
        url: ${URL}
        auth: { header: { name: X-Key, value: "${file:key}" } }
      inboxes: [{ name: "${NAME:-shop}", eventTypeDefault: "$$5 ${EMPTY:-x}: y" }]
      log: { level: "${LEVEL}" }
      """, environment: ["URL": "https://n8n.example.com/webhook/e?token=secret", "LEVEL": "debug", "EMPTY": ""],
      files: ["/etc/eventdrop/key": "k: [1\n"])
    #expect(configuration.forward.url?.description == "https://n8n.example.com/webhook/e")
    #expect(configuration.inboxes[0].name == "shop")
    #expect(configuration.inboxes[0].eventTypeDefault == "$5 x: y")
    #expect(configuration.log.level == .debug)
    guard case .header("X-Key", let value) = configuration.forward.auth else {
      Issue.record("\(configuration.forward.auth)")
      return
    }
    #expect(value.reveal() == "k: [1")
  }

  @Test func `A secret is never shown`() throws {
    let configuration = try read(
      """
      forward:
        url: https://user:hunter2@n8n.example.com/hook?key=hunter2
        auth: { basic: { user: u, password: hunter2 } }
        secret: whsec_aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg==
      admin: { token: hunter2 }
      """)
    var dumped = ""
    dump(configuration, to: &dumped)
    for text in ["\(configuration)", String(reflecting: configuration), dumped] {
      #expect(!text.contains("hunter2"))
      #expect(!text.contains("aHVudGVy"))
    }
    let wrong = problems("forward: { timeout: \"${T}\" }", environment: ["T": "hunter2"])
    #expect(wrong.count == 1)
    #expect(!wrong[0].contains("hunter2"))
  }

  @Test func `No text traps or hangs: every beginning of one, and texts with bytes changed`() {
    let text = Array(
      "inboxes:\n  - &a { name: x, settle: 2s, include: ['*.json', \"b\"] }\nforward: { url: ${U:-}, auth: *a }\n".utf8)
    var generator = SystemRandomNumberGenerator()
    for end in text.indices { _ = problems(String(decoding: text[..<end], as: UTF8.self)) }
    for _ in 0..<2000 {
      var changed = text
      for _ in 0..<3 {
        changed[Int.random(in: 0..<changed.count, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      _ = try? Configuration(yaml: changed, file: "c", folder: "/", environment: [:], readFile: { _ in [] })
    }
    let bomb = (1...25).map { "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ","))]" }
    _ = problems("a0: &a0 [x]\n" + bomb.joined(separator: "\n"))
    _ = problems(String(repeating: "[", count: 10_000))
  }
}
