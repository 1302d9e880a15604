internal import Digests
internal import ExactJSON

/// How we authenticate to the webhook, as n8n's Webhook node expects it.
///
/// Its content is never shown: as text, it is only its kind.
package enum WebhookAuth: Sendable {
  case none
  case bearer(String)
  case basic(user: String, password: String)
  case header(name: String, value: String)
  /// HS256; each claim with its value as JSON.
  case jwt(secret: String, claims: [(name: String, json: String)])
}

extension WebhookAuth: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String {
    switch self {
    case .none: "none"
    case .bearer: "bearer"
    case .basic: "basic"
    case .header: "header"
    case .jwt: "jwt"
    }
  }

  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .enum) }
}

extension WebhookAuth {
  /// What must not appear in our output.
  package var secrets: [String] {
    switch self {
    case .none: []
    case .bearer(let token): [token]
    case .basic(let user, let password): [password, Base64.encode("\(user):\(password)".utf8)]
    case .header(_, let value): Self.secrets(inField: value)
    case .jwt(let secret, _): [secret]
    }
  }

  /// What may be secret in a header field's value: the whole, and each word of it, such as the token after the name of
  /// a scheme or a parameter.
  package static func secrets(inField value: String) -> [String] {
    let words = value.split { $0.isWhitespace || ",;\"'".contains($0) }
    let values = words.compactMap { word in
      word.firstIndex { $0 == "=" || $0 == ":" }.map { word[word.index(after: $0)...] }
    }
    return [value] + (words + values).map(String.init) + passwords(in: words)
  }

  /// What follows `Basic` is a user and a password (RFC 7617).
  private static func passwords(in words: [Substring]) -> [String] {
    zip(words, words.dropFirst()).compactMap { scheme, credentials in
      guard scheme.lowercased() == "basic", let bytes = Base64.decode(String(credentials)),
        let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
      else { return nil }
      return String(decoding: bytes[(colon + 1)...], as: UTF8.self)
    }
  }

  /// The header field.
  ///
  /// - Parameter seconds: Now, in seconds since 1970.
  /// - Returns: Nil if there is none, or if the secret is empty.
  package func header(at seconds: Int64) -> WebhookRequest.Header? {
    switch self {
    case .none: nil
    case .bearer(let token):
      token.isEmpty ? nil : WebhookRequest.Header("Authorization", "Bearer \(token)")
    case .basic(let user, let password):
      user.isEmpty && password.isEmpty
        ? nil : WebhookRequest.Header("Authorization", "Basic \(Base64.encode("\(user):\(password)".utf8))")
    case .header(let name, let value):
      name.isEmpty || value.isEmpty ? nil : WebhookRequest.Header(name, value)
    case .jwt(let secret, let claims):
      secret.isEmpty
        ? nil
        : WebhookRequest.Header(
          "Authorization", "Bearer \(JSONWebToken.sign(claims: claims, secret: secret, at: seconds))")
    }
  }
}

/// A JSON Web Token, signed with HMAC-SHA256 (RFC 7519, RFC 7518 section 3.2).
package enum JSONWebToken {
  /// How long a token is valid if the claims do not say so: long enough for one request.
  static let lifetime: Int64 = 300

  /// Makes a token with these claims, adding `iat` and `exp` if they are missing.
  package static func sign(claims: [(name: String, json: String)], secret: String, at seconds: Int64) -> String {
    var members = claims
    for (name, time) in [("iat", seconds), ("exp", seconds.addingReportingOverflow(lifetime).partialValue)] {
      if !claims.contains(where: { $0.name == name }) { members.append((name, String(time))) }
    }
    var payload: [UInt8] = []
    for member in members {
      payload.append(UInt8(ascii: payload.isEmpty ? "{" : ","))
      JSONText.appendQuotedVerbatim(member.name.utf8, to: &payload)
      payload.append(UInt8(ascii: ":"))
      payload += member.json.utf8
    }
    payload.append(UInt8(ascii: "}"))
    let signed = "\(Base64.encodeForURL(#"{"alg":"HS256","typ":"JWT"}"#.utf8)).\(Base64.encodeForURL(payload))"
    let code = Digests.hmacSHA256(Array(signed.utf8), key: Array(secret.utf8))
    return "\(signed).\(Base64.encodeForURL(code))"
  }
}
