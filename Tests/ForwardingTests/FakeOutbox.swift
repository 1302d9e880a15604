import EventStore
import Events
import Forwarding
import Schedules

/// A store in memory that says what it was told, and fails as it is told.
actor FakeOutbox: Outbox {
  struct Acknowledgement: Hashable {
    var events: [Int64]
    var batchId: String
    var status: Int
  }

  struct Failure: Error {}

  private(set) var waiting: [PendingEvent] = []
  private var batches: [Int64: [PendingEvent]] = [:]
  private var inHand: Set<Int64> = []
  private var nextNumber: Int64 = 1
  private(set) var acknowledgements: [Acknowledgement] = []
  private(set) var failures: [ForwardFailure] = []
  private(set) var forgotten: [Int64] = []
  /// Of each batch that was given back, whether it was dissolved.
  private(set) var releases: [Bool] = []
  private(set) var notes: [String] = []
  /// How often it was asked for a batch and had none.
  private(set) var emptyLooks = 0
  /// Records that are not there.
  private var gone: Set<Int64> = []
  /// How often each operation is yet to fail.
  private var faults: [String: Int] = [:]
  private var watchers:
    [(isMet: @Sendable (isolated FakeOutbox) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []

  func add(_ numbers: ClosedRange<Int64>) {
    waiting += numbers.map { makeEvent($0) }
  }

  func lose(_ number: Int64) {
    gone.insert(number)
  }

  func fail(_ operation: String, times: Int) {
    faults[operation] = times
  }

  /// Waits until something is so, as seen after any operation.
  func wait(until isMet: @escaping @Sendable (isolated FakeOutbox) -> Bool) async {
    if isMet(self) { return }
    await withCheckedContinuation { watchers.append((isMet, $0)) }
  }

  var pendingNumbers: [Int64] {
    (batches.values.flatMap(\.self) + waiting).map(\.sequence).sorted()
  }

  private func begin(_ operation: String) throws {
    guard let left = faults[operation], left > 0 else { return }
    faults[operation] = left - 1
    throw Failure()
  }

  private func end() {
    let met = watchers.filter { $0.isMet(self) }
    watchers.removeAll { $0.isMet(self) }
    for watcher in met { watcher.continuation.resume() }
  }

  static func record(_ number: Int64) -> String { #"{"eventId":"evt_\#(number)","data":{}}"# }

  // MARK: Outbox

  func nextBatch(maxEvents: Int, maxBytes: Int, onlyFull: Bool) throws -> PendingBatch? {
    defer { end() }
    try begin("nextBatch")
    for (number, events) in batches.sorted(by: { $0.key < $1.key }) where !inHand.contains(number) {
      inHand.insert(number)
      return PendingBatch(number: number, events: events)
    }
    guard !waiting.isEmpty, !onlyFull || waiting.count >= maxEvents else {
      emptyLooks += 1
      return nil
    }
    let events = Array(waiting.prefix(maxEvents))
    waiting.removeFirst(events.count)
    let number = nextNumber
    nextNumber += 1
    batches[number] = events
    inHand.insert(number)
    return PendingBatch(number: number, events: events)
  }

  func records(of events: [PendingEvent]) throws -> [[UInt8]?] {
    try begin("records")
    return events.map { gone.contains($0.sequence) ? nil : Array(Self.record($0.sequence).utf8) }
  }

  private func remove(_ events: [PendingEvent]) {
    for number in batches.keys {
      batches[number]?.removeAll { events.contains($0) }
      if batches[number]?.isEmpty ?? false { batches[number] = nil }
    }
  }

  func acknowledge(_ events: [PendingEvent], batchId: String, status: Int) throws {
    defer { end() }
    try begin("acknowledge")
    remove(events)
    acknowledgements.append(Acknowledgement(events: events.map(\.sequence), batchId: batchId, status: status))
  }

  func fail(_ failures: [ForwardFailure]) throws -> [FailedPlace: Int] {
    defer { end() }
    try begin("fail")
    remove(failures.map(\.event))
    self.failures += failures
    return [.retry: failures.count]
  }

  func remember(_ attempt: FailedAttempt, of events: [PendingEvent]) throws {
    try begin("remember")
  }

  func forget(_ events: [PendingEvent]) throws {
    defer { end() }
    try begin("forget")
    remove(events)
    forgotten += events.map(\.sequence)
  }

  func release(_ batch: PendingBatch, dissolving: Bool) throws {
    defer { end() }
    try begin("release")
    inHand.remove(batch.number)
    releases.append(dissolving)
    if dissolving { waiting = (batches.removeValue(forKey: batch.number) ?? []) + waiting }
  }

  func setNote(_ name: String, _ value: String) throws {
    if name == Forwarder.circuitNote { notes.append(value) }
  }

  func pending() -> (count: Int, oldest: Timestamp?) { (pendingNumbers.count, nil) }
}
