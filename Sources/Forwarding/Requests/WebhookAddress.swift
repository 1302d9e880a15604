/// A URL as it may be shown: without user, password, query and fragment, which can contain secrets.
package struct WebhookAddress: Hashable, Sendable, CustomStringConvertible {
  package let description: String

  /// Reads any text; what is not a URL is shown up to its first `?` or `#`.
  ///
  /// - Parameters:
  ///   - url: The text.
  ///   - hidesPath: Whether of the path only a hint is shown.
  package init(_ url: String, hidesPath: Bool = false) {
    let parts = AddressParts(url)
    let path = hidesPath ? Self.hint(ofPath: String(parts.path)) : String(parts.path)
    let shown = parts.scheme.map { "\($0)://\(parts.hostAndPort)\(path)" } ?? path
    description = String(
      String.UnicodeScalarView(shown.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 })
    )
  }
}

extension WebhookAddress {
  /// What may be secret in a URL, as written and as an HTTP client understands it: the password, the header field made
  /// from it, and the values in the query.
  package static func secrets(in url: String) -> [String] {
    let parts = AddressParts(url)
    let values = (parts.query ?? "").split(separator: "&").map { (part: Substring) -> Substring in
      part.firstIndex(of: "=").map { part[part.index(after: $0)...] } ?? part
    }
    let fields = parts.user.map { [String($0), decoded($0)] } ?? []
    return (password(in: parts) + values).flatMap { [String($0), decoded($0)] } + fields.map { Base64.encode($0.utf8) }
  }

  private static func password(in parts: AddressParts) -> [Substring] {
    guard let user = parts.user, let colon = user.utf8.firstIndex(of: UInt8(ascii: ":")) else { return [] }
    return [Substring(user.utf8[user.utf8.index(after: colon)...])]
  }

  /// A text with its percent-encoding undone (RFC 3986, section 2.1).
  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2, let code = UInt8(String(rest.prefix(2)) ?? "", radix: 16) {
        bytes.append(code)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
