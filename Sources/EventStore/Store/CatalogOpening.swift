internal import DurableFiles
internal import Logging
internal import Time

/// How the catalog is opened: brought up to date with the tree, and built again first where it is missing or damaged.
struct CatalogOpening {
  let options: StoreOptions
  let folders: StoreFolders
  let tree: PartitionTree
  let files: any FileOperations
  let clock: any WallClock
  let logger: Logger

  /// Opens it.
  ///
  /// - Parameter isSharing: Whether another process keeps it up to date: then it is opened as it is.
  /// - Returns: The catalog.
  /// - Throws: `StorageError`.
  func open(isSharing: Bool) throws(StorageError) -> Catalog {
    guard !isSharing else { return try opened() }
    if try mustRebuild() { try rebuild() }
    do {
      return try openedUpToDate()
    } catch {
      guard case .catalog(let why) = error, why.isDamage else { throw error }
      logger.warning("the catalog cannot be used and is built again from the tree", metadata: ["error": "\(why)"])
    }
    try rebuild()
    return try openedUpToDate()
  }

  private func opened() throws(StorageError) -> Catalog {
    try StorageError.wrapping { () throws(CatalogError) in
      try Catalog(path: options.catalogPath, cacheSize: options.catalogCacheBytes)
    }
  }

  private func openedUpToDate() throws(StorageError) -> Catalog {
    let catalog = try opened()
    try Reconciliation(
      catalog: catalog, tree: tree, options: options, clock: clock, logger: logger,
      failures: [folders.retry, folders.failed],
      firstFree: StorageError.wrapping { () throws(CatalogError) in try catalog.lastSequence() + 1 }
    ).run()
    // Asked again in a moment: what is damaged there is to be found where it can be mended.
    try StorageError.wrapping { () throws(CatalogError) in _ = (try catalog.lastBatch(), try catalog.hasFailures()) }
    return catalog
  }

  private func mustRebuild() throws(StorageError) -> Bool {
    try StorageError.wrappingFiles { () throws(FileFailure) in
      if try folders.state.status(of: CatalogRebuild.damageMark) != nil { return true }
      guard try folders.state.status(of: CatalogRebuild.name) == nil else { return false }
      return try !tree.dates().isEmpty
    }
  }

  private func rebuild() throws(StorageError) {
    try CatalogRebuild.run(options, files: files, clock: clock, logger: logger)
  }
}
