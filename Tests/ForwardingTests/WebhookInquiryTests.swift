import Events
import Forwarding
import TestSupport
import Testing
import Time

/// What n8n 1.123.81 was seen to answer to `OPTIONS`, and how it is understood.
@Suite(.tags(.fast), .timeLimit(.minutes(10))) struct WebhookInquiryTests {
  private func options(_ url: String) throws -> ForwardingOptions {
    var options = ForwardingOptions(
      url: url, address: url, schedule: try Schedule(["every 2s"]), timeZone: .utc, userAgent: "eventdrop/test")
    options.proxy = ""
    return options
  }

  private func allowing(_ methods: String, _ fields: String? = nil) -> HTTPAnswer {
    HTTPAnswer(
      status: 204,
      headers: [WebhookRequest.Header("Access-Control-Allow-Methods", methods)]
        + (fields.map { [WebhookRequest.Header("Access-Control-Allow-Headers", $0)] } ?? []))
  }

  /// n8n accepts a call to a path with a slash at its end, but answers an inquiry that nothing has this path.
  @Test(arguments: [
    ("/webhook/a/", "/webhook/a"), ("/webhook/a/?key=1/", "/webhook/a?key=1/"), ("/webhook/a", "/webhook/a"),
    ("/webhook/a?key=1/", "/webhook/a?key=1/"), ("/", "/"),
  ])
  func `It is asked under the path without a slash at its end`(path: String, asked: String) async throws {
    let webhook = try MisbehavingWebhook(
      .status(204, body: "", headers: ["Access-Control-Allow-Methods: OPTIONS, POST"]))
    defer { webhook.stop() }
    let server = webhook.url.replacing("/webhook/events", with: "")
    let options = try options(server + path)
    #expect(await WebhookInquiry.ask(CurlClient(options), options) == .takesPOST)
    let request = try #require(webhook.requests.first)
    #expect(request.method == "OPTIONS" && request.target == asked)
  }

  /// For `/orders/:shop`, n8n returns one of the node's methods, whichever it is.
  @Test func `One method of a path with a variable part is not taken for all`() async throws {
    let id = "9460b66c-6975-43ff-b13f-ac1301d843f4"
    for (path, expected) in [
      ("/webhook/\(id)/orders/7", WebhookInquiry.takesAtLeast("GET")), ("/webhook/\(id)", .takesOnly(["GET"])),
      ("/webhook/orders/7", .takesOnly(["GET"])),
    ] {
      let options = try options("http://127.0.0.1:9" + path)
      let exchange = ScriptedExchange(inquiry: allowing("OPTIONS, GET")) { _, _ in .answer(500) }
      let inquiry = await WebhookInquiry.ask(exchange, options)
      #expect(inquiry == expected, "\(path)")
      // What is unknown holds no event back.
      #expect((inquiry.trouble == nil) == (expected == .takesAtLeast("GET")), "\(path)")
    }
    #expect(WebhookInquiry(allowing("OPTIONS"), isVariable: true) == .notRegistered)
    #expect(WebhookInquiry(allowing("OPTIONS, GET, PUT"), isVariable: true) == .takesOnly(["GET", "PUT"]))
  }

  @Test func `A path that is no webhook's is distinguished from what is not n8n`() {
    let methods = "GET, POST, OPTIONS, PUT, PATCH, DELETE"
    let fields =
      "Origin, X-Requested-With, Content-Type, Accept, push-ref, browser-id, anonymousid, authorization"
    let inquiry = WebhookInquiry(allowing(methods, fields))
    #expect(inquiry == .noWebhookPath)
    #expect(inquiry.trouble?.httpStatus == 404 && inquiry.trouble?.isStart == false)
    #expect(WebhookInquiry(allowing(methods)) == .unknown(204))
    #expect(WebhookInquiry(allowing(methods, "Content-Type, Authorization")) == .unknown(204))
  }

  @Test(arguments: [
    (503, #"{"code":503,"message":"Database is not ready!"}"#, "Database is not ready!"), (502, "", "502"),
    (504, "<h1>504 Gateway Time-out</h1>", "504"),
  ])
  func `Who cannot answer now is not taken for something else`(status: Int, body: String, said: String) {
    let inquiry = WebhookInquiry(HTTPAnswer(status: status, body: Array(body.utf8)))
    guard case .unavailable(let why) = inquiry else { return #expect(Bool(false), "\(inquiry)") }
    #expect("\(why)".contains(said) && inquiry.trouble == nil)
  }

  @Test func `Nor is who does not answer at all`() async throws {
    let webhook = try MisbehavingWebhook(.closed)
    defer { webhook.stop() }
    let options = try options(webhook.url)
    let inquiry = await WebhookInquiry.ask(CurlClient(options), options)
    guard case .unavailable(let why) = inquiry else { return #expect(Bool(false), "\(inquiry)") }
    #expect("\(why)".contains("cannot be reached") && inquiry.trouble == nil)
  }
}
