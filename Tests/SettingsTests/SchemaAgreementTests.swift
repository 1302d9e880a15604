import Settings
import TestSupport
import Testing

/// What `check` refuses, an editor with the schema marks as well, wherever JSON Schema can express it; and nothing
/// else.
@Suite(.tags(.fast)) struct SchemaAgreementTests {
  private static let words = [
    "", "x", "off", "on", "true", "yes", "5", "-1", "0", "2770", "2s", "0s", "1h30m", "40d", "10 sec", "every 5s",
    "every 0s",
    "0 3 * * *", "@hourly", "@foo", "* * *", "0 0 3 * * *", "0 3 ? * *", "5s", "1MiB", "1 mb", "0750", "0999", "0550",
    "forever",
    "utf-8", "no such charset", "Europe/Paris", "Europe/Pariss", "Not A Zone!", "/a/b", "a.b", "/a~2", "@filename",
    "@file",
    "@cloudevent", "*.json", "a/b", "[a", "*.{a,b}", "a\\", "~/x", "~", "sftp://h/x", "a\nb", "-----BEGIN X-----",
    "http://h/x", "HTTPS://h", "ftp://h/", "http://h:99999/", "http://h:0/", "http://h/#x", "http://h/a b", "http://",
    "http://[x",
    "n8n:5678", "postgresql://h/db", "postgres://u:p@h:5432,[::1]:5433/db?x=a@b", "postgresql://h:99999/db",
    "postgresql://h:0/db",
    "postgresql://a:1,b:x/db", "postgresql:///db?host=/run", "postgresql://u:p@x@h/db", "postgresql://u:p/x@h/db",
    "mysql://h", "a@b", "a@b@c", "a <a@b>", "smtp://h:25", "h:25", "127.0.0.1:8641",
    "0.0.0.0:80", "127.0.0.1:99999", "8641", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "whsec_x", "X-Api-Key", "X:",
    "Host",
    "u:v", "info", "warn", "fr", "de", "group", "A=b", "AWS_PROFILE", "1X", String(repeating: "x", count: 300),
  ]
  private static let values: [JSONTree] =
    words.map { .text($0) } + words.map { .list([.text($0)]) } + [
      .null, .number(0), .number(-1), .number(1), .number(5), .number(1.5), .number(750), .number(488), .number(1e12),
      .list([]),
      .list([.null]), .list([.list([])]), .list([.list([.text("/a"), .text("/b")])]),
      .list([.list([.text("@sha256")])]),
      .list([.object([])]), .object([]), .object([.init(name: "x", value: .number(1))]), .flag(true), .flag(false),
    ]
  /// Values that are meaningful only together.
  private static let combinations = [
    "{ forward: { auth: { bearer: a, basic: { user: u, password: p } } } }",
    "{ forward: { auth: { bearer: '', jwt: { secret: s } } } }", "{ forward: { auth: { header: {}, jwt: {} } } }",
    "{ forward: { auth: { bearer: null, jwt: { secret: s } } } }", "{ forward: { auth: { basic: { password: p } } } }",
    "{ forward: { auth: { basic: { user: '', password: p } } } }", "{ forward: { auth: { basic: { user: u } } } }",
    "{ forward: { auth: { header: { value: v } } } }", "{ forward: { auth: { header: { name: X, value: '' } } } }",
    "{ forward: { tls: { certificate: c } } }", "{ forward: { tls: { key: k } } }",
    "{ forward: { tls: { key: k, certificate: c } } }", "{ forward: { tls: { key: k, certificate: '' } } }",
    "{ notify: { mail: { to: a@b } } }", "{ notify: { mail: { to: a@b, from: a@b, smtp: h } } }",
    "{ notify: { mail: { from: a@b, smtp: h } } }", "{ notify: { mail: {} } }",
    "{ retention: { archive: { environment: [A] } } }",
    "{ retention: { archive: { command: c, environment: A } } }", "{ admin: { listen: '0.0.0.0:80' } }",
    "{ admin: { listen: '0.0.0.0:80', token: short } }", "{ admin: { listen: '0.0.0.0:80', token: 0123456789abcdef } }",
    "{ admin: { listen: '[::]:80' } }", "{ admin: { listen: '[::1]:80' } }", "{ admin: { listen: 'LOCALHOST:80' } }",
    "{ admin: { listen: 'localhost.example.com:80' } }", "{ inboxes: [{ name: a, path: a }, { name: b, path: b }] }",
  ]

  /// What a person may write but a pattern cannot judge.
  private static func isBeyondSchemas(_ key: String, _ value: JSONTree) -> Bool {
    func isText(where holds: (String) -> Bool) -> Bool {
      switch value {
      case .text(let text): holds(text)
      case .number(let number): holds("\(Int(number))")
      default: false
      }
    }
    let name = key.split(separator: ".").last.map(String.init) ?? ""
    switch name {
    // The length of a file's name, in bytes.
    case "ca", "certificate", "key": return isText { $0.split(separator: "/").contains { $0.utf8.count > 255 } }
    // Which zones and character sets a system has.
    case "timezone", "charset": return isText { _ in true }
    // Whether a duration, or a number in quotes, is in range, and two of them in order.
    case "first", "max", "settle", "timeout", "shutdownGrace", "after", "takeover", "keep", "identities", "silentAfter":
      return isText { (try? Regex("^([0-9]+(ms|s|m|h|d))+$").wholeMatch(in: $0)) != nil }
    case "attempts", "unreadableAttempts", "portion", "concurrency", "maxEvents", "maxBytes", "maxFileSize",
      "maxEventSize":
      if case .text(let text) = value { return Int(text) != nil }
      return false
    default: return false
    }
  }

  private func tree(_ key: String, _ value: JSONTree) -> JSONTree {
    var tree = value
    for part in key.split(separator: ".").reversed() {
      let name = String(part.hasSuffix("[]") ? part.dropLast(2) : part)
      tree = .object([.init(name: name, value: part.hasSuffix("[]") ? .list([tree]) : tree)])
    }
    return tree
  }

  @Test func `What check refuses the schema refuses, key by key, and what it takes the schema takes`() async throws {
    // Not on a thread that other tests wait for.
    try await onOwnThread {
      let validator = try #require(SchemaValidator(Configuration.schema))
      var refused = 0
      for key in Configuration.knownKeys {
        for value in Self.values {
          let tree = tree(key, value)
          let found = problems(tree.json)
          let isTaken = validator.accepts(tree)
          // YAML 1.1 takes on and off for these, and 1.2 does not, so editors differ.
          if case .flag = value { continue }
          if found.isEmpty {
            #expect(isTaken, "check takes \(tree.json)")
          } else {
            refused += 1
            #expect(!isTaken || Self.isBeyondSchemas(key, value), "the schema takes \(tree.json): \(found)")
          }
        }
      }
      #expect(refused > 5000)
      #expect(validator.unknown == [])
    }
  }

  @Test(arguments: combinations)
  func `Keys that depend on each other do so in the schema as well`(yaml: String) throws {
    let validator = try #require(SchemaValidator(Configuration.schema))
    let tree = PlainYAML.tree("x: " + yaml.replacing("'", with: "\""))["x"] ?? .null
    #expect(validator.accepts(tree) == problems(tree.json).isEmpty, "\(problems(tree.json))")
  }

  @Test func `Keys that there are not are refused by both, in each section`() throws {
    let validator = try #require(SchemaValidator(Configuration.schema))
    for key in Configuration.knownKeys {
      let wrong = tree(key + "X", .text("x"))
      #expect(!problems(wrong.json).isEmpty && !validator.accepts(wrong), "\(wrong.json)")
    }
  }

  @Test func `The schema takes the shipped file`() throws {
    let validator = try #require(SchemaValidator(Configuration.schema))
    let tree = PlainYAML.tree(String(decoding: shippedFile, as: UTF8.self))
    #expect(tree["forward"]?["circuit"]?["max"] == .text("5m") && tree["log"]?["levels"]?["inbox"] == .null)
    #expect(tree["inboxes"] != nil && validator.accepts(tree))
    #expect(validator.unknown == [])
    // And would not accept it with a mistake in it.
    let wrong = String(decoding: shippedFile, as: UTF8.self).replacing("settle: 2s ", with: "settle: 2  ")
    #expect(!validator.accepts(PlainYAML.tree(wrong)))
  }
}
