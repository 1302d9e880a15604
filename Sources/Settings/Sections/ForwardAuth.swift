internal import Events

/// How requests are authenticated: the methods of n8n's webhook node.
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

  /// Reads the one kind that is given; if its secret is empty, there is none.
  ///
  /// - Parameters:
  ///   - section: The section of the file.
  ///   - token: The bearer token if the file lacks `auth` altogether, with references in it.
  /// - Returns: Whether it is what the file means: false if it contains a mistake, which is reported.
  mutating func read(_ section: inout Section, otherwise token: String?) -> Bool {
    let given = ["bearer", "basic", "header", "jwt"].filter { section.has($0) }
    if given.count > 1 {
      let (keys, last) = alternatives(given)
      section.report(.severalAuthentications, ["keys": keys, "last": last])
    }
    var secret: Secret?
    var isRight = section.read("bearer", as: .token, into: &secret, otherwise: token)
    if let secret { self = .bearer(secret) }
    section.section("basic") { isRight = readBasic(&$0) && isRight }
    section.section("header") { isRight = readHeader(&$0) && isRight }
    section.section("jwt") { isRight = readToken(&$0) && isRight }
    return isRight && given.count <= 1
  }

  private mutating func readBasic(_ section: inout Section) -> Bool {
    var user: String?
    var password: Secret?
    let isUserRight = section.read("user", as: .user, into: &user)
    let isPasswordRight = section.read("password", as: .password, into: &password)
    guard let password, isUserRight else { return isUserRight && isPasswordRight }
    guard let user else {
      section.report(.noUser)
      return false
    }
    self = .basic(user: user, password: password)
    return true
  }

  private mutating func readHeader(_ section: inout Section) -> Bool {
    var name: String?
    var value: Secret?
    let isNameRight = section.read("name", as: .headerName, into: &name)
    let isValueRight = section.read("value", as: .headerValue, into: &value)
    guard let value, isNameRight else { return isNameRight && isValueRight }
    guard let name else {
      section.report(.noHeaderName)
      return false
    }
    self = .header(name: name, value: value)
    return true
  }

  private mutating func readToken(_ section: inout Section) -> Bool {
    var secret: Secret?
    let isRight = section.read("secret", as: .secret(.tokenSecret), into: &secret)
    let claims = section.claims("claims")
    if let secret { self = .jwt(secret: secret, claims: claims) }
    return isRight
  }
}

extension Section {
  /// Reads claims: any YAML, as JSON.
  fileprivate mutating func claims(_ key: String) -> [ForwardAuth.Claim] {
    guard let node = takeResolved(key, .anyMapping), !node.isNull else { return [] }
    switch node.content {
    case .mapping(let entries): return entries.map { ForwardAuth.Claim(name: $0.key, json: $0.value.json) }
    case .refused: return []
    case .list, .scalar:
      report(.expected(.claims, found: node.found), in: key)
      return []
    }
  }
}
