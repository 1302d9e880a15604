package import Catalog

/// Events that are sent together.
///
/// The catalog keeps them as a batch until it is released, so that a restart sends the same batch again.
package struct PendingBatch: Hashable, Sendable {
  package var number: Int64
  package var events: [PendingEvent]

  package init(number: Int64, events: [PendingEvent]) {
    self.number = number
    self.events = events
  }
}

extension [PendingEvent] {
  /// The events in parts with consecutive sequences, so that the catalog can be queried once per part.
  var runs: [(sequences: ClosedRange<Int64>, events: ArraySlice<PendingEvent>)] {
    var runs: [(sequences: ClosedRange<Int64>, events: ArraySlice<PendingEvent>)] = []
    var start = startIndex
    for end in indices.dropFirst() where self[end].sequence != self[end - 1].sequence + 1 {
      runs.append((self[start].sequence...self[end - 1].sequence, self[start..<end]))
      start = end
    }
    if let last { runs.append((self[start].sequence...last.sequence, self[start...])) }
    return runs
  }
}
