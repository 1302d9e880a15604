internal import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
internal import Settings

/// Who may see the page and what belongs to it.
struct AdminAccess: Sendable {
  /// Why a request is refused.
  enum Refusal: Sendable {
    /// No token was given.
    case noToken
    case wrongToken
    case unknownHost
    /// The request comes from a page of another site.
    case foreignSite
  }

  private let token: [UInt8]?
  private let listen: ListenAddress

  init(_ listen: ListenAddress, token: Secret?) {
    self.listen = listen
    // An empty token counts as none.
    self.token = token.flatMap { $0.isEmpty ? nil : Array($0.reveal().utf8) }
  }

  /// Whether a token is given that has to be compared.
  func isToken(in request: Request) -> Bool { token != nil && credentials(request.headers[.authorization]) != nil }

  /// Whether the request comes from a page of another site, according to the browser (W3C Fetch Metadata; RFC 6454,
  /// section 7).
  ///
  /// Such a page cannot read an answer, but would learn from success and failure which events there are. `same-site` is
  /// foreign too: to a browser, all ports of a host are one site. An address that a person opens is `none`.
  func isForeign(_ request: Request) -> Bool {
    if let site = request.headers[Self.fetchSite] { return site != "same-origin" && site != "none" }
    guard let origin = request.headers[.origin] else { return false }
    guard let authority = request.head.authority, let scheme = origin.firstRange(of: "://") else { return true }
    return origin[scheme.upperBound...].lowercased() != authority.lowercased()
  }

  /// Whether a request that changes something was sent by our own page, or by a program: a page of another site cannot
  /// send such a header field without asking first (the Fetch standard's CORS preflight), which is never granted.
  func isIntended(_ request: Request) -> Bool {
    token != nil && request.headers[Self.action] != nil && !isForeign(request)
  }

  /// The name that a person entered in the browser, for the log; it is not verified.
  func userName(of request: Request) -> String? {
    guard let field = request.headers[.authorization], field.lowercased().hasPrefix("basic "),
      let pair = Data(base64Encoded: String(field.dropFirst(6).drop { $0 == " " })),
      let colon = pair.firstIndex(of: UInt8(ascii: ":")), colon > pair.startIndex
    else { return nil }
    return String(decoding: pair[..<colon].prefix(100), as: UTF8.self)
  }

  private static let action: HTTPField.Name = {
    guard let name = HTTPField.Name("Eventdrop-Action") else { preconditionFailure("this is a field's name") }
    return name
  }()

  private static let fetchSite: HTTPField.Name = {
    guard let name = HTTPField.Name("Sec-Fetch-Site") else { preconditionFailure("this is a field's name") }
    return name
  }()

  /// Nil if the request is let in.
  func refusal(of request: Request) -> Refusal? {
    if isForeign(request) { return .foreignSite }
    guard let token else {
      // Without a token, any page in a browser on this machine could make its own name lead here (DNS rebinding): only
      // names that stand for this machine are answered.
      return isOwn(request.head.authority) ? nil : .unknownHost
    }
    guard let given = credentials(request.headers[.authorization]) else { return .noToken }
    return isSame(given, token) ? nil : .wrongToken
  }

  /// The token of `Bearer`, or the password of `Basic`, which is what browsers ask for (RFC 6750, RFC 7617).
  private func credentials(_ field: String?) -> [UInt8]? {
    guard let field, let blank = field.firstIndex(of: " ") else { return nil }
    let rest = String(field[blank...].drop { $0 == " " })
    switch field[..<blank].lowercased() {
    case "bearer": return Array(rest.utf8)
    case "basic":
      guard let pair = Data(base64Encoded: rest), let colon = pair.firstIndex(of: UInt8(ascii: ":")) else { return nil }
      return Array(pair[(colon + 1)...])
    default: return nil
    }
  }

  /// Compares in a time that reveals nothing about where they differ.
  private func isSame(_ given: [UInt8], _ token: [UInt8]) -> Bool {
    var difference = given.count ^ token.count
    for (index, byte) in given.enumerated() { difference |= Int(byte ^ token[index % token.count]) }
    return difference == 0
  }

  private func isOwn(_ authority: String?) -> Bool {
    // HTTP/1.0 has no Host; no browser uses it.
    guard let authority, !authority.isEmpty else { return true }
    let address = ListenAddress(authority) ?? ListenAddress("\(authority):80")
    guard let address else { return false }
    return address.isLoopback || address.host.lowercased() == listen.host.lowercased()
  }
}
