/// An answer that a real n8n, or what stands in front of it, gives: status, type and body as they are on the wire.
package enum SinkPreset: String, Sendable, CaseIterable {
  case n8nStarted = "n8n-started"
  case n8nStarting = "n8n-starting"
  case n8nFiltered = "n8n-filtered"
  case n8nEmpty = "n8n-empty"
  case n8nDatabaseDown = "n8n-database-down"
  case n8nNotRegistered = "n8n-not-registered"
  case n8nWrongMethod = "n8n-wrong-method"
  case n8nUnauthorized = "n8n-unauthorized"
  case n8nForbidden = "n8n-forbidden"
  case n8nNoCredential = "n8n-no-credential"
  case n8nInvalidJSON = "n8n-invalid-json"
  case n8nTooLarge = "n8n-too-large"
  case n8nWorkflowError = "n8n-workflow-error"
  case n8nWorkflowNotStarted = "n8n-workflow-not-started"
  case proxyTooLarge = "proxy-too-large"
  case proxyBadGateway = "proxy-bad-gateway"
  case proxyUnavailable = "proxy-unavailable"
  case proxyTimeout = "proxy-timeout"
  case cloudflareTimeout = "cloudflare-timeout"

  /// When that is the answer, in a few words.
  package var situation: String {
    switch self {
    case .n8nStarted: "n8n took the request at once; nothing is known of the work"
    case .n8nStarting: "n8n starts up and migrates; a 200 that is no acknowledgement"
    case .n8nFiltered: "the node's 'Only Run If' is false; a 200 after which nothing ran"
    case .n8nEmpty: "the 'Respond to Webhook' node was never reached, or in n8n 1.x the workflow failed"
    case .n8nDatabaseDown: "n8n's database is away"
    case .n8nNotRegistered: "the workflow is inactive, or the path is wrong"
    case .n8nWrongMethod: "the webhook node is set to GET"
    case .n8nUnauthorized: "basic or JWT authentication is missing"
    case .n8nForbidden: "the authentication is wrong"
    case .n8nNoCredential: "the node's credential was deleted in n8n"
    case .n8nInvalidJSON: "n8n cannot read the body"
    case .n8nTooLarge: "the body is over n8n's limit"
    case .n8nWorkflowError: "a node failed before the answer"
    case .n8nWorkflowNotStarted: "the webhook node itself failed"
    case .proxyTooLarge: "the body is over the limit of a proxy"
    case .proxyBadGateway: "a proxy that finds no n8n"
    case .proxyUnavailable: "a proxy that knows n8n is away"
    case .proxyTimeout: "a proxy that waited for n8n in vain"
    case .cloudflareTimeout: "Cloudflare waited for n8n in vain"
    }
  }

  /// The answer to a request for a path.
  package func answer(to path: String) -> SinkAnswer {
    switch self {
    case .n8nStarted: .accepted
    // Express sends a text as HTML.
    case .n8nStarting: html(200, "n8n is starting up. Please wait")
    case .n8nFiltered: SinkAnswer(200, json: #"{"message":"Webhook call received"}"#)
    case .n8nEmpty: SinkAnswer(200, json: "")
    case .n8nDatabaseDown: .n8nError(503, code: 503, "Database is not ready!")
    case .n8nNotRegistered:
      .n8nError(
        404, code: 404, "The requested webhook \"POST \(webhook(path))\" is not registered.", hint: Self.activate)
    case .n8nWrongMethod: Self.wrongMethod("POST", right: "GET")
    case .n8nUnauthorized: authentication(401, "Authorization is required!")
    case .n8nForbidden: authentication(403, "Authorization data is wrong!")
    case .n8nNoCredential: authentication(500, "No authentication data defined on node!")
    case .n8nInvalidJSON: .n8nError(422, code: 422, "Failed to parse request body")
    case .n8nTooLarge: .n8nError(500, code: 0, "There was a problem executing the workflow")
    case .n8nWorkflowError: SinkAnswer(500, json: #"{"message":"Error in workflow"}"#)
    case .n8nWorkflowNotStarted:
      .n8nError(500, code: 0, "Workflow Webhook Error: Workflow could not be started!")
    case .proxyTooLarge: gateway(413, "Request Entity Too Large")
    case .proxyBadGateway: gateway(502, "Bad Gateway")
    case .proxyUnavailable: gateway(503, "Service Temporarily Unavailable")
    case .proxyTimeout: gateway(504, "Gateway Time-out")
    case .cloudflareTimeout: gateway(524, "A timeout occurred")
    }
  }

  /// n8n's answer where the webhook exists for another method.
  static func wrongMethod(_ method: String, right: String) -> SinkAnswer {
    .n8nError(
      404, code: 404,
      "This webhook is not registered for \(method) requests. Did you mean to make a \(right) request?", hint: activate)
  }

  private static let activate =
    "The workflow must be active for a production URL to run successfully. You can activate the workflow using the "
    + "toggle in the top-right of the editor. Note that unlike test URL calls, production URL calls aren't shown on the "
    + "canvas (only in the executions list)"

  /// The path as n8n's messages name it.
  private func webhook(_ path: String) -> String {
    String(path.hasPrefix("/webhook/") ? path.dropFirst(9) : path.drop { $0 == "/" })
  }

  private func html(_ status: Int, _ text: String) -> SinkAnswer {
    SinkAnswer(status, contentType: "text/html; charset=utf-8", body: text)
  }

  private func authentication(_ status: Int, _ text: String) -> SinkAnswer {
    // The node writes head and text itself, and names no type.
    var answer = SinkAnswer(status, contentType: "", body: text)
    answer.challenge = #"Basic realm="Webhook""#
    return answer
  }

  private func gateway(_ status: Int, _ reason: String) -> SinkAnswer {
    SinkAnswer(
      status, contentType: "text/html",
      body: """
        <html>
        <head><title>\(status) \(reason)</title></head>
        <body>
        <center><h1>\(status) \(reason)</h1></center>
        <hr><center>nginx</center>
        </body>
        </html>

        """)
  }
}
