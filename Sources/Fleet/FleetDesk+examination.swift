package import Catalog

// Whether the database is usable, for `eventdrop check`.
extension FleetDesk {
  /// What was found, in a database that can be reached.
  package enum Finding: Hashable, Sendable {
    /// It can be used; its version, such as 17.2.
    case usable(version: String)
    /// Its version; 13 is the first usable one.
    case tooOld(version: String)
    /// Its encoding is not UTF-8.
    case encoding(String)
    /// `fleet init` has not been run.
    case noTables
    /// Its tables belong to another version of eventdrop.
    case otherTables
    /// The role of `fleet.url` may not read and write these.
    case noRights(tables: [String])
    /// Another machine has this one's name, and was seen this long ago.
    case nameTaken(seen: Duration)
    /// A server setting that is off: a power cut may lose what the server has confirmed.
    case notDurable(setting: String)
    /// The server's `synchronous_commit`, if it is weaker than what eventdrop sets for itself.
    case commit(String)
  }

  /// Checks version, encoding, tables, rights and settings, and whether this machine's name is free.
  ///
  /// - Parameter tree: What distinguishes this machine's tree; nil if it has never joined.
  /// - Returns: What was found; the first is `usable` unless something has to be fixed.
  /// - Throws: `LedgerFailure`.
  package func examine(tree: String?) throws(LedgerFailure) -> [Finding] {
    try LedgerFailure.wrapping { () throws(DatabaseFailure) in
      guard let server = try connection.run(.server, [node]).first else {
        throw DatabaseFailure("it gives no answer")
      }
      // Some packages append their own name.
      let version = String((server.text(0) ?? "").prefix { $0 != " " })
      guard connection.serverVersion >= DatabaseConnection.oldestVersion else { return [.tooOld(version: version)] }
      var found = try obstacles(tree: tree, encoding: server.text(1) ?? "")
      if found.isEmpty { found.append(.usable(version: version)) }
      for (setting, column) in [("fsync", 2), ("full_page_writes", 3)] where server.text(column) == "off" {
        found.append(.notDurable(setting: setting))
      }
      if let commit = server.text(4), ["off", "local"].contains(commit) { found.append(.commit(commit)) }
      return found
    }
  }

  private func obstacles(tree: String?, encoding: String) throws(DatabaseFailure) -> [Finding] {
    guard encoding == "UTF8" else { return [.encoding(encoding)] }
    let tables = try connection.run(.tables, [node]).map { (name: $0.text(0) ?? "", isUsable: $0.isTrue(1)) }
    guard tables.count == FleetSchema.tables.count else { return [.noTables] }
    let forbidden = tables.filter { !$0.isUsable }.map { "eventdrop.\($0.name)" }
    guard forbidden.isEmpty else { return [.noRights(tables: forbidden)] }
    guard try connection.run(.fleet, [node]).first?.integer(0) == FleetSchema.version else { return [.otherTables] }
    guard let other = try connection.run(.namesake, [node, tree]).first?.integer(0) else { return [] }
    return [.nameTaken(seen: .seconds(other))]
  }
}
