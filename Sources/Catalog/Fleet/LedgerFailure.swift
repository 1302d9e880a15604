package import Events

/// Why the ledger does not do what it is asked; nothing is lost, and everything is tried again.
package enum LedgerFailure: Error, Hashable, Sendable {
  /// It cannot be reached, or does not answer.
  case away(String)
  /// This machine has to find out where it stands: it was mistaken for another, or the database has forgotten
  /// something.
  case mustJoin
  /// The database has forgotten something, and these machines have not put back the content of their trees.
  case awaits([String])
  /// What was claimed was not stored in time: another machine may have it.
  case late
  /// Only a person can fix it.
  case unusable(String)
}

extension LedgerFailure {
  /// The same for people.
  package var message: Message {
    switch self {
    case .away(let why): Message(StatusMessage.databaseAway, ["why": .text(why)])
    case .mustJoin: Message(StatusMessage.joiningFleet)
    case .awaits(let nodes): Message(StatusMessage.fleetAwaits, ["nodes": .text(nodes.joined(separator: ", "))])
    case .late: Message(StatusMessage.claimedTooLongAgo)
    case .unusable(let why): Message(StatusMessage.databaseUnusable, ["why": .text(why)])
    }
  }

  /// Whether it does not end by itself.
  package var needsPerson: Bool {
    if case .unusable = self { true } else { false }
  }
}

extension LedgerFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .away(let why): "the fleet's database is unavailable: \(why)"
    case .mustJoin: "the fleet's database has changed; this machine joins it again"
    case .awaits(let nodes):
      "the fleet's database was restored, and these machines have not put back what they have: "
        + nodes.joined(separator: ", ")
    case .late: "what was claimed in the fleet's database was not stored in time, and is claimed again"
    case .unusable(let why): "the fleet's database is not usable: \(why)"
    }
  }
}
