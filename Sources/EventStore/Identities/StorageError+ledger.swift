internal import Catalog

extension StorageError {
  /// Runs `body`, converting its errors to the store's.
  static func wrappingLedger<Result>(
    _ body: () async throws(LedgerFailure) -> Result
  ) async throws(StorageError) -> Result {
    do {
      return try await body()
    } catch {
      throw .fleet(error)
    }
  }
}
