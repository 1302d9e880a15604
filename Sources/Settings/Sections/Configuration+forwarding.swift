package import Forwarding
internal import SystemPackage
internal import Time

extension Configuration {
  /// How events are sent, with the secrets revealed.
  ///
  /// - Parameter userAgent: The program and its version, such as `eventdrop/1.0.0`.
  /// - Returns: The options; nil if events are only stored.
  package func forwarding(userAgent: String) -> ForwardingOptions? {
    guard let url = forward.url else { return nil }
    var options = ForwardingOptions(
      url: url.full.reveal(), address: forward.shownURL ?? "", schedule: forward.schedule, timeZone: timezone,
      userAgent: userAgent)
    // A schedule that says when to send takes precedence.
    if case .atMost(let linger) = forward.linger, forward.schedule.isFrequent { options.linger = linger }
    options.format = forward.format
    options.acknowledge = forward.acknowledge
    // With `single`, each event is a separate request.
    options.maxEvents = forward.batch.maxEvents
    options.maxBytes = forward.batch.maxBytes
    options.concurrency = forward.concurrency
    options.timeout = forward.timeout
    options.attempts = forward.attempts
    options.backoff = forward.backoff
    options.circuit = forward.circuit
    if case .above(let size) = forward.compress { options.packedAbove = size }
    options.signingSecret = forward.secret?.reveal()
    options.caFile = forward.tls.ca?.string
    options.certificateFile = forward.tls.certificate?.string
    options.keyFile = forward.tls.key?.string
    options.proxy = forward.proxy?.full.reveal()
    options.authentication =
      switch forward.auth {
      case .none: .none
      case .bearer(let token): .bearer(token.reveal())
      case .basic(let user, let password): .basic(user: user, password: password.reveal())
      case .header(let name, let value): .header(name: name, value: value.reveal())
      case .jwt(let secret, let claims): .jwt(secret: secret.reveal(), claims: claims.map { ($0.name, $0.json) })
      }
    return options
  }
}
