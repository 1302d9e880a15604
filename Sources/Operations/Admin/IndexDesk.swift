internal import Concurrency
internal import DurableFiles
internal import EventStore
internal import Time

/// Looks at the catalog and at failed files for monitoring and queries, on its own thread.
actor IndexDesk {
  private let thread = SerialThread(name: "status")
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private let options: StoreOptions
  private let files: any FileOperations
  private var index: EventIndex?

  init(_ options: StoreOptions, files: any FileOperations = SystemFiles()) {
    self.options = options
    self.files = files
  }

  /// Asks the index.
  func ask<Value: Sendable>(
    _ question: @Sendable (EventIndex) throws(StorageError) -> Value
  ) -> Result<Value, StorageError> {
    do throws(StorageError) {
      return .success(try question(try openIndex()))
    } catch {
      return .failure(error)
    }
  }

  private func openIndex() throws(StorageError) -> EventIndex {
    if let index { return index }
    let opened = try EventIndex(options, files: files)
    // If nothing has been stored yet, the catalog appears only later.
    if opened.hasCatalog { index = opened }
    return opened
  }
}
