import Glibc
import Synchronization
import TestSupport

/// A proxy on the loopback interface that opens tunnels, as `CONNECT` asks for (RFC 9110, section 9.3.6).
final class TunnelProxy: Sendable {
  private let listener: Int32
  let port: Int
  private let heads = Mutex<[String]>([])

  /// The head of each request made to the proxy itself.
  var requests: [String] { heads.withLock(\.self) }

  /// Listens on a free port.
  ///
  /// - Throws: `Certificates.Failure`.
  init() throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isListening = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0 && listen(listener, 8) == 0
      }
    }
    guard isListening else { throw Certificates.Failure(what: "no proxy: error \(errno)") }
    port = Int(UInt16(bigEndian: address.sin_port))
    Task { [self] in
      try await onOwnThread { [self] in
        while case let client = accept(listener, nil, nil), client >= 0 {
          Task { try await onOwnThread { self.serve(client) } }
        }
      }
    }
  }

  /// Accepts no more connections.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
  }

  deinit {
    close(listener)
  }

  private func serve(_ client: Int32) {
    defer { close(client) }
    var head: [UInt8] = []
    var byte: UInt8 = 0
    while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      guard recv(client, &byte, 1, 0) == 1 else { return }
      head.append(byte)
    }
    let text = String(decoding: head, as: UTF8.self)
    heads.withLock { $0.append(text) }
    // CONNECT 127.0.0.1:PORT HTTP/1.1
    let target = text.split(separator: " ").dropFirst().first ?? ""
    guard text.hasPrefix("CONNECT 127.0.0.1:"), let port = UInt16(target.split(separator: ":").last ?? "") else {
      return
    }
    let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(server) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = port.bigEndian
    let isConnected = withUnsafeBytes(of: &address) {
      connect(server, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count)) == 0
    }
    guard isConnected else { return }
    let answer = Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)
    _ = send(client, answer, answer.count, Int32(MSG_NOSIGNAL))
    relay(client, server)
  }

  /// Relays bytes in both directions until either side closes.
  private func relay(_ client: Int32, _ server: Int32) {
    var ends = [
      pollfd(fd: client, events: Int16(POLLIN), revents: 0), pollfd(fd: server, events: Int16(POLLIN), revents: 0),
    ]
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while poll(&ends, 2, -1) > 0 {
      for (from, to) in [(0, 1), (1, 0)] where ends[from].revents != 0 {
        let count = recv(ends[from].fd, &buffer, buffer.count, 0)
        guard count > 0, send(ends[to].fd, buffer, count, Int32(MSG_NOSIGNAL)) == count else { return }
      }
    }
  }
}
