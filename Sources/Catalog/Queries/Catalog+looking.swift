package import DurableFiles
internal import SystemPackage

extension Catalog {
  /// Opens the catalog for a brief look; nil if nothing was stored yet.
  ///
  /// - Throws: `StorageError`, also if nobody can say whether there is one.
  package static func openingIfThere(
    _ layout: StoreLayout, files: any FileOperations = SystemFiles()
  ) throws(StorageError) -> Catalog? {
    func open() throws(CatalogError) -> Catalog {
      try Catalog(path: layout.catalogPath, isReadOnly: true, isBrief: true)
    }
    // SQLite makes its own calls, and would wait for ever.
    try StorageError.wrappingFiles { () throws(FileFailure) in try files.expectAnswer(of: layout.state) }
    do throws(CatalogError) {
      return try open()
    } catch  where error.meansNotOpened {
      // SQLite does not say whether it is missing or must not be opened: only the folder can.
      let isThere = try StorageError.wrappingFiles { () throws(FileFailure) in
        try Folder.openingIfThere(layout.state, files: files)?.status(of: fileName) != nil
      }
      guard isThere else { return nil }
      // It may have been created just now.
      return try StorageError.wrapping(open)
    } catch {
      throw .catalog(error)
    }
  }
}

extension CatalogError {
  /// SQLITE_CANTOPEN.
  fileprivate var meansNotOpened: Bool { code & 0xFF == 14 }
}
