package import EventStore
internal import Events
internal import SystemPackage
internal import Time

extension StoreOptions {
  /// Reads the folders behind the inboxes, and their permissions.
  mutating func readFolders(_ section: inout Section, _ claims: inout FolderClaims) {
    claims.read("processed", into: &processed, &section)
    claims.read("retry", into: &retry, &section)
    claims.read("failed", into: &failed, &section)
    claims.read("state", into: &state, &section)
    section.read("mode", as: .folderMode, into: &folderMode)
  }

  /// Reads how events are stored.
  mutating func readProcessed(_ section: inout Section) {
    section.read("timezone", as: .timeZone, into: &timeZone)
    section.read("durability", as: .word, into: &durability)
  }

  /// Reads how failed files are retried.
  mutating func readRetry(_ section: inout Section) {
    section.read("attempts", as: .integer(in: 1...1000), into: &retryAttempts)
    section.read("unreadableAttempts", as: .integer(in: 1...1000), into: &unreadableAttempts)
    var backoff = Backoff(first: retryBackoffFirst, maximum: retryBackoffMaximum)
    section.section("backoff") { backoff.read(&$0) }
    (retryBackoffFirst, retryBackoffMaximum) = (backoff.first, backoff.maximum)
  }

  /// Reads how long partitions and identities are kept.
  mutating func readRetention(_ section: inout Section) {
    section.read("keep", as: .keep, into: &keep)
    section.read(
      "identities",
      as: .duration(
        in: .zero ... .seconds(36_500 * 86_400), as: .expected(.days, ["example": "400d"]), isOfDays: true),
      into: &keepIdentities)
  }
}

extension StoreOptions.Durability: Word {}
extension Language: Word {}
