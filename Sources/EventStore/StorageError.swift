package import DurableFiles
package import SystemPackage

/// What went wrong in the store; never the fault of one event.
package enum StorageError: Error, Sendable {
  case files(FileFailure)
  case catalog(CatalogError)
  /// Another folder lies at this path than the one that is open: the store must be opened again.
  case folderReplaced(FilePath)
  /// The identities that several machines share cannot be asked for.
  case fleet(LedgerFailure)
}

extension StorageError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .files(let failure): failure.description
    case .catalog(let error): error.description
    case .fleet(let failure): failure.description
    case .folderReplaced(let path): "another folder lies at \(path) than before"
    }
  }
}

extension StorageError {
  /// Runs `body`, its errors as the store's.
  static func wrapping<Result>(_ body: () throws(CatalogError) -> Result) throws(StorageError) -> Result {
    do {
      return try body()
    } catch {
      throw .catalog(error)
    }
  }

  /// Runs `body`, its errors as the store's.
  static func wrappingLedger<Result>(
    _ body: () async throws(LedgerFailure) -> Result
  ) async throws(StorageError) -> Result {
    do {
      return try await body()
    } catch {
      throw .fleet(error)
    }
  }

  /// Runs `body`, its errors as the store's.
  package static func wrappingFiles<Result>(_ body: () throws(FileFailure) -> Result) throws(StorageError) -> Result {
    do {
      return try body()
    } catch {
      throw .files(error)
    }
  }
}
