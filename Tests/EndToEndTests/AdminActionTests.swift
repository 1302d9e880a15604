import Glibc
import TestSupport
import Testing

/// What a person does from the page: shown first, done once, logged with their name, and never for another site.
@Suite(.tags(.spawned), .timeLimit(.minutes(2))) struct AdminActionTests {
  private static let token = "0123456789abcdef"
  private let intended = [
    "Authorization": "Basic " + base64("anna:\(Self.token)"), "Eventdrop-Action": "1",
  ]

  private func site(_ admin: String = ", actions: on, token: \(Self.token)") async throws -> Site {
    let site = try await Site()
    site.tree.write(
      site.configuration.replacing("admin: { listen: off }", with: "admin: { listen: '127.0.0.1:0'\(admin) }")
        .replacing("backoff: { first: 100ms, max: 200ms }", with: "backoff: { first: 1h, max: 1h }"), to: "config.yaml")
    return site
  }

  private func post(
    _ query: String, to port: Int, headers: [String: String]? = nil
  ) async throws -> LoopbackConnection.Answer {
    let headers = headers ?? intended
    return try await onOwnThread {
      try #require(try LoopbackConnection(port: port).exchange("POST", "/api/actions?" + query, headers: headers))
    }
  }

  private func seal(_ answer: LoopbackConnection.Answer) throws -> String {
    let rest = try #require(answer.body.split(separator: #""seal":""#).dropFirst().first)
    return String(rest.prefix { $0 != "\"" })
  }

  @Test func `Files are processed again once their preview was seen`() async throws {
    let site = try await site()
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    for number in 1...3 { site.drop("\(number).json", #"{"eventId":"e\#(number)"}"#) }
    #expect(await site.waits { site.tree.names("retry").count == 6 })
    let which = "status=retry&inbox=default&reason=missing-event-type"
    let preview = try await post("do=reprocess&\(which)", to: port)
    #expect(preview.status == 200 && preview.body.contains(#""count":3"#), "\(preview.body)")
    #expect(site.tree.names("retry").count == 6)
    for number in 1...3 { site.tree.write(#"{"eventId":"e\#(number)","eventType":"T"}"#, to: "retry/\(number).json") }
    let done = try await post("do=reprocess&\(which)&seal=\(seal(preview))", to: port)
    #expect(done.status == 200 && done.body.contains(#""count":3"#), "\(done.body)")
    #expect(await site.waits { site.records == ["e1.json", "e2.json", "e3.json"] })
    #expect(site.tree.names("retry") == [])
    let line = try #require(try await program.errorLine(containing: "files were moved from the page"))
    #expect(line.contains("anna, 127.0.0.1") && line.contains("reprocess") && line.contains("missing-event-type"))
  }

  @Test func `What concerns other files by now is not done`() async throws {
    let site = try await site()
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    site.drop("1.json", "{")
    #expect(await site.waits { site.tree.names("retry").count == 2 })
    let preview = try await post("do=discard&status=retry&reason=invalid-json", to: port)
    site.drop("2.json", "{")
    #expect(await site.waits { site.tree.names("retry").count == 4 })
    let refused = try await post("do=discard&status=retry&reason=invalid-json&seal=\(seal(preview))", to: port)
    #expect(refused.status == 409)
    #expect(site.tree.names("retry").count == 4)
    let second = try await post("do=discard&status=retry&reason=invalid-json", to: port)
    let done = try await post("do=discard&status=retry&reason=invalid-json&seal=\(seal(second))", to: port)
    #expect(done.status == 200 && site.tree.names("retry") == [])
    #expect(site.tree.names("state/discarded").contains("1.json"))
  }

  @Test func `A file takes the place of the record that it is in conflict with`() async throws {
    let site = try await site()
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    site.drop("a.json", #"{"eventId":"x","eventType":"T","data":{"n":1}}"#)
    #expect(await site.waits { site.records == ["x.json"] })
    site.drop("b.json", #"{"eventId":"x","eventType":"T","data":{"n":2}}"#)
    #expect(await site.waits { site.tree.names("failed").count == 2 })
    let preview = try await post("do=replace&status=failed&id=x", to: port)
    #expect(preview.body.contains(#""count":1"#), "\(preview.body)")
    #expect(try await post("do=replace&status=failed&id=x&seal=\(seal(preview))", to: port).status == 200)
    #expect(
      await site.waits {
        site.record("x.json").map { String(decoding: $0, as: UTF8.self).contains(#""n":2"#) } ?? false
      })
    #expect(site.tree.names("failed") == [])
  }

  @Test func `A flush from the page is reported`() async throws {
    let site = try await site()
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    let preview = try await post("do=flush", to: port)
    #expect(try await post("do=flush&seal=\(seal(preview))", to: port).status == 200)
    #expect(try await program.errorLine(containing: "a person asked from the page to flush") != nil)
  }

  @Test(arguments: ["", ", token: \(Self.token)", ", actions: on"])
  func `Nothing is done where it is not let, or nobody has to prove who he is`(admin: String) async throws {
    let site = try await site(admin)
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    site.drop("1.json", "{")
    #expect(await site.waits { site.tree.names("retry").count == 2 })
    #expect(try await post("do=discard&status=retry&reason=invalid-json", to: port).status == 403)
    #expect(site.tree.names("retry").count == 2)
  }

  @Test(arguments: [
    ["Eventdrop-Action": ""], ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"],
    ["Origin": "http://evil.example"], ["Authorization": "Bearer wrong"], ["Authorization": ""],
  ])
  func `A forged request does nothing`(change: [String: String]) async throws {
    let site = try await site()
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    site.drop("1.json", "{")
    #expect(await site.waits { site.tree.names("retry").count == 2 })
    let preview = try await post("do=discard&status=retry&reason=invalid-json", to: port)
    var headers = intended
    for (name, value) in change { headers[name] = value.isEmpty ? nil : value }
    let answer = try await post(
      "do=discard&status=retry&reason=invalid-json&seal=\(seal(preview))", to: port, headers: headers)
    #expect([401, 403].contains(answer.status))
    #expect(site.tree.names("retry").count == 2)
  }

  @Test(arguments: [
    "", "do=delete&status=retry&reason=x", "do=discard", "do=discard&status=nowhere", "do=discard&do=flush",
    "do=reprocess&inbox=default",
  ])
  func `What cannot be understood is refused`(query: String) async throws {
    let site = try await site()
    let (program, port) = try await site.startWithPage()
    defer { program.signal(SIGKILL) }
    #expect(try await post(query, to: port).status == 400)
  }
}

private func base64(_ text: String) -> String {
  let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  let bytes = Array(text.utf8)
  var result = ""
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let part = bytes[start..<min(start + 3, bytes.count)]
    let number = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
    for position in 0..<4 {
      result.append(position <= part.count ? digits[number >> (18 - 6 * position) & 63] : "=")
    }
  }
  return result
}
