import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// What happens to three events, depending on the webhook's answer: the product's own sink gives the answer of each
/// row.
@Suite(.tags(.spawned), .timeLimit(.minutes(10))) struct AnswerTableTests {
  /// What a person finds afterwards.
  enum Outcome: Sendable {
    /// All are acknowledged, after this many requests.
    case acknowledged(requests: Int)
    /// All were sent together, and then each alone if anything answers; all are pending, and `status` and log say what
    /// to do.
    case waiting(String, requests: Int = 4)
    /// This many requests were made, then the circuit opened; all wait in `retry/` for this reason.
    case givenUp(requests: Int, reason: String, String)
    /// Each was sent alone in the end and was refused: there is no other to show that the endpoint is not at fault, so
    /// the circuit opens, and all are pending.
    case refused(String)
  }

  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The sink's arguments.
    var sink: [String]
    /// Keys of the section `forward`.
    var settings: [String]
    var outcome: Outcome

    init(_ sink: String, _ settings: String..., then outcome: Outcome) {
      self.sink = sink.split(separator: " ").map(String.init)
      self.settings = settings
      self.outcome = outcome
      testDescription = ([sink] + settings).joined(separator: ", ")
    }
  }

  /// Each kind of outcome once, over a real connection; `AnswerOutcomeTests` has all answers.
  static let rows: [Row] = [
    Row("--as n8n-started", then: .acknowledged(requests: 1)),
    Row("--status 204", then: .acknowledged(requests: 1)),
    Row("--results", "acknowledge: results", then: .acknowledged(requests: 1)),
    // What passes by itself is waited for.
    Row("--as n8n-starting --fail-first 1", then: .acknowledged(requests: 2)),
    Row(
      "--status 429 --retry-after 1 --fail-first 1", "backoff: { first: 10ms, max: 2s }",
      then: .acknowledged(requests: 2)),
    Row("--as proxy-bad-gateway", then: .givenUp(requests: 5, reason: "unreachable", "(502")),
    // What was sent and not answered may still be processed.
    Row("--drop", then: .waiting("see whether n8n runs")),
    Row("--delay 1h", "timeout: 200ms", then: .waiting("'forward.timeout'")),
    Row("--as n8n-queue", "timeout: 200ms", then: .waiting("'forward.timeout'")),
    Row("--as n8n-invalid-credential --stacktrace", then: .waiting("uses invalid credential")),
    Row("--body {\"data\":{\"results\":[]}}", "acknowledge: results", then: .waiting("no results")),
    Row("--as n8n-workflow-error", then: .givenUp(requests: 6, reason: "unreachable", "'Error in workflow'")),
    Row("--as n8n-not-registered", then: .waiting("activate the workflow", requests: 1)),
    Row("--as n8n-forbidden", then: .waiting("compare 'forward.auth'")),
    Row("--status 301", then: .waiting("redirects")),
    Row("--as proxy-too-large", then: .refused("batch.maxBytes")),
  ]

  /// A daemon that works until it can do no more, on three events and the row's settings.
  private func run(
    _ sink: [String], _ settings: [String]
  ) async throws -> (site: Site, end: SpawnedProgram.End, status: String, requests: [Substring]) {
    let site = try await Site(sinkArguments: sink)
    var configuration = site.configuration.replacing("settle: 20ms", with: "settle: 0s")
      .replacing("backoff: { first: 100ms, max: 200ms }", with: "backoff: { first: 1h, max: 1h }")
    for line in settings {
      let key = line.prefix { $0 != ":" }
      let lines = configuration.split(separator: "\n").filter { key != "backoff" || !$0.contains("max: 20ms") }
      configuration = lines.joined(separator: "\n").replacing("forward:\n", with: "forward:\n  \(line)\n")
    }
    site.tree.write(configuration, to: "config.yaml")
    site.drop("3.json", #"[{"id":"1","type":"t"},{"id":"2","type":"t"},{"id":"3","type":"t"}]"#)
    let end = try await site.start(["--once"]).end()
    let arguments = ["status", "--json", "--config", site.tree.path.appending("config.yaml").string]
    let status = try await SpawnedProgram(arguments).end().output
    let requests = try await site.stopSink().split(separator: "\n")
      .filter { $0.contains(#""receivedAt""#) && !$0.contains("OPTIONS") }
    return (site, end, status, requests)
  }

  private func lines(_ end: SpawnedProgram.End, _ text: String) -> [Substring] {
    end.errors.split(separator: "\n").filter { $0.contains(text) }
  }

  @Test(arguments: rows)
  func `What a webhook answers decides what becomes of events`(row: Row) async throws {
    let (site, end, status, requests) = try await run(row.sink, row.settings)
    let all = ["1.json", "2.json", "3.json"]
    let retried = site.tree.names("retry").filter { !$0.hasSuffix(".error") }
    let pauses = lines(end, "forwarding pauses")
    #expect(site.tree.names("failed") == [])
    #expect(site.records + retried == all)
    switch row.outcome {
    case .acknowledged(let count):
      #expect(end.code == 0)
      #expect(site.acknowledgements.sorted() == ["1", "2", "3"])
      #expect(requests.count == count)
      #expect(pauses == [] && circuit(status).isEmpty)
    case .waiting(let words, let count):
      #expect(end.code == 1)
      #expect(status.contains(#""pending":3,"#) && site.records == all)
      #expect(requests.count == count)
      #expect(pauses.count == 1 && pauses.first?.contains(words) == true, "\(end.errors)")
      #expect(circuit(status).contains(words), "\(status)")
    case .givenUp(let count, let reason, let words):
      #expect(end.code == 1)
      #expect(retried == all && site.acknowledged == [])
      #expect(requests.count == count)
      #expect(pauses.count == 1 && pauses.first?.contains(words) == true, "\(end.errors)")
      #expect(circuit(status).contains(words), "\(status)")
      for name in all {
        let sidecar = site.tree.readText("retry/\(name).error") ?? ""
        #expect(sidecar.contains(#""reason": "\#(reason)""#) && sidecar.contains("nextAttemptAt"), "\(sidecar)")
        #expect(sidecar.contains(words), "\(sidecar)")
      }
    case .refused(let words):
      #expect(end.code == 1)
      #expect(status.contains(#""pending":3,"#) && site.records == all && retried == [])
      // All together, two of them, then each of the three.
      #expect(requests.count == 5)
      #expect(pauses.count == 1 && pauses.first?.contains(words) == true, "\(end.errors)")
    }
  }

  /// What `status` says about the circuit if it is open.
  private func circuit(_ status: String) -> Substring {
    status.split(separator: #""circuit":{"state":"open","#).dropFirst().first?.prefix { $0 != "}" } ?? ""
  }

  @Test func `Until the endpoint is mended no attempt is spent, and log and health say once what to do`() async throws {
    let isMended = Atomic(false)
    let webhook = try MisbehavingWebhook { _, _ in
      isMended.load(ordering: .relaxed)
        ? .status(200)
        : .status(404, body: #"{"code":404,"message":"The requested webhook \"POST x\" is not registered."}"#)
    }
    defer { webhook.stop() }
    let site = try await Site(hasSink: false, admin: "127.0.0.1:0")
    let (daemon, port) = try await site.startWithPage(environment: ["N8N_WEBHOOK_URL": webhook.url])
    for number in 1...3 { site.drop("\(number).json", #"{"id":"\#(number)","type":"t"}"#) }
    // More than the attempts of a batch.
    #expect(await site.waits { webhook.requests.count >= 4 })
    var ready = try await site.get("/readyz", from: port)
    #expect(ready.status == 503 && ready.body.contains("activate the workflow"), "\(ready)")
    #expect(site.tree.names("retry") + site.tree.names("failed") == [])
    isMended.store(true, ordering: .relaxed)
    #expect(await site.waits { site.acknowledged == ["1", "2", "3"] })
    ready = try await site.get("/readyz", from: port) { $0.status == 200 }
    #expect(ready.status == 200)
    daemon.signal(SIGTERM)
    let end = try await daemon.end()
    #expect(lines(end, "forwarding pauses").count == 1)
    #expect(lines(end, #""message":"the webhook takes events again""#).count == 1, "\(end.errors)")
    #expect(site.tree.names("retry") + site.tree.names("failed") == [])
  }

  @Test func `A webhook that nobody listens at is tried again, then waited for`() async throws {
    let site = try await Site(hasSink: false)
    site.tree.write(
      site.configuration.replacing("backoff: { first: 100ms, max: 200ms }", with: "backoff: { first: 1h, max: 1h }"),
      to: "config.yaml")
    site.drop("1.json", #"{"id":"1","type":"t"}"#)
    let end = try await site.start(["--once"]).end()
    #expect(end.code == 1)
    #expect(lines(end, "not forwarded").count == 2 && lines(end, "forwarding pauses").count == 1)
    #expect(site.tree.names("retry") == ["1.json", "1.json.error"] && site.tree.names("failed") == [])
    #expect(site.tree.readText("retry/1.json.error")?.contains(#""reason": "unreachable""#) == true)
  }

  @Test func `A webhook that asks to be left alone for an hour is, and status says until when`() async throws {
    let (site, end, status, requests) = try await run(["--status", "429", "--retry-after", "3600"], [])
    #expect(end.code == 1)
    #expect(requests.count == 1 && site.records == ["1.json", "2.json", "3.json"])
    let circuit = status.split(separator: #""circuit":{"state":"closed","since":null,"silentUntil":"20"#)
    #expect(circuit.count == 2 && circuit.last?.prefix { $0 != "}" }.contains("(429") == true, "\(status)")
  }

  @Test func `Without a webhook nothing is reported of the one before`() async throws {
    let (site, _, status, _) = try await run(["--status", "404"], [])
    #expect(circuit(status).contains("production URL"))
    _ = try await site.start(["--once"], environment: ["N8N_WEBHOOK_URL": ""]).end()
    let arguments = ["status", "--config", site.tree.path.appending("config.yaml").string]
    let text = try await SpawnedProgram(arguments).end().output
    #expect(text.contains("webhook   none: events are stored and wait as pending\n"))
    #expect(!text.contains("circuit"), "\(text)")
  }

  /// What the sink answers to any request with one of the three events, and what is said about that one.
  static let atFault = [
    ("n8n-workflow-error", "rejected"), ("n8n-too-large", "rejected"), ("proxy-too-large", "rejected"),
  ]

  @Test(arguments: atFault)
  func `The one event that the workflow fails of is found, and the others are acknowledged`(
    preset: String, reason: String
  ) async throws {
    let (site, end, _, _) = try await run(["--as", preset, "--only-with", "2"], [])
    #expect(end.code == 1)
    #expect(site.acknowledgements.sorted() == ["1", "3"])
    let pending = site.records.filter { $0 == "2.json" }, retried = site.tree.names("retry")
    #expect(pending == ["2.json"] && retried == [] || pending == [] && retried == ["2.json", "2.json.error"])
    #expect(retried == [] || site.tree.readText("retry/2.json.error")?.contains(reason) == true)
  }

  // MARK: Results

  /// What is said about the third event, what happens to it, and after how many requests.
  static let results: [(said: String, place: String, reason: String?, requests: Int)] = [
    (#","# + #"{"eventId":"3","status":"ok"}"#, "acknowledged", nil, 1),
    (#","# + #"{"eventId":"3","status":"duplicate"}"#, "acknowledged", nil, 1),
    (#","# + #"{"eventId":"3","status":"reject","error":"no such order"}"#, "retry", "rejected", 1),
    // Tried as often as a batch is, then by the clock of `retry/`.
    (#","# + #"{"eventId":"3","status":"retry","error":"no such order"}"#, "retry", "unreachable", 2),
    // It is sent with the next batch, whose answer does not name it.
    ("", "pending", nil, 2),
  ]

  @Test(arguments: results)
  func `What the results say of one event decides about that one alone`(
    said: String, place: String, reason: String?, requests count: Int
  ) async throws {
    let body = #"{"results":[{"eventId":"1","status":"ok"},{"eventId":"2","status":"duplicate"}\#(said)]}"#
    let (site, end, status, requests) = try await run(["--body", body], ["acknowledge: results"])
    #expect(requests.count == count)
    #expect(site.acknowledgements.sorted() == (place == "acknowledged" ? ["1", "2", "3"] : ["1", "2"]))
    #expect(end.code == (place == "acknowledged" ? 0 : 1))
    #expect(site.tree.names("retry") == (place == "retry" ? ["3.json", "3.json.error"] : []))
    #expect(site.tree.names("failed") == [])
    #expect(status.contains(#""pending":\#(place == "pending" ? 1 : 0),"#))
    if let reason {
      let sidecar = try #require(site.tree.readText("retry/3.json.error"))
      #expect(sidecar.contains(#""reason": "\#(reason)""#) && sidecar.contains("no such order"), "\(sidecar)")
    }
  }

  @Test(arguments: [["--results"], []])
  func `The one event that is refused is set aside, and the others are acknowledged`(results: [String]) async throws {
    let settings = results.isEmpty ? [] : ["acknowledge: results"]
    let (site, end, _, requests) = try await run(results + ["--reject", "2"], settings)
    #expect(end.code == 1)
    #expect(requests.count == (results.isEmpty ? 5 : 1))
    #expect(site.acknowledgements.sorted() == ["1", "3"])
    #expect(site.tree.names("retry") == ["2.json", "2.json.error"] && site.tree.names("failed") == [])
    #expect(lines(end, "forwarding pauses") == [])
  }
}
