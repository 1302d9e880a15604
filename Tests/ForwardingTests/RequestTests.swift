import Catalog
import Digests
import Events
import Forwarding
import TestSupport
import Testing
import Time

@Suite("Requests", .tags(.fast))
struct RequestTests {
  @Test("The vectors of Standard Webhooks")
  func signatures() throws {
    let first = try WebhookSignature(secret: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
    #expect(
      first.headers(
        for: Array(#"{"email":"test@example.com","username":"test_user"}"#.utf8), id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        at: 1_649_367_553) == [
          WebhookRequest.Header("webhook-id", "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk"),
          WebhookRequest.Header("webhook-timestamp", "1649367553"),
          WebhookRequest.Header("webhook-signature", "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="),
        ])
    let second = try WebhookSignature(secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    let headers = second.headers(
      for: Array(#"{"test": 2432232314}"#.utf8), id: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: 1_614_265_330)
    #expect(headers.last?.value == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
  }

  @Test("Signing secrets that are none")
  func wrongSecrets() {
    #expect(throws: WebhookSecretError.noPrefix) { try WebhookSignature(secret: "C2FVsBQIhrscChlQIMV+b5sSYspob7oD") }
    #expect(throws: WebhookSecretError.notBase64) { try WebhookSignature(secret: "whsec_C2FV*BQIhrscChlQIMV") }
    #expect(throws: WebhookSecretError.length(3)) { try WebhookSignature(secret: "whsec_AAAA") }
    #expect(throws: WebhookSecretError.length(0)) { try WebhookSignature(secret: "whsec_") }
  }

  @Test("Base64, the vectors of RFC 4648")
  func base64() {
    let vectors = [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
      ("foobar", "Zm9vYmFy"),
    ]
    for (plain, encoded) in vectors {
      #expect(Base64.encode(plain.utf8) == encoded)
      #expect(Base64.decode(encoded) == Array(plain.utf8))
      #expect(Base64.encodeForURL(plain.utf8) == encoded.filter { $0 != "=" })
    }
    #expect(Base64.encodeForURL([0xFB, 0xFF]) == "-_8")
    #expect(Base64.encode([0xFB, 0xFF]) == "+/8=")
    for wrong in ["A", "AAAAA", "A===", "Zg=", "Z g=", "Zg-_"] { #expect(Base64.decode(wrong) == nil, "\(wrong)") }
  }

  @Test("The forms of a body, records as they are")
  func bodies() {
    let records = [#"{"eventId":"a","data":{ "n":1.0 }}"#, #"{"eventId":"b"}"#].map { Array($0.utf8) }
    func body(_ format: BodyFormat, _ records: [[UInt8]]) -> String {
      String(
        decoding: format.body(
          of: records, batchId: "00ff", sentAt: Timestamp(milliseconds: 1_795_405_260_123),
          timeout: .milliseconds(2500)),
        as: UTF8.self)
    }
    #expect(
      body(.envelope, records)
        == #"{"batchId":"00ff","sentAt":"2026-11-23T03:41:00.123Z","timeoutMs":2500,"count":2,"events":[{"eventId":"a","data":{ "n":1.0 }},{"eventId":"b"}]}"#
    )
    #expect(body(.array, records) == #"[{"eventId":"a","data":{ "n":1.0 }},{"eventId":"b"}]"#)
    #expect(body(.single, [records[1]]) == #"{"eventId":"b"}"#)
    let largest = BodyFormat.envelope.body(
      of: [], batchId: String(repeating: "f", count: 32), sentAt: Timestamp(milliseconds: 0), timeout: .seconds(86_400))
    // With a count of nine digits instead of one.
    #expect(largest.count + 8 <= BodyFormat.envelope.overhead)
  }

  @Test("A batchId names a set and its writings")
  func batchIds() {
    let events = [makeEvent(1), makeEvent(2)]
    let id = BatchId.of(events)
    #expect(id.utf8.count == 32)
    #expect(id.allSatisfy { $0.isHexDigit && !$0.isUppercase })
    #expect(BatchId.of(events) == id)
    // A rebuilt catalog may order what was stored within one millisecond differently.
    #expect(BatchId.of(events.reversed()) == id)
    #expect(BatchId.of([events[0]]) != id)
    var later = events
    later[1].updatedAt = later[1].updatedAt + .milliseconds(1)
    #expect(BatchId.of(later) != id)
  }

  @Test("Authentication, as n8n checks it")
  func auth() {
    func value(_ auth: WebhookAuth) -> String? { auth.header(at: 100).map { "\($0.name): \($0.value)" } }
    #expect(value(.none) == nil)
    #expect(value(.bearer("t0k")) == "Authorization: Bearer t0k")
    #expect(value(.bearer("")) == nil)
    #expect(
      value(.basic(user: "Aladdin", password: "open sesame")) == "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    #expect(value(.basic(user: "", password: "")) == nil)
    #expect(value(.header(name: "X-Key", value: "v")) == "X-Key: v")
    #expect(value(.header(name: "X-Key", value: "")) == nil)
    #expect(value(.jwt(secret: "", claims: [])) == nil)
  }

  @Test("A token is signed, and gets what its claims lack")
  func tokens() throws {
    try check([], #"{"iat":100,"exp":400}"#)
    try check([("sub", #""eventdrop""#)], #"{"sub":"eventdrop","iat":100,"exp":400}"#)
    try check([("exp", "7"), ("a\"b", "true")], #"{"exp":7,"a\"b":true,"iat":100}"#)
    try check([("iat", "1"), ("exp", "2")], #"{"iat":1,"exp":2}"#)
  }

  private func check(_ claims: [(name: String, json: String)], _ payload: String) throws {
    let token = JSONWebToken.sign(claims: claims, secret: "key", at: 100)
    let parts = token.split(separator: ".").map(String.init)
    #expect(parts.count == 3)
    func decoded(_ text: String) -> [UInt8]? {
      Base64.decode(String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }))
    }
    #expect(decoded(parts[0]).map { String(decoding: $0, as: UTF8.self) } == #"{"alg":"HS256","typ":"JWT"}"#)
    #expect(decoded(parts[1]).map { String(decoding: $0, as: UTF8.self) } == payload)
    let code = try #require(decoded(parts[2]))
    #expect(code == Digests.hmacSHA256(Array("\(parts[0]).\(parts[1])".utf8), key: Array("key".utf8)))
  }

  @Test("A secret is not shown, however it is printed")
  func redaction() {
    for auth in [
      WebhookAuth.bearer("hunter2"), .basic(user: "u", password: "hunter2"), .header(name: "x", value: "hunter2"),
      .jwt(secret: "hunter2", claims: []),
    ] {
      var dumped = ""
      dump(auth, to: &dumped)
      for text in ["\(auth)", String(reflecting: auth), dumped, "\(Optional(auth) as Any)"] {
        #expect(!text.contains("hunter2"), "\(text)")
      }
    }
  }

  @Test("What the webhook quotes of a secret is masked")
  func mask() {
    let mask = SecretMask(["hunter2", "abc", "hunter2hunter2"])
    #expect(mask.applied(to: "hunter2, abc and hunter2hunter2hunter") == "***, abc and ***hunter")
    #expect(mask.applied(to: "") == "")
    #expect(mask.applied(to: [UInt8]("é hunter2".utf8) + [0xFF]) == [UInt8]("é ***".utf8) + [0xFF])
    #expect(SecretMask.nothing.applied(to: "hunter2") == "hunter2")
    let quoted = SecretMask([#"a/b"c"#])
    #expect(quoted.applied(to: #"a/b"c {"x":"a/b\"c","y":"a\/b\"c"}"#) == #"*** {"x":"***","y":"***"}"#)
    // Overlapping secrets are hidden together, and what is beside them is not.
    #expect(SecretMask(["abcdef", "defghi"]).applied(to: "abcabcdefghi ghi") == "abc*** ghi")
  }

  @Test(
    "A secret is masked in each spelling that JSON, HTML and URLs have for it",
    arguments: [
      #"p<é& "'=😀"#, #"p\u003cé\u0026 \u0022\u0027\u003d😀"#, #"p\u003C\u00E9\u0026 \"'=\uD83D\uDE00"#,
      #"p<\u00e9& \"'=\ud83d\ude00"#, "p&lt;é&amp; &quot;&#39;=😀", "p&#60;&#xe9;&#38; &#34;&#039;&#x3D;&#x1f600;",
      "p%3C%C3%A9%26%20%22%27%3D%F0%9F%98%80", "p%3c%c3%a9%26+%22'%3d%f0%9f%98%80",
    ])
  func maskOfSpellings(spelling: String) {
    #expect(SecretMask([#"p<é& "'=😀"#]).applied(to: "a \(spelling) b") == "a *** b")
  }

  @Test(
    "Of a header's value, the token is as secret as the whole",
    arguments: [
      ("Bearer tok-SECRET-123", ["tok-SECRET-123"]), ("tok-SECRET-123", ["tok-SECRET-123"]),
      (#"Token token="tok-SECRET", key=k-SECRET"#, ["tok-SECRET", "k-SECRET"]),
      // "shop:b4sic-SECRET"
      ("basic c2hvcDpiNHNpYy1TRUNSRVQ=", ["c2hvcDpiNHNpYy1TRUNSRVQ=", "b4sic-SECRET"]),
    ])
  func headerSecrets(value: String, secrets: [String]) {
    let mask = SecretMask(WebhookAuth.header(name: "authorization", value: value).secrets)
    for secret in secrets + [value] { #expect(mask.applied(to: "token \(secret) unknown") == "token *** unknown") }
  }

  @Test("A secret that is cut by the end of an excerpt does not show its beginning")
  func maskBeforeCutting() {
    let secret = "hunter2hunter2"
    let answer = HTTPAnswer(status: 500, body: Array((String(repeating: "x", count: 2040) + secret).utf8))
    let shown = N8NAnswer(answer, mask: SecretMask([secret])).excerpt
    #expect(shown?.contains("hunter") == false)
    #expect(shown?.hasSuffix("x***") == true)
  }

  @Test(
    "What may be secret in an address is known in each way in which it can be quoted",
    arguments: [
      // "user:p@ss w" and, as it is written, "user:p%40ss%20w"
      ("http://user:p%40ss%20w@h/x", ["p%40ss%20w", "p@ss w", "dXNlcjpwQHNzIHc=", "dXNlcjpwJTQwc3MlMjB3"]),
      ("https://h/x?key=s%2Bcret&token=hunter2&bare5#y", ["s%2Bcret", "s+cret", "hunter2", "bare5"]),
      ("http://u:hunter2@\u{301}h/", ["hunter2", "dTpodW50ZXIy"]),
      ("https://h/x?a=b=cde", ["b=cde"]), ("https://h/x@y?", []), ("no url", []), ("", []),
    ])
  func addressSecrets(url: String, secrets: [String]) {
    #expect(Set(WebhookAddress.secrets(in: url)) == Set(secrets))
  }

  @Test(
    "An address is shown without what may be secret",
    arguments: [
      ("https://user:p@ss@n8n.example:5678/webhook/x?token=1#y", "https://n8n.example:5678/webhook/x"),
      ("http://n8n.example", "http://n8n.example"), ("https://a@b/c@d", "https://b/c@d"), ("", ""),
      // A combining accent after a delimiter does not hide it.
      ("http://u:hunter2@\u{301}h/x", "http://\u{301}h/x"),
      ("/login?next=1", "/login"), ("http://a\nb/", "http://a\u{FFFD}b/"),
    ])
  func address(url: String, shown: String) {
    #expect("\(WebhookAddress(url))" == shown)
  }

  @Test(
    "An address that only its path protects is shown with a hint of it",
    arguments: [
      ("https://user:p@n8n.example:5678/webhook/x-secret?token=1#y", "https://n8n.example:5678/…cret"),
      ("http://n8n.example", "http://n8n.example"), ("http://n8n.example/", "http://n8n.example/"),
      ("http://n8n.example/abcd", "http://n8n.example/…"), ("/other/x-secret?next=1", "/…cret"), ("", ""),
    ])
  func hint(url: String, shown: String) {
    #expect("\(WebhookAddress(url, hidesPath: true))" == shown)
  }
}

/// The nth of some pending events.
func makeEvent(_ number: Int64, id: EventID? = nil) -> PendingEvent {
  PendingEvent(
    sequence: number, eventId: id ?? "evt_\(number)", eventType: "t", partition: 1, bytes: 50,
    updatedAt: Timestamp(milliseconds: 1_000_000 + number))
}
