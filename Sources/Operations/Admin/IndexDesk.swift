internal import Catalog
internal import Concurrency
internal import DurableFiles
internal import Time

/// Looks at the catalog and at failed files for monitoring and queries, on its own thread.
actor IndexDesk {
  private let thread = SerialThread(name: "status")
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private let layout: StoreLayout
  private let files: any FileOperations
  private var index: EventIndex?

  init(_ layout: StoreLayout, files: any FileOperations = SystemFiles()) {
    self.layout = layout
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
    let opened = try EventIndex(layout, files: files)
    // If nothing has been stored yet, the catalog appears only later.
    if opened.hasCatalog { index = opened }
    return opened
  }
}
