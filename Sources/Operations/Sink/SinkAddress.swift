internal import Glibc

/// An address of this machine's loopback that the sink listens on: `127.0.0.1:5678`, `[::1]:5678`, `localhost:5678`.
package struct SinkAddress: Hashable, Sendable {
  /// The address without brackets.
  package var host: String
  /// 0 asks the system for any that is free.
  package var port: Int

  /// Where n8n listens by default, on this machine alone.
  package static let standard = SinkAddress(host: "127.0.0.1", port: 5678)

  private init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads an address and its port.
  ///
  /// - Throws: `SinkAddressError`, also where other machines could reach the address: the sink asks nobody who they are
  ///   and prints what it gets.
  package init(_ text: String) throws(SinkAddressError) {
    // A NUL would end the text for inet_pton(3).
    guard let colon = text.lastIndex(of: ":"), !text.utf8.contains(0) else { throw .malformed(text) }
    let digits = text[text.index(after: colon)...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { throw .malformed(text) }
    guard let port = UInt16(digits) else { throw .port(String(digits)) }
    self.port = Int(port)

    let written = text[..<colon]
    let isBracketed = written.hasPrefix("[") && written.hasSuffix("]")
    let host = isBracketed ? String(written.dropFirst().dropLast()) : String(written)
    if host == "localhost", !isBracketed {
      self.host = "127.0.0.1"
    } else if isBracketed, Self.isIPv6(host) {
      guard Self.isLoopbackIPv6(host) else { throw .reachableFromOutside(text) }
      self.host = host
    } else if let first = Self.firstByteOfIPv4(host), !isBracketed {
      guard first == 127 else { throw .reachableFromOutside(text) }
      self.host = host
    } else {
      throw .malformed(text)
    }
  }

  private static func firstByteOfIPv4(_ text: String) -> UInt8? { bytes(of: text, AF_INET)?.first }

  private static func isIPv6(_ text: String) -> Bool { bytes(of: text, AF_INET6) != nil }

  /// Whether it is `::1`, however it is written (RFC 4291, section 2.5.3).
  private static func isLoopbackIPv6(_ text: String) -> Bool {
    bytes(of: text, AF_INET6).map { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 } ?? false
  }

  /// The 4 or 16 bytes of an address in network order; nil if it is invalid (inet_pton(3)).
  private static func bytes(of text: String, _ family: Int32) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: family == AF_INET ? 4 : 16)
    return inet_pton(family, text, &bytes) == 1 ? bytes : nil
  }
}

extension SinkAddress: CustomStringConvertible {
  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
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
