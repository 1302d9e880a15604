package import Time

/// A request that reached the sink.
package struct SinkRequest: Hashable, Sendable {
  /// The content of its body.
  package enum Content: Hashable, Sendable {
    case batch(SinkBatch)
    case problem(Problem)
  }

  /// Why the events of a body are unknown.
  package enum Problem: Hashable, Sendable {
    case unreadable(SinkBatchError)
    case tooLarge(limit: Int)
    /// With this `Content-Encoding`.
    case compressed(String)
  }

  package var receivedAt: Timestamp
  package var method: String
  package var path: String
  /// The size of the body.
  package var bytes: Int
  /// The header `Idempotency-Key` or `webhook-id`, for formats whose body has no batchId.
  package var idempotencyKey: String?
  package var contentType: String?
  /// Whether it says where it comes from, as browsers do.
  package var hasOrigin = false
  package var content: Content

  package init(
    receivedAt: Timestamp, method: String, path: String, bytes: Int, idempotencyKey: String? = nil,
    contentType: String? = nil, content: Content
  ) {
    self.receivedAt = receivedAt
    self.method = method
    self.path = path
    self.bytes = bytes
    self.idempotencyKey = idempotencyKey
    self.contentType = contentType
    self.content = content
  }

  package var batchId: String? {
    if case .batch(let batch) = content, let batchId = batch.batchId { return batchId }
    return idempotencyKey
  }

  /// Its events, as far as they are known.
  package var events: [SinkBatch.Event] {
    if case .batch(let batch) = content { batch.events } else { [] }
  }

  /// What a person should know about it: why its events are unknown, or why n8n would not read it.
  package var remark: String? {
    if method == "OPTIONS" { return "asks what the webhook takes, and brings nothing" }
    guard method == "POST" else { return "n8n's webhook takes POST" }
    if case .problem(let problem) = content { return problem.description }
    // n8n only parses this type; RFC 9110, section 8.3.1: types are compared without regard to case.
    let type = contentType?.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
    guard type == "application/json" else {
      return "n8n reads application/json only, and this is \(contentType ?? "of no Content-Type")"
    }
    return nil
  }
}

extension SinkRequest.Problem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let error): error.description
    case .tooLarge(let limit): "the body is larger than \(SizeText.text(of: limit))"
    case .compressed(let encoding): "the body is compressed (\(encoding)), and the sink cannot unpack it"
    }
  }
}

// MARK: What is printed

extension SinkRequest {
  /// For people: a line for the request and one for each of its events.
  package func textLines(answered answer: SinkAnswer, in zone: TimeZoneRules = .utc) -> [String] {
    var parts = ["\(events.count) event\(events.count == 1 ? "" : "s")"]
    if let batchId { parts.append("batch \(LogText.value(batchId))") }
    parts.append(SizeText.text(of: bytes))
    parts.append(answer.status.map { "answered \($0)" } ?? "closed without an answer")
    if let remark { parts.append(LogText.escaped(remark)) }
    let target = "\(LogText.escaped(method)) \(LogText.value(path))"
    return ["\(receivedAt.rfc3339(in: zone))  \(target)  \(parts.joined(separator: ", "))"]
      + events.map { event in
        let id = event.eventId.map(LogText.value) ?? "(no eventId)"
        let type = event.eventType.map(LogText.value) ?? "(no eventType)"
        return "  \(id)  \(type)"
      }
  }

  /// For programs: one JSON object.
  package func jsonLine(answered answer: SinkAnswer) -> [UInt8] {
    var line = Array(#"{"receivedAt":""#.utf8)
    receivedAt.append(rfc3339To: &line)
    line.append(contentsOf: #"","path":"#.utf8)
    LogText.appendQuoted(path, to: &line)
    line.append(contentsOf: #","batchId":"#.utf8)
    Self.append(batchId, to: &line)
    line.append(contentsOf: #","count":\#(events.count),"bytes":\#(bytes),"status":"#.utf8)
    line.append(contentsOf: (answer.status.map { String($0) } ?? "null").utf8)
    line.append(contentsOf: #","eventIds":["#.utf8)
    for (index, event) in events.enumerated() {
      if index > 0 { line.append(0x2C) }
      Self.append(event.eventId, to: &line)
    }
    line.append(0x5D)
    if let remark {
      line.append(contentsOf: #","remark":"#.utf8)
      LogText.appendQuoted(remark, to: &line)
    }
    line.append(0x7D)
    return line
  }

  private static func append(_ text: String?, to line: inout [UInt8]) {
    if let text {
      LogText.appendQuoted(text, to: &line)
    } else {
      line.append(contentsOf: "null".utf8)
    }
  }
}
