internal import Catalog
package import DurableFiles
package import Events
package import SystemPackage

/// A problem in the tree or in its catalog.
package struct Finding: Sendable, Hashable {
  /// The kind of problem, as a fixed word for programs.
  package enum Kind: String, Sendable, CaseIterable {
    /// A file at a record's name that is not that record: damaged, edited, or of another eventId.
    case corruptRecord = "corrupt-record"
    /// A record in another partition than that of its `processedAt`.
    case wrongPartition = "wrong-partition"
    /// An eventId with records in two partitions.
    case twoRecords = "two-records"
    /// Something where eventdrop does not put it.
    case strayFile = "stray-file"
    /// A line of a journal that is not an acknowledgement.
    case journalLine = "journal-line"
    /// An invalid line of an identity file.
    case identityLine = "identity-line"
    /// A pending event without a record.
    case missingRecord = "missing-record"
    /// A claimed file while no daemon works on it.
    case claimedFile = "claimed-file"
    /// A folder that does not answer, so that what it contains was not looked at.
    case silentFolder = "silent-folder"
    /// The catalog lacks a record, has one that does not exist, or describes it differently.
    case catalog = "catalog"
    /// The identities shared by machines differ from the tree.
    case fleet = "fleet"
  }

  package var kind: Kind
  package var path: String
  /// What is wrong, and what to do.
  package var message: Message
  /// Whether it has been repaired.
  package var isMended = false

  package init(kind: Kind, path: String, message: Message, isMended: Bool = false) {
    self.kind = kind
    self.path = path
    self.message = message
    self.isMended = isMended
  }
}

extension Finding {
  /// That a folder does not answer.
  package init(silent path: FilePath, _ failure: FileFailure) {
    let message = Message(
      FindingMessage.silent, ["why": .text("\(failure)"), "advice": .message(failure.adviceMessage)])
    self.init(kind: .silentFolder, path: path.string, message: message)
  }
}

/// The totals of a verification.
package struct VerificationSummary: Sendable, Hashable {
  package var partitions = 0
  package var records = 0
  package var acknowledgements = 0
  package var findings = 0
  package var mended = 0
  /// Claimed files: taken out of an inbox, and neither stored nor back in it.
  package var claimed = 0

  package init() {}
}
