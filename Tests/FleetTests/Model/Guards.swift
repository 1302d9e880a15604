/// What keeps the sentences.
///
/// Each can be taken out, and the walk shows what goes wrong then.
struct Guards: OptionSet, Hashable {
  let rawValue: Int

  /// A record gets its name only after the ledger has granted its id.
  static let claimBeforeName = Guards(rawValue: 1 << 0)
  /// A record gets its name only while our own clock says that nobody may have taken its claim.
  static let leaseBeforeName = Guards(rawValue: 1 << 1)
  /// A record is entered, and so forwarded, only after the ledger has said that it is still ours (fencing).
  static let ownerBeforeEntry = Guards(rawValue: 1 << 2)
  /// A record that the start finds in the tree, and no row of, is not forwarded before the ledger has granted it again.
  static let onlyOwnerForwards = Guards(rawValue: 1 << 3)
  /// What is stored is taken by nobody.
  static let storedStays = Guards(rawValue: 1 << 4)
  /// What was claimed and not stored can be taken once its time is over.
  static let takeover = Guards(rawValue: 1 << 5)
  /// Type and data tell a duplicate from a conflict.
  static let digest = Guards(rawValue: 1 << 6)
  /// A machine's counter that is behind shows that the database has forgotten something of it.
  static let counter = Guards(rawValue: 1 << 7)
  /// The second statement of a portion counts as the first does.
  static let storeCounts = Guards(rawValue: 1 << 8)
  /// The database's own mark shows, to whoever comes first, that it was restored.
  static let mark = Guards(rawValue: 1 << 9)
  /// A machine puts back what its tree holds before it claims on.
  static let putBack = Guards(rawValue: 1 << 10)
  /// Nobody claims before all have put back.
  static let waitForAll = Guards(rawValue: 1 << 11)
  /// What is not known to be ours is claimed again after a loss, never put back.
  static let unconfirmedClaims = Guards(rawValue: 1 << 12)
  /// What is put back takes the place of a claim, whoever has it.
  static let recordsOutrankClaims = Guards(rawValue: 1 << 13)
  /// A machine that has nothing to store looks at the ledger all the same.
  static let look = Guards(rawValue: 1 << 14)

  static let all = Guards(rawValue: 1 << 15 - 1)
}
