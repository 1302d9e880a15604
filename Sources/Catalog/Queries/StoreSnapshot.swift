internal import DurableFiles
package import Time

/// What the catalog says about the tree, as read by another process than the daemon.
package struct StoreSnapshot: Sendable {
  /// A day's folder.
  package struct Partition: Sendable {
    package var date: CalendarDate
    package var records: Int
    package var bytes: Int
    package var pending: Int
    /// How long its acknowledged events waited for that, on average and at most.
    package var meanDelay: Duration?
    package var longestDelay: Duration?
  }

  package var pending: Int
  package var oldestPending: Timestamp?
  /// Pending events whose records are missing; not counted as pending.
  package var missing: Int
  package var partitions: [Partition]
  /// What the forwarder recorded about its circuit: `closed`, or `open`, since when, and why.
  package var circuit: String?
  /// The refusal of the last prune; nil if it was not refused.
  package var refusedPrune: RefusedPrune?
  /// Why nothing new can be stored in a fleet; nil if it can, or this machine is on its own.
  package var fleetTrouble: FleetTrouble?
  /// Since when each inbox has been watched.
  package var watchedSince: [String: Timestamp]

  /// The number of records that n8n has acknowledged.
  package var forwarded: Int { partitions.reduce(0) { $0 + $1.records - $1.pending } }

  package init(
    pending: Int = 0, oldestPending: Timestamp? = nil, missing: Int = 0, partitions: [Partition] = [],
    circuit: String? = nil, refusedPrune: RefusedPrune? = nil, fleetTrouble: FleetTrouble? = nil,
    watchedSince: [String: Timestamp] = [:]
  ) {
    self.pending = pending
    self.oldestPending = oldestPending
    self.missing = missing
    self.partitions = partitions
    self.circuit = circuit
    self.refusedPrune = refusedPrune
    self.fleetTrouble = fleetTrouble
    self.watchedSince = watchedSince
  }
}
