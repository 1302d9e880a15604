import Glibc
import Synchronization
import TestSupport

/// A mail server on the loopback interface that accepts one mail (RFC 5321).
final class MailReceiver: Sendable {
  /// What it received.
  struct Received: Sendable {
    /// Its client's commands, in order.
    var commands: [String] = []
    /// The mail's lines; none if none was sent.
    var mail: [String] = []
    /// Whether all of it arrived.
    var isWhole = false
  }

  let port: Int
  private let dialogue: Task<Received, any Error>
  private let stop: @Sendable () -> Void

  private init(port: Int, _ dialogue: Task<Received, any Error>, stop: @escaping @Sendable () -> Void) {
    self.port = port
    self.dialogue = dialogue
    self.stop = stop
  }

  /// Starts one without encryption.
  ///
  /// - Parameter refusal: Its answer to the name of a recipient; nil: it accepts any.
  /// - Returns: The server.
  /// - Throws: `Certificates.Failure` if it cannot listen.
  static func plain(refusal: String? = nil) throws -> MailReceiver {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutableBytes(of: &address) { bytes in
      guard let name = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress else { return false }
      return bind(listener, name, length) == 0 && listen(listener, 1) == 0 && getsockname(listener, name, &length) == 0
    }
    guard isListening else { throw Certificates.Failure(what: "it does not listen: error \(errno)") }
    let dialogue = Task {
      try await onOwnThread {
        defer { close(listener) }
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return Received() }
        defer { close(client) }
        var dialogue = MailDialogue(refusal: refusal)
        Self.write(dialogue.greeting, to: client)
        while let line = Self.readLine(client), let answer = dialogue.answer(line) { Self.write(answer, to: client) }
        return dialogue.received
      }
    }
    return MailReceiver(port: Int(address.sin_port.bigEndian), dialogue) { shutdown(listener, Int32(SHUT_RDWR)) }
  }

  /// Starts one that uses TLS from the first byte.
  ///
  /// - Parameter certificates: The source of its certificate.
  /// - Returns: The server.
  /// - Throws: `Certificates.Failure`, or why the program could not be started.
  static func secure(_ certificates: Certificates) async throws -> MailReceiver {
    var ends: [Int32] = [0, 0]
    guard SpawnedProgram.connect(&ends) else { throw Certificates.Failure(what: "socketpair: error \(errno)") }
    let answers = ends[0]
    defer { close(ends[1]) }
    let program = try SpawnedProgram(
      [
        "s_server", "-accept", "127.0.0.1:0", "-cert", certificates.certificate(.server), "-key",
        certificates.key(.server),
      ], executable: Certificates.openssl, input: ends[1])
    let line = try await program.lineAfter("ACCEPT 127.0.0.1:") ?? ""
    guard let port = Int(line) else { throw Certificates.Failure(what: "it does not listen: \(line)") }
    let dialogue = Task {
      defer { close(answers) }
      var dialogue = MailDialogue(refusal: nil)
      // Sent to any client that connects.
      write(dialogue.greeting, to: answers)
      // The program's own messages are not commands.
      while let line = try await program.lineAfter(""), let answer = dialogue.answer(line) {
        write(answer, to: answers)
      }
      program.signal(SIGKILL)
      _ = try await program.end()
      return dialogue.received
    }
    return MailReceiver(port: port, dialogue) { program.signal(SIGKILL) }
  }

  /// Ends it.
  ///
  /// - Returns: What it received.
  func end() async throws -> Received {
    stop()
    return try await dialogue.value
  }

  /// Waits until a client has ended its session.
  ///
  /// - Returns: What it received.
  func wait() async throws -> Received { try await dialogue.value }

  private static func write(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  private static func readLine(_ descriptor: Int32) -> String? {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while read(descriptor, &byte, 1) == 1 {
      if byte == 0x0A { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
    }
    return nil
  }
}

/// The server's part of one session.
private struct MailDialogue {
  let refusal: String?
  private(set) var received = MailReceiver.Received()
  private var isMail = false
  private var isSecret = false

  init(refusal: String?) {
    self.refusal = refusal
  }

  var greeting: String { "220 127.0.0.1 ready\r\n" }

  /// The reply to a line; empty if it is not a command, nil at the end.
  mutating func answer(_ line: String) -> String? {
    let line = line.last == "\r" ? String(line.dropLast()) : line
    if isMail {
      guard line == "." else {
        received.mail.append(line)
        return ""
      }
      isMail = false
      received.isWhole = true
      return "250 taken\r\n"
    }
    if isSecret {
      isSecret = false
      received.commands.append(line)
      return "235 welcome\r\n"
    }
    let verb = line.split(separator: " ").first.map { $0.uppercased() } ?? ""
    guard ["EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"].contains(verb) else { return "" }
    received.commands.append(line)
    switch verb {
    case "EHLO": return "250-127.0.0.1\r\n250 AUTH PLAIN\r\n"
    case "AUTH":
      // The secret is sent on a separate line.
      isSecret = true
      return "334 \r\n"
    case "RCPT": return "\(refusal ?? "250 known")\r\n"
    case "DATA":
      isMail = true
      return "354 go on\r\n"
    case "QUIT": return nil
    default: return "250 fine\r\n"
    }
  }
}
