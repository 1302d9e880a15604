internal import Catalog
internal import DurableFiles
internal import Events
internal import Fleet
internal import Settings
internal import Time

/// Tries the database of the identities that several machines share.
enum FleetCheck {
  private static let key = "fleet.url"

  /// Connects, and checks that the database is usable; it writes nothing.
  ///
  /// - Parameters:
  ///   - options: Where it is.
  ///   - store: Its catalog identifies this machine's tree.
  ///   - files: The system calls.
  /// - Returns: What was found.
  static func run(_ options: FleetOptions, _ store: StoreLayout, _ files: PatientFiles) -> [Check.Finding] {
    var options = options
    options.timeout = .seconds(5)
    do throws(LedgerFailure) {
      // An unreadable catalog is reported elsewhere.
      let tree = try? EventIndex(store, files: files).fleetTree()
      return try FleetDesk(options, clock: SystemClock()).examine(tree: tree).map { finding(of: $0, options) }
    } catch {
      switch error {
      case .unusable(let why):
        return [Check.Finding(.wrong, key, Message(CheckMessage.fleetUnusable, ["why": .text(why)]))]
      case .away(let why): return [Check.Finding(.away, key, Message(CheckMessage.fleetAway, ["why": .text(why)]))]
      case .mustJoin, .awaits, .late:
        return [Check.Finding(.away, key, Message(CheckMessage.fleetAway, ["why": .text("\(error)")]))]
      }
    }
  }

  private static func finding(of found: FleetDesk.Finding, _ options: FleetOptions) -> Check.Finding {
    switch found {
    case .usable(let version):
      Check.Finding(
        .good, key, Message(CheckMessage.fleetUsable, ["version": .text(version), "node": .text(options.node)]))
    case .tooOld(let version):
      Check.Finding(.wrong, key, Message(CheckMessage.fleetTooOld, ["version": .text(version)]))
    case .encoding(let encoding):
      Check.Finding(.wrong, key, Message(CheckMessage.fleetEncoding, ["encoding": .text(encoding)]))
    case .noTables: Check.Finding(.wrong, key, Message(CheckMessage.fleetNoTables))
    case .otherTables: Check.Finding(.wrong, key, Message(CheckMessage.fleetOtherTables))
    case .noRights(let tables):
      Check.Finding(
        .wrong, key, Message(CheckMessage.fleetNoRights, ["tables": .text(tables.joined(separator: ", "))]))
    case .nameTaken(let seen):
      Check.Finding(
        .wrong, "fleet.node",
        Message(
          CheckMessage.fleetNameTaken,
          ["node": .text(options.node), "seen": .text(DurationText.text(of: seen))]))
    case .notDurable(let setting):
      Check.Finding(.warning, key, Message(CheckMessage.fleetNotDurable, ["setting": .text(setting)]))
    case .commit(let value):
      Check.Finding(.warning, key, Message(CheckMessage.fleetCommit, ["value": .text(value)]))
    }
  }
}
