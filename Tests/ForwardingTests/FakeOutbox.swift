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
  /// What was put off, in that order.
  private(set) var putOffEvents: [PendingEvent] = []
  private var batches: [Int64: [PendingEvent]] = [:]
  private var batchesOfPutOff: Set<Int64> = []
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
    (batches.values.flatMap(\.self) + waiting + putOffEvents).map(\.sequence).sorted()
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
    if let batch = composed(isPutOff: false) { return batch }
    guard !waiting.isEmpty, !onlyFull || waiting.count >= maxEvents else {
      emptyLooks += 1
      return nil
    }
    batches[nextNumber] = Array(waiting.prefix(maxEvents))
    waiting.removeFirst(min(maxEvents, waiting.count))
    nextNumber += 1
    return composed(isPutOff: false)
  }

  private func composed(isPutOff: Bool) -> PendingBatch? {
    for (number, events) in batches.sorted(by: { $0.key < $1.key })
    where !inHand.contains(number) && batchesOfPutOff.contains(number) == isPutOff {
      inHand.insert(number)
      return PendingBatch(number: number, events: events, isPutOff: isPutOff)
    }
    return nil
  }

  func nextPutOffBatch(maxEvents: Int, maxBytes: Int) throws -> PendingBatch? {
    defer { end() }
    guard inHand.isDisjoint(with: batchesOfPutOff) else { return nil }
    if let batch = composed(isPutOff: true) { return batch }
    guard !putOffEvents.isEmpty else { return nil }
    batches[nextNumber] = Array(putOffEvents.prefix(maxEvents))
    batchesOfPutOff.insert(nextNumber)
    putOffEvents.removeFirst(min(maxEvents, putOffEvents.count))
    nextNumber += 1
    return composed(isPutOff: true)
  }

  func putOff(_ batch: PendingBatch) throws {
    defer { end() }
    try begin("putOff")
    inHand.remove(batch.number)
    batchesOfPutOff.remove(batch.number)
    putOffEvents += batches.removeValue(forKey: batch.number) ?? []
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

  func forget(_ events: [PendingEvent]) throws -> Int {
    defer { end() }
    try begin("forget")
    remove(events)
    forgotten += events.map(\.sequence)
    return 0
  }

  func release(_ batch: PendingBatch, dissolving: Bool) throws {
    defer { end() }
    try begin("release")
    inHand.remove(batch.number)
    releases.append(dissolving)
    guard dissolving else { return }
    let left = batches.removeValue(forKey: batch.number) ?? []
    if batchesOfPutOff.remove(batch.number) != nil {
      putOffEvents = left + putOffEvents
    } else {
      waiting = left + waiting
    }
  }

  func setNote(_ name: String, _ value: String) throws {
    if name == Forwarder.circuitNote { notes.append(value) }
  }

  func pending() -> (count: Int, oldest: Timestamp?) { (pendingNumbers.count, nil) }
}
