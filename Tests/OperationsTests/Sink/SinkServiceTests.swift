import Glibc
import Logging
import Operations
import ServiceLifecycle
import TestSupport
import Testing
import Time

/// Runs a sink on a free port, does something with that port, stops the sink, and returns what was printed.
private func withSink(
  _ change: (inout SinkOptions) -> Void = { _ in }, clock: any WallClock = SystemClock(),
  _ body: @escaping @Sendable (Int) async throws -> Void
) async throws -> [Substring] {
  var options = SinkOptions()
  options.address = try SinkAddress("127.0.0.1:0")
  change(&options)
  var ends: [Int32] = [0, 0]
  try #require(SpawnedProgram.connect(&ends))
  let (reading, writing) = (ends[0], ends[1])
  let (addresses, listening) = AsyncStream.makeStream(of: SinkAddress.self)
  let writer = LineWriter(descriptor: writing)
  let sink = Sink(options, writer: writer, announcer: writer, clock: clock) { listening.yield($0) }
  let group = ServiceGroup(services: [sink], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  let running = Task { try await group.run() }
  let address = try #require(await addresses.first { _ in true })
  do {
    try await body(address.port)
  } catch {
    Issue.record("\(error)")
  }
  await group.triggerGracefulShutdown()
  try await running.value
  close(writing)
  return try await onOwnThread {
    defer { close(reading) }
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(reading, &buffer, buffer.count)
      guard count > 0 else { return String(decoding: all, as: UTF8.self).split(separator: "\n") }
      all += buffer[..<count]
    }
  }
}

/// A clock that reports when somebody waits, and makes them wait until they are cancelled.
private struct WaitingClock: WallClock {
  let waiting = AsyncStream.makeStream(of: Duration.self)

  func now() -> Timestamp { Timestamp(milliseconds: 0) }
  func uptime() -> Duration { .zero }

  func sleep(for duration: Duration) async throws {
    waiting.continuation.yield(duration)
    try await Task.sleep(for: .seconds(3600))
  }
}

private let json = ["Content-Type": "application/json"]
private let twoEvents = Array(
  #"{"batchId":"b1","count":2,"events":[{"eventId":"a","eventType":"t"},{"eventId":"b","eventType":"u"}]}"#.utf8)

@Suite(.tags(.fast), .timeLimit(.minutes(10)))
struct SinkServiceTests {
  @Test("It announces its address, prints what it gets on one connection, and sums up")
  func prints() async throws {
    let lines = try await withSink { port in
      try await onOwnThread {
        let connection = try LoopbackConnection(port: port)
        for _ in 0..<2 {
          let answer = try #require(try connection.exchange(headers: json, body: twoEvents))
          #expect(answer.status == 200 && answer.body == #"{"message":"Workflow was started"}"#)
          #expect(answer.headers["content-type"] == "application/json; charset=utf-8")
        }
        let other = try #require(try connection.exchange("GET", "/"))
        #expect(other.status == 404)
        let head = try #require(try connection.exchange("HEAD", "/"))
        #expect(head.status == 404 && head.body.isEmpty)
        let single = Array(#"{"eventId":"c","eventType":"t"}"#.utf8)
        let headers = ["Content-Type": "application/json", "webhook-id": "m1"]
        _ = try connection.exchange("POST", "/any/path?x=1", headers: headers, body: single)
      }
    }
    try #require(lines.count == 13)
    #expect(lines[0].hasPrefix("listening on http://127.0.0.1:") && !lines[0].contains(":0;"))
    #expect(lines[1].hasPrefix("N8N_WEBHOOK_URL=http://127.0.0.1:") && lines[1].hasSuffix("/webhook/eventdrop"))
    #expect(lines[2].hasSuffix("POST /webhook/eventdrop  2 events, batch b1, \(twoEvents.count) B, answered 200"))
    #expect(lines[3...4] == ["  a  t", "  b  u"])
    #expect(lines[8].hasSuffix("GET /  0 events, 0 B, answered 404, n8n's webhook takes POST"))
    #expect(lines[10].contains("POST /any/path  1 event, batch m1,"))
    #expect(lines[11...12] == ["  c  t", "5 requests, 5 events"])
  }

  @Test("For programs it prints one JSON object a request")
  func printsJSON() async throws {
    let lines = try await withSink({ $0.output = .json }) { port in
      try await onOwnThread {
        _ = try LoopbackConnection(port: port).exchange(headers: json, body: twoEvents)
      }
    }
    try #require(lines.count == 3)
    #expect(lines[2].hasPrefix(#"{"receivedAt":"2"#))
    let rest = #""batchId":"b1","count":2,"bytes":\#(twoEvents.count),"status":200,"eventIds":["a","b"]}"#
    #expect(lines[2].hasSuffix(#"Z","path":"/webhook/eventdrop","# + rest))
  }

  @Test(
    "As a queue without a worker it never answers, and says at its end how many copies it holds",
    arguments: [false, true])
  func queue(isJSON: Bool) async throws {
    let lines = try await withSink({
      $0.preset = .n8nQueue
      $0.output = isJSON ? .json : .quiet
    }) { port in
      try await onOwnThread {
        // The first is sent without waiting for the answer.
        let body = Array(#"{"eventId":"b","eventType":"u"}"#.utf8)
        let head = Array("POST /x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".utf8)
        for body in [twoEvents, body] {
          let connection = try LoopbackConnection(port: port)
          try connection.send(head + Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body)
          usleep(300_000)
        }
      }
    }
    #expect(
      isJSON
        ? lines.last == #"{"held":{"a":1,"b":2}}"#
        : lines.suffix(3) == ["2 requests, 3 events", "holds a  1", "holds b  2"], "\(lines)")
  }

  @Test("Quiet, it prints its address and the sum alone")
  func quiet() async throws {
    let lines = try await withSink({ $0.output = .quiet }) { port in
      try await onOwnThread { _ = try LoopbackConnection(port: port).exchange(headers: json, body: twoEvents) }
    }
    #expect(lines.count == 3 && lines.last == "1 request, 2 events")
  }

  @Test("Failures carry their headers")
  func headers() async throws {
    _ = try await withSink({
      $0.preset = .n8nUnauthorized
      $0.retryAfter = 3
    }) { port in
      try await onOwnThread {
        let answer = try #require(try LoopbackConnection(port: port).exchange(headers: json, body: twoEvents))
        #expect(answer.status == 401 && answer.body == "Authorization is required!")
        #expect(answer.headers["retry-after"] == "3")
        #expect(answer.headers["www-authenticate"] == #"Basic realm="Webhook""#)
        #expect(answer.headers["transfer-encoding"] == "chunked" && answer.headers["content-type"] == nil)
        #expect(answer.headers["content-type"] == nil)
      }
    }
  }

  @Test("A 204 has no body, and the connection goes on")
  func noContent() async throws {
    _ = try await withSink({
      $0.status = 204
      $0.body = "not to be sent"
    }) { port in
      try await onOwnThread {
        let connection = try LoopbackConnection(port: port)
        for _ in 0..<3 { #expect(try connection.exchange(headers: json, body: twoEvents)?.status == 204) }
      }
    }
  }

  @Test("Told to drop, it closes the connection without a byte")
  func drops() async throws {
    let lines = try await withSink({ $0.drops = true }) { port in
      try await onOwnThread {
        let answer = try LoopbackConnection(port: port).exchange(headers: json, body: twoEvents)
        #expect(answer == nil)
      }
    }
    #expect(lines.contains { $0.hasSuffix("closed without an answer") })
  }

  @Test("A delayed answer comes after the delay")
  func delays() async throws {
    let clock = SystemClock()
    _ = try await withSink({ $0.delay = .milliseconds(300) }) { port in
      let start = clock.uptime()
      let status = try await onOwnThread {
        try LoopbackConnection(port: port).exchange(headers: json, body: twoEvents)?.status
      }
      #expect(status == 200)
      #expect(clock.uptime() - start >= .milliseconds(300))
    }
  }

  @Test("The end waits for no delayed answer: its connection is closed without one")
  func endsDuringDelay() async throws {
    let clock = WaitingClock()
    let (answers, answered) = AsyncStream.makeStream(of: Int?.self)
    let lines = try await withSink({ $0.delay = .seconds(7) }, clock: clock) { port in
      Task {
        let status = try? await onOwnThread {
          try LoopbackConnection(port: port).exchange(headers: json, body: twoEvents)?.status
        }
        answered.yield(status)
      }
      #expect(await clock.waiting.stream.first { _ in true } == .seconds(7))
    }
    #expect(await answers.first { _ in true } == .some(nil))
    #expect(lines.last == "1 request, 2 events")
  }

  @Test("A body of several megabytes is read whole, one beyond the limit is refused")
  func large() async throws {
    let lines = try await withSink({ $0.bodyLimit = 8 << 20 }) { port in
      try await onOwnThread {
        let padding = [UInt8](repeating: 0x20, count: 8 << 20)
        let connection = try LoopbackConnection(port: port)
        let fits = Array(padding.dropLast(twoEvents.count)) + twoEvents
        #expect(try connection.exchange(headers: json, body: fits)?.status == 200)
        #expect(try connection.exchange(headers: json, body: fits + [0x20])?.status == 413)
        #expect(try connection.exchange(headers: json, body: twoEvents)?.status == 200)
      }
    }
    #expect(lines[2].contains("2 events, batch b1, 8.0 MiB, answered 200"))
    #expect(lines[5].hasSuffix("answered 413, the body is larger than 8.0 MiB"))
  }

  @Test("What is no JSON is refused as n8n does; what is compressed is taken unread")
  func unreadable() async throws {
    let lines = try await withSink { port in
      try await onOwnThread {
        let connection = try LoopbackConnection(port: port)
        #expect(try connection.exchange(headers: json, body: [0x7B])?.status == 422)
        let zipped = ["Content-Type": "application/json", "Content-Encoding": "gzip"]
        #expect(try connection.exchange(headers: zipped, body: [0x1F, 0x8B])?.status == 200)
      }
    }
    #expect(lines[2].contains("answered 422, the body is not JSON:") && lines[2].contains("line 1 column 2"))
    #expect(lines[3].hasSuffix("the body is compressed (gzip), and the sink cannot unpack it"))
  }

  @Test("Many connections at once are all answered, and each request's lines stay together")
  func concurrent() async throws {
    let lines = try await withSink { port in
      try await withThrowingTaskGroup { group in
        for _ in 0..<20 {
          group.addTask {
            try await onOwnThread {
              let connection = try LoopbackConnection(port: port)
              for _ in 0..<10 { #expect(try connection.exchange(headers: json, body: twoEvents)?.status == 200) }
            }
          }
        }
        try await group.waitForAll()
      }
    }
    #expect(lines.count == 2 + 200 * 3 + 1)
    #expect(lines.last == "200 requests, 400 events")
    for index in stride(from: 2, to: lines.count - 1, by: 3) {
      #expect(lines[index].contains("POST") && lines[index + 1...index + 2] == ["  a  t", "  b  u"])
    }
  }

  @Test("A port that is taken is reported as such")
  func taken() async throws {
    _ = try await withSink { port in
      var options = SinkOptions()
      options.address = try SinkAddress("127.0.0.1:\(port)")
      let second = Sink(options)
      await #expect(throws: SinkError.portIsTaken(options.address)) { try await second.run() }
    }
  }
}
