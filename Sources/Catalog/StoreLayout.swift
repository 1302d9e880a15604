internal import DurableFiles
package import Events
package import SystemPackage
package import Time

/// Where everything behind the inboxes is, and how it is written: the same for all who read or write it.
package struct StoreLayout: Equatable, Sendable {
  /// The folder of partitions.
  package var processed: FilePath
  /// The folder of failed files that are tried again.
  package var retry: FilePath
  /// The folder of failed files that need a person.
  package var failed: FilePath
  /// The folder of the catalog, and of what is being worked on.
  package var state: FilePath
  /// The permissions of created folders.
  package var folderMode: UInt32
  /// The time zone whose midnight divides partitions.
  package var timeZone: TimeZoneRules
  /// The language of sidecars.
  package var language: Language

  package init(
    processed: FilePath, retry: FilePath, failed: FilePath, state: FilePath, folderMode: UInt32 = 0o750,
    timeZone: TimeZoneRules = .utc, language: Language = .en
  ) {
    self.processed = processed
    self.retry = retry
    self.failed = failed
    self.state = state
    self.folderMode = folderMode
    self.timeZone = timeZone
    self.language = language
  }

  /// The permissions of created files.
  package var fileMode: UInt32 { folderMode & 0o666 }

  /// The catalog's file.
  package var catalogPath: String { state.appending(Catalog.fileName.description).string }

  /// The folder of an event's file.
  package func folder(of event: ListedEvent) -> FilePath {
    switch event.status {
    case .pending, .forwarded, .missing: processed.appending(event.partition?.description ?? "")
    case .retry: retry
    case .failed: failed
    }
  }
}
