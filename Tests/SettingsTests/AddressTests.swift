import Intake
import Settings
import TestSupport
import Testing

@Suite(.tags(.fast)) struct AddressTests {
  @Test(arguments: [
    (
      "https://n8n.example.com/webhook/e", "https", "n8n.example.com", 443, "/webhook/e",
      "https://n8n.example.com/webhook/e"
    ),
    ("HTTP://N8N", "http", "N8N", 80, "/", "http://N8N"),
    ("http://n8n:5678?x=1", "http", "n8n", 5678, "/", "http://n8n:5678"),
    ("http://[::1]:5678/a?b", "http", "::1", 5678, "/a", "http://[::1]:5678/a"),
    ("http://u:p@10.0.0.1/a%20b", "http", "10.0.0.1", 80, "/a%20b", "http://10.0.0.1/a%20b"),
    ("http://u@v@h/x", "http", "h", 80, "/x", "http://h/x"),
  ])
  func `A web address is taken apart, and shown without what can be secret`(
    text: String, scheme: String, host: String, port: Int, path: String, shown: String
  ) throws {
    let address = try #require(WebAddress(text))
    #expect(address.scheme == scheme)
    #expect(address.host == host)
    #expect(address.port == port)
    #expect(address.path == path)
    #expect(address.withoutPasswords == shown)
    #expect(address.full.reveal() == text)
    #expect(address.hasUser == text.contains("@"))
  }

  @Test(arguments: [
    ("https://n8n.example.com/webhook/3f1c9a52-77aa-4b0e-9c1d-0123456789ab", "https://n8n.example.com/…89ab"),
    ("http://u:p@10.0.0.1:5678/webhook/eventdrop?x=1", "http://10.0.0.1:5678/…drop"),
    ("http://n8n:5678/x", "http://n8n:5678/…"), ("http://n8n:5678/", "http://n8n:5678/"), ("http://n8n", "http://n8n"),
  ])
  func `A webhook that only its path protects is shown by its host and a hint`(url: String, shown: String) throws {
    #expect("\(try #require(WebAddress(url)))" == shown)
    #expect(try read("forward: { url: '\(url)' }").forward.shownURL == shown)
    guard !url.contains("@") else { return }
    let protected = try read("forward: { url: '\(url)', auth: { bearer: t } }").forward.shownURL
    #expect(protected == WebAddress(url)?.withoutPasswords)
  }

  @Test(arguments: [
    ("n8n.example.com", "it has no scheme"), ("ftp://n8n/", "its scheme is not http or https"),
    ("file:///etc/passwd", "its scheme is not http or https"), ("http://", "its host is missing or invalid"),
    ("http:///x", "its host is missing or invalid"), ("http://:80/", "its host is missing or invalid"),
    ("http://[::1/", "its host is missing or invalid"), ("http://[x]/", "its host is missing or invalid"),
    ("http://::1/", "its host is missing or invalid"), ("http://a b/", "it contains a character"),
    ("http://a/b c", "it contains a character"), ("http://bücher.example/", "it contains a character"),
    ("http://a/{b}", "it contains a character"), ("http://a\\b/", "it contains a character"),
    ("http://h:/", "its port is not a number"), ("http://h:0/", "its port is not a number"),
    ("http://h:65536/", "its port is not a number"), ("http://h:+80/", "its port is not a number"),
    ("http://h/#x", "the part from '#' on would not be sent"), ("http://h%2f/", "its host is missing or invalid"),
  ])
  func `What is no web address is reported by what is wrong with it, and not shown`(text: String, why: String) {
    #expect(WebAddress(text) == nil)
    let found = problems("forward:\n  url: '\(text)'")
    #expect(found.count == 1)
    #expect(
      found.first?.hasPrefix(
        "2:8: forward.url: expected an address such as https://n8n.example.com/webhook/events, but \(why)") == true,
      "\(found)")
  }

  @Test(arguments: [
    ("127.0.0.1:8641", "127.0.0.1", 8641, true), ("127.9.8.7:1", "127.9.8.7", 1, true),
    ("[::1]:80", "::1", 80, true), ("localhost:0", "localhost", 0, true), ("LocalHost:1", "LocalHost", 1, true),
    ("[::ffff:127.0.0.1]:80", "::ffff:127.0.0.1", 80, true), ("0.0.0.0:80", "0.0.0.0", 80, false),
    ("[::]:80", "::", 80, false), ("10.0.0.1:80", "10.0.0.1", 80, false),
    // Names that anybody can assign to any address.
    ("127.0.0.1.example.com:80", "127.0.0.1.example.com", 80, false),
    ("127.example.com:80", "127.example.com", 80, false),
    ("localhost.example.com:80", "localhost.example.com", 80, false),
  ])
  func `Where to listen is read, and whether other machines reach it`(
    text: String, host: String, port: Int, isLoopback: Bool
  ) throws {
    let address = try #require(ListenAddress(text))
    #expect(address == ListenAddress(host: host, port: port))
    #expect(address.isLoopback == isLoopback)
    #expect("\(address)" == text)
    let refusal =
      "1:18: admin.listen: other machines can reach this address, so admin.token must be set; or listen on"
      + " 127.0.0.1:\(port)"
    #expect(problems("admin: { listen: '\(text)' }") == (isLoopback ? [] : [refusal]))
    #expect(try read("admin: { listen: '\(text)', token: 0123456789abcdef }").admin.listen == address)
    let short =
      "1:\(29 + text.utf8.count): admin.token: other machines can reach admin.listen, so the token needs 16 characters at least, as 'openssl rand -hex 16' makes them"
    #expect(problems("admin: { listen: '\(text)', token: t }") == (isLoopback ? [] : [short]))
  }

  @Test(arguments: [
    ("8641", "; write 127.0.0.1:8641"), (":8641", "; write 127.0.0.1:8641"), ("127.0.0.1", "; write 127.0.0.1:8641"),
    ("::1:80", ""),
    ("127.0.0.1:65536", ""), ("127.0.0.1:", ""), ("http://127.0.0.1:80", "; write 127.0.0.1:80"), ("a b:80", ""),
    ("Off", "; write off"),
    ("localhost", "; write localhost:8641"), ("0.0.0.0", ""),
  ])
  func `An invalid address to listen on is reported`(text: String, hint: String) {
    #expect(
      problems("admin: { listen: '\(text)' }") == [
        "1:18: admin.listen: expected an address such as 127.0.0.1:8641, or off, not '\(text)'\(hint)"
      ])
  }

  @Test(arguments: [
    "*.json", "[a-z]*", "[]]", "[!]]", "[^a]", "[[:digit:]-]*", "a\\[b", "[a-]", "{a}", "*", "ü*", "[ü]", "[[]a",
    "[\\]]",
  ])
  func `Patterns that glob(7) knows are taken`(pattern: String) throws {
    #expect(try read("inboxes: [{ include: ['\(pattern)'] }]").inboxes[0].options.include == [pattern])
  }

  @Test(arguments: [
    ("", "it is empty"), ("a/b", "a pattern is about a file's name, which has no '/'"),
    ("a\\", "the '\\' at its end is followed by nothing"),
    ("*.{json,xml}", "'{a,b}' is not understood; write a list with a pattern for each"),
    ("[", "its '[' has no ']'; a '[' of its own is written '[[]'"),
    ("[]", "its '[' has no ']'; a '[' of its own is written '[[]'"),
    ("[!]", "its '[' has no ']'; a '[' of its own is written '[[]'"),
    ("[[:digit:]", "its '[' has no ']'; a '[' of its own is written '[[]'"),
    ("[\\]", "its '[' has no ']'; a '[' of its own is written '[[]'"), ("[z-a]", "a range in it runs backwards"),
    ("[/]", "a pattern is about a file's name, which has no '/'"),
  ])
  func `Patterns that mean nothing are reported`(pattern: String, why: String) {
    #expect(
      problems("inboxes: [{ exclude: '\(pattern)' }]") == [
        "1:22: inboxes[].exclude: the pattern '\(pattern)' is invalid: \(why)"
      ])
  }
}
