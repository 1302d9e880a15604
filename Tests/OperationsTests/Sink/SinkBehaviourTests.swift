import ExactJSON
import Operations
import Testing
import Time

/// A request with these events.
private func request(_ ids: String?..., method: String = "POST", path: String = "/webhook/x") -> SinkRequest {
  let events = ids.map { SinkBatch.Event(eventId: $0, eventType: "t") }
  return SinkRequest(
    receivedAt: Timestamp(milliseconds: 0), method: method, path: path, bytes: 10, contentType: "application/json",
    content: .batch(SinkBatch(format: .envelope, batchId: "b", events: events)))
}

private func behaviour(_ change: (inout SinkOptions) -> Void = { _ in }) -> SinkBehaviour {
  var options = SinkOptions()
  change(&options)
  return SinkBehaviour(options)
}

struct SinkBehaviourTests {
  @Test("Told nothing, it answers as n8n does that responds at once")
  func standard() {
    var sink = behaviour()
    let answer = sink.answer(to: request("a"))
    #expect(answer.status == 200)
    #expect(answer.body == #"{"message":"Workflow was started"}"#)
    #expect(answer.contentType == "application/json; charset=utf-8")
  }

  @Test(
    "Status, body and Retry-After as configured; Retry-After of failures only",
    arguments: [202, 204, 301, 404, 429, 503, 599])
  func configured(status: Int) {
    var sink = behaviour {
      $0.status = status
      $0.body = "no"
      $0.retryAfter = 7
    }
    let answer = sink.answer(to: request("a"))
    #expect(answer.status == status && answer.body == "no")
    #expect(answer.contentType == "text/plain; charset=utf-8")
    #expect(answer.retryAfter == (status < 300 ? nil : 7))
  }

  @Test("The first requests fail, the later ones are taken")
  func failsFirst() {
    func statuses(_ change: (inout SinkOptions) -> Void) -> [Int?] {
      var sink = behaviour {
        $0.failFirst = 2
        change(&$0)
      }
      return (0..<4).map { _ in sink.answer(to: request("a")).status }
    }
    #expect(statuses { _ in } == [503, 503, 200, 200])
    #expect(statuses { $0.status = 500 } == [500, 500, 200, 200])
    #expect(statuses { $0.status = 202 } == [503, 503, 202, 202])
    #expect(statuses { $0.drops = true } == [nil, nil, 200, 200])
    #expect(statuses { $0.preset = .n8nNotRegistered } == [404, 404, 200, 200])
  }

  @Test("A preset that is a 200 is given first and then stops")
  func failsFirstWithPreset() {
    var sink = behaviour {
      $0.failFirst = 1
      $0.preset = .n8nStarting
    }
    #expect(sink.answer(to: request("a")).body == "n8n is starting up. Please wait")
    #expect(sink.answer(to: request("a")).body == #"{"message":"Workflow was started"}"#)
  }

  @Test("Only what brings certain events is answered as configured, and the rest is taken")
  func onlyWith() {
    var sink = behaviour {
      $0.preset = .n8nWorkflowError
      $0.onlyWith = ["bad", "worse"]
    }
    #expect(sink.answer(to: request("a", "bad")).status == 500)
    #expect(sink.answer(to: request("worse")).status == 500)
    #expect(sink.answer(to: request("a", "b")).body == #"{"message":"Workflow was started"}"#)
    #expect(sink.answer(to: request(nil)).status == 200)
  }

  @Test("A rejected event is refused alone with 400, among others with 422, and lets the others pass")
  func rejects() {
    var sink = behaviour { $0.rejected = ["bad", "worse"] }
    #expect(sink.answer(to: request("bad")).status == 400)
    #expect(sink.answer(to: request("a", "bad")).status == 422)
    #expect(sink.answer(to: request("bad", "worse")).status == 422)
    #expect(sink.answer(to: request("a", "b")).status == 200)
    #expect(sink.answer(to: request(nil)).status == 200)
  }

  @Test("In results each event has its own")
  func results() throws {
    var sink = behaviour {
      $0.givesResults = true
      $0.rejected = ["b\"d"]
    }
    let answer = sink.answer(to: request("a", "b\"d", nil))
    #expect(answer.status == 200)
    #expect(
      answer.body == #"{"results":[{"eventId":"a","status":"ok"},"#
        + #"{"eventId":"b\"d","status":"reject","error":"the sink is set to reject it"}]}"#)
    var document = JSONDocument()
    let bytes = Array(answer.body.utf8)
    try document.scan(bytes.span)
    #expect(sink.answer(to: request(nil)).body == #"{"results":[]}"#)
  }

  @Test("Other methods are answered as n8n does, and count for nothing")
  func otherMethods() {
    var sink = behaviour { $0.failFirst = 1 }
    let answer = sink.answer(to: request(method: "GET"))
    #expect(answer.status == 404)
    #expect(answer.body.contains("not registered for GET requests. Did you mean to make a POST request?"))
    #expect(sink.answer(to: request("a")).status == 503)
  }

  @Test("A body that cannot be read is refused as n8n does; one of no events, too large or compressed, too")
  func problems() {
    func status(_ problem: SinkRequest.Problem, _ change: (inout SinkOptions) -> Void = { _ in }) -> Int? {
      var sink = behaviour(change)
      var bad = request()
      bad.content = .problem(problem)
      return sink.answer(to: bad).status
    }
    var document = JSONDocument()
    let bytes: [UInt8] = [0x7B]
    let unreadable = #expect(throws: SinkBatchError.self) { try SinkBatch(bytes.span, scanningIn: &document) }
    #expect(unreadable.flatMap { status(.unreadable($0)) } == 422)
    #expect(status(.unreadable(.noEvents)) == 400)
    #expect(status(.tooLarge(limit: 1)) == 413)
    #expect(status(.compressed("gzip")) == 200)
    #expect(status(.compressed("gzip")) { $0.givesResults = true } == 415)
    // What fails anyway fails as configured.
    #expect(status(.unreadable(.noEvents)) { $0.status = 500 } == 500)
  }
}

struct SinkPresetTests {
  /// What n8n and proxies put on the wire: status, whether the body is JSON, the body or a part of it.
  @Test(
    arguments: [
      (SinkPreset.n8nStarted, 200, true, #"{"message":"Workflow was started"}"#),
      (.n8nStarting, 200, false, "n8n is starting up. Please wait"),
      (.n8nFiltered, 200, true, #"{"message":"Webhook call received"}"#),
      (.n8nEmpty, 200, true, ""),
      (.n8nDatabaseDown, 503, true, #"{"code":503,"message":"Database is not ready!"}"#),
      (
        .n8nNotRegistered, 404, true,
        #"{"code":404,"message":"The requested webhook \"POST a/b\" is not registered.","hint":"#
      ),
      (
        .n8nWrongMethod, 404, true,
        "This webhook is not registered for POST requests. Did you mean to make a GET request?"
      ),
      (.n8nUnauthorized, 401, false, "Authorization is required!"),
      (.n8nForbidden, 403, false, "Authorization data is wrong!"),
      (.n8nNoCredential, 500, false, "No authentication data defined on node!"),
      (
        .n8nInvalidJSON, 422, true,
        #"{"code":422,"message":"Failed to parse request body","hint":"Unexpected end of JSON input"}"#
      ),
      (.n8nTooLarge, 500, true, #"{"code":0,"message":"There was a problem executing the workflow"}"#),
      (.n8nWorkflowError, 500, true, #"{"message":"Error in workflow"}"#),
      (
        .n8nWorkflowNotStarted, 500, true,
        #"{"code":0,"message":"Workflow Webhook Error: Workflow could not be started!"}"#
      ),
      (.proxyTooLarge, 413, false, "<html>"), (.proxyBadGateway, 502, false, "<html>"),
      (.proxyUnavailable, 503, false, "<html>"), (.proxyTimeout, 504, false, "<html>"),
      (.cloudflareTimeout, 524, false, "<html>"), (.caddyTooLarge, 502, false, ""),
      (.n8nStarting404, 404, false, "<pre>Cannot POST /webhook/a/b</pre>"),
      (.n8nInvalidCredential, 400, true, #"{"code":0,"message":"Node \"Create the order\" uses invalid credential"}"#),
      (.n8nUnknownNode, 400, true, #"{"code":0,"message":"Unrecognized node type: "#),
      (.n8nNoRespond, 500, true, #"{"code":0,"message":"No Respond to Webhook node found in the workflow"}"#),
      (.n8nUnusedRespond, 500, true, #"{"code":0,"message":"Unused Respond to Webhook node found in the workflow"}"#),
      (.n8nNoItem, 500, true, #"{"code":0,"message":"No item to return was found"}"#),
      (.n8nCancelled, 500, true, #"{"code":0,"message":"The execution was cancelled manually"}"#),
      (.n8nWrongBasic, 401, false, "Authentication data is wrong!"), (.n8nNoToken, 401, false, "No token provided"),
      (.n8nWrongToken, 403, false, "invalid signature"),
      (.n8nAddress, 403, false, "IP is not allowed to access the webhook!"),
      (.n8n1Address, 403, false, "IP is not whitelisted to access the webhook!"), (.n8n1Failed, 200, true, ""),
      (.n8nTimedOut, 500, true, #"{"code":0,"message":"The execution was cancelled because it timed out"}"#),
      (
        .n8nTestURL, 404, true,
        #"{"code":404,"message":"The requested webhook \"a/b\" is not registered.","hint":"Click the 'Execute workflow'"#
      ),
      (.n8nNotConnected, 428, true, #"{"status":"credential_connections_required","readyToExecute":false,"#),
    ])
  func answers(preset: SinkPreset, status: Int, isJSON: Bool, body: String) throws {
    let answer = preset.answer(to: "/webhook/a/b")
    #expect(answer.status == status)
    #expect(answer.contentType.hasPrefix("application/json") == isJSON)
    #expect(answer.body.contains(body) && answer.body.isEmpty == body.isEmpty)
    guard isJSON, !body.isEmpty else { return }
    var document = JSONDocument()
    let bytes = Array(answer.body.utf8)
    try document.scan(bytes.span)
  }

  @Test("Whatever authentication the node wants, its refusal asks for basic, and names neither type nor length")
  func challenges() {
    let authentication: [SinkPreset] = [
      .n8nUnauthorized, .n8nWrongBasic, .n8nForbidden, .n8nNoToken, .n8nWrongToken, .n8nNoCredential,
    ]
    let written: [SinkPreset] = authentication + [.n8nAddress, .n8n1Address]
    let nothing: [SinkPreset] = [.n8nEmpty, .n8n1Failed]
    for preset in SinkPreset.allCases {
      let answer = preset.answer(to: "/webhook/x")
      #expect((answer.challenge == #"Basic realm="Webhook""#) == authentication.contains(preset), "\(preset)")
      let isWritten = written.contains(preset)
      #expect(answer.isChunked == (isWritten || nothing.contains(preset)), "\(preset)")
      #expect(!isWritten || answer.contentType.isEmpty, "\(preset)")
    }
  }

  @Test("Every error of n8n that has a code carries a stacktrace where that is configured, and reads the same")
  func stacktraces() throws {
    for preset in SinkPreset.allCases {
      let (without, with) = (preset.answer(to: "/webhook/x"), preset.answer(to: "/webhook/x", stacktrace: true))
      guard without.body.hasPrefix(#"{"code":"#) else {
        #expect(with == without)
        continue
      }
      let start = without.body.hasPrefix(#"{"code":0,"#) ? "Error" : "ResponseError"
      #expect(with.body.hasPrefix(without.body.dropLast()))
      #expect(with.body.contains(#","stacktrace":"\#(start): "#))
      var document = JSONDocument()
      let bytes = Array(with.body.utf8)
      try document.scan(bytes.span)
    }
  }

  @Test(
    "OPTIONS shows what an active workflow takes, to who says where he comes from, and counts for nothing",
    arguments: [
      (nil, 204, "OPTIONS, POST"), (.n8nNotRegistered, 204, "OPTIONS"), (.n8nWrongMethod, 204, "OPTIONS, GET"),
      (.n8nForbidden, 204, "OPTIONS, POST"), (.n8nStarting404, 404, nil), (.n8nStarting, 200, nil),
      (.n8nTestURL, 404, nil), (.n8nDatabaseDown, 503, nil), (.proxyBadGateway, 502, nil),
    ] as [(SinkPreset?, Int, String?)])
  func options(preset: SinkPreset?, status: Int, methods: String?) {
    var options = SinkOptions()
    options.preset = preset
    var sink = SinkBehaviour(options)
    var request = request(method: "OPTIONS")
    #expect(sink.answer(to: request).allowedMethods == nil)
    request.hasOrigin = true
    let answer = sink.answer(to: request)
    #expect(answer.status == status && answer.allowedMethods == methods)
  }
}
