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
  /// The password in a URL, and the field that an HTTP client makes of it.
  static func secrets(in url: String) -> [String] {
    guard let scheme = url[...].range(of: "://") else { return [] }
    let authority = url[scheme.upperBound...].prefix { !"/\\?#".contains($0) }
    guard let at = authority.lastIndex(of: "@") else { return [] }
    let user = authority[..<at]
    let password = user.firstIndex(of: ":").map { String(user[user.index(after: $0)...]) }
    return [password, Base64.encode(user.utf8)].compactMap(\.self)
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
