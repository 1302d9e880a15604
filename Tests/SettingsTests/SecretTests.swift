import Settings
import TestSupport
import Testing

@Suite(.tags(.fast)) struct SecretTests {
  @Test func `A secret is never shown`() throws {
    let configuration = try read(
      """
      forward:
        url: https://n8n.example.com/hook?key=hunter2
        proxy: http://user:hunter2@proxy:3128
        auth: { basic: { user: u, password: hunter2 } }
        secret: whsec_aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg==
      admin: { token: hunter2 }
      """)
    var dumped = ""
    dump(configuration, to: &dumped)
    for text in [
      "bearer: hunter2", "header: { name: X, value: hunter2 }", "jwt: { secret: hunter2, claims: { iss: a } }",
    ] {
      let auth = try read("forward: { auth: { \(text) } }").forward.auth
      #expect(auth != .none)
      dump(auth, to: &dumped)
      dumped += "\(auth)" + String(reflecting: auth)
    }
    for text in ["\(configuration)", String(reflecting: configuration), dumped] {
      #expect(text.contains("(secret)"))
      #expect(!text.contains("hunter2"))
      #expect(!text.contains("aHVudGVy"))
    }
  }

  @Test(arguments: [
    "forward: { url: 'hunter2' }", "forward: { url: 'http://u:hunter2@/' }", "forward: { proxy: 'hunter2://x' }",
    "forward: { secret: hunter2 }", "forward: { secret: whsec_hunter2 }",
    "forward: { auth: { bearer: \"hunter2\\n\" } }",
    "forward: { auth: { basic: { user: u, password: \"hunter2\\t\" } } }",
    "forward: { auth: { header: { name: X, value: \"hunter2\\r\" } } }", "admin: { token: \"hunter2\\n\" }",
    "forward: { url: 'http://u:hunter2@h/', auth: { bearer: hunter2 } }",
    "forward: { auth: { bearer: hunter2, jwt: { secret: hunter2 } } }", "admin: { token: [hunter2] }",
    "forward: { auth: { header: { value: hunter2 } } }", "forward: { auth: { basic: { password: hunter2 } } }",
  ])
  func `A mistake in a secret does not show it`(yaml: String) {
    let found = problems(yaml)
    #expect(found.count == 1)
    #expect(!found.joined().contains("hunter2"), "\(found)")
  }

  @Test func `Each kind of authentication is read; one with an empty secret is none`() throws {
    func auth(_ text: String) throws -> ForwardAuth { try read("forward: { auth: { \(text) } }").forward.auth }
    #expect(try auth("bearer: t") == .bearer(Secret("t")))
    #expect(try auth("basic: { user: u, password: p }") == .basic(user: "u", password: Secret("p")))
    #expect(try auth("header: { name: X-Api-Key, value: v }") == .header(name: "X-Api-Key", value: Secret("v")))
    for empty in [
      "bearer: ''", "basic: { user: u, password: '' }", "basic: {}", "header: { name: X, value: '' }", "jwt: {}",
      "jwt: { secret: '', claims: { a: b } }", "bearer: null",
    ] {
      #expect(try auth(empty) == .none, "\(empty)")
    }
  }

  @Test func `Claims are JSON, typed as YAML has it; what comes from a variable is a text`() throws {
    let auth = try read(
      #"""
      forward:
        auth:
          jwt:
            secret: s
            claims:
              iss: eventdrop
              "a\"b\\\n\u0001": "true"
              admin: true
              nothing:
              level: -1.5e3
              octal: 0750
              hex: 0x10
              version: "1"
              from: ${V}
              aud: [n8n, 2, { x: ~ }]
      """#, environment: ["V": #"1,"admin":true"#]
    ).forward.auth
    guard case .jwt(Secret("s"), let claims) = auth else {
      Issue.record("\(auth)")
      return
    }
    #expect(
      claims.map { "\($0.name)=\($0.json)" } == [
        "iss=\"eventdrop\"", "a\"b\\\n\u{1}=\"true\"", "admin=true", "nothing=null", "level=-1.5e3", "octal=\"0750\"",
        "hex=\"0x10\"", "version=\"1\"", #"from="1,\"admin\":true""#, #"aud=["n8n",2,{"x":null}]"#,
      ])
  }

  @Test(arguments: [
    (
      "bearer: a, jwt: { secret: b }",
      "1:18: forward.auth: choose one of bearer and jwt: a request can have one authentication"
    ),
    (
      "bearer: '', basic: {}",
      "1:18: forward.auth: choose one of bearer and basic: a request can have one authentication"
    ),
    ("basic: { password: p }", "1:27: forward.auth.basic: a user is needed too"),
    (
      "basic: { user: 'a:b', password: p }",
      "1:35: forward.auth.basic.user: a user name must not contain ':' or a line break"
    ),
    ("header: { value: v }", "1:28: forward.auth.header: a name is needed too, such as X-Api-Key"),
    (
      "header: { name: 'X:', value: v }",
      "1:36: forward.auth.header.name: expected the name of a header, such as X-Api-Key"
    ),
    (
      "header: { name: Host, value: v }",
      "1:36: forward.auth.header.name: eventdrop itself sets this header; name another, such as X-Api-Key"
    ),
    (
      "jwt: { secret: s, claims: [a] }",
      "1:46: forward.auth.jwt.claims: expected claims and their values, such as 'iss: eventdrop', not a list"
    ),
    ("token: t", "1:20: unknown key; did you mean 'bearer'?"),
  ])
  func `A mistake in the authentication is reported with its place`(auth: String, expected: String) {
    #expect(problems("forward: { auth: { \(auth) } }") == [expected])
  }

  @Test(arguments: [
    // 23, 24, 32, 64 and 65 bytes.
    (String(repeating: "A", count: 28) + "AAA=", false), (String(repeating: "A", count: 32), true),
    (String(repeating: "A", count: 43) + "=", true), (String(repeating: "A", count: 86) + "==", true),
    (String(repeating: "A", count: 87) + "=", false), (String(repeating: "A", count: 31), false),
    (String(repeating: "-", count: 32), false), ("", false), ("====", false),
  ])
  func `A signing secret has 24 to 64 bytes in base64`(base64: String, isRight: Bool) {
    let refusal =
      "1:20: forward.secret: expected whsec_ and the base64 of 24 to 64 bytes, as 'openssl rand -base64 32' makes them"
    #expect(problems("forward: { secret: 'whsec_\(base64)' }") == (isRight ? [] : [refusal]))
  }

  @Test func `A certificate and its key come together`() {
    #expect(
      problems("forward: { tls: { key: k.pem } }") == [
        "1:24: forward.tls.key: a certificate needs its key, and a key its certificate; set both"
      ])
    #expect(
      problems("forward: { tls: { certificate: '${C}' } }", environment: ["C": "c"]) == [
        "1:32: forward.tls.certificate: a certificate needs its key, and a key its certificate; set both"
      ])
  }

  @Test func `A user in the address and an authentication are one too many`() {
    let url = "forward: { url: 'http://u:p@h/' }"
    #expect(problems(url) == [])
    #expect(
      problems(url, environment: ["N8N_WEBHOOK_TOKEN": "t"]) == [
        "1:17: forward.url: the address contains a user, and N8N_WEBHOOK_TOKEN is set too; a request can have one"
          + " authentication, so remove one of them"
      ])
  }
}
