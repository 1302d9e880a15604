internal import Digests

/// Signs requests according to Standard Webhooks 1.0.
package struct WebhookSignature: Sendable {
  private let key: [UInt8]

  /// - Parameter secret: `whsec_` and the base64 of 24 to 64 bytes.
  /// - Throws: `WebhookSecretError`.
  package init(secret: String) throws(WebhookSecretError) {
    let prefix = "whsec_"
    guard secret.hasPrefix(prefix) else { throw .noPrefix }
    guard let bytes = Base64.decode(String(secret.dropFirst(prefix.count))) else { throw .notBase64 }
    guard (24...64).contains(bytes.count) else { throw .length(bytes.count) }
    key = bytes
  }

  /// The three header fields.
  ///
  /// - Parameters:
  ///   - body: What is sent.
  ///   - id: The same for all attempts; without a dot.
  ///   - seconds: The time of this attempt, in seconds since 1970.
  /// - Returns: `webhook-id`, `webhook-timestamp` and `webhook-signature`.
  package func headers(for body: [UInt8], id: String, at seconds: Int64) -> [WebhookRequest.Header] {
    let code = Digests.hmacSHA256(Array("\(id).\(seconds).".utf8) + body, key: key)
    return [
      WebhookRequest.Header("webhook-id", id),
      WebhookRequest.Header("webhook-timestamp", String(seconds)),
      WebhookRequest.Header("webhook-signature", "v1,\(Base64.encode(code))"),
    ]
  }
}

/// What is wrong with a signing secret, which is never quoted.
package enum WebhookSecretError: Error, Hashable, Sendable, CustomStringConvertible {
  case noPrefix
  case notBase64
  /// In bytes.
  case length(Int)

  package var description: String {
    switch self {
    case .noPrefix: "a signing secret begins with whsec_"
    case .notBase64: "what follows whsec_ in a signing secret must be base64"
    case .length(let count): "a signing secret has 24 to 64 bytes behind whsec_, in base64; this one has \(count)"
    }
  }
}
