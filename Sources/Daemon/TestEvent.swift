internal import Catalog
internal import EventStore
internal import Events
internal import Failures
internal import Forwarding
internal import Glibc
internal import Logging
internal import Synchronization
internal import Time

/// An event that tests the webhook, sent like any other, and not stored.
enum TestEvent {
  static let eventType = "eventdrop.test"

  /// Sends it once.
  ///
  /// - Returns: Why it was not accepted, and the beginning of the answer; nil if it was.
  static func send(_ options: ForwardingOptions) async -> (why: Message, response: String?)? {
    var options = options
    options.attempts = 1
    let clock = SystemClock()
    let outbox = SingleOutbox(at: clock.now())
    let forwarder = Forwarder(
      options, outbox: outbox, exchange: CurlClient(options), clock: clock,
      logger: Logger(label: "check") { _ in SwiftLogNoOpLogHandler() })
    _ = await forwarder.drain()
    if outbox.isAcknowledged { return nil }
    let lastTrouble = await forwarder.status().lastTrouble
    if let refusal = outbox.refusal { return refusal }
    return (lastTrouble?.trouble.message ?? Message(CheckMessage.noAnswer), lastTrouble?.trouble.response)
  }
}

/// Holds one event until its outcome is known.
private final class SingleOutbox: Outbox {
  private struct State {
    var isGiven = false
    var isAcknowledged = false
    var refusal: (why: Message, response: String?)?
  }

  private let event: PendingEvent
  private let record: [UInt8]
  private let state = Mutex(State())

  init(at now: Timestamp) {
    let eventId = "eventdrop-test-\(now.milliseconds)"
    let time = now.rfc3339
    record = Array(
      """
      {"eventId":"\(eventId)","eventType":"\(TestEvent.eventType)","processedAt":"\(time)",\
      "data":{"message":"This event tries the webhook. It can be ignored."},"createdAt":"\(time)","updatedAt":"\(time)"}
      """.utf8)
    event = PendingEvent(
      sequence: 1, eventId: EventID(eventId), eventType: TestEvent.eventType, partition: 1, bytes: record.count + 1,
      updatedAt: now)
  }

  var isAcknowledged: Bool { state.withLock { $0.isAcknowledged } }
  var refusal: (why: Message, response: String?)? { state.withLock { $0.refusal } }

  func nextBatch(maxEvents: Int, maxBytes: Int, onlyFull: Bool) async throws -> PendingBatch? {
    state.withLock { state in
      guard !state.isGiven else { return nil }
      state.isGiven = true
      return PendingBatch(number: 1, events: [event])
    }
  }

  func waiting(limit: Int, newestFirst: Bool) async throws -> [PendingEvent] { [] }
  func single(_ event: PendingEvent) async throws -> PendingBatch? { nil }
  func takeBackUndelivered() async throws -> Int { 0 }
  func giveBack(_ events: [PendingEvent]) async throws -> Int { 0 }

  func records(of events: [PendingEvent]) async throws -> [[UInt8]?] { events.map { _ in record } }

  func acknowledge(_ events: [PendingEvent], batchId: String, status: Int) async throws {
    state.withLock { $0.isAcknowledged = true }
  }

  func fail(_ failures: [ForwardFailure]) async throws -> [FailedPlace: Int] {
    guard let failure = failures.first else { return [:] }
    state.withLock { $0.refusal = (failure.message, failure.response) }
    return [:]
  }

  func remember(_ attempt: FailedAttempt, of events: [PendingEvent]) async throws {
    state.withLock { $0.refusal = (attempt.message, attempt.response) }
  }

  func forget(_ events: [PendingEvent]) async throws -> Int { 0 }
  func release(_ batch: PendingBatch, dissolving: Bool) async throws {}
  func note(_ name: String) async throws -> String? { nil }
  func setNote(_ name: String, _ value: String) async throws {}
  func pending() async throws -> (count: Int, oldest: Timestamp?) { (isAcknowledged ? 0 : 1, nil) }
}
