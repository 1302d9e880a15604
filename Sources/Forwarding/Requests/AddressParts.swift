/// The parts of a web address (RFC 3986, section 3), for any text: it does not check that it is valid.
///
/// It is split by bytes, so that no combining accent after an `@` or a `/` hides it.
package struct AddressParts {
  /// What precedes `://`; nil if that is missing.
  package let scheme: Substring?
  /// What precedes the host's `@`, including a password; nil if there is none.
  package let user: Substring?
  package let hostAndPort: Substring
  /// Up to the query; everything up to there if there is no scheme.
  package let path: Substring
  /// What follows the first `?`, up to a `#`; nil if there is none.
  package let query: Substring?
  package let hasFragment: Bool

  package init(_ text: String) {
    let bytes = text.utf8
    let end = bytes.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? bytes.endIndex
    query = bytes.firstIndex(of: UInt8(ascii: "?")).map {
      Substring(bytes[bytes.index(after: $0)...].prefix { $0 != UInt8(ascii: "#") })
    }
    hasFragment = bytes.contains(UInt8(ascii: "#"))
    guard let mark = bytes[..<end].firstRange(of: "://".utf8) else {
      (scheme, user, hostAndPort, path) = (nil, nil, "", Substring(bytes[..<end]))
      return
    }
    scheme = Substring(bytes[..<mark.lowerBound])
    let rest = bytes[mark.upperBound..<end]
    // A client may treat a backslash as a slash.
    let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\") }
    path = Substring(rest[authority.endIndex...])
    let at = authority.lastIndex(of: UInt8(ascii: "@"))
    user = at.map { Substring(authority[..<$0]) }
    hostAndPort = Substring(at.map { authority[authority.index(after: $0)...] } ?? authority)
  }
}
