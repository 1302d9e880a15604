internal import Glibc
internal import Synchronization

/// A proxy between machines and their database that treats their bytes like a bad network.
package final class DatabaseProxy: Sendable {
  private struct Link {
    var machine: Int32
    var server: Int32
  }

  private struct State {
    var links: [Int: Link] = [:]
    var next = 0
    var delay: useconds_t = 0
    var isHolding = false
  }

  private let listener: Int32
  private let server: String
  private let state = Mutex(State())

  /// Listens where libpq looks for a server.
  ///
  /// - Parameters:
  ///   - folder: The folder of its socket.
  ///   - server: The folder of the server's own socket.
  /// - Throws: `TestDatabase.Failure`.
  package init(in folder: String, to server: String) throws {
    self.server = server
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let listener = listener
    let isListening = Self.withAddress(in: folder) { bind(listener, $0, $1) == 0 && listen(listener, 64) == 0 }
    guard isListening else { throw TestDatabase.Failure(text: "no proxy in \(folder): error \(errno)") }
    Task { [weak self] in
      try await onOwnThread { [weak self] in
        while case let machine = accept(listener, nil, nil), machine >= 0 {
          // It does not keep itself alive while waiting.
          guard let proxy = self else { return }
          Task { try await onOwnThread { proxy.serve(machine) } }
        }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private static func withAddress<Result>(
    in folder: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: "\(folder)/.s.PGSQL.5432".utf8) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }

  /// Delays each piece of data before it is passed on.
  package func delay(milliseconds: Int) { state.withLock { $0.delay = useconds_t(milliseconds * 1000) } }

  /// Passes nothing on, in either direction, until released: the connections stay open.
  package func hold(_ isHolding: Bool) { state.withLock { $0.isHolding = isHolding } }

  /// Ends one direction of each connection: the machine, or the server, learns that the other sends no more.
  ///
  /// The machine then does not know the outcome of its statement, which the server still runs.
  package func endOneDirection(towardsMachines: Bool) {
    state.withLock { state in
      for link in state.links.values { shutdown(towardsMachines ? link.machine : link.server, Int32(SHUT_WR)) }
    }
  }

  private func serve(_ machine: Int32) {
    let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let isConnected = Self.withAddress(in: self.server) { connect(server, $0, $1) == 0 }
    let id = state.withLock { state in
      state.next += 1
      if isConnected { state.links[state.next] = Link(machine: machine, server: server) }
      return state.next
    }
    if isConnected { relay(machine, server) }
    state.withLock { state in
      state.links[id] = nil
      close(machine)
      close(server)
    }
  }

  /// Passes bytes on until both sides have sent all, or one cannot receive.
  private func relay(_ machine: Int32, _ server: Int32) {
    var ends = [machine, server].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while ends.contains(where: { $0.fd >= 0 }), poll(&ends, 2, -1) > 0 {
      for (from, to) in [(0, server), (1, machine)] where ends[from].fd >= 0 && ends[from].revents != 0 {
        let count = recv(ends[from].fd, &buffer, buffer.count, 0)
        let delay = state.withLock(\.delay)
        if delay > 0 { usleep(delay) }
        while state.withLock(\.isHolding) { usleep(10_000) }
        guard count > 0 else {
          shutdown(to, Int32(SHUT_WR))
          ends[from].fd = -1
          continue
        }
        guard send(to, buffer, count, Int32(MSG_NOSIGNAL)) == count else { return }
      }
    }
  }
}
