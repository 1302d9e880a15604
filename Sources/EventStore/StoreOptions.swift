internal import DurableFiles
package import Events
package import SystemPackage
package import Time

/// The store's settings from the configuration.
package struct StoreOptions: Equatable, Sendable {
  package enum Durability: String, CaseIterable, Sendable {
    /// One barrier per portion.
    case group
    /// One barrier per event.
    case each
    /// No barrier: the last writes may be lost in a power cut. For trials.
    case off
  }

  package var processed: FilePath
  package var retry: FilePath
  package var failed: FilePath
  package var state: FilePath
  /// The permissions of created folders.
  package var folderMode: UInt32
  /// The time zone whose midnight divides partitions.
  package var timeZone: TimeZoneRules
  package var durability: Durability
  /// How often a file is tried before it needs a person.
  package var retryAttempts: Int
  /// The same for a file whose content cannot be read as an event.
  package var unreadableAttempts: Int
  package var retryBackoffFirst: Duration
  package var retryBackoffMaximum: Duration
  /// How old a partition gets; nil: it is kept for ever.
  package var keep: Duration?
  /// How long the identities of pruned events are remembered.
  package var keepIdentities: Duration
  /// The language of sidecars.
  package var language: Language
  /// How many bytes of recently stored records to keep in memory until they are forwarded.
  package var recentBytes: Int
  /// How many bytes of the catalog's pages to keep in memory.
  package var catalogCacheBytes: Int
  /// Whether several machines share their identities.
  package var isInFleet: Bool = false

  /// The catalog's file.
  var catalogPath: String { state.appending(CatalogRebuild.name.description).string }

  package init(
    processed: FilePath, retry: FilePath, failed: FilePath, state: FilePath, folderMode: UInt32 = 0o750,
    timeZone: TimeZoneRules = .utc, durability: Durability = .group, retryAttempts: Int = 5,
    unreadableAttempts: Int = 2,
    retryBackoffFirst: Duration = .seconds(30), retryBackoffMaximum: Duration = .seconds(3600),
    keep: Duration? = .seconds(30 * 86_400), keepIdentities: Duration = .seconds(400 * 86_400),
    language: Language = .en, recentBytes: Int = 8 << 20, catalogCacheBytes: Int = 16 << 20
  ) {
    self.processed = processed
    self.retry = retry
    self.failed = failed
    self.state = state
    self.folderMode = folderMode
    self.timeZone = timeZone
    self.durability = durability
    self.retryAttempts = retryAttempts
    self.unreadableAttempts = unreadableAttempts
    self.retryBackoffFirst = retryBackoffFirst
    self.retryBackoffMaximum = retryBackoffMaximum
    self.keep = keep
    self.keepIdentities = keepIdentities
    self.language = language
    self.recentBytes = recentBytes
    self.catalogCacheBytes = catalogCacheBytes
  }

  /// The permissions of created files.
  package var fileMode: UInt32 { folderMode & 0o666 }
}
