internal import Gzip
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import Time

/// The HTTP side of the sink: reads a whole request, and writes the answer that the desk decides.
struct SinkResponder: HTTPResponder {
  /// A request's connection, to be able to close it.
  struct Context: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
      channel = source.channel
    }
  }

  let options: SinkOptions
  let desk: SinkDesk
  let clock: any WallClock

  func respond(to request: Request, context: Context) async throws -> Response {
    let answer = try await answer(to: request)
    if options.delay > .zero {
      do {
        try await cancelWhenGracefulShutdown { try await clock.sleep(for: options.delay) }
      } catch {
        // The sink ends: clients that are still waiting notice it by the closed connection.
        return try await hangUp(context)
      }
    }
    if answer.isNever {
      try? await cancelWhenGracefulShutdown { try await clock.sleep(for: .seconds(365 * 86_400)) }
    }
    guard let status = answer.status else { return try await hangUp(context) }
    return response(answer, status: status, isHead: request.method == .head)
  }

  private func answer(to request: Request) async throws -> SinkAnswer {
    var described = SinkRequest(
      receivedAt: clock.now(), method: request.method.rawValue, path: request.uri.path, bytes: 0,
      idempotencyKey: Self.header("Idempotency-Key", of: request) ?? Self.header("webhook-id", of: request),
      contentType: Self.header("Content-Type", of: request), content: .problem(.unreadable(.noEvents)))
    described.hasOrigin = Self.header("Origin", of: request) != nil
    let body: ByteBuffer
    do {
      body = try await request.body.collect(upTo: options.bodyLimit)
    } catch is NIOTooManyBytesError {
      described.content = .problem(.tooLarge(limit: options.bodyLimit))
      return desk.answer(to: described, body: nil)
    }
    described.bytes = body.readableBytes
    if let encoding = Self.header("Content-Encoding", of: request), encoding != "identity" {
      guard encoding == "gzip", let unpacked = Gzip.unpacked(Array(buffer: body), limit: options.bodyLimit) else {
        described.content = .problem(.compressed(encoding))
        return desk.answer(to: described, body: nil)
      }
      return desk.answer(to: described, body: unpacked.span)
    }
    return desk.answer(to: described, body: body.readableBytesUInt8Span)
  }

  private static func header(_ name: String, of request: Request) -> String? {
    HTTPField.Name(name).flatMap { request.headers[$0] }
  }

  private func hangUp(_ context: Context) async throws -> Response {
    try await context.channel.close()
    // Hummingbird tries to write it, finds the connection closed, and drops it.
    return Response(status: .internalServerError)
  }

  private func response(_ answer: SinkAnswer, status: Int, isHead: Bool) -> Response {
    var headers = HTTPFields()
    // RFC 9110, sections 15.3.5 and 15.4.5: these have no body.
    let hasBody = !isHead && status != 204 && status != 304
    if hasBody, !answer.contentType.isEmpty { headers[.contentType] = answer.contentType }
    if let challenge = answer.challenge { headers[.wwwAuthenticate] = challenge }
    if let methods = answer.allowedMethods, let name = HTTPField.Name("Access-Control-Allow-Methods") {
      headers[name] = methods
    }
    if let retryAfter = answer.retryAfter { headers[.retryAfter] = String(retryAfter) }
    return Response(
      status: .init(code: status), headers: headers,
      body: !hasBody
        ? ResponseBody()
        : answer.isChunked
          ? ResponseBody { writer in
            if !answer.body.isEmpty { try await writer.write(ByteBuffer(string: answer.body)) }
            try await writer.finish(nil)
          } : ResponseBody(byteBuffer: ByteBuffer(string: answer.body)))
  }
}
