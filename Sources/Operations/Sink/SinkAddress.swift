internal import Settings

/// An address of this machine's loopback that the sink listens on: `127.0.0.1:5678`, `[::1]:5678`, `localhost:5678`.
package struct SinkAddress: Hashable, Sendable {
  /// The address without brackets.
  package var host: String
  /// 0 asks the system for any free port.
  package var port: Int

  /// Where n8n listens by default, on this machine only.
  package static let standard = SinkAddress(host: "127.0.0.1", port: 5678)

  private init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads an address and its port.
  ///
  /// - Throws: `SinkAddressError`, also if other machines could reach the address: the sink authenticates nobody and
  ///   prints what it receives.
  package init(_ text: String) throws(SinkAddressError) {
    // A NUL would end the text for inet_pton(3).
    guard !text.utf8.contains(0) else { throw .malformed(text) }
    guard let address = ListenAddress(text) else {
      let digits = text.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
      let isPort = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
      // Whatever its port, the address is right if it is right with another port.
      guard isPort, ListenAddress(String(text.dropLast(digits.count)) + "0") != nil else { throw .malformed(text) }
      throw .port(String(digits))
    }
    guard address.isAddress || address.host == "localhost" else { throw .malformed(text) }
    // Nobody means an IPv4 address inside an IPv6 one.
    guard address.isLoopback, !address.host.lowercased().hasPrefix("::ffff:") else { throw .reachableFromOutside(text) }
    // What a name resolves to can be configured elsewhere.
    self.init(host: address.isAddress ? address.host : "127.0.0.1", port: address.port)
  }
}

extension SinkAddress: CustomStringConvertible {
  package var description: String { "\(ListenAddress(host: host, port: port))" }
}

/// Why the sink does not listen on an address.
package enum SinkAddressError: Error, Hashable, Sendable {
  case malformed(String)
  case port(String)
  case reachableFromOutside(String)
}

extension SinkAddressError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .malformed(let text):
      "'\(text)' is not an address and a port; write 127.0.0.1:5678, [::1]:5678, or port 0 for any that is free"
    case .port(let text): "there is no port \(text); choose one from 1 to 65535, or 0 for any that is free"
    case .reachableFromOutside(let text):
      "the sink listens on loopback only, as it takes events from whoever reaches it, and other machines could reach "
        + "\(text); write 127.0.0.1 or [::1]"
    }
  }
}
