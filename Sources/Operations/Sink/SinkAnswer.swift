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

  /// None: the connection is closed.
  package static let none = SinkAnswer()

  /// n8n's answer to what it took at once, before the workflow did anything.
  package static let accepted = SinkAnswer(200, json: #"{"message":"Workflow was started"}"#)

  /// An error as n8n writes most of them.
  static func n8nError(_ status: Int, code: Int, _ message: String, hint: String? = nil) -> SinkAnswer {
    var body = Array(#"{"code":\#(code),"message":"#.utf8)
    LogText.appendQuoted(message, to: &body)
    if let hint {
      body.append(contentsOf: #","hint":"#.utf8)
      LogText.appendQuoted(hint, to: &body)
    }
    body.append(0x7D)
    return SinkAnswer(status, json: String(decoding: body, as: UTF8.self))
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
