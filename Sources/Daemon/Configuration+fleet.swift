internal import EventStore
package import Fleet
internal import Operations
package import Settings
internal import Time

extension Configuration {
  /// How this machine takes part in a fleet; nil for a single machine.
  package var fleetOptions: FleetOptions? {
    fleet.url.map { url in
      FleetOptions(url: url.reveal(), node: fleet.node ?? AdminServer.hostName, takeover: fleet.takeover)
    }
  }

  /// The identities that several machines share; nil for a single machine.
  func ledger(_ clock: any WallClock) -> (any IdentityLedger)? {
    fleetOptions.map { PostgresLedger($0, clock: clock) }
  }
}
