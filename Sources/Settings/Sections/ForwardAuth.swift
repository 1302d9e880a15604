/// How requests are authenticated: what n8n's webhook node knows.
package enum ForwardAuth: Sendable, Equatable {
  case none
  case bearer(Secret)
  case basic(user: String, password: Secret)
  case header(name: String, value: Secret)
  /// HS256.
  case jwt(secret: Secret, claims: [Claim])

  /// One claim of a JSON Web Token.
  package struct Claim: Sendable, Hashable {
    package var name: String
    /// Its value, as JSON.
    package var json: String
  }

  /// Reads the one kind that is given; one whose secret is empty is none.
  ///
  /// - Parameters:
  ///   - section: What the file has.
  ///   - token: The bearer's token where the file does not have `auth` at all, with references in it.
  mutating func read(_ section: inout Section, otherwise token: String?) {
    let given = ["bearer", "basic", "header", "jwt"].filter { section.has($0) }
    if given.count > 1 {
      section.report("choose one of \(given.joined(separator: " and ")): a request can have one authentication")
    }
    var secret: Secret?
    section.read("bearer", as: .sentSecret("a token"), into: &secret, otherwise: token)
    if let secret { self = .bearer(secret) }
    section.section("basic") { readBasic(&$0) }
    section.section("header") { readHeader(&$0) }
    section.section("jwt") { readToken(&$0) }
  }

  private mutating func readBasic(_ section: inout Section) {
    var user: String?
    var password: Secret?
    let isUserRight = section.read("user", as: .user, into: &user)
    section.read("password", as: .sentSecret("a password"), into: &password)
    guard let password, isUserRight else { return }
    guard let user else {
      section.report("a user is needed too")
      return
    }
    self = .basic(user: user, password: password)
  }

  private mutating func readHeader(_ section: inout Section) {
    var name: String?
    var value: Secret?
    let isNameRight = section.read("name", as: .headerName, into: &name)
    section.read("value", as: .sentSecret("a header's value"), into: &value)
    guard let value, isNameRight else { return }
    guard let name else {
      section.report("a name is needed too, such as X-Api-Key")
      return
    }
    self = .header(name: name, value: value)
  }

  private mutating func readToken(_ section: inout Section) {
    var secret: Secret?
    section.read("secret", as: .secret("the secret that tokens are signed with"), into: &secret)
    let claims = section.claims("claims")
    if let secret { self = .jwt(secret: secret, claims: claims) }
  }
}

extension Section {
  /// Reads claims: whatever YAML there is, as JSON.
  fileprivate mutating func claims(_ key: String) -> [ForwardAuth.Claim] {
    guard let node = take(key), !node.isNull else { return [] }
    switch node.content {
    case .mapping(let entries): return entries.map { ForwardAuth.Claim(name: $0.key, json: $0.value.json) }
    case .refused: return []
    case .list, .scalar:
      report("expected claims and their values, such as 'iss: eventdrop', not \(node.kindName)", in: key)
      return []
    }
  }
}
