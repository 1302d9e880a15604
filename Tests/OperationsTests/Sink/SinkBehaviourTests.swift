import ExactJSON
import Operations
import Schedules
import Testing

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
    "Status, body and Retry-After as told; Retry-After of failures only",
    arguments: [202, 204, 301, 404, 429, 503, 599])
  func told(status: Int) {
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

  @Test("Only what brings certain events is answered as told, and the rest is taken")
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
        + #"{"eventId":"b\"d","status":"reject","error":"the sink was told to reject it"}]}"#)
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
    // What fails anyway fails as told.
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
      (.n8nInvalidJSON, 422, true, #"{"code":422,"message":"Failed to parse request body"}"#),
      (.n8nTooLarge, 500, true, #"{"code":0,"message":"There was a problem executing the workflow"}"#),
      (.n8nWorkflowError, 500, true, #"{"message":"Error in workflow"}"#),
      (
        .n8nWorkflowNotStarted, 500, true,
        #"{"code":0,"message":"Workflow Webhook Error: Workflow could not be started!"}"#
      ),
      (.proxyTooLarge, 413, false, "<html>"), (.proxyBadGateway, 502, false, "<html>"),
      (.proxyUnavailable, 503, false, "<html>"), (.proxyTimeout, 504, false, "<html>"),
      (.cloudflareTimeout, 524, false, "<html>"),
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
}
