internal import Events
internal import Forwarding
internal import Glibc

/// The address of a web service, or of a proxy (RFC 3986).
package struct WebAddress: Hashable, Sendable {
  /// In lower case: `http` or `https`; for a proxy also one of libcurl's SOCKS schemes.
  package let scheme: String
  /// A name, or an IP address; IPv6 without brackets.
  package let host: String
  /// The port given, or the scheme's.
  package let port: Int
  /// Begins with `/`.
  package let path: String
  /// Whether a user, perhaps with a password, precedes the host.
  package let hasUser: Bool
  /// The whole address, as written.
  ///
  /// It can contain a password.
  package let full: Secret
  /// Without user, password and query.
  package let withoutPasswords: String
  /// Without anything that could let somebody in: the host, and the last four characters of a longer path.
  package let description: String

  static let webPorts = ["http": 80, "https": 443]
  /// CURLOPT_PROXY(3): the proxies that libcurl accepts, and its port for SOCKS.
  static let proxyPorts = ["http": 80, "https": 443, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080]

  /// Parses an address.
  ///
  /// - Parameters:
  ///   - text: The address.
  ///   - ports: The allowed schemes, each with its port.
  /// - Throws: `WebAddressError`.
  init(_ text: String, ports: [String: Int]) throws(WebAddressError) {
    let parts = AddressParts(text)
    guard let scheme = parts.scheme?.lowercased() else { throw .noScheme }
    guard let usualPort = ports[scheme] else { throw .otherScheme }
    guard text.utf8.dropFirst(scheme.utf8.count).allSatisfy({ $0.isAllowedInAddress }) else {
      throw .notEncoded
    }
    guard !parts.hasFragment else { throw .fragment }
    guard let (host, port) = String(parts.hostAndPort).hostAndPort else {
      throw .noHost
    }
    switch port {
    case nil: self.port = usualPort
    case .some(let digits):
      guard let number = digits.portNumber, number > 0 else { throw .noPort }
      self.port = number
    }
    let path = String(parts.path)
    self.scheme = scheme
    self.host = host
    self.path = path.isEmpty ? "/" : path
    hasUser = parts.user != nil
    full = Secret(text)
    withoutPasswords = "\(scheme)://\(parts.hostAndPort)\(path)"
    description = "\(scheme)://\(parts.hostAndPort)\(WebhookAddress.hint(ofPath: path))"
  }

  /// Parses an http or https address; nil if it is invalid.
  package init?(_ text: String) {
    guard let address = try? WebAddress(text, ports: Self.webPorts) else { return nil }
    self = address
  }
}

extension WebAddress: CustomStringConvertible {}

/// Why a text is not an address; never with a part of the text, which can contain a password.
enum WebAddressError: Error {
  case noScheme, otherScheme, notEncoded, fragment, noHost, noPort

  /// The sentence for it.
  ///
  /// - Parameters:
  ///   - example: A valid address.
  ///   - schemes: The allowed schemes.
  /// - Returns: The sentence.
  func message(example: String, schemes: [String]) -> Message {
    let (words, last) = alternatives(schemes)
    let example = Message.Value.text(example)
    return switch self {
    case .noScheme: .refused(.noScheme, ["example": example])
    case .otherScheme: .refused(.otherScheme, ["example": example, "words": words, "last": last])
    case .notEncoded: .refused(.notEncoded, ["example": example])
    case .fragment: .refused(.fragment, ["example": example])
    case .noHost: .refused(.noHost, ["example": example])
    case .noPort: .refused(.noPort, ["example": example])
    }
  }
}

extension String {
  /// What precedes and what follows the last colon; nil if the former is not a host.
  ///
  /// The port is nil if there is no colon.
  ///
  /// RFC 3986, section 3.2.2; only names that DNS and `/etc/hosts` allow.
  var hostAndPort: (host: String, port: String?)? {
    if utf8.first == UInt8(ascii: "[") {
      guard let end = utf8.firstIndex(of: UInt8(ascii: "]")) else { return nil }
      let host = String(Substring(utf8[..<end].dropFirst()))
      let rest = utf8[end...].dropFirst()
      guard host.isIPv6Address, rest.isEmpty || rest.first == UInt8(ascii: ":") else { return nil }
      return (host, rest.isEmpty ? nil : String(Substring(rest.dropFirst())))
    }
    let colon = utf8.firstIndex(of: UInt8(ascii: ":")) ?? utf8.endIndex
    let host = utf8[..<colon]
    guard !host.isEmpty, host.count <= 253, host.allSatisfy({ $0.isInHostName }) else { return nil }
    return (String(Substring(host)), colon == utf8.endIndex ? nil : String(Substring(utf8[colon...].dropFirst())))
  }

  var isIPv4Address: Bool {
    var address = in_addr()
    return inet_pton(AF_INET, self, &address) == 1
  }

  var isIPv6Address: Bool { ipv6Bytes != nil }

  /// Whether it is `::1`, or one of 127.0.0.0/8 inside an IPv6 address, in any notation.
  var isIPv6Loopback: Bool {
    guard let bytes = ipv6Bytes else { return false }
    let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 127]
    return bytes.starts(with: mapped) || (bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1)
  }

  /// Whether it is `::`, in any notation.
  var isIPv6Unspecified: Bool { ipv6Bytes?.allSatisfy { $0 == 0 } ?? false }

  /// The 16 bytes of an IPv6 address, in network order; nil if it is invalid (inet_pton(3)).
  private var ipv6Bytes: [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 16)
    return inet_pton(AF_INET6, self, &bytes) == 1 ? bytes : nil
  }

  /// A number from 0 to 65535, in digits.
  var portNumber: Int? {
    guard (1...5).contains(utf8.count), utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(self) else {
      return nil
    }
    return number <= 65_535 ? number : nil
  }
}

extension UInt8 {
  fileprivate var isInHostName: Bool { isAlphanumeric || "-._".utf8.contains(self) }

  /// The characters of RFC 3986, section 2; the server judges whether a `%` is followed by two digits.
  fileprivate var isAllowedInAddress: Bool { isAlphanumeric || "-._~:/?#[]@!$&'()*+,;=%".utf8.contains(self) }
}
