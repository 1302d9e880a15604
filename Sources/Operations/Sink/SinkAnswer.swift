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
  /// For `Access-Control-Allow-Methods`: what n8n tells of a webhook without running it.
  package var allowedMethods: String?
  /// Whether it comes in chunks, with no length before it, as n8n sends what a node has written itself, and nothing.
  package var isChunked = false
  /// Whether the connection is kept and nothing ever answered.
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

  /// n8n's answer where it has nothing to say: it names a type all the same.
  static let empty: SinkAnswer = {
    var answer = SinkAnswer(200, json: "")
    answer.isChunked = true
    return answer
  }()

  /// None: the connection is closed.
  package static let none = SinkAnswer()

  /// None, and the connection is kept, as n8n does that has queued the work and has nobody who does it.
  package static let never: SinkAnswer = {
    var answer = SinkAnswer()
    answer.isNever = true
    return answer
  }()

  /// n8n's answer to what it took at once, before the workflow did anything.
  package static let accepted = SinkAnswer(200, json: #"{"message":"Workflow was started"}"#)

  /// An error as n8n writes most of them.
  ///
  /// - Parameters:
  ///   - status: The HTTP status.
  ///   - code: n8n's own.
  ///   - message: What it says.
  ///   - hint: What it advises.
  ///   - stacktrace: Whether there is what is added where `NODE_ENV` is not `production`.
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

  /// What Node puts behind a message; n8n has an error of its own for each that has a status.
  private static func stacktrace(of message: String, code: Int) -> String {
    """
    \(code == 0 ? "Error" : "ResponseError"): \(message)
        at LiveWebhooks.findWebhook (/usr/local/lib/node_modules/n8n/src/webhooks/live-webhooks.ts:230:10)
        at processTicksAndRejections (node:internal/process/task_queues:103:5)
        at LiveWebhooks.executeWebhook (/usr/local/lib/node_modules/n8n/src/webhooks/live-webhooks.ts:83:19)
    """
  }

  /// An answer of this status, as the sink words it.
  package static func plain(_ status: Int) -> SinkAnswer {
    guard (200..<300).contains(status) else {
      return n8nError(status, code: status, "The sink was told to answer \(status)")
    }
    return SinkAnswer(status, json: accepted.body)
  }

  /// Whether a status means that the request was not taken.
  var isFailure: Bool { status.map { $0 >= 300 } ?? true }
}
