/// A URL as it may be shown: without user, password, query and fragment, which can hold secrets.
package struct WebhookAddress: Hashable, Sendable, CustomStringConvertible {
  package let description: String

  /// Reads any text; what is no URL is shown up to its first `?` or `#`.
  package init(_ url: String) {
    var shown = url.prefix { $0 != "?" && $0 != "#" }
    if let scheme = shown.range(of: "://") {
      let authority = shown[scheme.upperBound...].prefix { $0 != "/" && $0 != "\\" }
      if let at = authority.lastIndex(of: "@") {
        shown.removeSubrange(scheme.upperBound...at)
      }
    }
    description = String(
      String.UnicodeScalarView(shown.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 })
    )
  }
}

extension WebhookAddress {
  /// What may be secret in a URL, as it is written and as an HTTP client understands it: the password, the field that is
  /// made of it, and the values in the query.
  package static func secrets(in url: String) -> [String] {
    let query: Substring = url.split(separator: "?", maxSplits: 1).dropFirst().first?.prefix { $0 != "#" } ?? ""
    let values = query.split(separator: "&").map { (part: Substring) -> Substring in
      part.firstIndex(of: "=").map { part[part.index(after: $0)...] } ?? part
    }
    return (userSecrets(in: url) + values).flatMap { [String($0), decoded($0)] }
      + userFields(in: url).map { Base64.encode($0.utf8) }
  }

  private static func user(in url: String) -> Substring? {
    guard let scheme = url[...].range(of: "://") else { return nil }
    let authority = url[scheme.upperBound...].prefix { !"/\\?#".contains($0) }
    return authority.lastIndex(of: "@").map { authority[..<$0] }
  }

  private static func userSecrets(in url: String) -> [Substring] {
    guard let user = user(in: url), let colon = user.firstIndex(of: ":") else { return [] }
    return [user[user.index(after: colon)...]]
  }

  private static func userFields(in url: String) -> [String] {
    user(in: url).map { [String($0), decoded($0)] } ?? []
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

extension Substring {
  /// Where a text stands first.
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
