internal import Catalog
package import EventStore
internal import Events
internal import Failures
internal import SystemPackage
internal import Time

extension StoreOptions {
  /// Reads the folders behind the inboxes, and their permissions.
  mutating func readFolders(_ section: inout Section, _ claims: inout FolderClaims) {
    claims.read("processed", into: &layout.processed, &section)
    claims.read("retry", into: &layout.retry, &section)
    claims.read("failed", into: &layout.failed, &section)
    claims.read("state", into: &layout.state, &section)
    section.read("mode", as: .folderMode, into: &layout.folderMode)
  }

  /// Reads how events are stored.
  mutating func readProcessed(_ section: inout Section) {
    section.read("timezone", as: .timeZone, into: &layout.timeZone)
    section.read("durability", as: .word, into: &durability)
  }

  /// Reads how failed files are retried.
  mutating func readRetry(_ section: inout Section) {
    section.read("attempts", as: .integer(in: 1...1000), into: &retryPolicy.attempts)
    section.read("unreadableAttempts", as: .integer(in: 1...1000), into: &retryPolicy.unreadableAttempts)
    section.section("backoff") { retryPolicy.backoff.read(&$0) }
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
