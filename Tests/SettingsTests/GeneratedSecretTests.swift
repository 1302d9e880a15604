import Settings
import SystemPackage
import TestSupport
import Testing

/// Puts a marked secret into every place of the configuration where one can stand, with every kind of mistake, and looks for
/// it in all that is said.
@Suite(.tags(.fast)) struct GeneratedSecretTests {
  static let mark = "S3cret"

  /// Where a secret can stand: the beginning and the end of a configuration around a value.
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
    // Keys that are misspelt, or stand in the wrong place.
    ("forward: { atuh: { basic: { user: n8n, password: ", " } } }"), ("forward: { auth: { token: ", " } }"),
    ("forward: { auth: { basic: { user: n8n, pass: ", " } } }"), ("forward: { bearer: ", " }"),
    ("admin: { tokn: ", " }"),
    ("token: ", "\n"), ("forward: { uri: ", " }"), ("forward: { auth: { basic: { user: n8n, passwort: ", " } } }"),
  ]

  /// What can be wrong with a value, or with how it is written.
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

  @Test(arguments: [Configuration.Scope.whole, .withoutForwarding])
  func `No message shows what stands where a secret can stand`(scope: Configuration.Scope) {
    var told = 0
    for (begin, end) in Self.places {
      for mistake in Self.mistakes {
        let yaml = begin + mistake + end
        do {
          _ = try Configuration(
            yaml: Array(yaml.utf8), file: "config.yaml", folder: "/etc", environment: ["HERE": "S3cret\nS3cret"],
            scope: scope, readFile: { path in throw NamingError(path: path.string) })
        } catch {
          told += 1
          #expect(!error.description.contains(Self.mark), "\(yaml)\n\(error)")
        }
      }
    }
    #expect(told > Self.places.count * Self.mistakes.count / 3)
  }

  /// An error that names the file that it befell, as those of the file system do.
  private struct NamingError: Error {
    var path: String
  }
}
