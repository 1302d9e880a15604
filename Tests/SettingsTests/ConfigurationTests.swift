import Catalog
import EventStore
import Events
import Failures
import Forwarding
import Glibc
import Intake
import Logging
import Settings
import SystemPackage
import TestSupport
import Testing
import Time

/// The file at the top of the repository.
let shippedFile: [UInt8] = {
  let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  guard let file = fopen("\(root)/config.yaml", "rb") else { return [] }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 16)
  let count = fread(&bytes, 1, bytes.count, file)
  return Array(bytes[..<count])
}()

@Suite(.tags(.fast)) struct ConfigurationTests {
  @Test(arguments: ["", "# nothing\n", "---\n", "---\n...\n", "{}", "~", "\u{FEFF}", "forward:\n", "forward: null\n"])
  func `An empty file is valid, and gives the defaults`(yaml: String) throws {
    let configuration = try read(yaml)
    #expect(configuration == .defaults(relativeTo: "/etc/eventdrop"))
    #expect(configuration.givenKeys == [])
  }

  @Test func `The defaults are those of the documentation`() throws {
    let configuration = Configuration.defaults(relativeTo: "/etc/eventdrop")
    let inbox = try #require(configuration.inboxes.first)
    #expect(configuration.inboxes.count == 1)
    #expect(inbox.name == "default")
    #expect(inbox.path == "/etc/eventdrop/inbox")
    #expect(inbox.schedule == (try Schedule(["every 2s"])))
    #expect(inbox.options.settle == .seconds(2))
    #expect(inbox.options.marker == nil)
    #expect(inbox.options.include == ["*.json", "*.jsonl", "*.ndjson", "*.json.gz", "*.jsonl.gz", "*.ndjson.gz"])
    #expect(inbox.options.exclude == [".*", "*.part", "*.filepart", "*.tmp", "*.error", "~*"])
    #expect(!inbox.options.recursive)
    #expect(inbox.options.charset == Charset("utf-8"))
    #expect(inbox.options.mapping.eventId.map(\.description) == ["/eventId", "@cloudevent", "/id"])
    #expect(inbox.options.mapping.eventIdPrefix.isEmpty)
    #expect(inbox.silentAfter == nil)
    #expect(inbox.options.mapping.eventType.map(\.description) == ["/eventType", "/type"])
    #expect(inbox.options.mapping.data.map(\.description) == ["/data"])
    #expect(inbox.options.mapping.eventTypeDefault == nil)
    #expect(inbox.options.maxFileSize == 16_777_216)
    #expect(inbox.options.mapping.maxEventSize == 4_194_304)
    #expect(configuration.store.layout.processed == "/etc/eventdrop/processed")
    #expect(configuration.store.layout.state == "/etc/eventdrop/state")
    #expect(configuration.store.layout.folderMode == 0o750)
    #expect(configuration.store.durability == .group)
    #expect(configuration.portion == 500)
    #expect(configuration.forward.url == nil)
    #expect(configuration.forward.auth == .none)
    #expect(configuration.forward.linger == .atMost(.milliseconds(5)))
    #expect(configuration.forward.batch.maxEvents == 100)
    #expect(configuration.forward.batch.maxBytes == 1_048_576)
    #expect(configuration.forward.timeout == .seconds(10))
    #expect(configuration.forward.backoff == Backoff(first: .seconds(1), maximum: .seconds(30)))
    #expect(configuration.forward.circuit == Backoff(first: .seconds(5), maximum: .seconds(300)))
    #expect(configuration.forward.compress == .off)
    #expect(configuration.store.retryPolicy.backoff.first == .seconds(30))
    #expect(configuration.store.retryPolicy.backoff.maximum == .seconds(3600))
    #expect(configuration.store.keep == .seconds(30 * 86_400))
    #expect(configuration.store.keepIdentities == .seconds(400 * 86_400))
    #expect(configuration.admin.listen == ListenAddress(host: "127.0.0.1", port: 8641))
    #expect(configuration.admin.actions == .off)
    #expect(configuration.admin.title == nil)
    #expect(configuration.notify.command == nil && configuration.notify.mail == nil)
    #expect(configuration.notify.webhook == nil)
    #expect(configuration.notify.after == .seconds(600))
    #expect(configuration.fleet.url == nil && configuration.fleet.node == nil)
    #expect(configuration.fleet.takeover == .seconds(600))
    #expect(configuration.language == .en)
    #expect(configuration.shutdownGrace == .seconds(10))
    #expect(configuration.log.level == .info)
  }

  @Test func `The shipped file has every key there is, at its default`() throws {
    let text = String(decoding: shippedFile, as: UTF8.self)
    let configuration = try read(text)
    #expect(configuration == .defaults(relativeTo: "/etc/eventdrop"))
    for key in Configuration.knownKeys {
      let name = key.split(separator: ".").last.map { $0.replacing("[]", with: "") } ?? ""
      #expect(text.contains(try Regex("(?m)[\\s{#-]\(name):")), "\(key)")
    }
    // Values other than none are known to be in their proper place.
    let none: Set<String> = [
      "inboxes[].marker", "inboxes[].eventIdPrefix", "inboxes[].eventTypeDefault", "inboxes[].silentAfter",
      "retention.archive.command", "retention.archive.environment", "admin.title", "notify.command", "notify.webhook",
      "notify.mail", "fleet.url", "fleet.node", "forward.auth.basic", "forward.auth.header", "forward.auth.jwt",
      "forward.secret", "forward.tls.ca", "forward.tls.certificate", "forward.tls.key", "forward.proxy",
      "retention.archive", "admin.token", "log.levels.inbox", "log.levels.retry", "log.levels.store",
      "log.levels.forward", "log.levels.retention", "log.levels.admin",
    ]
    let missing = Configuration.knownKeys.filter { key in
      !configuration.givenKeys.contains(key) && !none.contains(key) && !none.contains { key.hasPrefix($0 + ".") }
    }
    #expect(missing == [])
  }

  @Test func `The keys are those of the documentation`() {
    #expect(Set(Configuration.knownKeys).count == Configuration.knownKeys.count)
    #expect(
      Configuration.knownKeys == [
        "inboxes", "inboxes[].name", "inboxes[].path", "inboxes[].schedule", "inboxes[].settle", "inboxes[].marker",
        "inboxes[].include", "inboxes[].exclude", "inboxes[].recursive", "inboxes[].charset", "inboxes[].eventId",
        "inboxes[].eventType", "inboxes[].data", "inboxes[].eventIdPrefix", "inboxes[].eventTypeDefault",
        "inboxes[].silentAfter", "inboxes[].maxFileSize",
        "inboxes[].maxEventSize", "folders", "folders.processed", "folders.retry", "folders.failed", "folders.state",
        "folders.mode", "processed", "processed.timezone", "processed.durability", "processed.portion", "forward",
        "forward.url", "forward.schedule", "forward.linger", "forward.format", "forward.acknowledge", "forward.batch",
        "forward.batch.maxEvents", "forward.batch.maxBytes", "forward.concurrency", "forward.timeout",
        "forward.attempts", "forward.backoff", "forward.backoff.first", "forward.backoff.max", "forward.circuit",
        "forward.circuit.first", "forward.circuit.max", "forward.auth", "forward.auth.bearer", "forward.auth.basic",
        "forward.auth.basic.user", "forward.auth.basic.password", "forward.auth.header", "forward.auth.header.name",
        "forward.auth.header.value", "forward.auth.jwt", "forward.auth.jwt.secret", "forward.auth.jwt.claims",
        "forward.secret", "forward.tls", "forward.tls.ca", "forward.tls.certificate", "forward.tls.key",
        "forward.proxy", "forward.compress", "retry", "retry.schedule", "retry.attempts", "retry.unreadableAttempts",
        "retry.backoff", "retry.backoff.first", "retry.backoff.max", "retention", "retention.keep",
        "retention.identities", "retention.schedule", "retention.archive", "retention.archive.command",
        "retention.archive.environment", "timezone", "shutdownGrace", "standby",
        "admin", "admin.listen", "admin.token", "admin.actions", "admin.title", "notify", "notify.command",
        "notify.webhook", "notify.mail", "notify.mail.to", "notify.mail.from", "notify.mail.smtp", "notify.after",
        "fleet", "fleet.url", "fleet.node", "fleet.takeover", "language", "log", "log.level",
        "log.levels", "log.levels.inbox", "log.levels.retry", "log.levels.store", "log.levels.forward",
        "log.levels.retention", "log.levels.admin", "log.format",
      ])
  }

  @Test func `What a file sets is read, whatever way YAML has to write it`() throws {
    let configuration = try read(
      """
      %YAML 1.1
      ---
      inboxes:
      - name: shop
        path: /srv/sftp/shop/../till
        schedule: [every 500ms, "*/5 8-18 * * mon-fri"]
        settle: 0s
        marker: .done
        include: "*.json"
        exclude: []
        recursive: true
        charset: Windows-1252
        eventId: "@sha256"
        eventType: [/head/type, /a~1b]
        data: ""
        eventTypeDefault: ORDER
        maxFileSize: 1GiB
        maxEventSize: 65536
      - { name: "2", path: other, eventTypeDefault: yes }
      folders: { processed: ../events, mode: 0700 }
      processed: { timezone: Europe/Paris, durability: each, portion: 0x10 }
      """.replacing("0x10", with: "16"))
    let inbox = configuration.inboxes[0]
    #expect(inbox.path == "/srv/sftp/till")
    #expect(inbox.schedule == (try Schedule(["every 500ms", "*/5 8-18 * * mon-fri"])))
    #expect(inbox.options.settle == .zero)
    #expect(inbox.options.marker == ".done")
    #expect(inbox.options.include == ["*.json"])
    #expect(inbox.options.exclude == [])
    #expect(inbox.options.recursive)
    #expect(inbox.options.charset == Charset("windows-1252"))
    #expect(inbox.options.mapping.eventId == [.sha256])
    #expect(inbox.options.mapping.eventType.map(\.description) == ["/head/type", "/a~1b"])
    #expect(inbox.options.mapping.data.map(\.description) == [""])
    #expect(inbox.options.maxFileSize == 1 << 30)
    #expect(inbox.options.mapping.maxEventSize == 65_536)
    #expect(configuration.inboxes[1].name == "2")
    #expect(configuration.inboxes[1].path == "/etc/eventdrop/other")
    #expect(configuration.inboxes[1].options.mapping.eventTypeDefault == "yes")
    #expect(configuration.store.layout.processed == "/etc/events")
    #expect(configuration.store.layout.retry == "/etc/eventdrop/retry")
    #expect(configuration.store.layout.folderMode == 0o700)
    #expect(configuration.store.layout.timeZone.identifier == "Europe/Paris")
    #expect(configuration.store.durability == .each)
    #expect(configuration.portion == 16)
    #expect(configuration.givenKeys.isSuperset(of: ["inboxes[].charset", "folders.mode", "processed.portion"]))
    #expect(!configuration.givenKeys.contains("folders.retry"))
  }

  @Test func `The rest of the settings, too`() throws {
    let configuration = try read(
      """
      forward:
        url: https://n8n.example.com:5678/webhook/e?x=1
        format: single
        acknowledge: results
        batch: { maxEvents: 7, maxBytes: 512KiB }
        concurrency: 2
        timeout: 1m30s
        attempts: 3
        backoff: { first: 2s, max: 1m }
        circuit: { first: 1s }
        secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
        tls: { ca: ca.pem, certificate: /c.pem, key: k.pem }
        proxy: socks5h://10.0.0.1
        compress: 8KiB
      retry: { attempts: 9, unreadableAttempts: 1, schedule: "@hourly" }
      retention: { keep: forever, identities: 1d, archive: "tar -C / czf /a.tgz" }
      timezone: America/New_York
      shutdownGrace: 3s
      standby: true
      admin: { listen: off, token: t, actions: on, title: Shop }
      notify:
        command: /usr/local/bin/tell
        webhook: https://chat.example.com/hooks/x
        mail: { to: [a@example.com, b@example.com], from: c@example.com, smtp: "smtp://u:p@mail:587" }
        after: 1m
      fleet: { url: "postgresql://u:p@db1,db2:5433/x?target_session_attrs=read-write", node: till-7, takeover: 5m }
      language: fr
      log: { level: debug, levels: { forward: error }, format: json }
      """)
    #expect(configuration.forward.url?.withoutPasswords == "https://n8n.example.com:5678/webhook/e")
    #expect(configuration.forward.format == .single)
    #expect(configuration.forward.acknowledge == .results)
    #expect(configuration.forward.batch.maxEvents == 7)
    #expect(configuration.forward.batch.maxBytes == 524_288)
    #expect(configuration.forward.concurrency == 2)
    #expect(configuration.forward.timeout == .seconds(90))
    #expect(configuration.forward.attempts == 3)
    #expect(configuration.forward.backoff == Backoff(first: .seconds(2), maximum: .seconds(60)))
    #expect(configuration.forward.circuit == Backoff(first: .seconds(1), maximum: .seconds(300)))
    #expect(configuration.forward.secret == Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    #expect(configuration.forward.tls.ca == "/etc/eventdrop/ca.pem")
    #expect(configuration.forward.tls.certificate == "/c.pem")
    #expect(configuration.forward.proxy?.port == 1080)
    #expect(configuration.forward.compress == .above(8192))
    #expect(configuration.store.retryPolicy.attempts == 9)
    #expect(configuration.store.retryPolicy.unreadableAttempts == 1)
    #expect(configuration.retry.schedule == (try Schedule(["@hourly"])))
    #expect(configuration.store.keep == nil)
    #expect(configuration.store.keepIdentities == .seconds(86_400))
    #expect(configuration.retention.archive == "tar -C / czf /a.tgz")
    #expect(configuration.timezone.identifier == "America/New_York")
    #expect(configuration.shutdownGrace == .seconds(3))
    #expect(configuration.standby)
    #expect(configuration.admin.listen == nil)
    #expect(configuration.admin.token == Secret("t"))
    #expect(configuration.admin.actions == .on && configuration.admin.title == "Shop")
    #expect(configuration.notify.command == "/usr/local/bin/tell")
    #expect(configuration.notify.webhook?.host == "chat.example.com")
    #expect(configuration.notify.mail?.to == ["a@example.com", "b@example.com"])
    #expect(configuration.notify.mail?.from == "c@example.com")
    #expect(configuration.notify.mail?.smtp == Secret("smtp://u:p@mail:587"))
    #expect(configuration.notify.after == .seconds(60))
    #expect(
      configuration.fleet.url == Secret("postgresql://u:p@db1,db2:5433/x?target_session_attrs=read-write"))
    #expect(configuration.fleet.node == "till-7" && configuration.fleet.takeover == .seconds(300))
    #expect(configuration.language == .fr)
    #expect(configuration.log.level == .debug)
    #expect(configuration.log.levels == [.forward: .error])
    #expect(configuration.log.format == .json)
  }

  @Test func `An eventId comes from one member, from several together, or from what the event lacks`() throws {
    func eventId(_ yaml: String) throws -> [String] {
      try read("inboxes: [{ eventId: \(yaml) }]").inboxes[0].options.mapping.eventId.map(\.description)
    }
    #expect(try eventId("/a") == ["/a"])
    #expect(
      try eventId("['@cloudevent', [/source, /no], '@sha256']") == ["@cloudevent", "[/source, /no]", "@sha256"])
    #expect(try read("inboxes: [{ eventIdPrefix: 'till-7:' }]").inboxes[0].options.mapping.eventIdPrefix == "till-7:")
    #expect(try read("inboxes: [{ silentAfter: 1d }]").inboxes[0].silentAfter == .seconds(86_400))
    #expect(
      problems("inboxes: [{ eventId: [[]] }]") == ["1:23: inboxes[].eventId: a list of members must not be empty"])
    #expect(
      problems("inboxes: [{ eventId: [[/a, '@sha256']] }]").first?.contains("expected a JSON Pointer") == true)
  }

  @Test func `The archive is a command, or a command and what it gets of the environment`() throws {
    let retention = try read("retention: { archive: { command: /bin/a, environment: [AWS_PROFILE, S3] } }").retention
    #expect(retention.archive == "/bin/a" && retention.archiveEnvironment == ["AWS_PROFILE", "S3"])
    #expect(try read("retention: { archive: /bin/a }").retention.archiveEnvironment == [])
    #expect(
      problems("retention: { archive: { environment: [A] } }") == [
        "1:23: retention.archive: a command is needed too"
      ])
    #expect(
      problems("retention: { archive: { comand: /bin/a } }") == [
        "1:25: unknown key 'comand'; did you mean 'command'?"
      ])
    #expect(problems("retention: { archive: [a] }") == ["1:23: retention.archive: expected a command, not a list"])
    #expect(
      problems("retention: { archive: { command: a, environment: ['A=1'] } }").first?.contains("such as AWS_PROFILE")
        == true)
  }

  @Test func `What a command cannot see and does not need is no mistake`() throws {
    let yaml = """
      forward:
        url: "https://${N8N_HOST}/webhook/x"
        auth: { header: { name: "${HEADER}", value: "${file:/run/secrets/n8n}" } }
        timeout: "${SECONDS_TO_WAIT}"
      admin: { listen: "0.0.0.0:80", token: "${ADMIN_TOKEN}" }
      notify: { webhook: "${CHAT}" }
      """
    #expect(problems(yaml).count == 6)
    let seen = try Configuration(
      yaml: Array(yaml.utf8), file: "c", folder: "/", environment: [:], scope: .withoutForwarding,
      readFile: { _ in throw Errno.permissionDenied })
    #expect(
      seen.unseenKeys == [
        "forward.url", "forward.auth.header.name", "forward.auth.header.value", "forward.timeout", "admin.token",
        "notify.webhook",
      ])
    #expect(seen.forward.url == nil && seen.forward.auth == .none && seen.forward.timeout == .seconds(10))
    // What it does need is.
    #expect(throws: ConfigurationProblems.self) {
      _ = try Configuration(
        yaml: Array("folders: { state: '${STATE}' }".utf8), file: "c", folder: "/", environment: [:],
        scope: .withoutForwarding, readFile: { _ in [] })
    }
    // So is whatever is wrong regardless of the variables.
    #expect(throws: ConfigurationProblems.self) {
      _ = try Configuration(
        yaml: Array("forward: { timeout: never }".utf8), file: "c", folder: "/", environment: [:],
        scope: .withoutForwarding, readFile: { _ in [] })
    }
  }

  @Test func `Null is none, and an empty text is none where there can be none`() throws {
    let configuration = try read(
      """
      inboxes: null
      folders: ~
      forward: { url: null, auth: null, secret: "", proxy: "", tls: { ca: "" }, timeout: null, schedule: ~ }
      admin: { token: "" }
      """, environment: ["N8N_WEBHOOK_URL": "https://n8n/", "N8N_WEBHOOK_TOKEN": "t"])
    #expect(configuration == .defaults(relativeTo: "/etc/eventdrop"))
  }

  @Test func `Configurations that differ in any section differ`() throws {
    let defaults = try read("")
    for yaml in [
      "inboxes: [{ settle: 3s }]", "folders: { mode: '0700' }", "processed: { portion: 1 }", "forward: { attempts: 1 }",
      "retry: { attempts: 1 }", "retention: { keep: 1d }", "timezone: Europe/Paris", "shutdownGrace: 1s",
      "standby: true", "admin: { token: t }", "log: { level: debug }", "notify: { after: 1s }",
      "fleet: { node: a }", "language: fr", "inboxes: [{ eventIdPrefix: a }]",
    ] {
      #expect(try read(yaml) != defaults, "\(yaml)")
    }
    // Only the given keys differ here.
    #expect(try read("shutdownGrace: 10s") == defaults)
    #expect(try read("shutdownGrace: 10s").givenKeys == ["shutdownGrace"])
  }
}
