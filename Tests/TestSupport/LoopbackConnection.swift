internal import Glibc

/// A connection to a server on 127.0.0.1 that sends and receives raw bytes; for tests of servers.
package final class LoopbackConnection: Sendable {
  /// What went wrong: the call and errno.
  package struct Failure: Error, Hashable {
    package var call: String
    package var code: Int32
  }

  /// An answer as received.
  package struct Answer: Hashable, Sendable {
    package var status: Int
    /// In lower case.
    package var headers: [String: String]
    package var body: String
  }

  private let descriptor: Int32

  /// Connects; no later call blocks for longer than two minutes: other tests may keep the server busy.
  package init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
    var limit = timeval(tv_sec: 120, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    let status = withUnsafeBytes(of: &address) {
      connect(descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count))
    }
    guard status == 0 else {
      let code = errno
      close(descriptor)
      throw Failure(call: "connect", code: code)
    }
  }

  deinit {
    close(descriptor)
  }

  /// Sends all of these bytes.
  package func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw Failure(call: "send", code: errno) }
      rest = rest.dropFirst(count)
    }
  }

  /// Receives some bytes; none at the end of the connection.
  package func receive() throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count >= 0 else { throw Failure(call: "recv", code: errno) }
    return Array(buffer[..<count])
  }

  /// Sends a request and receives its answer; nil if the connection is closed without one.
  package func exchange(
    _ method: String = "POST", _ path: String = "/webhook/eventdrop", headers: [String: String] = [:],
    body: [UInt8] = []
  ) throws -> Answer? {
    var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: \(body.count)\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    try send(Array((head + "\r\n").utf8) + body)
    return try receiveAnswer(hasBody: method != "HEAD")
  }

  private func receiveAnswer(hasBody: Bool) throws -> Answer? {
    var received: [UInt8] = []
    while true {
      if let answer = Self.answer(received, hasBody: hasBody) { return answer }
      let more: [UInt8]
      do {
        more = try receive()
      } catch let failure as Failure where failure.code == ECONNRESET {
        return nil
      }
      if more.isEmpty { return nil }
      received += more
    }
  }

  private static func answer(_ received: [UInt8], hasBody: Bool) -> Answer? {
    let text = String(decoding: received, as: UTF8.self)
    let ending = "\r\n\r\n".utf8
    guard let end = received.indices.first(where: { received[$0...].starts(with: ending) }) else { return nil }
    let lines = String(decoding: received[..<end], as: UTF8.self).split(separator: "\r\n")
    guard text.hasPrefix("HTTP/1.1 "), let status = lines.first.flatMap({ Int($0.dropFirst(9).prefix(3)) }) else {
      return nil
    }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
      headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1]) : ""
    }
    let body = received[(end + 4)...]
    if hasBody, headers["transfer-encoding"] == "chunked" {
      guard let content = unchunked(body) else { return nil }
      return Answer(status: status, headers: headers, body: String(decoding: content, as: UTF8.self))
    }
    let length = hasBody ? headers["content-length"].flatMap { Int($0) } ?? 0 : 0
    guard body.count >= length else { return nil }
    return Answer(status: status, headers: headers, body: String(decoding: body.prefix(length), as: UTF8.self))
  }

  /// RFC 9112, section 7.1, without extensions and trailers; nil if it is incomplete.
  private static func unchunked(_ body: ArraySlice<UInt8>) -> [UInt8]? {
    var (rest, content) = (body, [UInt8]())
    while let end = rest.indices.first(where: { rest[$0...].starts(with: "\r\n".utf8) }),
      let size = Int(String(decoding: rest[..<end], as: UTF8.self), radix: 16)
    {
      rest = rest[(end + 2)...]
      guard rest.count >= size + 2 else { return nil }
      if size == 0 { return content }
      content += rest.prefix(size)
      rest = rest.dropFirst(size + 2)
    }
    return nil
  }
}
