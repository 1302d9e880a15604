import Glibc
import SystemPackage
import TestSupport
import Testing

/// Secrets appear in no log, sidecar, file or metric, on no page and in no command's output, even if the webhook quotes
/// them.
@Suite(.tags(.spawned), .timeLimit(.minutes(10))) struct SecrecyTests {
  static let signing = "whsec_c2lnbmluZy1zM2NyZXQtb2YtMjQtYnl0ZXM="
  static let admin = "admin-s3cret"

  struct Setting: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The webhook's address, without its port.
    var url = "http://127.0.0.1:PORT/webhook/x"
    /// Keys of the section `forward`.
    var lines: [String]
    var environment: [String: String] = [:]
    /// What must not appear, and what the webhook knows of it.
    var secrets: [String]
    var format = "json"
    var hasResults = false
  }

  // The characters are such that YAML, JSON and URLs write them differently.
  static let settings: [Setting] = [
    Setting(
      testDescription: "basic authentication, from a variable",
      lines: ["auth: { basic: { user: shop, password: '${PASSWORD}' } }"],
      environment: ["PASSWORD": #"b@s/c-"s3cret\"#],
      secrets: [#"b@s/c-"s3cret\"#, signing], format: "text"),
    Setting(
      testDescription: "a header's token, from a file",
      lines: ["auth: { header: { name: X-Api-Key, value: '${file:secret.txt}' } }"], secrets: ["file-s3cret", signing]),
    Setting(
      testDescription: "a scheme and a token, of which only the token is quoted",
      lines: ["auth: { header: { name: authorization, value: 'Bearer scheme-s3cret' } }"],
      secrets: ["scheme-s3cret", signing], format: "text"),
    Setting(
      testDescription: "a JWT's secret, and results that quote it",
      lines: ["auth: { jwt: { secret: jwt-s3cret, claims: { iss: shop } } }", "acknowledge: results"],
      secrets: ["jwt-s3cret", signing], hasResults: true),
    Setting(
      testDescription: "a bearer's token, and a key in the address",
      url: "http://127.0.0.1:PORT/webhook/x?key=url%2Ds3cret",
      lines: ["auth: { bearer: bearer-s3cret }"], secrets: ["url%2Ds3cret", "url-s3cret", "bearer-s3cret", signing],
      format: "text"),
    Setting(
      testDescription: "a password in the address", url: "http://shop:url%40s3cret@127.0.0.1:PORT/webhook/x", lines: [],
      secrets: ["url%40s3cret", "url@s3cret", signing]),
    Setting(
      testDescription: "a proxy's password", url: "http://n8n.invalid/webhook/x?token=query-s3cret",
      lines: ["proxy: 'http://shop:proxy%21s3cret@127.0.0.1:PORT'", "auth: { bearer: bearer-s3cret }"],
      secrets: ["proxy%21s3cret", "proxy!s3cret", "query-s3cret", "bearer-s3cret", signing]),
    Setting(
      testDescription: "the environment's proxy", url: "http://n8n.invalid/webhook/x", lines: [],
      environment: ["http_proxy": "http://shop:proxy-s3cret@127.0.0.1:PORT", "N8N_WEBHOOK_TOKEN": "token-s3cret"],
      secrets: ["proxy-s3cret", "token-s3cret", signing], format: "text"),
  ]

  @Test(arguments: settings)
  func `No secret is shown anywhere`(setting: Setting) async throws {
    let webhook = try MisbehavingWebhook { request, number in Self.answer(to: request, number, setting) }
    defer { webhook.stop() }
    func filledIn(_ text: String) -> String { text.replacing("PORT", with: "\(webhook.port)") }
    let site = try await Site(hasSink: false)
    let environment = setting.environment.mapValues(filledIn).merging(["ADMIN": Self.admin]) { own, _ in own }
    site.tree.write("file-s3cret\n", to: "secret.txt")
    site.tree.write(filledIn(Self.configuration(setting)), to: "config.yaml")
    let (daemon, port) = try await site.startWithPage(environment: environment)
    site.drop("3.json", #"[{"id":"1","type":"t"},{"id":"2","type":"t"},{"id":"3","type":"t"}]"#)
    let taken = setting.hasResults ? ["3"] : ["1", "3"]
    let tried = setting.hasResults ? ["1.json", "1.json.error"] : []
    // Files are moved one after the other.
    let areAside = { site.tree.names("failed").count == 2 && site.tree.names("retry").count == tried.count }
    #expect(await site.waits { site.acknowledged.sorted() == taken && areAside() })
    #expect(site.tree.names("retry") == tried)
    var shown: [String: String] = [:]
    shown["retry/1.json.error"] = site.tree.readText("retry/1.json.error")
    // A message about an endpoint that must be fixed is shown for as long as that lasts.
    site.drop("4.json", #"{"id":"4","type":"t"}"#)
    let ready = try await site.get("/readyz", from: port, headers: ["Authorization": "Bearer \(Self.admin)"]) {
      $0.status == 503
    }
    #expect(ready.status == 503)

    for path in [
      "/", "/page.js", "/plots.js", "/texts.js", "/page.css", "/metrics", "/readyz", "/api/status", "/api/overview",
      "/api/events", "/api/events?status=failed", "/api/events/1", "/api/events/2", "/api/events/2/record",
    ] {
      let answer = try await site.get(path, from: port, headers: ["Authorization": "Bearer \(Self.admin)"])
      #expect([200, 503].contains(answer.status) || path == "/api/events/2/record", "\(path): \(answer)")
      shown[path] = "\(answer.headers) \(answer.body)"
    }
    for command in [
      "status", "status --json", "list", "list --json", "show 1", "show 2 --json", "report", "report --json", "check",
      "verify", "reprocess 2 --dry-run", "prune --dry-run",
    ] {
      let words = command.split(separator: " ").map(String.init)
      let config = ["--config", site.tree.path.appending("config.yaml").string]
      let end = try await SpawnedProgram(words + config, environment: environment).end()
      #expect(!(end.output + end.errors).isEmpty, "\(command)")
      shown[command] = end.output + end.errors
    }
    daemon.signal(SIGTERM)
    shown["log"] = try await daemon.end().errors
    // What is absent cannot be shown: the webhook's answers were, with a mask in place of the secret.
    for place in ["log", "status", "status --json", "show 2 --json", "/api/events/2"] {
      #expect(shown[place]?.contains("***") == true, "\(place): \(shown[place] ?? "")")
    }
    for file in Self.files(of: site.tree) where !["config.yaml", "secret.txt"].contains(file) {
      shown[file] = site.tree.readText(file)
    }
    #expect(shown["failed/2.json.error"]?.contains("***") == true)
    #expect(!setting.hasResults || shown["retry/1.json.error"]?.contains("***") == true)
    for secret in Self.spellings(setting.secrets + [Self.admin] + Self.sent(to: webhook)) {
      for (place, text) in shown { #expect(!text.contains(secret), "\(secret) in \(place): \(text)") }
    }
  }

  // MARK: The webhook

  /// The first answers, one per request; then one event is refused, and the others are accepted.
  private static let statuses = [404, 302, 407, 401, 500, 503, 422, 400, 502]

  private static func answer(
    to request: MisbehavingWebhook.Request, _ number: Int, _ setting: Setting
  ) -> MisbehavingWebhook.Answer {
    let known = setting.secrets.joined(separator: " ")
    let fields = request.headers.map { "\($0.key): \($0.value)" }.sorted().joined(separator: "\n")
    let quoted =
      #"{"message":"\#(escaped(setting.secrets[0])) is wrong","request":"\#(escaped("\(request.target) \(fields)"))"}"#
    if String(decoding: request.body, as: UTF8.self).contains(#""eventId":"4""#) { return .status(401, body: quoted) }
    if setting.hasResults {
      let error = escaped("\(setting.secrets[0]) \(fields)")
      return .status(
        200,
        body: """
          {"results":[{"eventId":"1","status":"retry","error":"\(error)"},
          {"eventId":"2","status":"reject","error":"\(error)"},{"eventId":"3","status":"ok"}],"request":\(quoted)}
          """)
    }
    guard number <= statuses.count else {
      let isRefused = String(decoding: request.body, as: UTF8.self).contains(#""eventId":"2""#)
      return .status(isRefused ? 422 : 200, body: quoted)
    }
    return .status(
      statuses[number - 1], body: number % 2 == 0 ? quoted : "\(known)\n\(request.target)\n\(fields)",
      headers: ["Location: http://n8n.invalid/\(setting.secrets[0].filter { $0 != "\"" })\(request.target)"])
  }

  /// What was made from secrets, as it arrived over the network.
  private static func sent(to webhook: MisbehavingWebhook) -> [String] {
    webhook.requests.flatMap { request in
      ["authorization", "proxy-authorization", "x-api-key"].compactMap { name in
        request.headers[name]?.split(separator: " ").last.map(String.init)
      }
    }
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  private static func spellings(_ secrets: [String]) -> Set<String> {
    Set(
      secrets + secrets.map(escaped) + secrets.map { escaped(escaped($0)) }
        + secrets.map { $0.replacing("/", with: "\\/") })
  }

  // MARK: The site

  private static func configuration(_ setting: Setting) -> String {
    """
    inboxes: [{ path: inbox, schedule: every 50ms, settle: 20ms }]
    forward:
      url: '\(setting.url)'
      schedule: every 50ms
      attempts: 1
      backoff: { first: 10ms, max: 20ms }
      circuit: { first: 20ms, max: 50ms }
      secret: \(signing)
    \(setting.lines.map { "  \($0)\n" }.joined())
    retry: { attempts: 1, backoff: { first: 1h, max: 1h } }
    admin: { listen: '127.0.0.1:0', token: '${ADMIN}' }
    log: { level: debug, format: \(setting.format) }

    """
  }

  /// All files below a folder, by path.
  private static func files(of tree: TemporaryTree, in folder: String = "") -> [String] {
    tree.names(folder).flatMap { name -> [String] in
      let path = folder.isEmpty ? name : "\(folder)/\(name)"
      let below = files(of: tree, in: path)
      return below.isEmpty ? [path] : below
    }
  }
}
