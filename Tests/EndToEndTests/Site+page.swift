import TestSupport
import Testing

extension Site {
  /// Starts a daemon with a page on a port chosen by the system.
  func startWithPage(environment: [String: String] = [:]) async throws -> (program: SpawnedProgram, port: Int) {
    let program = try start(environment: environment)
    let line = try #require(try await program.errorLine(containing: "the page is at"))
    let digits = try #require(line.split(separator: "127.0.0.1:").last).prefix { $0 != "/" }
    return (program, try #require(Int(digits)))
  }

  /// The answer of a daemon's page.
  func get(
    _ path: String, from port: Int, headers: [String: String] = [:]
  ) async throws -> LoopbackConnection.Answer {
    try await onOwnThread {
      let connection = try LoopbackConnection(port: port)
      return try #require(try connection.exchange("GET", path, headers: headers))
    }
  }

  /// Asks a daemon's page until the answer is as wanted; the last one if it never is.
  func get(
    _ path: String, from port: Int, headers: [String: String] = [:],
    until isWanted: (LoopbackConnection.Answer) -> Bool
  ) async throws -> LoopbackConnection.Answer {
    var answer = try await get(path, from: port, headers: headers)
    // Long enough for a busy machine.
    for _ in 0..<3000 where !isWanted(answer) {
      try await Task.sleep(for: .milliseconds(10))
      answer = try await get(path, from: port, headers: headers)
    }
    return answer
  }
}
