package import Events

/// Something that is not as it should be, in the tree or in its catalog.
package struct Finding: Sendable, Hashable {
  /// What kind of thing it is, as a fixed word for programs.
  package enum Kind: String, Sendable, CaseIterable {
    /// A file with a record's name that is none: damaged, edited, or of another eventId.
    case corruptRecord = "corrupt-record"
    /// A record in another partition than that of its `processedAt`.
    case wrongPartition = "wrong-partition"
    /// An eventId with records in two partitions.
    case twoRecords = "two-records"
    /// Something that eventdrop does not put where it lies.
    case strayFile = "stray-file"
    /// A line of a journal that is no acknowledgement.
    case journalLine = "journal-line"
    /// A line of an identity file that is none.
    case identityLine = "identity-line"
    /// A pending event without a record.
    case missingRecord = "missing-record"
    /// A file that is claimed while no daemon works on it.
    case claimedFile = "claimed-file"
    /// The catalog lacks a record, or has one that is not there, or has it otherwise.
    case catalog = "catalog"
    /// The identities that machines share differ from the tree.
    case fleet = "fleet"
  }

  package var kind: Kind
  package var path: String
  /// What is wrong, and what to do.
  package var message: Message
  /// Whether it has been mended.
  package var isMended = false

  package init(kind: Kind, path: String, message: Message, isMended: Bool = false) {
    self.kind = kind
    self.path = path
    self.message = message
    self.isMended = isMended
  }
}

/// What a verification has seen.
package struct VerificationSummary: Sendable, Hashable {
  package var partitions = 0
  package var records = 0
  package var acknowledgements = 0
  package var findings = 0
  package var mended = 0
  /// Files that are claimed: taken out of an inbox, and neither stored nor back in it.
  package var claimed = 0

  package init() {}
}
