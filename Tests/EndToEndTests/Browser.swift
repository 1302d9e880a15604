import Glibc
import TestSupport

/// Chromium without a window, controlled over its DevTools protocol.
final class Browser: Sendable {
  /// Where Debian and others install it; nil if it is missing.
  static let path = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].first {
    (path: String) in
    access(path, X_OK) == 0
  }

  private let program: SpawnedProgram
  private let connection: LoopbackConnection
  private let profile: TemporaryTree

  /// Starts it, for a user of this language, and opens an empty page.
  init(_ path: String, language: String = "en-US") async throws {
    profile = TemporaryTree()
    program = try SpawnedProgram(
      [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--lang=\(language)", "--accept-lang=\(language)", "--remote-debugging-port=0",
        "--user-data-dir=\(profile.path)", "about:blank",
      ], executable: path, environment: ["HOME": "\(profile.path)"])
    let line = try await program.errorLineAfter("DevTools listening on ws://127.0.0.1:") ?? ""
    guard let port = Int(line.prefix { $0 != "/" }) else { throw BrowserFailure(what: "it did not start: \(line)") }
    connection = try await onOwnThread {
      // There is one open page, the empty one. The answer's head is unusual.
      let asking = try LoopbackConnection(port: port)
      try asking.send(Array("GET /json/list HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n".utf8))
      var answer = ""
      while !answer.contains("]") {
        let more = try asking.receive()
        guard !more.isEmpty else { throw BrowserFailure(what: "it reports no page: \(answer)") }
        answer += String(decoding: more, as: UTF8.self)
      }
      guard let rest = answer.split(separator: "/devtools/page/").dropFirst().first else {
        throw BrowserFailure(what: "it reports no page: \(answer)")
      }
      let place = rest.prefix { $0 != "\"" && $0 != "&" }
      let connection = try LoopbackConnection(port: port)
      let key = "AAAAAAAAAAAAAAAAAAAAAA=="
      try connection.send(
        Array(
          ("GET /devtools/page/\(place) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Key: \(key)\r\nSec-WebSocket-Version: 13\r\n\r\n").utf8))
      var head: [UInt8] = []
      while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
        let more = try connection.receive()
        guard !more.isEmpty else { throw BrowserFailure(what: "no answer to the upgrade") }
        head += more
      }
      return connection
    }
    for domain in ["Page", "Runtime", "Log"] { _ = try await command("\(domain).enable") }
  }

  deinit {
    program.signal(SIGKILL)
  }

  private let log = Log()

  /// The pages' errors so far.
  var problems: [String] { log.problems }

  func open(_ address: String) async throws {
    _ = try await command("Page.navigate", #"{"url":"\#(address)"}"#)
  }

  /// Makes the window as narrow as a telephone, and the colours dark.
  func becomeTelephone(width: Int) async throws {
    _ = try await command(
      "Emulation.setDeviceMetricsOverride",
      #"{"width":\#(width),"height":844,"deviceScaleFactor":1,"mobile":true}"#)
  }

  func becomeDarkTelephone() async throws {
    try await becomeTelephone(width: 390)
    _ = try await command(
      "Emulation.setEmulatedMedia", #"{"features":[{"name":"prefers-color-scheme","value":"dark"}]}"#)
  }

  /// Whether an expression becomes true within the time a busy machine may need.
  func waits(until expression: String) async throws -> Bool {
    for _ in 0..<600 {
      if try await value(of: "Boolean(\(expression))").contains(#""value":true"#) { return true }
      try await Task.sleep(for: .milliseconds(50))
    }
    return false
  }

  /// The answer to `Runtime.evaluate`.
  func value(of expression: String) async throws -> String {
    let quoted = expression.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: " ")
    return try await command("Runtime.evaluate", #"{"expression":"\#(quoted)","returnByValue":true}"#)
  }

  private func command(_ method: String, _ parameters: String = "{}") async throws -> String {
    try await onOwnThread { [connection, log] in
      let id = log.next()
      try connection.send(Self.frame(#"{"id":\#(id),"method":"\#(method)","params":\#(parameters)}"#))
      while true {
        let message = try log.message(from: connection)
        if message.hasPrefix(#"{"id":\#(id),"#) { return message }
        log.note(message)
      }
    }
  }

  /// A text frame, masked as RFC 6455 requires of a client.
  private static func frame(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    var frame: [UInt8] = [0x81]
    if bytes.count < 126 {
      frame.append(0x80 | UInt8(bytes.count))
    } else {
      let length = UInt16(bytes.count)
      frame += [0xFE, UInt8(length >> 8), UInt8(length & 0xFF)]
    }
    // A mask of zeros leaves the bytes as they are.
    return frame + [0, 0, 0, 0] + bytes
  }
}

struct BrowserFailure: Error {
  var what: String
}
