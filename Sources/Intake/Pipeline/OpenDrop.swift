internal import DurableFiles
internal import EventStore
internal import Events

/// A file some of whose events may not be stored yet.
final class OpenDrop {
  let drop: ClaimedDrop
  var isFullyRead = false
  /// How it ended; nil as long as it has not.
  var end: DropEnd?
  /// Why the file as a whole, or the one event in it, failed.
  var failure: DropFailure?
  /// Why it cannot be read to its end, or let go.
  var hindrance: FileFailure?
  /// Whether another machine has one of its events in hand.
  var isHeldElsewhere = false
  /// Whether it holds a record that lies in its partition as well, and has not lain here for long.
  var isPerhapsMoved = false
  /// How many bytes something of it needs that there is no room for.
  var shortage: Int?
  /// Which of its events the store has.
  var order = EventOrder()
  /// Its events that failed and are not set aside yet.
  var parts = BadParts()
  /// What has become of those before.
  var bad = BadEvents()
  /// How many of its events are on record.
  var goods = 0
  /// Where the rest of its bad events lies, under the file's own name where it is a rest itself.
  var restPlace: FailedPlace?

  init(_ drop: ClaimedDrop) {
    self.drop = drop
  }

  /// Whether it was removed, or set aside, or can go no further.
  var isDone: Bool { end != nil }
}

/// Which events of a file the store has, in the order in which they stand in it.
struct EventOrder {
  /// Their indices, and how many of the first of them are settled.
  private var given: [Int] = []
  private var settled = 0

  /// How many wait in a portion.
  var waiting: Int { given.count - settled }

  /// The index of the first of these.
  var firstWaiting: Int? { settled < given.count ? given[settled] : nil }

  /// An event has joined a portion.
  mutating func give(_ index: Int) {
    if settled == given.count {
      given.removeAll(keepingCapacity: true)
      settled = 0
    }
    given.append(index)
  }

  /// The store has settled the first of these.
  mutating func settleOne() { settled += 1 }

  /// An event leaves the portion that is being filled.
  mutating func takeBack(_ index: Int) {
    if let place = given[settled...].lastIndex(of: index) { given.remove(at: place) }
  }
}
