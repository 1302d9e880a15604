package import Catalog

/// What is being forwarded, and the number of the next batch.
package struct BatchBook {
  /// How many batches are composed at a time if enough is pending: they reach the disk together.
  package static let batchesAtATime = 8

  /// The batches being sent.
  package private(set) var inHand: Set<Int64> = []
  /// The sequences of single events being sent, by the number used for each.
  ///
  /// In the catalog they stay where they are: whenever the process ends, each has its place in the order.
  private var singles: [Int64: Int64] = [:]
  package private(set) var next: Int64
  /// Whether a power cut would lose none of the composed batches (I13).
  package private(set) var isOnDisk = true

  /// - Parameter next: The number of the next batch.
  package init(next: Int64) {
    self.next = next
  }

  package func isInHand(_ batch: Int64) -> Bool { inHand.contains(batch) }

  package func isInHand(single sequence: Int64) -> Bool { singles.values.contains(sequence) }

  /// Those events that are not being sent alone.
  package func notInHand(_ events: [PendingEvent]) -> [PendingEvent] {
    guard !singles.isEmpty else { return events }
    let singles = Set(singles.values)
    return events.filter { !singles.contains($0.sequence) }
  }

  /// Marks a batch as being sent.
  package mutating func take(_ batch: Int64) { inHand.insert(batch) }

  /// Marks a single event as being sent, under its own number.
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

  /// This many batches are about to be composed in the catalog.
  ///
  /// - Returns: The number of the first.
  package mutating func willCompose(_ count: Int) -> Int64 {
    isOnDisk = false
    defer { next += Int64(count) }
    return next
  }

  package mutating func didReachDisk() { isOnDisk = true }

  /// Divides pending events, oldest first, into batches: the first, and the full ones after it.
  ///
  /// - Parameters:
  ///   - waiting: The oldest events; one more than fits shows whether the last batch is full.
  ///   - maxEvents: The largest number of events in a batch.
  ///   - maxBytes: The largest size of records in bytes; a larger record is a batch by itself.
  ///   - onlyFull: Whether to leave out the first if it is not full.
  /// - Returns: The sequences of the first and last event of each; all events between them that are in no batch belong
  ///   to it.
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
