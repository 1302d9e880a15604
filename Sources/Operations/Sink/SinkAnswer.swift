/// What the sink answers to a request.
package struct SinkAnswer: Hashable, Sendable {
  /// The HTTP status; nil closes the connection without an answer.
  package var status: Int?
  package var contentType = "application/json; charset=utf-8"
  package var body = ""
  /// For `WWW-Authenticate`.
  package var challenge: String?
  /// For `Retry-After`, in seconds (RFC 9110, section 10.2.3).
  package var retryAfter: Int?
  /// For `Access-Control-Allow-Methods`: what n8n reveals about a webhook without running it.
  package var allowedMethods: String?
  /// Whether it is sent in chunks, without a length, as n8n sends an empty answer and what a node has written itself.
  package var isChunked = false
  /// Whether the connection stays open and is never answered.
  package var isNever = false

  /// An answer with a JSON body.
  package init(_ status: Int, json body: String) {
    self.status = status
    self.body = body
  }

  /// An answer with any body.
  package init(_ status: Int, contentType: String, body: String) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  private init() {
    status = nil
  }

  /// n8n's answer when it has nothing to say: it still has a type.
  static let empty: SinkAnswer = {
    var answer = SinkAnswer(200, json: "")
    answer.isChunked = true
    return answer
  }()

  /// No answer: the connection is closed.
  package static let none = SinkAnswer()

  /// No answer, but the connection stays open, like an n8n that has queued the work and has no worker for it.
  package static let never: SinkAnswer = {
    var answer = SinkAnswer()
    answer.isNever = true
    return answer
  }()

  /// n8n's answer to what it accepted at once, before the workflow did anything.
  package static let accepted = SinkAnswer(200, json: #"{"message":"Workflow was started"}"#)

  /// An error in n8n's usual form.
  ///
  /// - Parameters:
  ///   - status: The HTTP status.
  ///   - code: n8n's own code.
  ///   - message: Its message.
  ///   - hint: Its advice.
  ///   - stacktrace: Whether to add what n8n adds if `NODE_ENV` is not `production`.
  /// - Returns: The answer.
  static func n8nError(
    _ status: Int, code: Int, _ message: String, hint: String? = nil, stacktrace: Bool = false
  ) -> SinkAnswer {
    var body = Array(#"{"code":\#(code),"message":"#.utf8)
    LogText.appendQuoted(message, to: &body)
    if let hint {
      body.append(contentsOf: #","hint":"#.utf8)
      LogText.appendQuoted(hint, to: &body)
    }
    if stacktrace {
      body.append(contentsOf: #","stacktrace":"#.utf8)
      LogText.appendQuoted(Self.stacktrace(of: message, code: code), to: &body)
    }
    body.append(0x7D)
    return SinkAnswer(status, json: String(decoding: body, as: UTF8.self))
  }

  /// What Node appends to a message; n8n has its own error for each that has a status.
  private static func stacktrace(of message: String, code: Int) -> String {
    """
    \(code == 0 ? "Error" : "ResponseError"): \(message)
        at LiveWebhooks.findWebhook (/usr/local/lib/node_modules/n8n/src/webhooks/live-webhooks.ts:230:10)
        at processTicksAndRejections (node:internal/process/task_queues:103:5)
        at LiveWebhooks.executeWebhook (/usr/local/lib/node_modules/n8n/src/webhooks/live-webhooks.ts:83:19)
    """
  }

  /// An answer with this status, in the sink's words.
  package static func plain(_ status: Int) -> SinkAnswer {
    guard (200..<300).contains(status) else {
      return n8nError(status, code: status, "The sink is set to answer \(status)")
    }
    return SinkAnswer(status, json: accepted.body)
  }

  /// Whether a status means that the request was not accepted.
  var isFailure: Bool { status.map { $0 >= 300 } ?? true }
}
