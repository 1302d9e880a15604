/// Decides what the sink answers.
///
/// Pure: a request in, an answer out.
package struct SinkBehaviour: Sendable {
  private let options: SinkOptions
  /// How many requests that could have brought events have been answered.
  private var answered = 0

  package init(_ options: SinkOptions) {
    self.options = options
  }

  /// The answer to a request.
  ///
  /// - Parameter request: The request, its body read.
  /// - Returns: The answer, for this request only: it is counted for `failFirst`.
  package mutating func answer(to request: SinkRequest) -> SinkAnswer {
    if request.method == "OPTIONS" { return answerToOptions(of: request) }
    guard request.method == "POST" else { return SinkPreset.wrongMethod(request.method, right: "POST") }
    if answered < Int.max { answered += 1 }
    let configured = configuredAnswer(path: request.path)
    guard isMeant(request) else { return taking(request, otherwise: .accepted) }
    let isOutOfOrder = configured.isFailure || options.preset != nil
    if options.failFirst > 0 {
      if answered <= options.failFirst { return failing(isOutOfOrder ? configured : .plain(503)) }
      return taking(request, otherwise: isOutOfOrder ? .accepted : configured)
    }
    return isOutOfOrder ? failing(configured) : taking(request, otherwise: configured)
  }

  /// It brings no events, and does not count.
  private func answerToOptions(of request: SinkRequest) -> SinkAnswer {
    guard options.onlyWith.isEmpty, options.failFirst == 0 || answered < options.failFirst else {
      return SinkPreset.methods("OPTIONS, POST", request.hasOrigin)
    }
    if let preset = options.preset {
      return preset.answer(
        toOptionsOf: request.path, hasOrigin: request.hasOrigin, stacktrace: options.hasStacktraces)
    }
    let configured = configuredAnswer(path: request.path)
    // If a status is configured, the sink does not act as n8n.
    return configured.isFailure ? configured : SinkPreset.methods("OPTIONS, POST", request.hasOrigin)
  }

  private func isMeant(_ request: SinkRequest) -> Bool {
    guard !options.onlyWith.isEmpty else { return true }
    guard case .batch(let batch) = request.content else { return false }
    return batch.events.contains { $0.isOne(of: options.onlyWith) }
  }

  private func configuredAnswer(path: String) -> SinkAnswer {
    if options.drops { return .none }
    if let preset = options.preset { return preset.answer(to: path, stacktrace: options.hasStacktraces) }
    var answer = SinkAnswer.plain(options.status)
    if let body = options.body {
      answer.body = body
      // An answer given by a script is usually JSON; if it is not, it is sent as text.
      if !body.hasPrefix("{") && !body.hasPrefix("[") { answer.contentType = "text/plain; charset=utf-8" }
    }
    return answer
  }

  private func failing(_ answer: SinkAnswer) -> SinkAnswer {
    var answer = answer
    if answer.isFailure { answer.retryAfter = options.retryAfter }
    return answer
  }

  /// The answer to a request whose events are accepted, except those that are refused.
  private func taking(_ request: SinkRequest, otherwise configured: SinkAnswer) -> SinkAnswer {
    switch request.content {
    case .batch(let batch):
      if options.givesResults { return results(for: batch) }
      guard batch.events.contains(where: isRejected) else { return configured }
      let message = "The sink is set to reject an event of this request"
      return batch.events.count == 1 ? .n8nError(400, code: 400, message) : .n8nError(422, code: 422, message)
    case .problem(.unreadable(.notJSON)): return SinkPreset.n8nInvalidJSON.answer(to: request.path)
    case .problem(.unreadable(.noEvents)): return .n8nError(400, code: 400, "There are no events in this request")
    case .problem(.tooLarge): return SinkPreset.proxyTooLarge.answer(to: request.path)
    case .problem(.compressed(let encoding)):
      // n8n would decompress it, so nothing is wrong, unless the answer depends on the events.
      guard options.givesResults || !options.rejected.isEmpty || !options.onlyWith.isEmpty else { return configured }
      return .n8nError(415, code: 415, "The sink does not unpack \(encoding)")
    }
  }

  private func results(for batch: SinkBatch) -> SinkAnswer {
    var body = Array(#"{"results":["#.utf8)
    for (index, event) in batch.events.filter({ $0.eventId != nil }).enumerated() {
      if index > 0 { body.append(0x2C) }
      body.append(contentsOf: #"{"eventId":"#.utf8)
      LogText.appendQuoted(event.eventId ?? "", to: &body)
      body.append(
        contentsOf: (isRejected(event)
          ? #","status":"reject","error":"the sink is set to reject it"}"# : #","status":"ok"}"#).utf8)
    }
    body.append(contentsOf: "]}".utf8)
    return SinkAnswer(200, json: String(decoding: body, as: UTF8.self))
  }

  private func isRejected(_ event: SinkBatch.Event) -> Bool {
    event.isOne(of: options.rejected)
  }
}

extension SinkBatch.Event {
  fileprivate func isOne(of eventIds: Set<String>) -> Bool { eventId.map(eventIds.contains) ?? false }
}
