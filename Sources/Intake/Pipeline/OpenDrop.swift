internal import Catalog
internal import DurableFiles
internal import Events

/// A file some of whose events may not be stored yet.
final class OpenDrop {
  let drop: ClaimedDrop
  var isFullyRead = false
  /// How it ended; nil until then.
  var end: DropEnd?
  /// Why the file as a whole, or the one event in it, failed.
  var failure: DropFailure?
  /// Why it cannot be read to its end, or finished.
  var hindrance: FileFailure?
  /// Whether another machine is handling one of its events.
  var isHeldElsewhere = false
  /// Whether it contains a record that is in its partition as well, and has not been here for long.
  var isPerhapsMoved = false
  /// The bytes needed by a part of it that there is no room for.
  var shortage: Int?
  /// Which of its events are in the store.
  var order = EventOrder()
  /// Its failed events that are not set aside yet.
  var parts = BadParts()
  /// What happened to those before.
  var bad = BadEvents()
  /// How many of its events are on record.
  var goods = 0
  /// Where the rest of its bad events went, under the file's own name if it is a rest itself.
  var restPlace: FailedPlace?

  init(_ drop: ClaimedDrop) {
    self.drop = drop
  }

  /// Whether it was removed or set aside, or can go no further.
  var isDone: Bool { end != nil }
}

/// Which events of a file are in the store, in file order.
struct EventOrder {
  /// Their indices, and how many of the first are settled.
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

  /// An event leaves the portion being filled.
  mutating func takeBack(_ index: Int) {
    if let place = given[settled...].lastIndex(of: index) { given.remove(at: place) }
  }
}
