internal import Gzip
internal import Time

/// What is sent.
extension Forwarder {
  /// Masks the secrets of a request, and of the address that its answer redirects to, in what is reported.
  func mask(of request: WebhookRequest, _ answer: HTTPAnswer) -> SecretMask {
    // A token that was made for this request is as secret as what it was made of.
    let fields = request.headers.filter { $0.name.lowercased() == "authorization" }
    return SecretMask(
      options.secrets + fields.flatMap { WebhookAuth.secrets(inField: $0.value) }
        + (answer.target.map(options.secrets(inTarget:)) ?? []),
      hidesPaths: options.isProtectedByPath)
  }

  /// The request that holds these records.
  ///
  /// - Throws: `ExchangeFailure` if the configuration does not allow one.
  func request(for records: [[UInt8]], batchId: String) throws(ExchangeFailure) -> WebhookRequest {
    let now = clock.now()
    let seconds = now.milliseconds / 1000
    var body = options.format.body(of: records, batchId: batchId, sentAt: now, timeout: options.timeout)
    var headers = [
      WebhookRequest.Header("Content-Type", "application/json"),
      WebhookRequest.Header("User-Agent", options.userAgent),
      WebhookRequest.Header("Idempotency-Key", batchId),
    ]
    if let field = options.authentication.header(at: seconds) { headers.append(field) }
    if let secret = options.signingSecret {
      do throws(WebhookSecretError) {
        headers += try WebhookSignature(secret: secret).headers(for: body, id: batchId, at: seconds)
      } catch {
        throw ExchangeFailure(.configuration, "\(error)")
      }
    }
    // The signature is of what a workflow sees, which is the uncompressed body.
    if let limit = options.packedAbove, body.count > limit, let packed = Gzip.packed(body) {
      body = packed
      headers.append(WebhookRequest.Header("Content-Encoding", "gzip"))
    }
    return WebhookRequest(headers: headers, body: body)
  }
}
