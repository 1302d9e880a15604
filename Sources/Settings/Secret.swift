/// A text that must not be seen: no log, error, status or dump of it shows more than that it is one.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let text: String

  package init(_ text: String) {
    self.text = text
  }

  package var isEmpty: Bool { text.isEmpty }

  /// The text itself, for the one place that has to use it.
  package func reveal() -> String { text }

  package var description: String { "(secret)" }
  package var debugDescription: String { "(secret)" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

/// An address of a web service.
package struct WebAddress: Hashable, Sendable, CustomStringConvertible {
  /// All of it, as libcurl takes it.
  ///
  /// It can hold a password.
  package let full: Secret
  /// Without what can be secret: user, password, query and fragment.
  package let description: String

  /// Reads an address of scheme http or https; nil where it is none.
  package init?(_ text: String) {
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != 0x5C && $0 < 0x80 }) else { return nil }
    let lowered = text.lowercased()
    guard let scheme = ["https://", "http://"].first(where: { lowered.hasPrefix($0) }) else { return nil }
    let rest = text.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? authority
    guard !host.isEmpty, host.first != ":" else { return nil }
    if let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") {
      guard let port = Int(host[host.index(after: colon)...]), (1...65_535).contains(port) else { return nil }
    }
    let path = rest[authority.endIndex...].prefix { $0 != "?" && $0 != "#" }
    full = Secret(text)
    description = scheme + host + path
  }
}
