/// Where a server of this program listens.
package struct ListenAddress: Hashable, Sendable {
  /// A name, or an IP address; IPv6 without brackets.
  package var host: String
  /// 0 lets the system choose.
  package var port: Int

  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Parses `127.0.0.1:8641`, `[::1]:8641` or `localhost:8641`; nil for any other form.
  package init?(_ text: String) {
    guard let (host, digits) = text.hostAndPort, let port = digits?.portNumber else { return nil }
    self.init(host: host, port: port)
  }

  /// Whether its host is an IP address, not a name.
  package var isAddress: Bool { host.isIPv4Address || host.isIPv6Address }

  /// Whether only this machine can reach it (RFC 6890, section 2.2.2; RFC 4291, section 2.5.3).
  ///
  /// A name other than `localhost` is not looked up in DNS: its address can change.
  package var isLoopback: Bool {
    host.lowercased() == "localhost" || (host.isIPv4Address && host.hasPrefix("127.")) || host.isIPv6Loopback
  }

  /// Whether it stands for all addresses of this machine (RFC 6890, section 2.2.2; RFC 4291, section 2.5.2).
  package var isEveryAddress: Bool { host == "0.0.0.0" || host.isIPv6Unspecified }
}

extension ListenAddress: CustomStringConvertible {
  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
