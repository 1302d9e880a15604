internal import Catalog
internal import DurableFiles
internal import Logging
internal import Time

/// How the catalog is opened: it is brought up to date with the tree, and rebuilt first if it is missing or damaged.
struct CatalogOpening {
  let options: StoreOptions
  let folders: StoreFolders
  let tree: PartitionTree
  let files: any FileOperations
  let clock: any WallClock
  let logger: Logger

  /// Opens it, and makes the parts that use it.
  ///
  /// - Parameters:
  ///   - isSharing: Whether another process keeps it up to date: then it is opened as it is.
  ///   - make: Makes the parts that use it. If it finds damage at the start, the catalog is rebuilt, and it is called
  ///     again.
  /// - Returns: The catalog, and the parts.
  /// - Throws: `StorageError`.
  func open<Parts>(
    isSharing: Bool, _ make: (Catalog) throws(StorageError) -> Parts
  ) throws(StorageError) -> (Catalog, Parts) {
    func made(with catalog: Catalog) throws(StorageError) -> (Catalog, Parts) { (catalog, try make(catalog)) }
    guard !isSharing else { return try made(with: opened()) }
    if try mustRebuild() { try rebuild() }
    do {
      return try made(with: openedUpToDate())
    } catch {
      guard case .catalog(let why) = error, why.isDamage else { throw error }
      logger.warning("the catalog cannot be used and is built again from the tree", metadata: ["error": "\(why)"])
    }
    try rebuild()
    return try made(with: openedUpToDate())
  }

  private func opened() throws(StorageError) -> Catalog {
    try StorageError.wrapping { () throws(CatalogError) in
      try Catalog(path: options.layout.catalogPath, cacheSize: options.catalogCacheBytes)
    }
  }

  private func openedUpToDate() throws(StorageError) -> Catalog {
    let catalog = try opened()
    let (firstFree, isMember) = try StorageError.wrapping { () throws(CatalogError) in
      (try catalog.lastSequence() + 1, try catalog.fleetCounter() != nil)
    }
    try Reconciliation(
      catalog: catalog, tree: tree, options: options, clock: clock, logger: logger,
      failures: [folders.retry, folders.failed], firstFree: firstFree
    ).run()
    try StorageError.wrapping { () throws(CatalogError) in
      if !options.isInFleet {
        try catalog.leaveFleet()
      } else if isMember {
        // They were named but not entered: nobody here knows whether they were confirmed (I22).
        try catalog.setUnconfirmed(from: firstFree)
      }
    }
    return catalog
  }

  private func mustRebuild() throws(StorageError) -> Bool {
    try StorageError.wrappingFiles { () throws(FileFailure) in
      if try folders.state.status(of: CatalogRebuild.damageMark) != nil { return true }
      guard try folders.state.status(of: Catalog.fileName) == nil else { return false }
      return try !tree.dates().isEmpty
    }
  }

  private func rebuild() throws(StorageError) {
    try CatalogRebuild.run(options, files: files, clock: clock, logger: logger)
  }
}
