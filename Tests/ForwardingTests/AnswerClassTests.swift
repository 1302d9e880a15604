import Events
import Forwarding
import TestSupport
import Testing

@Suite("What an answer means", .tags(.fast))
struct AnswerClassTests {
  private func classify(
    _ status: Int, _ body: String = "", headers: [(String, String)] = [], rule: AcknowledgeRule = .status,
    eventIds: [EventID] = ["a", "b"]
  ) -> AnswerClass {
    let answer = HTTPAnswer(
      status: status, headers: headers.map { WebhookRequest.Header($0.0, $0.1) }, body: Array(body.utf8))
    return AnswerClass(of: answer, rule: rule, eventIds: eventIds, now: 1_000_000_000_000)
  }

  @Test("Any 2xx acknowledges, whatever it says", arguments: [200, 201, 202, 204, 299])
  func acknowledged(status: Int) {
    #expect(classify(status).kind == .acknowledged)
    #expect(classify(status, #"{"message":"Workflow was started"}"#).kind == .acknowledged)
    #expect(classify(status, "thanks").kind == .acknowledged)
  }

  @Test("n8n's 200s that are no answers")
  func nonAnswers() {
    #expect(classify(200, "n8n is starting up. Please wait").kind == .transient)
    #expect(classify(200, "n8n is starting up. Please wait", rule: .results).kind == .transient)
    #expect(classify(200, #"{"message":"Webhook call received"}"#).kind == .endpoint)
    #expect(classify(200, #" { "message" : "Webhook\u0020call received" } "#).kind == .endpoint)
    #expect(classify(200, #"{"message":"Webhook call received"}"#, rule: .results).kind == .endpoint)
  }

  @Test(
    "An empty body under a JSON type acknowledges nothing, in however it is spelt, but with acknowledge: any",
    arguments: [
      "application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8",
      "application/problem+json",
    ])
  func emptyJSON(type: String) {
    for (status, body) in [(200, ""), (200, " \r\n"), (201, ""), (204, "")] {
      let headers = [("CONTENT-TYPE", type)]
      #expect(classify(status, body, headers: headers).kind == .endpoint)
      #expect(classify(status, body, headers: headers, rule: .results).kind == .endpoint)
      #expect(classify(status, body, headers: headers, rule: .any).kind == .acknowledged)
    }
    #expect(classify(200, "{}", headers: [("Content-Type", type)]).kind == .acknowledged)
    #expect(classify(200, "", headers: [("Content-Type", "text/html")]).kind == .acknowledged)
  }

  @Test("A workflow may say what only looks like them")
  func lookAlikes() {
    #expect(classify(200, #"{"text":"n8n is starting up"}"#).kind == .acknowledged)
    #expect(classify(200, #""n8n is starting up. Please wait""#).kind == .acknowledged)
    #expect(classify(200, #"{"message":"Webhook call received","orders":2}"#).kind == .acknowledged)
  }

  @Test("The webhook is away", arguments: [408, 425, 429, 500, 501, 502, 503, 504, 520, 522, 524, 599])
  func transient(status: Int) {
    #expect(classify(status).kind == .transient)
    #expect(classify(status, "<html>oh</html>", rule: .results).kind == .transient)
  }

  @Test("The endpoint must be mended", arguments: [300, 301, 302, 307, 308, 401, 403, 404, 405, 407, 410])
  func endpoint(status: Int) {
    #expect(classify(status).kind == .endpoint)
    #expect(classify(status, eventIds: ["a"]).kind == .endpoint)
  }

  @Test(
    "What nobody has foreseen holds events back and loses none", arguments: [304, 402, 406, 415, 418, 451, 600])
  func unforeseen(status: Int) {
    #expect(classify(status).kind == .endpoint)
  }

  @Test("Events are refused", arguments: [400, 409, 413, 422])
  func refused(status: Int) {
    #expect(classify(status).kind == .refused)
  }

  @Test("500s that n8n's settings are to blame for")
  func configuration() {
    #expect(classify(500, "No authentication data defined on node!").kind == .endpoint)
    #expect(classify(500, #"{"code":0,"message":"No authentication data defined on node!"}"#).kind == .endpoint)
    #expect(
      classify(500, #"{"message":"Workflow Webhook Error: Workflow could not be started!"}"#).kind == .endpoint)
  }

  @Test("500s that one event may be to blame for")
  func suspicious() {
    #expect(classify(500, #"{"message":"Error in workflow"}"#).kind == .suspicious)
    #expect(classify(500, #"{"code":0,"message":"There was a problem executing the workflow"}"#).kind == .suspicious)
    #expect(classify(503, #"{"message":"Error in workflow"}"#).kind == .transient)
    #expect(classify(503, "Database is not ready!").kind == .transient)
  }

  @Test("Retry-After is honoured, in bounds")
  func retryAfter() {
    func wait(_ text: String) -> Duration? {
      guard case .transient(_, let wait) = classify(429, headers: [("RETRY-AFTER", text)]) else { return .seconds(-1) }
      return wait
    }
    #expect(wait("7") == .seconds(7))
    #expect(wait("0") == .zero)
    #expect(wait("3601") == .seconds(3600))
    #expect(wait("99999999999999999999999999") == .seconds(3600))
    #expect(wait("-1") == nil)
    #expect(wait("soon") == nil)
    #expect(wait("") == nil)
    // 1,000,000,000,000 ms is 2001-09-09 01:46:40.
    #expect(wait("Sun, 09 Sep 2001 01:46:50 GMT") == .seconds(10))
    #expect(wait("Sunday, 09-Sep-01 01:47:40 GMT") == .seconds(60))
    #expect(wait("Sun Sep  9 01:46:41 2001") == .seconds(1))
    #expect(wait("Sun, 09 Sep 2001 00:00:00 GMT") == .zero)
    #expect(wait("Sun, 09 Sep 9001 00:00:00 GMT") == .seconds(3600))
    #expect(wait("Sun, 09 Foo 2001 00:00:00 GMT") == nil)
  }

  @Test("A 404 says what to change")
  func hints() {
    func hint(_ body: String) -> String {
      guard case .endpoint(let trouble) = classify(404, body) else { return "" }
      return trouble.hint ?? ""
    }
    #expect(
      hint(#"{"code":404,"message":"The requested webhook \"POST x\" is not registered.","hint":"…"}"#)
        .contains("activate"))
    #expect(
      hint(
        #"{"code":404,"message":"This webhook is not registered for POST requests. Did you mean to make a GET request?"}"#
      ).contains("method to POST"))
    #expect(hint("<html>not here</html>").contains("forward.url"))
  }

  @Test("A redirect names its target without what may be secret")
  func redirect() {
    guard
      case .endpoint(let trouble) = classify(302, headers: [("Location", "https://u:p@n8n.example/login?token=abc")])
    else { return #expect(Bool(false)) }
    #expect(trouble.summary.contains("https://n8n.example/login"))
    #expect(!trouble.summary.contains("abc"))
    #expect(!trouble.summary.contains("u:p"))
  }

  @Test("No answer at all")
  func failures() {
    #expect(AnswerClass(of: ExchangeFailure(.network, ""))?.kind == .transient)
    #expect(AnswerClass(of: ExchangeFailure(.timeout, ""))?.kind == .transient)
    #expect(AnswerClass(of: ExchangeFailure(.network, "", wasSent: true))?.kind == .unanswered)
    #expect(AnswerClass(of: ExchangeFailure(.timeout, "", wasSent: true))?.kind == .unanswered)
    #expect(AnswerClass(of: ExchangeFailure(.tls, ""))?.kind == .endpoint)
    #expect(AnswerClass(of: ExchangeFailure(.proxy(status: 407), ""))?.kind == .endpoint)
    #expect(AnswerClass(of: ExchangeFailure(.proxy(status: 503), ""))?.kind == .transient)
    #expect(AnswerClass(of: ExchangeFailure(.configuration, ""))?.kind == .endpoint)
    #expect(AnswerClass(of: ExchangeFailure(.cancelled, "")) == nil)
  }

  // MARK: Results

  @Test("Ids are bytes: what is said of one spelling is not said of the other")
  func idSpellings() {
    let (composed, decomposed): (EventID, EventID) = ("caf\u{E9}", "cafe\u{301}")
    #expect(composed != decomposed)
    let said = results(#"{"results":[{"eventId":"caf\u00e9","status":"ok"}]}"#, [composed, decomposed])
    #expect(said == [.acknowledged, .unnamed])
    let both = results(
      #"{"results":[{"eventId":"caf\u00e9","status":"ok"},{"eventId":"cafe\u0301","status":"reject"}]}"#,
      [composed, decomposed])
    #expect(both == [.acknowledged, .reject(nil)])
  }

  private func results(_ body: String, _ eventIds: [EventID]) -> [EventResult]? {
    guard case .results(let results) = classify(200, body, rule: .results, eventIds: eventIds) else { return nil }
    return results
  }

  @Test("Each event gets what is said of it, and what is not named is sent again")
  func eachResult() {
    let body = """
      {"results":[{"eventId":"b","status":"reject","error":"no such order"},{"status":"ok","eventId":"a"},
      {"eventId":"d","status":"duplicate"},{"eventId":"e","status":"retry","error":"busy"},{"eventId":"z","status":"ok"},
      {"eventId":"f","status":"perhaps"},7,{"status":"ok"}],"more":{}}
      """
    #expect(
      results(body, ["a", "b", "c", "d", "e", "f"]) == [
        .acknowledged, .reject("no such order"), .unnamed, .acknowledged, .retry("busy"),
        .retry(nil),
      ])
  }

  @Test("Ids in other spellings")
  func spellings() {
    #expect(
      results(
        #"{"\u0072esults":[{"eventId":"\u0061/\"","status":"\u006fk"},{"eventId":42,"status":"ok"}]}"#, ["a/\"", "42"])
        == [.acknowledged, .acknowledged])
  }

  @Test("A list of items, as n8n responds with all of them")
  func items() {
    #expect(
      results(
        #"[{"results":[{"eventId":"a","status":"ok"}]},{"results":[{"eventId":"b","status":"ok"}]}]"#, ["a", "b"])
        == [.acknowledged, .acknowledged])
  }

  @Test("Two results for one event are none")
  func contradiction() {
    let twice = results(
      #"{"results":[{"eventId":"a","status":"ok"},{"eventId":"a","status":"reject"},{"eventId":"b","status":"ok"},{"eventId":"b","status":"ok"}]}"#,
      ["a", "b"])
    #expect(twice?.last == .acknowledged)
    #expect(twice?.first == .contradicted)
  }

  @Test(
    "An answer that has no results in any shape is not asked for again",
    arguments: [
      "", "ok", "{}", #"{"results":{}}"#, #"{"results":[}"#, "null", #"{"results":"ok"}"#, #"{"data":{"results":[]}}"#,
      #"[{"eventId":"a"}]"#, "[7]", #"{"json":7}"#,
    ])
  func noResults(body: String) {
    #expect(classify(200, body, rule: .results).kind == .endpoint)
  }

  @Test(
    "One that names none of the events is no answer",
    arguments: ["[]", #"{"results":[]}"#, #"{"results":[{"eventId":"z","status":"ok"}]}"#, #"[{"results":[7]}]"#])
  func namesNone(body: String) {
    #expect(classify(200, body, rule: .results).kind == .unanswered)
  }

  @Test(
    "Each way to respond that n8n has gives the results another shape",
    arguments: [
      #"{"results":[{"eventId":"a","status":"ok"},{"eventId":"b","status":"reject"}]}"#,
      #"[{"eventId":"a","status":"ok"},{"eventId":"b","status":"reject"}]"#,
      #"[{"results":[{"eventId":"a","status":"ok"},{"eventId":"b","status":"reject"}]}]"#,
      #"[{"json":{"eventId":"a","status":"ok"},"pairedItem":0},{"json":{"eventId":"b","status":"reject"}}]"#,
      #"[{"json":{"results":[{"eventId":"a","status":"ok"}]}},{"json":{"results":[{"eventId":"b","status":"reject"}]}}]"#,
      #"{"results":[{"json":{"eventId":"a","status":"ok"}},{"json":{"eventId":"b","status":"reject"}}]}"#,
      #"{"json":{"results":[{"eventId":"a","status":"ok"},{"eventId":"b","status":"reject"}]}}"#,
    ])
  func shapes(body: String) {
    #expect(results(body, ["a", "b"]) == [.acknowledged, .reject(nil)])
  }

  @Test(
    "What n8n says of its own set-up is no event's fault, with and without what NODE_ENV adds",
    arguments: [
      (400, "Node \\\"Look the order up\\\" uses invalid credential"),
      (409, "Node \\\"Look the order up\\\" uses invalid credential"),
      (422, "Node \\\"Look the order up\\\" uses invalid credential"),
      (500, "Node \\\"Look the order up\\\" uses invalid credential"),
      (400, "Unrecognized node type: n8n-nodes-base.x"), (422, "Unrecognized node type: n8n-nodes-base.x"),
      (409, "what is new in n8n"), (422, "what is new in n8n"),
      (500, "No Respond to Webhook node found in the workflow"),
      (500, "Unused Respond to Webhook node found in the workflow"), (500, "No item to return was found"),
      (500, "Workflow Webhook Error: Workflow could not be started!"),
      (403, "IP is not allowed to access the webhook!"), (403, "IP is not whitelisted to access the webhook!"),
    ])
  func setUp(status: Int, message: String) {
    for stack in ["", #","stacktrace":"Error: x\n    at /usr/lib/node_modules/n8n/y.js:1:2""#] {
      let found = classify(status, #"{"code":0,"message":"\#(message)"\#(stack)}"#)
      #expect(found.kind == .endpoint, "\(found)")
    }
    #expect(classify(400, #"{"code":400,"message":"no such order"}"#).kind == .refused)
    #expect(classify(422, #"{"code":422,"message":"order 7 uses invalid credential"}"#).kind == .refused)
    #expect(classify(500, #"{"code":0,"message":"The execution was cancelled manually"}"#).kind == .transient)
    // One event may be what takes so long.
    let timedOut = #"{"code":0,"message":"The execution was cancelled because it timed out"}"#
    #expect(classify(500, timedOut).kind == .suspicious)
  }

  @Test(
    "What n8n says to OPTIONS shows whether a call would be taken, and what is not n8n's shows nothing",
    arguments: [
      (204, "OPTIONS, POST", "", .takesPOST), (204, "OPTIONS, GET", "", .takesOnly(["GET"])),
      (204, "OPTIONS", "", .notRegistered), (204, nil, "", .unknown(204)), (204, "GET, POST", "", .unknown(204)),
      (204, "OPTIONS, GET, POST", "", .takesPOST),
      (200, nil, "n8n is starting up. Please wait", .startingUp),
      (404, nil, "<!DOCTYPE html>\n<html><body><pre>Cannot OPTIONS /webhok/x</pre></body></html>", .nothingThere),
      // A test URL while nobody is listening in the editor.
      (404, nil, #"{"code":404,"message":"The requested webhook \"x\" is not registered."}"#, .notRegistered),
      (404, nil, #"{"code":404,"message":"not found"}"#, .unknown(404)),
      (404, nil, "<h1>Not Found</h1>", .unknown(404)),
      (200, nil, #"{"message":"Workflow was started"}"#, .unknown(200)),
    ] as [(Int, String?, String, WebhookInquiry)])
  func inquiry(status: Int, methods: String?, body: String, expected: WebhookInquiry) {
    let headers = methods.map { [WebhookRequest.Header("Access-Control-Allow-Methods", $0)] } ?? []
    #expect(WebhookInquiry(HTTPAnswer(status: status, headers: headers, body: Array(body.utf8))) == expected)
  }

  @Test("A refusal comes with advice", arguments: [400, 409, 413, 422])
  func adviceForRefusals(status: Int) {
    guard case .refused(let trouble) = classify(status, "no") else { return #expect(Bool(false)) }
    #expect(trouble.hint?.isEmpty == false)
  }

  @Test("The advice for a 403 names every cause")
  func forbidden() {
    guard case .endpoint(let trouble) = classify(403, "Authorization data is wrong!") else {
      return #expect(Bool(false))
    }
    #expect(trouble.hint?.contains("forward.auth") == true && trouble.hint?.contains("Ignore Bots") == true)
  }

  @Test("Before n8n has its routes, Express answers")
  func beforeRoutes() {
    let page = "<!DOCTYPE html>\n<html><body><pre>Cannot POST /webhook/x</pre></body></html>"
    guard case .transient(let trouble, _) = classify(404, page) else { return #expect(Bool(false)) }
    #expect(trouble.isStart && trouble.summary == "n8n is starting up")
  }

  @Test("An answer that was too long to be kept whole is reported as such")
  func cutAnswer() {
    let answer = HTTPAnswer(status: 200, body: Array(#"{"results":[{"eventId":"a","#.utf8), isCut: true)
    let found = AnswerClass(of: answer, rule: .results, eventIds: ["a"], now: 0)
    guard case .endpoint(let trouble) = found else { return #expect(Bool(false), "\(found)") }
    #expect(trouble.summary.contains("longer than") && trouble.hint?.contains("forward.batch.maxEvents") == true)
  }

  @Test("A webhook that answers before the workflow has run can give no results")
  func tooEarly() {
    #expect(classify(200, #"{"message":"Workflow was started"}"#, rule: .results).kind == .endpoint)
  }
}

extension AnswerClass {
  enum Kind {
    case acknowledged, results, transient, unanswered, suspicious, endpoint, refused
  }

  var kind: Kind {
    switch self {
    case .acknowledged: .acknowledged
    case .results: .results
    case .transient: .transient
    case .unanswered: .unanswered
    case .suspicious: .suspicious
    case .endpoint: .endpoint
    case .refused: .refused
    }
  }
}
