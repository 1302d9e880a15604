import Glibc
import SystemPackage
import TestSupport
import Testing

/// What the daemon reports to systemd: sd_notify(3).
@Suite(.tags(.spawned)) struct ServiceManagerTests {
  /// A socket that plays the service manager.
  private final class Manager: Sendable {
    let path: String
    private let descriptor: Int32

    init(in tree: TemporaryTree) throws {
      path = tree.path.appending("notify").string
      descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
      let size = socklen_t(MemoryLayout<sockaddr_un>.size)
      let code = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
      }
      #expect(code == 0)
    }

    deinit { close(descriptor) }

    /// The next message with this beginning.
    func message(_ beginning: String) async throws -> String {
      try await onOwnThread { [descriptor] in
        while true {
          var buffer = [UInt8](repeating: 0, count: 4096)
          let count = recv(descriptor, &buffer, buffer.count, 0)
          let text = String(decoding: buffer[..<max(0, count)], as: UTF8.self)
          if count <= 0 || text.hasPrefix(beginning) { return text }
        }
      }
    }
  }

  @Test func `A daemon that stands by gives signs of life as well`() async throws {
    let site = try await Site()
    site.tree.write(site.configuration + "\nstandby: true\n", to: "config.yaml")
    let first = try site.start()
    #expect(try await first.errorLine(containing: "started") != nil)
    let manager = try Manager(in: site.tree)
    let second = try site.start([], environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "2000000"])
    #expect(try await manager.message("READY") == "READY=1\nSTATUS=standing by")
    #expect(try await manager.message("WATCHDOG") == "WATCHDOG=1")
    for program in [second, first] {
      program.signal(SIGTERM)
      #expect(try await program.end().code == 0)
    }
  }

  @Test func `It hears when the daemon is ready, alive, and about to stop`() async throws {
    let site = try await Site()
    let manager = try Manager(in: site.tree)
    let daemon = try site.start([], environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "200000"])
    #expect(try await manager.message("READY").hasPrefix("READY=1"))
    #expect(try await manager.message("WATCHDOG") == "WATCHDOG=1")
    #expect(try await manager.message("WATCHDOG") == "WATCHDOG=1")
    daemon.signal(SIGTERM)
    #expect(try await manager.message("STOPPING") == "STOPPING=1")
    #expect(try await daemon.end().code == 0)
  }
}
