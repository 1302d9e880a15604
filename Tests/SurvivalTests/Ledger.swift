import Synchronization

/// What the outside world knows: what it was promised, and what it has acknowledged.
final class Ledger: Sendable {
  struct Entries {
    /// Events that were dropped completely: these must not be lost.
    var promised: Set<String> = []
    /// Events whose sender was interrupted before it could be sure: these may be stored.
    var attempted: Set<String> = []
    /// Events that were dropped with two different `data`; both must be somewhere.
    var contested: Set<String> = []
    /// The content of files and lines that are not events: each must end up in `failed/`.
    var broken: Set<String> = []
    /// Names of files that somebody moved into the inbox: for an event of a file of several, while that file is still
    /// being read, this creates a second copy.
    var moved: Set<String> = []
    /// Events of days long past, stored and acknowledged before; retention takes their records, not their identities.
    var old: Set<String> = []
    /// What the webhook has acknowledged.
    var acknowledged: Set<String> = []
    /// What it received from `old`: it should receive none.
    var sentAgain: Set<String> = []
  }

  private let entries = Mutex(Entries())

  var all: Entries { entries.withLock { $0 } }

  func note<Result: Sendable>(_ body: (inout sending Entries) -> Result) -> Result {
    entries.withLock { body(&$0) }
  }
}
