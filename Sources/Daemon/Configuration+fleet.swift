internal import EventStore
package import Fleet
internal import Operations
package import Settings
internal import Time

extension Configuration {
  /// How this machine takes part in a fleet; nil if it stands alone.
  package var fleetOptions: FleetOptions? {
    fleet.url.map { url in
      FleetOptions(url: url.reveal(), node: fleet.node ?? AdminServer.hostName, takeover: fleet.takeover)
    }
  }

  /// The identities that several machines share; nil for a machine that stands alone.
  func ledger(_ clock: any WallClock) -> (any IdentityLedger)? {
    fleetOptions.map { PostgresLedger($0, clock: clock) }
  }
}
