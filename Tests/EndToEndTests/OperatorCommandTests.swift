import Glibc
import SystemPackage
import TestSupport
import Testing

/// What operators do with commands: set up, check, try, compare, discard, flush, follow.
@Suite(.tags(.spawned), .timeLimit(.minutes(10))) struct OperatorCommandTests {
  private func run(
    _ tree: TemporaryTree, _ arguments: String..., environment: [String: String] = [:]
  ) async throws -> SpawnedProgram.End {
    try await SpawnedProgram(
      arguments + ["--config", tree.path.appending("config.yaml").string], environment: environment
    ).end()
  }

  private func run(_ site: Site, _ arguments: String...) async throws -> SpawnedProgram.End {
    try await SpawnedProgram(
      arguments + ["--config", site.tree.path.appending("config.yaml").string],
      environment: ["N8N_WEBHOOK_URL": site.url]
    ).end()
  }

  private func everything(in tree: TemporaryTree, _ folder: String = "") -> [String] {
    tree.names(folder).flatMap { name -> [String] in
      let path = folder.isEmpty ? name : "\(folder)/\(name)"
      return [path] + everything(in: tree, path)
    }
  }

  // MARK: init, schema

  @Test(arguments: ["", "stripe", "cloudevents", "shopify", "woocommerce", "dolibarr", "till"])
  func `A configuration that init writes is valid, and is not written over`(kind: String) async throws {
    let tree = TemporaryTree()
    let url = "http://127.0.0.1:9/webhook/it's-\(kind)"
    let options = ["--inbox", "drops", "--url", url] + (kind.isEmpty ? [] : ["--for", kind])
    let config = ["--config", tree.path.appending("config.yaml").string]
    let made = try await SpawnedProgram(["init"] + options + config).end()
    #expect(made.code == 0, "\(made)")
    #expect(Set(tree.names("")) == ["config.yaml", "drops", "failed", "processed", "retry", "state"])
    // Nothing listens there, and otherwise there is nothing to warn about.
    let check = try await run(tree, "check", "--strict")
    #expect(check.code == 78 && check.errors.contains("cannot be reached now"), "\(check)")
    #expect(check.errors.split(separator: "\n").count == 1, "\(check)")
    let before = tree.readText("config.yaml")
    let again = try await SpawnedProgram(["init"] + config).end()
    #expect(again.code == 1 && again.errors.contains("already exists"))
    #expect(tree.readText("config.yaml") == before)
  }

  @Test func `What init says comes next works as it is printed`() async throws {
    let tree = TemporaryTree()
    let made = try await SpawnedProgram(["init", "--config", "\(tree.path)/a folder/c.yaml"]).end()
    #expect(made.code == 0, "\(made)")
    let words = "--config '\(tree.path)/a folder/c.yaml'"
    #expect(
      made.output.split(separator: "\n").last == "next: eventdrop check \(words), then eventdrop run \(words)",
      "\(made)")
    let check = try await SpawnedProgram(
      ["-c", "\"$0\" check \(words)", SpawnedProgram.path(of: "eventdrop")], executable: "/bin/sh"
    ).end()
    #expect(check.code == 0, "\(check)")
  }

  @Test func `What cannot be a configuration is not written`() async throws {
    let tree = TemporaryTree()
    let config = ["--config", tree.path.appending("config.yaml").string]
    let end = try await SpawnedProgram(["init", "--url", "no-address"] + config).end()
    #expect(end.code == 64 && tree.names("").isEmpty, "\(end)")
    #expect(try await SpawnedProgram(["init", "--for", "sap"] + config).end().code == 64)
  }

  @Test func `The schema is JSON, and needs no configuration`() async throws {
    let end = try await SpawnedProgram(["schema"]).end()
    #expect(end.code == 0)
    #expect(end.output.contains(#""$schema": "http://json-schema.org/draft-07/schema#""#))
    for key in ["eventIdPrefix", "silentAfter", "takeover", "smtp", "maxEvents"] {
      #expect(end.output.contains("\"\(key)\": {"), "\(key)")
    }
  }

  // MARK: check

  static let doubtful: [(yaml: String, place: String, why: String)] = [
    ("inboxes: [{ marker: done }]", "1:21", "a.jsondone"),
    ("inboxes: [{ marker: true }]", "1:21", "such as .done"),
    ("inboxes: [{ marker: '*.done' }]", "1:21", "write .done"),
    ("inboxes: [{ marker: '.{done,ok}' }]", "1:21", "not a pattern"),
    ("inboxes: [{ include: '*.json,*.jsonl' }]", "1:22", "is one pattern"),
    ("inboxes: [{ include: '*.json;*.jsonl' }]", "1:22", "is one pattern"),
    ("inboxes: [{ include: '*.json *.jsonl' }]", "1:22", "is one pattern"),
    ("inboxes: [{ exclude: ['.*', '*.tmp, *.part'] }]", "1:22", "is one pattern"),
    ("inboxes: [{ include: json }]", "1:22", "write *.json"),
    ("inboxes: [{ include: [.json] }]", "1:22", "write *.json"),
    (
      "forward: { url: 'http://127.0.0.1:9/x', auth: { bearer: 'Bearer abc' } }", "1:57",
      "it begins with 'Bearer', but 'Bearer' is added in front of it"
    ),
    ("forward: { url: 'http://127.0.0.1:9/x', auth: { bearer: ' abc' } }", "1:57", "begins or ends with a space"),
    ("forward: { url: 'http://127.0.0.1:9/x', auth: { bearer: '\"abc\"' } }", "1:57", "begins with a quote"),
    (
      "forward: { url: 'http://127.0.0.1:9/x', auth: { header: { name: X-Key, value: 'X-Key: abc' } } }", "1:79",
      "begins with the header's name"
    ),
    ("forward: { url: 'http://127.0.0.1:9/x', auth: { basic: { user: u } } }", "1:56", "no password"),
    ("forward: { url: 'http://127.0.0.1:9/x', auth: { header: { name: X-Key } } }", "1:57", "no value"),
    ("forward: { url: 'http://127.0.0.1:9/x', auth: { jwt: { claims: { a: b } } } }", "1:54", "no secret"),
    ("forward: { url: 'http://127.0.0.1:9/workflow/aBc123' }", "1:17", "n8n's editor"),
    ("forward: { url: 'http://127.0.0.1:9/n8n/workflow/aBc123/executions' }", "1:17", "n8n's editor"),
    ("forward: { url: 'http://127.0.0.1:9/webhook/' }", "1:17", "not of a webhook"),
    ("forward: { url: 'http://127.0.0.1:9/webhook-waiting/x' }", "1:17", "accepts no events"),
    ("forward: { url: 'http://127.0.0.1:9/webhook-test/x' }", "1:17", "test URL"),
    ("forward: { url: 'http://127.0.0.1:9/' }", "1:17", "not of a webhook"),
    ("forward: { url: 'http://n8n.invalid/webhook/x', auth: { bearer: t } }", "1:17", "unencrypted"),
    ("forward: { url: 'http://u:p@n8n.invalid/webhook/x' }", "1:17", "unencrypted"),
    ("forward: { auth: { bearer: t } }", "1:18", "not used"),
    ("forward: { url: 'http://127.0.0.1:9/x', tls: { ca: /etc/hostname } }", "1:52", "not https"),
    ("forward: { url: 'https://127.0.0.1:9/x', tls: { ca: missing.pem } }", "1:53", "cannot be read"),
    (
      "forward: { url: 'http://127.0.0.1:9/x', format: single, batch: { maxEvents: 5 } }", "1:77",
      "each event is a request"
    ),
    ("retention: { archive: /nowhere/archive --all }", "1:23", "no program '/nowhere/archive'"),
    ("retention: { archive: { command: no-such-program-here } }", "1:23", "no program 'no-such-program-here'"),
    ("notify: { command: /nowhere/tell }", "1:20", "no program"),
    ("retention: { keep: forever, archive: 'true' }", "1:38", "nothing is archived"),
    ("retention: { keep: 30d, identities: 7d }", "1:37", "forgotten before their records"),
    ("retention: { schedule: '0 0 30 2 *' }", "1:24", "never comes"),
    ("inboxes: [{ schedule: ['every 5s', '0 0 31 4,6 *'] }]", "1:23", "'0 0 31 4,6 *' never comes"),
    ("inboxes: [{ include: ['*.json', '.*.json'] }]", "1:22", "'.*.json' never matches"),
    ("inboxes: [{ include: '*.TMP' }]", "1:22", "never matches"),
    ("inboxes: [{ include: '*.json', marker: .json }]", "1:22", "those of markers"),
    ("inboxes: [{ eventId: ['@filename', /id] }]", "1:22", "what follows @filename is never used"),
    ("inboxes: [{ data: ['', /data] }]", "1:19", "never used"),
    ("inboxes: [{ eventType: '@filename', eventTypeDefault: T }]", "1:55", "never used"),
    ("admin: { actions: on }", "1:19", "without a token"),
    // Addresses of documentation (RFC 5737, RFC 3849), which no machine has.
    (
      "admin: { listen: '192.0.2.1:8641', token: 0123456789abcdef }", "1:18",
      "this machine does not have the address 192.0.2.1 now"
    ),
    (
      "admin: { listen: '[2001:db8::1]:8641', token: 0123456789abcdef }", "1:18",
      "this machine does not have the address 2001:db8::1 now"
    ),
    ("inboxes: [{ eventId: '/event[0]' }]", "1:22", "write /event/0"),
    ("inboxes: [{ schedule: every 1h, silentAfter: 30m }]", "1:46", "silent between two looks"),
  ]

  @Test(arguments: doubtful)
  func `What is valid and hardly meant is a warning, and with --strict a mistake`(
    yaml: String, place: String, why: String
  ) async throws {
    let tree = TemporaryTree()
    tree.write(yaml, to: "config.yaml")
    let end = try await run(tree, "check")
    #expect(end.code == 0, "\(end)")
    let config = tree.path.appending("config.yaml").string
    let line = end.errors.split(separator: "\n").first { $0.contains(why) }
    #expect(line?.hasPrefix("\(config):\(place): warning: ") == true, "\(end)")
    let strict = try await run(tree, "check", "--strict")
    #expect(strict.code == 78)
    #expect(strict.errors.contains("\(config):\(place): ") && strict.errors.contains(why), "\(strict)")
    #expect(tree.names("") == ["config.yaml"])
  }

  @Test(arguments: [
    "127.0.0.1:8641", "127.9.9.9:8641", "'[::1]:8641'", "localhost:8641", "0.0.0.0:8641", "'[::]:8641'",
    "eventdrop.invalid:80",
  ])
  func `An address to listen on that this machine has, or may have, is no warning`(address: String) async throws {
    let tree = TemporaryTree()
    tree.write("admin:\n  listen: \(address)\n  token: 0123456789abcdef\n", to: "config.yaml")
    let strict = try await run(tree, "check", "--strict")
    #expect(strict.code == 0, "\(strict)")
  }

  @Test func `A webhook that is away is a warning, and with --strict a mistake`() async throws {
    let site = try await Site()
    site.tree.write("forward: { url: '\(site.url)' }", to: "config.yaml")
    #expect(try await run(site, "check", "--strict").code == 0)
    _ = try await site.stopSink()
    let (lenient, strict) = (try await run(site, "check"), try await run(site, "check", "--strict"))
    #expect(lenient.code == 0 && lenient.errors.contains(":1:17: warning: forward.url: "), "\(lenient)")
    #expect(strict.code == 78 && strict.errors.contains(":1:17: forward.url: "), "\(strict)")
    #expect(!strict.errors.contains("warning:") && !strict.output.contains("valid"), "\(strict)")
  }

  @Test func `Two inboxes that are one folder are reported`() async throws {
    let tree = TemporaryTree()
    tree.write("inboxes: [{ name: a, path: a }, { name: b, path: b }]", to: "config.yaml")
    tree.write("", to: "a/.keep")
    #expect(symlink("a", tree.path.appending("b").string) == 0)
    let end = try await run(tree, "check")
    #expect(end.errors.contains(":1:50: warning: inboxes[].path: ") && end.errors.contains("the same folder"), "\(end)")
  }

  @Test func `A variable comes from a file as systemd reads it`() async throws {
    let tree = TemporaryTree()
    tree.write("forward: { url: '${HOOK}', timeout: '${WAIT}' }\nretention: { keep: '${KEEP}' }", to: "config.yaml")
    tree.write(
      """
      # a comment \\
      goes on
      ; another
      HOOK = "http://127.0.0.1:9/webhook/a"
      WAIT=1\\
      0s   \r
      no assignment
      1X=bad
      KEEP='3''0d'
      """, to: "environment")
    #expect(try await run(tree, "check").code == 78)
    let end = try await run(tree, "check", "--env-file", tree.path.appending("environment").string)
    #expect(end.code == 0, "\(end)")
    let missing = try await run(tree, "check", "--env-file", tree.path.appending("none").string)
    #expect(missing.code == 78, "\(missing)")
    #expect(
      missing.errors.contains("/none:1:1: this file of variables does not exist; name another one with --env-file"))
  }

  @Test func `One event tries the webhook, and nothing is stored`() async throws {
    let site = try await Site()
    let end = try await run(site, "check", "--send")
    #expect(end.code == 0 && end.output.contains("took one test event"), "\(end)")
    #expect(site.tree.names("") == ["config.yaml", "inbox"])
    let printed = try await site.stopSink()
    #expect(printed.contains("eventdrop-test-"))
    let refused = try await run(site, "check", "--send")
    #expect(refused.code == 1, "\(refused)")
    // Nothing listens there any more.
    let away = try await run(site, "check")
    #expect("\(away)".contains("cannot be reached now"), "\(away)")
  }

  /// n8n's answer, what is said about it, and whether that is a warning.
  static let workflows: [(preset: String, words: String, isWarning: Bool)] = [
    ("n8n-started", "active at this path, and takes POST", false),
    // Without the credentials, and whatever happens to an event.
    ("n8n-forbidden", "active at this path, and takes POST", false),
    ("n8n-wrong-method", "takes GET only, no POST; set the Webhook node's HTTP method to POST", true),
    ("n8n-not-registered", "no active workflow has this path; activate the workflow (in n8n 2: publish it)", true),
    ("n8n-test-url", "no active workflow has this path; activate the workflow (in n8n 2: publish it)", true),
    ("n8n-starting", "n8n is starting up; check again in a minute", false),
    ("n8n-starting-404", "nothing at this address: n8n is starting up, or this is not a webhook's path", true),
    // Away, like an address where nothing listens.
    ("proxy-bad-gateway", "whether the workflow is active cannot be said now: the webhook is not available (502", true),
    ("n8n-database-down", "cannot be said now: the webhook is not available (503, 'Database is not ready!')", true),
  ]

  @Test(arguments: workflows)
  func `Whether the workflow is active is asked without an event`(
    preset: String, words: String, isWarning: Bool
  ) async throws {
    let site = try await Site(sinkArguments: ["--as", preset])
    let end = try await run(site, "check")
    #expect(end.code == 0 && (isWarning ? end.errors : end.output).contains(words), "\(end)")
    #expect(try await run(site, "check", "--strict").code == (isWarning ? 78 : 0))
    #expect(try await site.stopSink().isEmpty)
  }

  /// What is said in French about n8n's answers.
  static let frenchWorkflows = [
    ("n8n-started", "workflow\u{A0}: actif à ce chemin, et accepte POST"),
    ("n8n-wrong-method", "le workflow n’accepte que GET, et non POST\u{A0}; réglez la méthode HTTP"),
    ("n8n-not-registered", "n8n dit qu’aucun workflow actif n’a ce chemin\u{A0}; activez le workflow"),
    ("n8n-starting", "workflow\u{A0}: n8n démarre"), ("n8n-starting-404", "il n’y a rien à cette adresse"),
    ("n8n-database-down", "le webhook n’est pas disponible (503, «\u{A0}Database is not ready!\u{A0}»)"),
  ]

  @Test(arguments: frenchWorkflows)
  func `It is said in the language of the configuration`(preset: String, words: String) async throws {
    let site = try await Site(sinkArguments: ["--as", preset])
    let text = try #require(site.tree.readText("config.yaml"))
    site.tree.write(text + "\nlanguage: fr\n", to: "config.yaml")
    let end = try await run(site, "check", "--send")
    #expect((end.output + end.errors).contains(words), "\(end)")
    #expect(end.output.contains("joignable") && !end.output.contains("can be"), "\(end)")
    // The test event, too: accepted, or why not.
    #expect((end.output + end.errors).contains("événement d’essai"), "\(end)")
    _ = try await site.stopSink()
  }

  @Test func `Commands that only look make nothing, and need neither secrets nor variables`() async throws {
    let tree = TemporaryTree()
    tree.write(
      """
      forward: { url: "${SOME_URL}", auth: { bearer: "${SOME_TOKEN}" }, secret: "${file:/nowhere}" }
      admin: { listen: 0.0.0.0:8641, token: "${OTHER}" }
      """, to: "config.yaml")
    tree.write(#"{"id":"1","type":"t"}"#, to: "a.json")
    for command in [
      ["status"], ["status", "--json"], ["list"], ["report"], ["verify"],
      ["test", tree.path.appending("a.json").string],
    ] {
      let config = ["--config", tree.path.appending("config.yaml").string]
      let end = try await SpawnedProgram(command + config).end()
      #expect(end.code == 0, "\(command): \(end)")
    }
    for command in [["show", "x"], ["diff", "x"], ["flush"]] {
      let config = ["--config", tree.path.appending("config.yaml").string]
      #expect(try await SpawnedProgram(command + config).end().code == 1, "\(command)")
    }
    #expect(try await run(tree, "check").code == 78)
    #expect(Set(tree.names("")) == ["a.json", "config.yaml"])
    let status = try await run(tree, "status")
    #expect(status.output.contains("not known here"))
  }

  @Test func `Readers leave no file beside a catalog at rest`() async throws {
    let site = try await Site(hasSink: false)
    site.drop("a.json", #"{"id":"1","type":"t"}"#)
    _ = try await SpawnedProgram(["run", "--once", "--config", site.tree.path.appending("config.yaml").string]).end()
    let before = everything(in: site.tree)
    for command in [["status"], ["list"], ["show", "1"], ["report"], ["check"]] {
      let config = ["--config", site.tree.path.appending("config.yaml").string]
      #expect(try await SpawnedProgram(command + config).end().code == 0)
      #expect(everything(in: site.tree) == before)
    }
  }

  @Test func `The configuration is the one named, else the variable's, else the one here`() async throws {
    let tree = TemporaryTree()
    tree.write("inboxes: [{ name: one }]", to: "one.yaml")
    tree.write("inboxes: [{ name: two }]", to: "two.yaml")
    let (one, two) = (tree.path.appending("one.yaml").string, tree.path.appending("two.yaml").string)
    let named = try await SpawnedProgram(["status", "--config", one], environment: ["EVENTDROP_CONFIG": two]).end()
    #expect(named.output.contains("inbox one"))
    let variable = try await SpawnedProgram(["status"], environment: ["EVENTDROP_CONFIG": two]).end()
    #expect(variable.output.contains("inbox two"), "\(variable)")
    let missing = try await SpawnedProgram(["status"], environment: ["EVENTDROP_CONFIG": two + "x"]).end()
    #expect(missing.code == 78 && missing.errors.hasPrefix("\(two)x:1:1: this file does not exist"))
  }

  // MARK: test, diff, discard, reprocess

  @Test func `A file is tried without being touched`() async throws {
    let site = try await Site(hasSink: false)
    site.tree.write(
      """
      inboxes:
        - { name: a, path: inbox, settle: 1h, eventId: ["/none", /head/no], eventTypeDefault: T }
        - { name: b, path: b, marker: .done, include: "*.txt" }
      """, to: "config.yaml")
    site.drop("x.json", #"{"head":{"no":7}}"#)
    site.tree.write("{}", to: "b/y.txt")
    site.tree.write("{}", to: "b/z.json")
    let before = everything(in: site.tree)
    let settling = try await run(site, "test", site.tree.path.appending("inbox/x.json").string)
    #expect(settling.code == 1, "\(settling)")
    #expect(settling.output.contains("'settle' is 1h") && settling.output.contains("7  (/head/no)"))
    #expect(settling.output.contains("(eventTypeDefault)"))
    let waiting = try await run(site, "test", site.tree.path.appending("b/y.txt").string)
    #expect(waiting.code == 1 && waiting.output.contains("y.txt.done, is not there yet"), "\(waiting)")
    let unwanted = try await run(site, "test", site.tree.path.appending("b/z.json").string)
    #expect(unwanted.output.contains("matches no pattern of 'include' (*.txt)"), "\(unwanted)")
    let json = try await run(site, "test", "--json", site.tree.path.appending("inbox/x.json").string)
    #expect(json.output.contains(#""outcome":"new""#) && json.output.contains(#""eventIdFrom":"/head/no""#))
    #expect(try await run(site, "test", site.tree.path.appending("none").string).code == 64)
    #expect(everything(in: site.tree) == before)
  }

  @Test func `Two spellings of one character differ, and a command that is printed is safe to run`() async throws {
    let site = try await Site(hasSink: false)
    let id = "x'\u{301};echo INJECTED;#"
    for (name, data) in [("a.json", "{\"k\":\"\u{E9}\"}"), ("b.json", "{\"k\":\"e\u{301}\"}")] {
      site.drop(name, #"{"eventId":"\#(id)","eventType":"T","data":\#(data)}"#)
      _ = try await SpawnedProgram(["run", "--once", "--config", site.tree.path.appending("config.yaml").string]).end()
    }
    #expect(site.tree.names("failed") == ["b.json", "b.json.error"])
    let diff = try await run(site, "diff", id)
    #expect(diff.output.contains("/data/k"), "\(diff)")
    let line = try #require(diff.output.split(separator: "\n").first { $0.contains("eventdrop reprocess ") })
    let command = line[try #require(line.firstRange(of: "eventdrop reprocess ")).lowerBound...]
    let shell = try SpawnedProgram(
      ["-c", #"eventdrop() { shift $(($# - 1)); printf %s "$1"; }; \#(command)"#], executable: "/bin/sh")
    #expect(try await shell.end().output.utf8.elementsEqual(id.utf8), "\(command)")
  }

  @Test func `A conflict is compared, and either side can win`() async throws {
    let site = try await Site(hasSink: false)
    func once() async throws {
      _ = try await SpawnedProgram(["run", "--once", "--config", site.tree.path.appending("config.yaml").string]).end()
    }
    site.drop("a.json", #"{"eventId":"o 1","eventType":"T","data":{"sum":10,"lines":[1,2]},"till":3}"#)
    try await once()
    for name in ["b.json", "c.json"] {
      site.drop(name, #"{"eventId":"o 1","eventType":"T","data":{"sum":12,"lines":[1]},"till":3}"#)
    }
    try await once()
    #expect(site.tree.names("failed") == ["b.json", "b.json.error", "c.json", "c.json.error"])
    let known = try await run(site, "test", site.tree.path.appending("failed/b.json").string, "--inbox", "default")
    #expect(known.output.contains("conflict"), "\(known)")
    let diff = try await run(site, "diff", "o 1")
    #expect(diff.code == 0)
    let config = "--config \(site.tree.path)/config.yaml"
    for text in [
      "/data/sum", "/data/lines/1", "eventdrop reprocess \(config) --replace 'o 1'",
      "eventdrop discard \(config) 'o 1'",
    ] {
      #expect(diff.output.contains(text), "\(diff)")
    }
    #expect(!diff.output.contains("/data/lines/0") && !diff.output.contains("till"))
    let json = try await run(site, "diff", "o 1", "--json")
    #expect(json.output.contains(#"{"path":"/data/sum","record":10,"file":12}"#))
    #expect(try await run(site, "show", "c.json").output.contains("o 1: "))
    let listed = try await run(site, "list", "--reason", "conflict", "--json")
    #expect(listed.output.split(separator: "\n").count == 2)

    let discarded = try await run(site, "discard", "c.json")
    #expect(discarded.code == 0, "\(discarded)")
    #expect(site.tree.names("state/discarded") == ["c.json", "c.json.error"])
    let rehearsed = try await run(site, "reprocess", "o 1", "--replace", "--dry-run")
    #expect(rehearsed.output.contains("would move the record") && site.tree.names("inbox").isEmpty)
    let replaced = try await run(site, "reprocess", "o 1", "--replace")
    #expect(replaced.code == 0, "\(replaced)")
    #expect(site.tree.names("inbox") == ["b.json"] && site.tree.names("failed").isEmpty)
    try await once()
    #expect(site.tree.names("failed").isEmpty)
    let record = String(decoding: site.record("o%201.json") ?? [], as: UTF8.self)
    #expect(record.contains(#""data":{"sum":12,"lines":[1]}"#), "\(record)")
    #expect(try await run(site, "diff", "o 1").code == 1)
    #expect(try await run(site, "discard", "o 1").code == 1)
    #expect(try await run(site, "discard").code == 64)
  }

  // MARK: status, flush, tail

  @Test func `The first line of status is a verdict, and its exit code follows it`() async throws {
    let site = try await Site(hasSink: false)
    func status() async throws -> (String, Int) {
      let end = try await run(site, "status", "--exit-code")
      return (end.output.split(separator: "\n").first.map(String.init) ?? "", end.code)
    }
    #expect(try await status() == ("all is well: eventdrop is not running, and nothing waits", 0))
    site.drop("bad.json", "{")
    var verdict = try await status()
    #expect(verdict.0.hasPrefix("needs a person: eventdrop is not running") && verdict.1 == 2)
    site.tree.write(
      site.configuration.replacing("first: 100ms, max: 200ms }\nadmin", with: "first: 1h, max: 1h }\nadmin"),
      to: "config.yaml")
    let daemon = try site.start()
    #expect(await site.waits { site.tree.names("retry").contains("bad.json.error") })
    verdict = try await status()
    #expect(verdict.0.hasPrefix("mends itself: 1 file in retry/ will be tried again") && verdict.1 == 1, "\(verdict)")
    #expect(try await run(site, "status").code == 0)
    site.drop("link.json", "x")
    unlink(site.tree.path.appending("inbox/link.json").string)
    #expect(symlink("nowhere", site.tree.path.appending("inbox/link.json").string) == 0)
    #expect(await site.waits { site.tree.names("failed").contains("link.json.error") })
    verdict = try await status()
    #expect(verdict.0.hasPrefix("needs a person: 1 file in failed/") && verdict.1 == 2, "\(verdict)")
    let long = try await run(site, "status", "--json")
    #expect(long.output.contains(#""verdict":{"state":"needs-person""#))
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
  }

  @Test func `A flush ends every pause of the running daemon, and tail shows what comes of it`() async throws {
    let site = try await Site(hasSink: false)
    site.tree.write(
      """
      inboxes: [{ path: inbox, schedule: every 1h, settle: 0s }]
      forward:
        schedule: every 50ms
        attempts: 1
        circuit: { first: 1h, max: 1h }
      admin: { listen: off }
      """, to: "config.yaml")
    #expect(try await run(site, "flush").code == 1)
    site.drop("a.json", #"{"id":"1","type":"t"}"#)
    let daemon = try site.start()
    #expect(try await daemon.errorLine(containing: "forwarding pauses") != nil)
    let tail = try SpawnedProgram(["tail", "--since", "1h", "--config", site.tree.path.appending("config.yaml").string])
    // Existing events come first.
    #expect(try await tail.lineAfter("2")?.contains("retry") == true)
    try await site.startSink()
    site.drop("b.json", #"{"id":"2","type":"t"}"#)
    let flush = try await run(site, "flush")
    #expect(flush.code == 0, "\(flush)")
    #expect(await site.waits { site.acknowledged.contains("2") })
    var lines: [String] = []
    while lines.last?.hasSuffix("forwarded  default  t  2") != true, let line = try await tail.lineAfter("") {
      lines.append(line)
    }
    #expect(lines.last?.hasSuffix("forwarded  default  t  2") == true, "\(lines)")
    tail.signal(SIGTERM)
    #expect(site.tree.names("inbox").isEmpty && !site.tree.names("state").contains("flush"))
    daemon.signal(SIGTERM)
    #expect(try await daemon.end().code == 0)
  }

  @Test func `A reprocessed event gets the marker that its inbox wants`() async throws {
    let site = try await Site(hasSink: false)
    site.tree.write("inboxes: [{ path: inbox, marker: .done }]\nadmin: { listen: off }", to: "config.yaml")
    site.tree.write(#"{"id":"1","type":"t"}"#, to: "inbox/a.json")
    site.tree.write("", to: "inbox/a.json.done")
    let once = ["run", "--once", "--config", site.tree.path.appending("config.yaml").string]
    #expect(try await SpawnedProgram(once).end().code == 0)
    #expect(site.records == ["1.json"])
    #expect(try await run(site, "reprocess", "1").code == 0)
    #expect(site.tree.names("inbox") == ["1.json", "1.json.done"])
    #expect(try await SpawnedProgram(once).end().code == 0)
    #expect(site.records == ["1.json"] && site.tree.names("inbox").isEmpty)
  }
}
