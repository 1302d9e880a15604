/// An answer that a real n8n, or a proxy in front of it, gives: status, type and body as they are on the wire.
package enum SinkPreset: String, Sendable, CaseIterable {
  case n8nStarted = "n8n-started"
  case n8nStarting = "n8n-starting"
  case n8nStarting404 = "n8n-starting-404"
  case n8nFiltered = "n8n-filtered"
  case n8nEmpty = "n8n-empty"
  case n8n1Failed = "n8n-1-failed"
  case n8nDatabaseDown = "n8n-database-down"
  case n8nNotRegistered = "n8n-not-registered"
  case n8nTestURL = "n8n-test-url"
  case n8nWrongMethod = "n8n-wrong-method"
  case n8nUnauthorized = "n8n-unauthorized"
  case n8nWrongBasic = "n8n-wrong-basic"
  case n8nForbidden = "n8n-forbidden"
  case n8nNoToken = "n8n-no-token"
  case n8nWrongToken = "n8n-wrong-token"
  case n8nAddress = "n8n-address"
  case n8n1Address = "n8n-1-address"
  case n8nNotConnected = "n8n-not-connected"
  case n8nNoCredential = "n8n-no-credential"
  case n8nInvalidCredential = "n8n-invalid-credential"
  case n8nUnknownNode = "n8n-unknown-node"
  case n8nNoRespond = "n8n-no-respond"
  case n8nUnusedRespond = "n8n-unused-respond"
  case n8nNoItem = "n8n-no-item"
  case n8nNoData = "n8n-no-data"
  case n8nInvalidJSON = "n8n-invalid-json"
  case n8nTooLarge = "n8n-too-large"
  case n8nWorkflowError = "n8n-workflow-error"
  case n8nCancelled = "n8n-cancelled"
  case n8nTimedOut = "n8n-timed-out"
  case n8nWorkflowNotStarted = "n8n-workflow-not-started"
  case n8nQueue = "n8n-queue"
  case proxyTooLarge = "proxy-too-large"
  case caddyTooLarge = "caddy-too-large"
  case proxyBadGateway = "proxy-bad-gateway"
  case proxyUnavailable = "proxy-unavailable"
  case proxyTimeout = "proxy-timeout"
  case cloudflareTimeout = "cloudflare-timeout"

  /// When that is the answer, in a few words.
  package var situation: String {
    switch self {
    case .n8nStarted: "n8n took the request at once; nothing is known about the work"
    case .n8nStarting: "n8n starts up and migrates; a 200 that is not an acknowledgement"
    case .n8nStarting404: "n8n starts up and has no routes yet, or the path belongs to no webhook"
    case .n8nFiltered: "the node's 'Only Run If' is false; a 200 after which nothing ran"
    case .n8nEmpty: "the 'Respond to Webhook' node was never reached, or says nothing"
    case .n8n1Failed: "n8n 1.x: a node failed before the 'Respond to Webhook' node; the same bytes as n8n-empty"
    case .n8nDatabaseDown: "n8n's database is away"
    case .n8nNotRegistered: "the workflow is inactive, or the path is wrong"
    case .n8nTestURL: "the webhook's test URL, and the editor does not listen"
    case .n8nWrongMethod: "the webhook node is set to GET"
    case .n8nUnauthorized: "basic authentication is missing"
    case .n8nWrongBasic: "basic authentication is wrong (before 2.30 as n8n-forbidden)"
    case .n8nForbidden: "header authentication is missing or wrong, or the node's option 'Ignore Bots' is on"
    case .n8nNoToken: "JWT authentication is missing"
    case .n8nWrongToken: "JWT authentication is wrong"
    case .n8nAddress: "the sender's address is not on the node's list"
    case .n8n1Address: "the same in the words of n8n 1.x"
    case .n8nNotConnected: "the node asks for OAuth2, and its user is not connected"
    case .n8nNoCredential: "the node's credential was deleted in n8n"
    case .n8nInvalidCredential: "a node of the workflow has no usable credential"
    case .n8nUnknownNode: "a node's type is not installed"
    case .n8nNoRespond: "the Webhook node waits for a Respond node, and there is none"
    case .n8nUnusedRespond: "there is a Respond node, and the Webhook node does not use it"
    case .n8nNoItem: "the workflow ran, and its last node put nothing out"
    case .n8nNoData: "the same with other kinds of last node; a 200"
    case .n8nInvalidJSON: "n8n cannot read the body"
    case .n8nTooLarge: "the body is over n8n's limit"
    case .n8nWorkflowError: "a node failed before the answer"
    case .n8nCancelled: "a person stopped the execution"
    case .n8nTimedOut: "the execution took longer than the workflow's 'Timeout Workflow'"
    case .n8nWorkflowNotStarted: "the webhook node itself failed"
    case .n8nQueue: "n8n in queue mode without a worker: takes each copy and never answers"
    case .proxyTooLarge: "the body is over the limit of a proxy"
    case .caddyTooLarge: "the body is over the limit of Caddy 2.6"
    case .proxyBadGateway: "a proxy that finds no n8n"
    case .proxyUnavailable: "a proxy that knows n8n is away"
    case .proxyTimeout: "a proxy that waited for n8n in vain"
    case .cloudflareTimeout: "Cloudflare waited for n8n in vain"
    }
  }

  /// The answer to a request for a path.
  ///
  /// - Parameters:
  ///   - path: The path.
  ///   - stacktrace: Whether errors have a `stacktrace`, as they do if n8n's `NODE_ENV` is not `production`.
  /// - Returns: The answer.
  package func answer(to path: String, stacktrace: Bool = false) -> SinkAnswer {
    func error(_ status: Int, code: Int = 0, _ message: String, hint: String? = nil) -> SinkAnswer {
      .n8nError(status, code: code, message, hint: hint, stacktrace: stacktrace)
    }
    return switch self {
    case .n8nStarted: .accepted
    // Express sends a text as HTML.
    case .n8nStarting: html(200, "n8n is starting up. Please wait")
    case .n8nStarting404: Self.noRoute("POST", path)
    case .n8nFiltered: SinkAnswer(200, json: #"{"message":"Webhook call received"}"#)
    case .n8nEmpty, .n8n1Failed: .empty
    case .n8nDatabaseDown: error(503, code: 503, "Database is not ready!")
    case .n8nNotRegistered:
      error(404, code: 404, "The requested webhook \"POST \(webhook(path))\" is not registered.", hint: Self.activate)
    case .n8nTestURL:
      error(404, code: 404, "The requested webhook \"\(webhook(path))\" is not registered.", hint: Self.execute)
    case .n8nWrongMethod: Self.wrongMethod("POST", right: "GET", stacktrace: stacktrace)
    case .n8nUnauthorized: authentication(401, "Authorization is required!")
    case .n8nWrongBasic: authentication(401, "Authentication data is wrong!")
    case .n8nForbidden: authentication(403, "Authorization data is wrong!")
    case .n8nNoToken: authentication(401, "No token provided")
    case .n8nWrongToken: authentication(403, "invalid signature")
    case .n8nAddress: written(403, "IP is not allowed to access the webhook!")
    case .n8n1Address: written(403, "IP is not whitelisted to access the webhook!")
    case .n8nNotConnected:
      SinkAnswer(428, json: #"{"status":"credential_connections_required","readyToExecute":false,"credentials":[]}"#)
    case .n8nNoCredential: authentication(500, "No authentication data defined on node!")
    case .n8nInvalidCredential: error(400, "Node \"Create the order\" uses invalid credential")
    case .n8nUnknownNode: error(400, "Unrecognized node type: n8n-nodes-dolibarr.dolibarr")
    case .n8nNoRespond: error(500, "No Respond to Webhook node found in the workflow")
    case .n8nUnusedRespond: error(500, "Unused Respond to Webhook node found in the workflow")
    case .n8nNoItem: error(500, "No item to return was found")
    case .n8nNoData:
      SinkAnswer(
        200, json: #"{"message":"Workflow executed successfully but the last node did not return any data"}"#)
    case .n8nInvalidJSON:
      error(422, code: 422, "Failed to parse request body", hint: "Unexpected end of JSON input")
    case .n8nTooLarge: error(500, "There was a problem executing the workflow")
    case .n8nWorkflowError: SinkAnswer(500, json: #"{"message":"Error in workflow"}"#)
    case .n8nCancelled: error(500, "The execution was cancelled manually")
    case .n8nTimedOut: error(500, "The execution was cancelled because it timed out")
    case .n8nWorkflowNotStarted: error(500, "Workflow Webhook Error: Workflow could not be started!")
    case .n8nQueue: .never
    case .proxyTooLarge: gateway(413, "Request Entity Too Large")
    case .caddyTooLarge: SinkAnswer(502, contentType: "", body: "")
    case .proxyBadGateway: gateway(502, "Bad Gateway")
    case .proxyUnavailable: gateway(503, "Service Temporarily Unavailable")
    case .proxyTimeout: gateway(504, "Gateway Time-out")
    case .cloudflareTimeout: gateway(524, "A timeout occurred")
    }
  }

  /// What n8n, or a proxy in front of it, answers to `OPTIONS`: it runs nothing, asks for no credentials, and lists the
  /// methods that an active workflow accepts at this path.
  ///
  /// - Parameters:
  ///   - path: The path.
  ///   - hasOrigin: Whether the request has an `Origin`; without one the answer lists nothing.
  ///   - stacktrace: As above.
  /// - Returns: The answer.
  package func answer(toOptionsOf path: String, hasOrigin: Bool, stacktrace: Bool = false) -> SinkAnswer {
    switch self {
    case .n8nStarting, .n8nDatabaseDown, .proxyBadGateway, .proxyUnavailable, .proxyTimeout, .cloudflareTimeout:
      answer(to: path)
    case .n8nStarting404: Self.noRoute("OPTIONS", path)
    case .n8nTestURL: answer(to: path, stacktrace: stacktrace)
    case .n8nNotRegistered: Self.methods("OPTIONS", hasOrigin)
    case .n8nWrongMethod: Self.methods("OPTIONS, GET", hasOrigin)
    default: Self.methods("OPTIONS, POST", hasOrigin)
    }
  }

  static func methods(_ methods: String, _ hasOrigin: Bool) -> SinkAnswer {
    var answer = SinkAnswer(204, contentType: "", body: "")
    if hasOrigin { answer.allowedMethods = methods }
    return answer
  }

  /// n8n's answer if the webhook exists for another method.
  static func wrongMethod(_ method: String, right: String, stacktrace: Bool = false) -> SinkAnswer {
    .n8nError(
      404, code: 404,
      "This webhook is not registered for \(method) requests. Did you mean to make a \(right) request?",
      stacktrace: stacktrace)
  }

  /// Express's answer for a path without a route.
  private static func noRoute(_ method: String, _ path: String) -> SinkAnswer {
    SinkAnswer(
      404, contentType: "text/html; charset=utf-8",
      body: """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>Error</title>
        </head>
        <body>
        <pre>Cannot \(method) \(path)</pre>
        </body>
        </html>

        """)
  }

  private static let activate =
    "The workflow must be active for a production URL to run successfully. You can activate the workflow using the "
    + "toggle in the top-right of the editor. Note that unlike test URL calls, production URL calls aren't shown on the "
    + "canvas (only in the executions list)"

  private static let execute =
    "Click the 'Execute workflow' button on the canvas, then try again. (In test mode, the webhook only works for one "
    + "call after you click this button)"

  /// The path in n8n's messages.
  private func webhook(_ path: String) -> String {
    for start in ["/webhook/", "/webhook-test/"] where path.hasPrefix(start) {
      return String(path.dropFirst(start.count))
    }
    return String(path.drop { $0 == "/" })
  }

  private func html(_ status: Int, _ text: String) -> SinkAnswer {
    SinkAnswer(status, contentType: "text/html; charset=utf-8", body: text)
  }

  /// n8n asks for basic authentication, whichever kind the node wants.
  private func authentication(_ status: Int, _ text: String) -> SinkAnswer {
    var answer = written(status, text)
    answer.challenge = #"Basic realm="Webhook""#
    return answer
  }

  /// What the node writes itself: it has neither type nor length.
  private func written(_ status: Int, _ text: String) -> SinkAnswer {
    var answer = SinkAnswer(status, contentType: "", body: text)
    answer.isChunked = true
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
