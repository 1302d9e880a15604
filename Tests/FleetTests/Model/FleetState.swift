// The states of two machines, of one database and of an earlier state of it. An event's data are 1 or 2; 0 is none.

/// The ledger's row of an id.
struct LedgerRow: Hashable {
  enum State: UInt8 { case none, claimed, stored }
  var state = State.none
  var owner: UInt8 = 0
  var data: UInt8 = 0
  /// Whether the claim has expired.
  var isOver = false
}

/// The ledger's row of a machine.
struct NodeRow: Hashable {
  var counter: UInt8 = 0
  /// The last restoration for which it has put back the content of its tree.
  var generation: UInt8 = 1
  var isForgotten = false
}

struct Database: Hashable {
  var rows = Pair(both: LedgerRow())
  var nodes = Pair(both: NodeRow())
  /// How often it was found to have forgotten something, plus one.
  var generation: UInt8 = 1
  /// Whether its mark shows that it was restored, and nobody has noted it yet.
  var isMarked = false
}

/// A machine's catalog row of an event.
enum CatalogRow: UInt8 { case none, unconfirmed, pending, forwarded }

/// The state of a drop.
enum DropState: UInt8 { case none, waiting, stored, duplicate, conflict }

struct Machine: Hashable {
  enum Phase: UInt8 {
    /// It will never be back.
    case dead
    case down
    /// Not connected, or finding out where it stands.
    case joining
    /// Its next statement puts back.
    case puttingBack
    case working
    /// The ledger has granted what it has in hand.
    case claimed
    /// Its clock says that it may give names.
    case checked
    case named
    /// The ledger has it as stored.
    case confirmed
  }
  var phase = Phase.joining
  /// What it has in hand: ids whose records are under way.
  var hand = Pair(both: false)
  /// Whether the ledger has granted what it has in hand.
  var isGranted = false
  /// Whether its clock says that what it has in hand may be another's.
  var isLeaseOver = false
  /// The last counter it received.
  var counter: UInt8 = 0

  // On disk.
  var drops = Pair(both: DropState.none)
  var data: Pair<UInt8> = Pair(both: 0)
  var tree: Pair<UInt8> = Pair(both: 0)
  var catalog = Pair(both: CatalogRow.none)
  /// The counter beside the newest rows.
  var notedCounter: UInt8 = 0
  var isAcknowledged = Pair(both: false)
}

struct FleetState: Hashable {
  var machines = Pair(both: Machine())
  var database = Database()
  /// A dump, or the state of an asynchronous standby.
  var older: Database?
  var hasForgotten = false
  var budget: Budget
  /// Events whose records the ledger could not know: their rows were lost without a mark, and claimed before the
  /// machine with the record spoke again; or that machine will never speak again.
  var isExcused = Pair(both: false)
  /// Which machines have run no statement since a loss that left no mark.
  var isSilent = Pair(both: false)
  /// What no later step can fix.
  var violation: Violation?

  /// How many faults are still to come.
  struct Budget: Hashable {
    var crashes: UInt8 = 0
    var deaths: UInt8 = 0
    var lostAnswers: UInt8 = 0
    var losses: UInt8 = 0
    /// Whether a restored database has another mark.
    var isLossMarked = true
  }
}

/// A sentence that does not hold.
enum Violation: String, Hashable {
  case storedUnclaimed = "a record got its name and nothing was claimed"
  case nameAfterLease = "a record got its name although the machine's own clock said that its claim may be another's"
  case forwardedTwice = "two machines have forwarded one event"
  case conflictLost = "a drop was let go as a duplicate of other data"
  case letGoWithoutRecord = "a drop was let go, and no tree has a record of its event"
  case severalRecords = "in the end, an event has records in two trees"
  case noRecord = "in the end, an event has no record"
  case notAcknowledged = "in the end, an event is not acknowledged"
  case dropWaits = "in the end, a drop waits for ever"
  case deadlock = "no step leads to an end any more"
}
