package import Catalog
package import Failures

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

  /// Where everything is.
  package var layout: StoreLayout
  package var durability: Durability
  /// How often failed files are retried, and when.
  package var retryPolicy: RetryPolicy
  /// How old a partition gets; nil: it is kept for ever.
  package var keep: Duration?
  /// How long the identities of pruned events are remembered.
  package var keepIdentities: Duration
  /// How many bytes of recently stored records to keep in memory until they are forwarded.
  package var recentBytes: Int
  /// How many bytes of the catalog's pages to keep in memory.
  package var catalogCacheBytes: Int
  /// Whether several machines share their identities.
  package var isInFleet: Bool = false

  package init(
    _ layout: StoreLayout, durability: Durability = .group, retryPolicy: RetryPolicy = RetryPolicy(),
    keep: Duration? = .seconds(30 * 86_400), keepIdentities: Duration = .seconds(400 * 86_400),
    recentBytes: Int = 8 << 20, catalogCacheBytes: Int = 16 << 20
  ) {
    self.layout = layout
    self.durability = durability
    self.retryPolicy = retryPolicy
    self.keep = keep
    self.keepIdentities = keepIdentities
    self.recentBytes = recentBytes
    self.catalogCacheBytes = catalogCacheBytes
  }
}
