/// What the forwarding has in hand, and which number the next batch gets.
package struct BatchBook {
  /// How many batches are composed at a time, where so much is pending: they reach the disk together.
  package static let batchesAtATime = 8

  /// The batches in hand.
  package private(set) var inHand: Set<Int64> = []
  /// The sequences of single events in hand, by the number that each is sent under.
  ///
  /// For the catalog they stay where they are: whenever the process ends, each is at its place in the order.
  private var singles: [Int64: Int64] = [:]
  package private(set) var next: Int64
  /// Whether a power cut would take nothing of the batches that have been composed (I13).
  package private(set) var isOnDisk = true

  /// - Parameter next: The number of the next batch.
  package init(next: Int64) {
    self.next = next
  }

  package func isInHand(_ batch: Int64) -> Bool { inHand.contains(batch) }

  package func isInHand(single sequence: Int64) -> Bool { singles.values.contains(sequence) }

  /// Those events that nobody has in hand to send them alone.
  package func notInHand(_ events: [PendingEvent]) -> [PendingEvent] {
    guard !singles.isEmpty else { return events }
    let singles = Set(singles.values)
    return events.filter { !singles.contains($0.sequence) }
  }

  /// Gives a batch into hand.
  package mutating func take(_ batch: Int64) { inHand.insert(batch) }

  /// Gives a single event into hand, under a number of its own.
  package mutating func take(single event: PendingEvent) -> PendingBatch {
    defer { next += 1 }
    singles[next] = event.sequence
    return PendingBatch(number: next, events: [event])
  }

  /// Takes a batch back.
  package mutating func giveBack(_ batch: Int64) { inHand.remove(batch) }

  /// Takes a single event back.
  ///
  /// - Returns: Whether it was sent under this number.
  package mutating func giveBack(single number: Int64) -> Bool { singles.removeValue(forKey: number) != nil }

  /// So many batches are about to be composed in the catalog.
  ///
  /// - Returns: The first one's number.
  package mutating func willCompose(_ count: Int) -> Int64 {
    isOnDisk = false
    defer { next += Int64(count) }
    return next
  }

  package mutating func didReachDisk() { isOnDisk = true }

  /// Divides pending events, oldest first, into batches: the first, and those behind it that are full.
  ///
  /// - Parameters:
  ///   - waiting: The oldest events; one more than fits tells whether the last batch is full.
  ///   - maxEvents: How many events a batch has at most.
  ///   - maxBytes: How many bytes of records at most; a larger record makes a batch by itself.
  ///   - onlyFull: Whether to leave the first where it would not be full.
  /// - Returns: The sequences of the first and the last event of each; between them, all that are in no batch belong to it.
  package static func divide(
    _ waiting: [(sequence: Int64, bytes: Int)], maxEvents: Int, maxBytes: Int, onlyFull: Bool
  ) -> [ClosedRange<Int64>] {
    var waiting = waiting[...]
    var batches: [ClosedRange<Int64>] = []
    while batches.count < batchesAtATime {
      var bytes = 0
      let batch = waiting.prefix(maxEvents).prefix { row in
        bytes += row.bytes
        return bytes == row.bytes || bytes <= maxBytes
      }
      guard let first = batch.first, let last = batch.last else { break }
      let isFull = batch.count == maxEvents || batch.count < waiting.count
      guard isFull || batches.isEmpty && !onlyFull else { break }
      batches.append(first.sequence...last.sequence)
      waiting = waiting.dropFirst(batch.count)
    }
    return batches
  }
}
