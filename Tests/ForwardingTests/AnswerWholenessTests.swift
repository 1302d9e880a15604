import Events
import Forwarding
import Gzip
import TestSupport
import Testing
import Time

/// Only what is complete, readable, and came after the request is an answer to it.
@Suite(.tags(.fast), .timeLimit(.minutes(10))) struct AnswerWholenessTests {
  private static let request = WebhookRequest(
    headers: [WebhookRequest.Header("Content-Type", "application/json")], body: Array("{}".utf8))

  private func client(_ url: String) throws -> CurlClient {
    var options = ForwardingOptions(
      url: url, address: url, schedule: try Schedule(["every 2s"]), timeZone: .utc, userAgent: "eventdrop/test")
    options.proxy = ""
    options.timeout = .seconds(60)
    options.idleLimit = .seconds(600)
    return CurlClient(options)
  }

  private func answer(_ bytes: [UInt8]) async throws -> HTTPAnswer {
    let webhook = try MisbehavingWebhook(.raw(bytes))
    defer { webhook.stop() }
    let answer = try await client(webhook.url).send(Self.request)
    #expect(webhook.requests.first?.headers["accept-encoding"] == "identity")
    return answer
  }

  private func answer(packed body: [UInt8], as coding: String) async throws -> HTTPAnswer {
    try await answer(
      Array("HTTP/1.1 200 OK\r\nContent-Encoding: \(coding)\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body)
  }

  // MARK: Codings

  @Test(arguments: ["gzip", "x-gzip", "GZIP", "identity, gzip"])
  func `A packed answer is judged by what it says`(coding: String) async throws {
    let text = Array("n8n is starting up. Please wait".utf8)
    let got = try await answer(packed: try #require(Gzip.packed(text)), as: coding)
    #expect(got.body == text && !got.isUnreadable && !got.isCut)
    let found = AnswerClass(of: got, rule: .status, eventIds: ["a"], now: 0)
    #expect(found.kind == .transient)
  }

  @Test func `Packed twice is unpacked twice`() async throws {
    let text = Array(#"{"message":"Webhook call received"}"#.utf8)
    let once = try #require(Gzip.packed(text))
    #expect(try await answer(packed: try #require(Gzip.packed(once)), as: "gzip, gzip").body == text)
    // Without gzip's header and trailer, the bytes are what some call "deflate".
    #expect(try await answer(packed: Array(once.dropFirst(10).dropLast(8)), as: "deflate").body == text)
  }

  static let undecodable: [(coding: String, body: [UInt8])] = [
    ("br", Array("anything".utf8)), ("zstd", [0x28, 0xB5, 0x2F, 0xFD]), ("gzip", Array("not packed".utf8)),
    ("gzip", Array((Gzip.packed(Array("n8n is well".utf8)) ?? []).dropLast(9))), ("deflate", Array("no".utf8)),
    ("gzip, br", Array("x".utf8)), ("rot13", Array("bx".utf8)),
  ]

  @Test(arguments: undecodable)
  func `What cannot be decoded is no answer`(coding: String, body: [UInt8]) async throws {
    let got = try await answer(packed: body, as: coding)
    #expect(got.isUnreadable && got.body.isEmpty)
    for rule in [AcknowledgeRule.status, .results] {
      #expect(AnswerClass(of: got, rule: rule, eventIds: ["a"], now: 0).kind == .endpoint)
    }
    // If the status says enough, it is believed.
    var away = got
    away.status = 503
    #expect(AnswerClass(of: away, rule: .status, eventIds: ["a"], now: 0).kind == .transient)
  }

  @Test func `A small answer that unpacks to very much is cut, not taken into memory`() async throws {
    let bomb = try #require(Gzip.packed([UInt8](repeating: 0x20, count: 64 << 20)))
    let got = try await answer(packed: bomb, as: "gzip")
    #expect(got.isCut && got.body.count == 1 << 20)
  }

  // MARK: Framing

  @Test(
    arguments: [
      "HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Ty",
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n", "", "nothing of the kind",
    ])
  func `An answer that breaks off is none, and the request may be obeyed`(text: String) async throws {
    let webhook = try MisbehavingWebhook(.raw(Array(text.utf8)))
    defer { webhook.stop() }
    let client = try client(webhook.url)
    do throws(ExchangeFailure) {
      let got = try await client.send(Self.request)
      Issue.record("\(got)")
    } catch {
      #expect(error.wasSent, "\(error)")
      #expect(AnswerClass(of: error)?.kind == .unanswered)
    }
  }

  private static let framings: [String] = [
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok",
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\nX-Sum: 7\r\n\r\n",
    "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok", "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200\r\n\r\n",
    "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
  ]

  @Test(arguments: framings)
  func `Cut before any byte of it, an answer is none`(text: String) async throws {
    let whole = Array(text.utf8)
    let webhook = try MisbehavingWebhook { _, number in .raw(Array(whole.prefix(number - 1))) }
    defer { webhook.stop() }
    let client = try client(webhook.url)
    // An answer without a length is complete once its headers are.
    let isFramed = text.contains("Length") || text.contains("chunked")
    let needed = isFramed || !text.hasSuffix("ok") ? whole.count : whole.count - 2
    for count in 0...whole.count {
      do throws(ExchangeFailure) {
        let got = try await client.send(Self.request)
        #expect(count >= needed, "\(count) bytes of \(text): \(got)")
      } catch {
        #expect(count < needed && error.wasSent, "\(count) bytes of \(text): \(error)")
        #expect(AnswerClass(of: error)?.kind == .unanswered)
      }
    }
    #expect(webhook.requests.count == whole.count + 1)
  }

  @Test(
    arguments: [
      "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 1\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok",
    ])
  func `What is no answer by its own framing is none`(text: String) async throws {
    let webhook = try MisbehavingWebhook(.raw(Array(text.utf8)))
    defer { webhook.stop() }
    let client = try client(webhook.url)
    do throws(ExchangeFailure) {
      let got = try await client.send(Self.request)
      Issue.record("\(got)")
    } catch {
      #expect(error.wasSent && AnswerClass(of: error)?.kind == .unanswered, "\(error)")
    }
  }

  @Test func `What follows a body changes nothing`() async throws {
    let got = try await answer(
      Array(
        "HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-A: b\r\n\r\n".utf8))
    #expect(got.status == 503 && got.body == Array("ok".utf8) && got.header("x-a") == nil)
  }

  @Test func `A whole answer behind an interim one is taken`() async throws {
    let got = try await answer(
      Array("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 2\r\n\r\nok".utf8))
    #expect(got.status == 201 && got.body == Array("ok".utf8) && got.header("link") == nil)
  }

  // MARK: Connections

  @Test func `What waits on a connection before a request is no answer to it`() async throws {
    let webhook = try MisbehavingWebhook { _, number in
      number == 1
        ? .twice(.status(200, body: "first"), afterMilliseconds: 50, .status(200, body: "late"))
        : .status(503, body: "no")
    }
    defer { webhook.stop() }
    let client = try client(webhook.url)
    #expect(try await client.send(Self.request).status == 200)
    try await Task.sleep(for: .milliseconds(400))
    for _ in 0..<3 { #expect(try await client.send(Self.request).status == 503) }
    #expect(webhook.requests.map(\.connection) == [1, 2, 2, 2])
  }

  @Test(arguments: [MisbehavingWebhook.Answer.closed, .raw(Array("HTTP/1.1 200 OK\r\n".utf8))])
  func `A request that was read goes out once, also over a connection that was kept`(
    answer: MisbehavingWebhook.Answer
  ) async throws {
    let webhook = try MisbehavingWebhook(.status(200), answer, .status(200))
    defer { webhook.stop() }
    let client = try client(webhook.url)
    #expect(try await client.send(Self.request).status == 200)
    do throws(ExchangeFailure) {
      let got = try await client.send(Self.request)
      Issue.record("\(got)")
    } catch {
      #expect(error.wasSent && AnswerClass(of: error)?.kind == .unanswered, "\(error)")
    }
    #expect(webhook.requests.map(\.connection) == [1, 1])
    // The next one uses a new connection.
    #expect(try await client.send(Self.request).status == 200)
    #expect(webhook.requests.count == 3 && webhook.requests[2].connection > 1)
  }

  @Test func `A request that nobody has read was not sent`() async throws {
    let client = try client(try MisbehavingWebhook.closedAddress())
    do throws(ExchangeFailure) {
      _ = try await client.send(Self.request)
      Issue.record("an answer")
    } catch {
      #expect(!error.wasSent)
    }
  }
}
