/// How a machine takes part in a fleet.
package struct FleetOptions: Sendable {
  /// A connection URI of libpq.
  package var url: String
  /// This machine's name.
  package var node: String
  /// After how long another machine may take what this one has claimed and not stored.
  package var takeover: Duration
  /// How long a connection, and each statement, may take.
  package var timeout: Duration = .seconds(10)

  package init(url: String, node: String, takeover: Duration) {
    self.url = url
    self.node = node
    self.takeover = takeover
  }
}
