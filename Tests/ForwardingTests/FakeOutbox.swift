import Catalog
import EventStore
import Events
import Failures
import Forwarding
import Time

/// A store in memory that records its calls, and fails on demand.
actor FakeOutbox: Outbox {
  struct Acknowledgement: Hashable {
    var events: [Int64]
    var batchId: String
    var status: Int
  }

  struct Failure: Error {}

  private(set) var waiting: [PendingEvent] = []
  /// Events that were to be set aside but were no longer pending.
  private(set) var strays: [Int64] = []
  /// The content of `retry/`, with the reasons; it comes back with the next probe or is given back.
  private(set) var setAside: [(event: PendingEvent, reason: FailureReason)] = []
  /// After this many refusals an event is in `failed/`.
  static let retryAttempts = 5

  /// How often each was set aside as refused, except for those that were given back.
  private(set) var refusals: [Int64: Int] = [:]
  /// When refused events come back.
  private var dueAgain: [Int64: Duration] = [:]
  /// Events that have been in `failed/`.
  private(set) var failedForGood: Set<Int64> = []
  /// Events that were set aside as refused, and were not at fault.
  private(set) var givenBackNumbers: [Int64] = []
  private var homes: [Int64: Int64?] = [:]
  private var batches: [Int64: [PendingEvent]] = [:]
  private var inHand: Set<Int64> = []
  private var nextNumber: Int64 = 1
  private(set) var acknowledgements: [Acknowledgement] = []
  private(set) var failures: [ForwardFailure] = []
  private(set) var forgotten: [Int64] = []
  /// Whether each batch that was given back was dissolved.
  private(set) var releases: [Bool] = []
  private(set) var notes: [CircuitNote] = []
  private var keptNotes: [String: String] = [:]
  /// How often it was asked for a batch and had none.
  private(set) var emptyLooks = 0
  /// Records that do not exist.
  private var gone: Set<Int64> = []
  /// How often each operation has yet to fail.
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

  /// Waits until a condition holds, checked after every operation.
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
    if let batch = composed() { return batch }
    guard !waiting.isEmpty, !onlyFull || waiting.count >= maxEvents else {
      emptyLooks += 1
      return nil
    }
    batches[nextNumber] = Array(waiting.prefix(maxEvents))
    waiting.removeFirst(min(maxEvents, waiting.count))
    nextNumber += 1
    return composed()
  }

  private func composed() -> PendingBatch? {
    for (number, events) in batches.sorted(by: { $0.key < $1.key }) where !inHand.contains(number) {
      inHand.insert(number)
      return PendingBatch(number: number, events: events)
    }
    return nil
  }

  func waiting(limit: Int, newestFirst: Bool) throws -> [PendingEvent] {
    let free = newestFirst ? waiting.suffix(limit) : waiting.prefix(limit)
    let composed = batches.filter { !inHand.contains($0.key) }.values.flatMap(\.self)
    return (composed + free).sorted { $0.sequence < $1.sequence }
  }

  func single(_ event: PendingEvent) throws -> PendingBatch? {
    let home = batches.first { !inHand.contains($0.key) && $0.value.contains(event) }?.key
    if let home {
      batches[home]?.removeAll { $0 == event }
    } else {
      guard let index = waiting.firstIndex(of: event) else { return nil }
      waiting.remove(at: index)
    }
    defer { nextNumber += 1 }
    homes[nextNumber] = .some(home)
    batches[nextNumber] = [event]
    inHand.insert(nextNumber)
    return PendingBatch(number: nextNumber, events: [event])
  }

  func takeBackUndelivered() throws -> Int {
    defer { end() }
    return putBack { $0.reason == .unreachable }
  }

  func giveBack(_ events: [PendingEvent]) throws -> Int {
    defer { end() }
    let back = setAside.filter { events.contains($0.event) && $0.reason == .rejected }.map(\.event.sequence)
    givenBackNumbers += back
    for number in back {
      refusals[number, default: 1] -= 1
      dueAgain[number] = nil
    }
    return putBack { events.contains($0.event) && $0.reason == .rejected }
  }

  private func putBack(_ isMeant: ((event: PendingEvent, reason: FailureReason)) -> Bool) -> Int {
    let back = setAside.filter(isMeant).map(\.event)
    setAside.removeAll(where: isMeant)
    guard !back.isEmpty else { return 0 }
    waiting += back
    dissolve(after: 0)
    return back.count
  }

  /// Brings back refused events, as the clock of `retry/` does: each after a pause that doubles, until its attempts are
  /// used up.
  ///
  /// - Parameters:
  ///   - now: The time, by the monotonic clock.
  ///   - backoff: How long each waits.
  /// - Returns: How many are pending again.
  func bringBackRefused(at now: Duration, after backoff: Backoff) -> Int {
    defer { end() }
    for (event, reason) in setAside where reason == .rejected && dueAgain[event.sequence] == nil {
      dueAgain[event.sequence] = now + backoff.ceiling(afterFailures: refusals[event.sequence] ?? 1)
    }
    let due = Set(
      setAside.lazy.map(\.event.sequence).filter { number in
        !self.isFailed(number) && self.dueAgain[number].map { $0 <= now } ?? false
      })
    for number in due { dueAgain[number] = nil }
    return putBack { $0.reason == .rejected && due.contains($0.event.sequence) }
  }

  /// Whether everything acceptable was accepted, and the rest is in `failed/` or on its way there.
  func isThrough(_ poison: Set<Int64>) -> Bool {
    waiting.isEmpty && batches.isEmpty && setAside.allSatisfy { poison.contains($0.event.sequence) }
  }

  /// Brings back all refused events, as the clock of `retry/` does.
  func bringBackRefused() -> Int {
    defer { end() }
    return putBack { $0.reason == .rejected }
  }

  private func isFailed(_ number: Int64) -> Bool { refusals[number, default: 0] >= Self.retryAttempts }

  private func dissolve(after number: Int64) {
    for other in batches.keys where other > number && !inHand.contains(other) {
      waiting += batches.removeValue(forKey: other) ?? []
      for (single, home) in homes where home == other { homes[single] = .some(nil) }
    }
    waiting.sort { $0.sequence < $1.sequence }
  }

  func records(of events: [PendingEvent]) throws -> [[UInt8]?] {
    try begin("records")
    let pending = Set(pendingNumbers)
    return events.map { event in
      // An event that was moved away, or set aside, no longer has a record in its partition.
      guard pending.contains(event.sequence), !gone.contains(event.sequence) else { return nil }
      return Array(Self.record(event.sequence).utf8)
    }
  }

  private func remove(_ events: [PendingEvent]) {
    let numbers = Set(events.map(\.sequence))
    var left = numbers.count
    for (number, batch) in batches {
      let others = batch.filter { !numbers.contains($0.sequence) }
      guard others.count < batch.count else { continue }
      left -= batch.count - others.count
      batches[number] = others.isEmpty ? nil : others
    }
    if left > 0 { waiting.removeAll { numbers.contains($0.sequence) } }
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
    let pending = Set(pendingNumbers)
    strays += failures.map(\.event.sequence).filter { !pending.contains($0) }
    // Like the store, which finds no record of the others.
    let failures = failures.filter { pending.contains($0.event.sequence) }
    remove(failures.map(\.event))
    self.failures += failures
    setAside += failures.map { ($0.event, $0.reason) }
    for failure in failures where failure.reason == .rejected {
      refusals[failure.event.sequence, default: 0] += 1
      if isFailed(failure.event.sequence) { failedForGood.insert(failure.event.sequence) }
    }
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
    if let home = homes.removeValue(forKey: batch.number) {
      let left = batches.removeValue(forKey: batch.number) ?? []
      if let home {
        batches[home] = ((batches[home] ?? []) + left).sorted { $0.sequence < $1.sequence }
        if batches[home]?.isEmpty ?? false { batches[home] = nil }
      } else {
        waiting = (waiting + left).sorted { $0.sequence < $1.sequence }
      }
      return
    }
    guard dissolving, let left = batches.removeValue(forKey: batch.number) else { return }
    waiting += left
    dissolve(after: batch.number)
  }

  func note(_ name: String) throws -> String? { keptNotes[name] }

  func setNote(_ name: String, _ value: String) throws {
    keptNotes[name] = value
    if name == Forwarder.circuitNote, let note = CircuitNote(value) { notes.append(note) }
  }

  func pending() -> (count: Int, oldest: Timestamp?) { (pendingNumbers.count, nil) }
}
