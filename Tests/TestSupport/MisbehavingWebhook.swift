internal import Concurrency
internal import Glibc
internal import Synchronization

/// An HTTP server on the loopback interface that answers as instructed, or does not.
package final class MisbehavingWebhook: Sendable {
  package indirect enum Answer: Sendable {
    case status(Int, body: String = "", headers: [String] = [])
    /// The same after a while.
    case delayed(milliseconds: Int, Answer)
    /// Sends the first, keeps the connection, and after a while sends the second over it, unrequested.
    case twice(Answer, afterMilliseconds: Int, Answer)
    /// Closes the connection without an answer.
    case closed
    /// Sends this many bytes of a body announced as twice as long, and closes.
    case half(bytes: Int)
    /// Keeps the connection and sends nothing until the other side closes.
    case silence
    /// Sends just these bytes, then closes.
    case raw([UInt8])
  }

  package struct Request: Sendable {
    package var method: String
    package var target: String
    /// By their names in lower case.
    package var headers: [String: String]
    package var body: [UInt8]
    /// Which connection it came over, from 1.
    package var connection: Int
  }

  private struct State {
    var requests: [Request] = []
    var connections = 0
    var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    var isStopped = false
  }

  package let port: UInt16
  private let listener: Int32
  private let state = Mutex(State())
  private let answer: @Sendable (Request, Int) -> Answer

  /// Listens on a free port.
  ///
  /// - Parameter answer: Receives a request and its number, from 1.
  /// - Throws: `WebhookFailure`.
  package init(_ answer: @escaping @Sendable (Request, Int) -> Answer) throws {
    self.answer = answer
    let bound = try Self.bind()
    (listener, port) = bound
    guard listen(listener, 64) == 0 else { throw WebhookFailure(errno: errno) }
    startDetachedThread(named: "webhook-test") { self.accept() }
  }

  /// Answers with these in turn, and with the last one from then on.
  package convenience init(_ answers: Answer...) throws {
    try self.init { _, number in
      answers.indices.contains(number - 1) ? answers[number - 1] : answers.last ?? .status(200)
    }
  }

  package var url: String { "http://127.0.0.1:\(port)/webhook/events" }
  package var requests: [Request] { state.withLock(\.requests) }

  /// Waits until this many requests have arrived.
  package func waitForRequests(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.requests.count >= count { return true }
        state.waiters.append((count, continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }

  /// Accepts no more connections.
  package func stop() {
    let isFirst = state.withLock { state in
      defer { state.isStopped = true }
      return !state.isStopped
    }
    // `accept` returns, and the thread closes the socket.
    if isFirst { shutdown(listener, Int32(SHUT_RDWR)) }
  }

  /// The address of a port that refuses connections.
  package static func closedAddress() throws -> String {
    let (socket, port) = try bind()
    close(socket)
    return "http://127.0.0.1:\(port)/webhook/events"
  }

  private static func bind() throws -> (socket: Int32, port: UInt16) {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { throw WebhookFailure(errno: errno) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        Glibc.bind(socket, pointer, length) == 0 && getsockname(socket, pointer, &length) == 0
      }
    }
    guard isBound else {
      defer { close(socket) }
      throw WebhookFailure(errno: errno)
    }
    return (socket, UInt16(bigEndian: address.sin_port))
  }

  private func accept() {
    while true {
      let connection = Glibc.accept(listener, nil, nil)
      if connection < 0 {
        if errno == EINTR || errno == ECONNABORTED { continue }
        break
      }
      _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
      let number = state.withLock { state in
        state.connections += 1
        return state.connections
      }
      startDetachedThread(named: "connection") {
        self.serve(Connection(socket: connection), number: number)
        close(connection)
      }
    }
    close(listener)
  }

  private func serve(_ connection: Connection, number: Int) {
    var connection = connection
    while let request = connection.readRequest(number: number) {
      let (count, waiters) = state.withLock { state in
        state.requests.append(request)
        let count = state.requests.count
        let ready = state.waiters.filter { $0.count <= count }
        state.waiters.removeAll { $0.count <= count }
        return (count, ready)
      }
      let answer = answer(request, count)
      for waiter in waiters { waiter.continuation.resume() }
      guard connection.give(answer) else { return }
    }
  }
}

package struct WebhookFailure: Error {
  package var errno: Int32
}

private struct Connection {
  let socket: Int32
  private var buffer: [UInt8] = []

  init(socket: Int32) {
    self.socket = socket
  }

  mutating func readRequest(number: Int) -> MisbehavingWebhook.Request? {
    let end = Array("\r\n\r\n".utf8)
    var headEnd: Int?
    while headEnd == nil {
      if buffer.count >= 4 {
        headEnd = (0...(buffer.count - 4)).first { buffer[$0..<($0 + 4)].elementsEqual(end) }
      }
      // The greeting of a client that speaks TLS (RFC 8446, section 5.1), which is answered as if it were a request.
      if buffer.first == 22 { return .init(method: "", target: "", headers: [:], body: buffer, connection: number) }
      if headEnd == nil, !receive() { return nil }
    }
    guard let headEnd else { return nil }
    let lines = String(decoding: buffer[..<headEnd], as: UTF8.self).split(separator: "\r\n")
    guard let first = lines.first?.split(separator: " "), first.count == 3 else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { return nil }
      headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
    }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    while buffer.count < headEnd + 4 + length {
      if !receive() { return nil }
    }
    let body = Array(buffer[(headEnd + 4)..<(headEnd + 4 + length)])
    buffer.removeFirst(headEnd + 4 + length)
    return MisbehavingWebhook.Request(
      method: String(first[0]), target: String(first[1]), headers: headers, body: body, connection: number)
  }

  /// Sends an answer; false if the connection is to be closed.
  mutating func give(_ answer: MisbehavingWebhook.Answer) -> Bool {
    switch answer {
    case .status(let status, let body, let headers):
      let fields = headers.map { $0 + "\r\n" }.joined()
      return send(Array("HTTP/1.1 \(status) Told\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)".utf8))
    case .delayed(let milliseconds, let answer):
      usleep(UInt32(milliseconds) * 1000)
      return give(answer)
    case .twice(let first, let milliseconds, let second):
      guard give(first) else { return false }
      usleep(UInt32(milliseconds) * 1000)
      return give(second)
    case .closed: return false
    case .half(let bytes):
      let body = String(repeating: "x", count: bytes)
      _ = send(Array("HTTP/1.1 200 Told\r\nContent-Length: \(bytes * 2)\r\n\r\n\(body)".utf8))
      return false
    case .silence:
      while receive() {}
      return false
    case .raw(let bytes):
      _ = send(bytes)
      return false
    }
  }

  private mutating func receive() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = recv(socket, &chunk, chunk.count, 0)
    guard count > 0 else { return false }
    buffer += chunk[..<count]
    return true
  }

  private func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }
}
