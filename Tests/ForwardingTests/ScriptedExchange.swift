import Forwarding
import Logging
import Synchronization
import TestSupport
import Time

/// An exchange without a network: gives the answers of a script.
final class ScriptedExchange: HTTPExchange {
  enum Step: Sendable {
    case answer(Int, body: String = "", headers: [WebhookRequest.Header] = [])
    case failure(ExchangeFailure.Kind)
    /// No answer, after the request was sent.
    case unanswered
    /// Does not answer until it is released with `release`, or cancelled.
    case held(Int)
  }

  private struct State {
    var requests: [WebhookRequest] = []
    var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    var held: [Int: CheckedContinuation<Bool, Never>] = [:]
    var cancelled: Set<Int> = []
  }

  private let state = Mutex(State())
  /// The answer to an inquiry without an event: by default, one that says nothing.
  private let inquiry: HTTPAnswer
  private let script: @Sendable (WebhookRequest, Int) -> Step

  init(
    inquiry: HTTPAnswer = HTTPAnswer(status: 501), _ script: @escaping @Sendable (WebhookRequest, Int) -> Step
  ) {
    self.inquiry = inquiry
    self.script = script
  }

  /// Gives these in turn, and the last one from then on.
  convenience init(_ steps: Step...) {
    self.init { _, number in steps.indices.contains(number - 1) ? steps[number - 1] : steps.last ?? .answer(200) }
  }

  var requests: [WebhookRequest] { state.withLock(\.requests) }
  var bodies: [String] { requests.map { String(decoding: $0.body, as: UTF8.self) } }
  /// The numbers of the events in each request.
  var sent: [[Int64]] { requests.map(\.eventNumbers) }

  func waitForRequests(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.requests.count >= count { return true }
        state.waiters.append((count, continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }

  /// Releases all that are held.
  func release() {
    for held in state.withLock({ state in
      defer { state.held = [:] }
      return state.held
    }) { held.value.resume(returning: true) }
  }

  func send(_ request: WebhookRequest) async throws(ExchangeFailure) -> HTTPAnswer {
    if request.method == .options { return inquiry }
    let (number, ready) = state.withLock { state in
      state.requests.append(request)
      let count = state.requests.count
      let ready = state.waiters.filter { $0.count <= count }
      state.waiters.removeAll { $0.count <= count }
      return (count, ready)
    }
    let step = script(request, number)
    // A held one is reported once it can be released.
    if case .held = step {} else { for waiter in ready { waiter.continuation.resume() } }
    switch step {
    case .answer(let status, let body, let headers):
      return HTTPAnswer(status: status, headers: headers, body: Array(body.utf8))
    case .unanswered: throw ExchangeFailure(.timeout, "scripted", wasSent: true)
    case .failure(let kind): throw ExchangeFailure(kind, "scripted")
    case .held(let status):
      let isReleased = await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          let isCancelled = state.withLock { state in
            if state.cancelled.contains(number) || Task.isCancelled { return true }
            state.held[number] = continuation
            return false
          }
          if isCancelled { continuation.resume(returning: false) }
          for waiter in ready { waiter.continuation.resume() }
        }
      } onCancel: {
        state.withLock { state in
          state.cancelled.insert(number)
          return state.held.removeValue(forKey: number)
        }?.resume(returning: false)
      }
      guard isReleased else { throw ExchangeFailure(.cancelled, "scripted") }
      return HTTPAnswer(status: status)
    }
  }
}

extension WebhookRequest {
  /// The numbers of the events in it.
  var eventNumbers: [Int64] {
    let mark = Array("\"evt_".utf8)
    var (numbers, place) = ([Int64](), 0)
    while let begin = body[place...].firstIndex(of: mark[0]) {
      place = begin + 1
      guard body[begin...].starts(with: mark) else { continue }
      place = begin + mark.count
      let digits = body[place...].prefix { (0x30...0x39).contains($0) }
      if let number = Int64(String(decoding: digits, as: UTF8.self)) { numbers.append(number) }
    }
    return numbers
  }
}

/// A forwarder with batches of four, three attempts each, and a secret in its address.
func scriptedForwarder(
  _ exchange: ScriptedExchange, _ outbox: FakeOutbox, _ clock: ManualClock, _ lines: LogKeeper.Lines,
  _ change: (inout ForwardingOptions) -> Void
) throws -> Forwarder {
  var options = ForwardingOptions(
    url: "https://user:s3cret@n8n.example/webhook/x?key=s3cret", address: "https://n8n.example/webhook/x",
    schedule: try Schedule(["every 10s"]), timeZone: .utc, userAgent: "eventdrop/test")
  options.maxEvents = 4
  options.attempts = 3
  change(&options)
  return Forwarder(
    options, outbox: outbox, exchange: exchange, clock: clock,
    logger: Logger(label: "test") { _ in LogKeeper(lines: lines) }, random: { 1 })
}

/// Runs the service while `body` does.
func running(_ service: Forwarder, _ body: () async throws -> Void) async rethrows {
  let task = Task { await service.run() }
  do {
    try await body()
  } catch {
    task.cancel()
    throw error
  }
  task.cancel()
  await task.value
}
