import Glibc
import TestSupport

/// A server on the loopback interface that uses TLS, and accepts the first request that it receives.
final class SecureWebhook: Sendable {
  let port: Int
  private let program: SpawnedProgram
  private let answers: Int32
  /// The first request's head, once there is one; it was answered with 200.
  private let request: Task<[String], any Error>

  /// Starts it.
  ///
  /// - Parameters:
  ///   - certificates: The source of its certificate.
  ///   - name: The certificate that it presents.
  ///   - isDemanding: Whether a client must present one, too.
  ///   - arguments: More arguments for `openssl s_server`.
  /// - Throws: `Certificates.Failure`, or why the program could not be started.
  init(
    _ certificates: Certificates, showing name: Certificates.Name = .server, isDemanding: Bool = false,
    _ arguments: [String] = []
  ) async throws {
    var ends: [Int32] = [0, 0]
    guard SpawnedProgram.connect(&ends) else { throw Certificates.Failure(what: "socketpair: error \(errno)") }
    answers = ends[0]
    defer { close(ends[1]) }
    var all = [
      "s_server", "-accept", "127.0.0.1:0", "-cert", certificates.certificate(name), "-key", certificates.key(name),
    ]
    if isDemanding { all += ["-Verify", "1", "-CAfile", certificates.authority, "-verify_return_error"] }
    program = try SpawnedProgram(all + arguments, executable: Certificates.openssl, input: ends[1])
    let line = try await program.lineAfter("ACCEPT 127.0.0.1:") ?? ""
    guard let port = Int(line) else { throw Certificates.Failure(what: "it does not listen: \(line)") }
    self.port = port
    request = Task { [program, answers] in
      guard let line = try await program.lineAfter("POST ") else { return [] }
      var head = ["POST \(line)"]
      while let line = try await program.lineAfter(""), line != "\r" { head.append(line) }
      let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".utf8)
      _ = send(answers, answer, answer.count, Int32(MSG_NOSIGNAL))
      return head
    }
  }

  deinit {
    close(answers)
  }

  var url: String { "https://127.0.0.1:\(port)/webhook/events" }

  /// Ends it.
  ///
  /// - Returns: The lines of the request's head; none if no request got through.
  func stop() async throws -> [String] {
    program.signal(SIGKILL)
    let head = try await request.value
    _ = try await program.end()
    return head.map { String($0.dropLast()) }
  }
}
