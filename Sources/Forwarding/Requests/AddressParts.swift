/// The parts of a web address (RFC 3986, section 3), of any text: whether it is a valid one is for others to say.
///
/// It is taken apart by bytes, so that no accent behind an `@` or a `/` hides it.
package struct AddressParts {
  /// What stands before `://`; nil if that is not there.
  package let scheme: Substring?
  /// What stands before the host's `@`, a password among it; nil if there is none.
  package let user: Substring?
  package let hostAndPort: Substring
  /// Up to the query; all up to there if there is no scheme.
  package let path: Substring
  /// What stands behind the first `?`, up to a `#`; nil if there is none.
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
    // A client may take a backslash for a slash.
    let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\") }
    path = Substring(rest[authority.endIndex...])
    let at = authority.lastIndex(of: UInt8(ascii: "@"))
    user = at.map { Substring(authority[..<$0]) }
    hostAndPort = Substring(at.map { authority[authority.index(after: $0)...] } ?? authority)
  }
}
