import Events
import Settings
import SystemPackage
import TestSupport
import Testing
import Time

/// Puts a marked secret into every place of the configuration that may contain one, with every kind of mistake, and
/// looks for it in all messages.
@Suite(.tags(.fast)) struct GeneratedSecretTests {
  static let mark = "S3cret"

  /// The places of secrets: the beginning and the end of a configuration around a value.
  static let places = [
    ("forward: { url: ", " }"), ("forward:\n  url: ", "\n  timeout: 2s\n"), ("forward: { secret: ", " }"),
    ("forward: { proxy: ", " }"), ("forward: { auth: ", " }"), ("forward: { auth: { bearer: ", " } }"),
    ("forward: { auth: { basic: { user: n8n, password: ", " } } }"),
    ("forward: { auth: { basic: { user: ", ", password: x } } }"), ("forward: { auth: { basic: ", " } }"),
    ("forward: { auth: { header: { name: X-Key, value: ", " } } }"),
    ("forward: { auth: { header: { name: ", ", value: x } } }"), ("forward: { auth: { header: ", " } }"),
    ("forward:\n  auth:\n    jwt:\n      secret: ", "\n      claims: { a: b }\n"),
    ("forward: { auth: { jwt: { secret: x, claims: ", " } } }"),
    ("forward: { auth: { jwt: { secret: x, claims: { iss: ", " } } } }"), ("forward: { auth: { jwt: ", " } }"),
    ("admin: { token: ", " }"), ("admin:\n  listen: 0.0.0.0:80\n  token: ", "\n"), ("fleet: { url: ", " }"),
    ("notify: { webhook: ", " }"), ("notify: { mail: { to: a@b, from: a@b, smtp: ", " } }"),
    // Keys that are misspelt, or in the wrong place.
    ("forward: { atuh: { basic: { user: n8n, password: ", " } } }"), ("forward: { auth: { token: ", " } }"),
    ("forward: { auth: { basic: { user: n8n, pass: ", " } } }"), ("forward: { bearer: ", " }"),
    ("admin: { tokn: ", " }"),
    ("token: ", "\n"), ("forward: { uri: ", " }"), ("forward: { auth: { basic: { user: n8n, passwort: ", " } } }"),
  ]

  /// What can be wrong with a value, or with its notation.
  static let mistakes = [
    "S3cret", "ab,S3cret", "ab, S3cret: x", "\"ab\\nS3cret\"", "\"S3cret\\t\"", "'S3cret", "\"S3cret", "[S3cret]",
    "[a, S3cret]", "{ S3cret: x }", "{ S3cret: 1, S3cret: 2 }", "{ a: S3cret, a: x }", "*S3cret", "&S3cret x",
    "!S3cret x", "!!S3cret x", "${S3cret}", "ab${S3cret}cd", "${S3cret", "${S3cret:+x}", "${NOPE:-${S3cret}}",
    "${S3cret-x}", "\"${file:S3cret}\"", "\"${file:/run/S3cret}\"", "${HERE}", "S3cret: x", "S3cret # x", "|\n S3cret",
    ">\n S3cret\n", "http://u:S3cret@/", "http://u:S3cret@h:99999/x", "'http://h/#S3cret'", "http://h/a,S3cret",
    "'http://h/S3cret '", "S3cret://h/", "whsec_S3cret", "{ ? S3cret }", "{ ? [S3cret] : x }", "<<: S3cret", "%S3cret",
    "@S3cret", "`S3cret", "S3cret}", "S3cret]", "\"S3cret\" x", "'a' 'S3cret'", "- S3cret", "? S3cret", "\"\\S3cret\"",
    "S3cret\n    more", "x\nS3cret", "x\nS3cret: y", "x\n  S3cret: y", "x\n---\nS3cret", "\u{7}S3cret", "null S3cret",
    "{ S3cret }", "{ bearer: a, S3cret }", "{ user: 'a:S3cret' }", "postgresql://u:S3cret @h/", "smtp://u:S3cret@/x",
    "{ password: ab,S3cret, user: x }", "{ token: S3cret }", "ab,S3cret, S3cret", "ab, ? S3cret", "x, x: *S3cret",
    "x, S3cret: *S3cret", "x, S3cret: ${S3cret}", "x, S3cret: { S3cret: 1 }",
  ]

  /// The second is a word that could be the name of a key.
  @Test(arguments: [Configuration.Scope.whole, .withoutForwarding], [Self.mark, "swordfish"])
  func `No message shows what stands where a secret can stand`(scope: Configuration.Scope, secret: String) {
    var refused = 0
    for (begin, end) in Self.places {
      for mistake in Self.mistakes {
        let yaml = begin + mistake.replacing(Self.mark, with: secret) + end
        do {
          _ = try Configuration(
            yaml: Array(yaml.utf8), file: "config.yaml", folder: "/etc", environment: ["HERE": "\(secret)\n\(secret)"],
            scope: scope, readFile: { path in throw NamingError(path: path.string) })
        } catch {
          refused += 1
          for language in Language.allCases {
            #expect(!error.lines(in: language).joined().contains(secret), "\(yaml)\n\(error)")
          }
        }
      }
    }
    #expect(refused > Self.places.count * Self.mistakes.count / 3)
  }

  /// The keys whose values messages quote, unless these look like a credential.
  ///
  /// They are words, numbers, durations, sizes, schedules, names and patterns. All others may be confidential.
  static let quotableKeys: Set<String> = [
    "inboxes[].name", "inboxes[].schedule", "inboxes[].settle", "inboxes[].marker", "inboxes[].include",
    "inboxes[].exclude", "inboxes[].recursive", "inboxes[].charset", "inboxes[].eventId", "inboxes[].eventType",
    "inboxes[].data", "inboxes[].silentAfter", "inboxes[].maxFileSize", "inboxes[].maxEventSize", "folders.mode",
    "processed.timezone", "processed.durability", "processed.portion", "forward.schedule", "forward.linger",
    "forward.format",
    "forward.acknowledge", "forward.batch.maxEvents", "forward.batch.maxBytes", "forward.concurrency",
    "forward.timeout", "forward.attempts", "forward.backoff.first", "forward.backoff.max", "forward.circuit.first",
    "forward.circuit.max", "forward.compress", "retry.schedule", "retry.attempts", "retry.unreadableAttempts",
    "retry.backoff.first", "retry.backoff.max", "retention.keep", "retention.identities", "retention.schedule",
    "timezone", "shutdownGrace", "standby", "admin.listen", "admin.actions", "notify.after", "fleet.takeover",
    "language",
    "log.level", "log.levels.inbox", "log.levels.retry", "log.levels.store", "log.levels.forward",
    "log.levels.retention", "log.levels.admin", "log.format",
  ]

  /// Below these, not even names are quoted.
  private static let secretParts: Set<String> = [
    "auth", "secret", "token", "proxy", "url", "webhook", "smtp", "tls", "environment",
  ]

  /// A key in YAML, in braces and on lines, around a value.
  private static func writings(of key: String) -> [(begin: String, end: String)] {
    let parts = key.split(separator: ".")
    var braces = (begin: "", end: "\n")
    var lines = ""
    for (depth, part) in parts.enumerated() {
      let isList = part.hasSuffix("[]")
      let name = isList ? String(part.dropLast(2)) : String(part)
      let isLast = depth == parts.count - 1
      braces.begin += "\(name): " + (isLast ? "" : isList ? "[{ " : "{ ")
      if !isLast { braces.end = (isList ? " }]" : " }") + braces.end }
      lines += (depth == 0 ? "" : "\n" + String(repeating: "  ", count: depth)) + "\(name):"
      // A list item begins with a '-' in place of its first key's indentation.
      if isList { lines += "\n  -" }
    }
    return [braces, (lines.replacing("  -\n    ", with: "  - ").replacing("  -\n  ", with: "- ") + " ", "\n")]
  }

  /// The same key, misspelt or replaced by an unknown one.
  private static func misspellings(of key: String) -> [String] {
    let parts = key.split(separator: ".").map(String.init)
    let (parents, last) = (parts.dropLast(), parts[parts.count - 1])
    let wrong = [String(last.dropLast()), "apiKey", "x"]
    return wrong.map { (parents + [$0]).joined(separator: ".") }.filter { !Configuration.knownKeys.contains($0) }
  }

  @Test func `Whatever key it stands below, and whatever is wrong, no message shows a secret`() async throws {
    // Not on a thread that other tests wait for.
    try await onOwnThread {
      var refused = 0
      func look(_ yaml: String) {
        var said: String
        do {
          let configuration = try Configuration(
            yaml: Array(yaml.utf8), file: "config.yaml", folder: "/etc",
            environment: ["HERE": "\(Self.mark)\n\(Self.mark)"],
            readFile: { path in throw NamingError(path: path.string) })
          let warnings = configuration.warnings(at: Timestamp(milliseconds: 1_795_000_000_000))
          said = Language.allCases.flatMap { language in warnings.map { $0.text(in: language) } }.joined()
        } catch {
          refused += 1
          said = Language.allCases.flatMap { error.lines(in: $0) }.joined()
        }
        if said.contains(Self.mark) { Issue.record("\(yaml)\n\(said)") }
      }
      for key in Configuration.knownKeys where key != "inboxes" {
        // A short value can be quoted where a word or a number is expected; a token cannot.
        let isQuotable = Self.quotableKeys.contains(key)
        let isSecret = key.split(separator: ".").contains { Self.secretParts.contains(String($0)) }
        // As it is, and misspelt; a key whose values are quoted is an existing one.
        let others = isQuotable ? [] : Self.misspellings(of: key).compactMap { Self.writings(of: $0).first }
        for (begin, end) in Self.writings(of: key) + others {
          for mistake in Self.mistakes + Self.pastedMistakes {
            // The name of a variable or a file is secret only in places for secrets.
            let isName = !isSecret && (mistake.contains("${S3cret") || mistake.contains("{file:"))
            let secret = isQuotable || isName ? Self.token : Self.mark
            look(begin + mistake.replacing(Self.mark, with: secret) + end)
          }
        }
      }
      #expect(refused > 10_000)
    }
  }

  /// Looks like a token, so that it is quoted nowhere.
  private static let token = "S3cretS3cretS3cret"
  /// What people paste, complete.
  private static let pastedMistakes = [
    "A=S3cret", "[A=S3cret]", "\"-----BEGIN PRIVATE KEY-----\\nS3cret\\n-----END PRIVATE KEY-----\"",
    "-----BEGIN PRIVATE KEY-----\n    S3cret", "|\n    -----BEGIN PRIVATE KEY-----\n    S3cret\n",
    "user:S3cret@127.0.0.1:80", "http://u:S3cret@127.0.0.1:8641", "https://n8n.example.com/webhook/S3cret",
    "https://n8n.example.com/?key=S3cret", "Bearer S3cret", "Basic S3cret", "Authorization: Bearer S3cret",
    "'Authorization: Bearer S3cret'", "{ Authorization: Bearer S3cret }", "curl -u u:S3cret http://h/",
    "curl -H 'x: S3cret'", "postgresql://u:S3cret@h/db", "smtp://u:S3cret@h:25", "${TOKEN:-S3cret}", "${TOKEN:=S3cret}",
    "${TOKEN-S3cret}", "${TOKEN:?S3cret}", "${1:-S3cret}", "${NOPE:-S3cret ${NOPE}}", "!!binary S3cret",
    "[{ S3cret: x }]", "{ a: { b: S3cret } }", "{ x: 1, S3cret: 2 }", "x, apiKey: ab,S3cret", "!!int S3cret",
  ]

  /// An error that names its file, like those of the file system.
  private struct NamingError: Error {
    var path: String
  }
}
