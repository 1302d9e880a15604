package import DurableFiles
package import SystemPackage

/// A failure of the store; never the fault of one event.
package enum StorageError: Error, Sendable {
  case files(FileFailure)
  case catalog(CatalogError)
  /// The path leads to another folder than the open one: the store must be opened again.
  case folderReplaced(FilePath)
  /// The identities shared by several machines are not available.
  case fleet(LedgerFailure)
}

extension StorageError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .files(let failure): failure.description
    case .catalog(let error): error.description
    case .fleet(let failure): failure.description
    case .folderReplaced(let path): "another folder is at \(path) now"
    }
  }
}

extension StorageError {
  /// Runs `body`.
  ///
  /// - Throws: Its errors, converted to the store's.
  package static func wrapping<Result>(_ body: () throws(CatalogError) -> Result) throws(StorageError) -> Result {
    do {
      return try body()
    } catch {
      throw .catalog(error)
    }
  }

  /// Runs `body`.
  ///
  /// - Throws: Its errors, converted to the store's.
  package static func wrappingFiles<Result>(_ body: () throws(FileFailure) -> Result) throws(StorageError) -> Result {
    do {
      return try body()
    } catch {
      throw .files(error)
    }
  }
}
