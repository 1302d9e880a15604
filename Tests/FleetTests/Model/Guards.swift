/// What upholds the sentences.
///
/// Each can be removed, and the walk shows what then goes wrong.
struct Guards: OptionSet, Hashable {
  let rawValue: Int

  /// A record gets its name only after the ledger has granted its id.
  static let claimBeforeName = Guards(rawValue: 1 << 0)
  /// A record gets its name only while our own clock says that nobody may have taken its claim.
  static let leaseBeforeName = Guards(rawValue: 1 << 1)
  /// A record is entered, and so forwarded, only after the ledger has confirmed that it is still ours (fencing).
  static let ownerBeforeEntry = Guards(rawValue: 1 << 2)
  /// A record that the start finds in the tree without a row is not forwarded before the ledger has granted it again.
  static let onlyOwnerForwards = Guards(rawValue: 1 << 3)
  /// Nobody takes what is stored.
  static let storedStays = Guards(rawValue: 1 << 4)
  /// What was claimed but not stored can be taken after it expires.
  static let takeover = Guards(rawValue: 1 << 5)
  /// Type and data distinguish a duplicate from a conflict.
  static let digest = Guards(rawValue: 1 << 6)
  /// If a machine's counter is behind, the database has forgotten something about it.
  static let counter = Guards(rawValue: 1 << 7)
  /// The second statement of a portion counts like the first.
  static let storeCounts = Guards(rawValue: 1 << 8)
  /// The database's own mark shows the first machine to connect that it was restored.
  static let mark = Guards(rawValue: 1 << 9)
  /// A machine puts back the content of its tree before it continues to claim.
  static let putBack = Guards(rawValue: 1 << 10)
  /// Nobody claims before all have put back.
  static let waitForAll = Guards(rawValue: 1 << 11)
  /// What may not be ours is claimed again after a loss, never put back.
  static let unconfirmedClaims = Guards(rawValue: 1 << 12)
  /// What is put back takes precedence over a claim, whoever holds it.
  static let recordsOutrankClaims = Guards(rawValue: 1 << 13)
  /// A machine that has nothing to store still looks at the ledger.
  static let look = Guards(rawValue: 1 << 14)

  static let all = Guards(rawValue: 1 << 15 - 1)
}
