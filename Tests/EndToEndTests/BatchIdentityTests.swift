import Glibc
import Synchronization
import TestSupport
import Testing

/// A batch that is sent again after a kill is the same batch.
@Suite(.tags(.spawned), .timeLimit(.minutes(10))) struct BatchIdentityTests {
  // A webhook that received the request and said nothing may have done the work: only the id shows that this is a
  // repeat.
  @Test(arguments: [MisbehavingWebhook.Answer.silence, .status(503, body: "Database is not ready!")])
  func `A batch keeps its id and its bytes through a kill, whatever was stored since`(
    before: MisbehavingWebhook.Answer
  ) async throws {
    let isBack = Atomic(false)
    let webhook = try MisbehavingWebhook { _, _ in isBack.load(ordering: .relaxed) ? .status(200) : before }
    defer { webhook.stop() }
    let site = try await Site(hasSink: false)
    let settings = "  secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"
    site.tree.write(
      site.configuration.replacing("forward:\n", with: "forward:\n\(settings)")
        .replacing("attempts: 2", with: "attempts: 1000"),
      to: "config.yaml")
    let environment = ["N8N_WEBHOOK_URL": webhook.url]
    site.drop("3.json", #"[{"id":"1","type":"t"},{"id":"2","type":"t","data":{"n": 1.50}},{"id":"3","type":"t"}]"#)
    let daemon = try site.start(environment: environment)
    await webhook.waitForRequests(1)
    daemon.signal(SIGKILL)
    #expect(try await daemon.end().code == 137)
    #expect(site.acknowledged == [])

    site.drop("4.json", #"{"id":"4","type":"t"}"#)
    isBack.store(true, ordering: .relaxed)
    let next = try site.start(environment: environment)
    #expect(await site.waits { site.acknowledged == ["1", "2", "3", "4"] })
    next.signal(SIGTERM)
    #expect(try await next.end().code == 0)

    let requests = webhook.requests
    let (last, batch) = (try #require(requests.last), requests.dropLast())
    #expect(batch.count >= 2)
    for name in ["idempotency-key", "webhook-id"] {
      let ids = Set(batch.map { $0.headers[name] })
      #expect(ids.count == 1 && ids.first != .some(nil), "\(name): \(ids)")
      #expect(last.headers[name] != nil && !ids.contains(last.headers[name]))
    }
    let bodies = Set(batch.map { String(decoding: $0.body, as: UTF8.self).split(separator: #""count":3,"#).last ?? "" })
    #expect(bodies.count == 1 && bodies.first?.contains(#""data":{"n": 1.50}"#) == true)
    // It is in the journal, too.
    let id = try #require(batch.first?.headers["webhook-id"])
    #expect(site.journal.contains(#"{"batchId":"\#(id)","#))
    #expect(site.acknowledgements == ["1", "2", "3", "4"])
  }
}
