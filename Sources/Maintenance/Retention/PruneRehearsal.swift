package import Catalog
package import DurableFiles
package import EventStore
internal import Events
internal import SystemPackage
package import Time

/// Reports from outside what a prune would take: it reads catalog and tree as they are, whether a daemon runs or not,
/// and writes nothing.
package enum PruneRehearsal {
  /// Looks.
  ///
  /// - Parameters:
  ///   - options: Where partitions and catalog are, and how long they are kept.
  ///   - files: The system calls.
  ///   - clock: The clock.
  /// - Returns: What would go, and why the rest would not. In a partition that the catalog does not know, all records
  ///   count as pending, as they do until it has been compared.
  /// - Throws: `StorageError` if something that exists cannot be read.
  package static func run(
    _ options: StoreOptions, files: any FileOperations = SystemFiles(), clock: any WallClock = SystemClock()
  ) throws(StorageError) -> PruneReport {
    let tree = try StorageError.wrappingFiles { () throws(FileFailure) in
      try Folder.openingIfThere(options.layout.processed, files: files)
        .map { PartitionTree($0, mode: options.layout.folderMode) }
    }
    guard let tree else { return PruneReport() }
    let dates = try StorageError.wrappingFiles { () throws(FileFailure) in try tree.dates() }
    let catalog = try Catalog.openingIfThere(options.layout, files: files)
    return try Retention.plan(dates, options, now: clock.now()) { () throws(StorageError) in
      guard let catalog else { return clock.now() }
      return try StorageError.wrapping { () throws(CatalogError) in
        try catalog.newestSeen() ?? Timestamp(milliseconds: 0)
      }
    } pending: { date throws(StorageError) in
      let known = try StorageError.wrapping { () throws(CatalogError) -> Int? in try catalog?.pendingCount(of: date) }
      if let known { return known }
      return try StorageError.wrappingFiles { () throws(FileFailure) in
        var records = 0
        try tree.partition(date)?.forEachEntry { name, _ in if name.recordKey != nil { records += 1 } }
        return records
      }
    }
  }
}
