import Glibc
import TestSupport
import Testing

/// The built program, as a shell sees it.
@Suite(.tags(.spawned), .timeLimit(.minutes(10)))
struct CommandLineTests {
  private func run(_ arguments: String...) async throws -> SpawnedProgram.End {
    try await SpawnedProgram(arguments).end()
  }

  @Test("Help and version are output, and success")
  func help() async throws {
    let version = try await run("--version")
    #expect(version.code == 0 && version.errors.isEmpty)
    #expect(version.output.split(separator: ".").count == 3)
    let help = try await run("sink", "--help")
    #expect(help.code == 0 && help.errors.isEmpty)
    #expect(help.output.contains("n8n-not-registered") && help.output.contains("--fail-first"))
  }

  @Test(
    "What is wrong with the arguments is one line on standard error, and exit code 64",
    arguments: [
      ["bogus"], ["--bogus"], ["sink", "--listen", "0.0.0.0:1"], ["sink", "--listen", "nonsense"],
      ["sink", "--status", "99"], ["sink", "--status", "100"], ["sink", "--status", "x"],
      ["sink", "--delay", "2 weeks"], ["sink", "--as", "n8n-startin"],
      ["sink", "--as", "n8n-starting", "--status", "200"],
      ["sink", "--drop", "--body", "x"], ["sink", "--json", "--quiet"], ["sink", "--retry-after", "-1"],
      ["sink", "--fail-first=-1"], ["sink", "--listen"], ["sink", "a\nb"],
    ])
  func usage(arguments: [String]) async throws {
    let end = try await SpawnedProgram(arguments).end()
    #expect(end.code == 64)
    #expect(end.output.isEmpty)
    #expect(end.errors.hasPrefix("eventdrop: "))
    #expect(end.errors.filter { $0 == "\n" }.count == 1 && end.errors.hasSuffix("\n"))
  }

  @Test("A misspelt answer gets a suggestion")
  func suggestion() async throws {
    let end = try await run("sink", "--as", "n8n-startin")
    #expect(end.errors.contains("did you mean 'n8n-starting'"))
  }

  @Test("The sink serves until it is interrupted, and ends at once with 0", arguments: [SIGINT, SIGTERM])
  func sinkEnds(signal: Int32) async throws {
    let program = try SpawnedProgram(["sink", "--listen", "127.0.0.1:0", "--status", "503", "--fail-first", "1"])
    let address = try #require(try await program.lineAfter("N8N_WEBHOOK_URL=http://127.0.0.1:"))
    let port = try #require(Int(address.prefix { $0 != "/" }))
    #expect(address.hasSuffix("/webhook/eventdrop"))
    let statuses = try await onOwnThread {
      let connection = try LoopbackConnection(port: port)
      return try (0..<2).map { _ in
        try connection.exchange(
          headers: ["Content-Type": "application/json"], body: Array(#"[{"eventId":"a","eventType":"t"}]"#.utf8)
        )?.status
      }
    }
    #expect(statuses == [503, 200])
    // Neither an idle connection nor one in the middle of a request delays it.
    let idle = try LoopbackConnection(port: port)
    let unfinished = try LoopbackConnection(port: port)
    try unfinished.send(Array("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{".utf8))
    #expect(try await program.timeToEnd(afterSignal: signal) < .seconds(30))
    let end = try await program.end()
    #expect(end.code == 0)
    #expect(end.output.contains("  a  t\n") && end.output.hasSuffix("2 requests, 2 events\n"))
    #expect(end.errors.isEmpty)
    withExtendedLifetime((idle, unfinished)) {}
  }

  @Test("A port that is taken is one line that says what to do, and exit code 1")
  func portIsTaken() async throws {
    let first = try SpawnedProgram(["sink", "--listen", "127.0.0.1:0", "--quiet"])
    let address = try #require(try await first.lineAfter("listening on http://127.0.0.1:"))
    let port = String(address.prefix { $0 != ";" })
    let second = try await run("sink", "--listen", "127.0.0.1:\(port)")
    #expect(second.code == 1 && second.output.isEmpty)
    #expect(second.errors.hasPrefix("eventdrop: port \(port) of 127.0.0.1 is taken; "))
    #expect(second.errors.contains("--listen 127.0.0.1:0"))
    #expect(second.errors.filter { $0 == "\n" }.count == 1)
    first.signal(SIGTERM)
    #expect(try await first.end().code == 0)
  }

  @Test("With --json standard output holds nothing but the objects")
  func jsonOutput() async throws {
    let program = try SpawnedProgram(["sink", "--listen", "127.0.0.1:0", "--json", "--results", "--reject", "b"])
    let address = try #require(try await program.errorLineAfter("N8N_WEBHOOK_URL=http://127.0.0.1:"))
    let port = try #require(Int(address.prefix { $0 != "/" }))
    let answer = try await onOwnThread {
      try LoopbackConnection(port: port).exchange(
        headers: ["Content-Type": "application/json"], body: Array(#"[{"eventId":"a"},{"eventId":"b"}]"#.utf8))
    }
    #expect(answer?.status == 200 && answer?.body.contains(#"{"eventId":"b","status":"reject""#) == true)
    program.signal(SIGINT)
    let end = try await program.end()
    #expect(end.code == 0)
    #expect(end.output.hasPrefix(#"{"receivedAt":""#) && end.output.hasSuffix(#""eventIds":["a","b"]}"# + "\n"))
    #expect(end.output.filter { $0 == "\n" }.count == 1)
  }
}
