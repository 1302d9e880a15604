package import Catalog
package import DurableFiles
internal import Logging
package import Time

/// The partitions as the store uses them: their folders in the tree, and their rows in the catalog.
package final class Partitions {
  package let tree: PartitionTree
  private let catalog: Catalog
  private let logger: Logger
  private var days = OpenPartition()

  init(_ tree: PartitionTree, _ catalog: Catalog, logger: Logger) {
    self.tree = tree
    self.catalog = catalog
    self.logger = logger
  }

  // MARK: Folders

  /// The folder of a day; nil if there is none.
  ///
  /// - Throws: `StorageError`.
  package func folder(of date: CalendarDate) throws(StorageError) -> Folder? {
    try StorageError.wrappingFiles { () throws(FileFailure) in try tree.partition(date) }
  }

  /// The folder of a day, for writing; created if there is none.
  ///
  /// - Throws: `StorageError`.
  func folder(making date: CalendarDate) throws(StorageError) -> Folder {
    try StorageError.wrappingFiles { () throws(FileFailure) in try tree.partition(making: date) }
  }

  /// The folder of the partition with this number in the catalog; nil if there is none.
  ///
  /// - Throws: `FileFailure`.
  func folder(ofPartition id: Int64) throws(FileFailure) -> Folder? {
    if let open = days.open, open.id == id { return try tree.partition(open.date) }
    guard let date = (try? catalog.date(ofPartition: id)) ?? nil else { return nil }
    return try tree.partition(date)
  }

  /// The same for a usable one; one that cannot be opened counts as missing, and blocks nothing else.
  ///
  /// - Throws: `StorageError` if it concerns the whole machine or tree.
  func usableFolder(ofPartition id: Int64) throws(StorageError) -> Folder? {
    do throws(FileFailure) {
      return try folder(ofPartition: id)
    } catch {
      guard !tree.folder.isConcerned(by: error) else { throw .files(error) }
      return nil
    }
  }

  // MARK: Rows

  /// The day with this number in the catalog.
  ///
  /// - Throws: `StorageError`.
  func date(ofPartition id: Int64) throws(StorageError) -> CalendarDate? {
    if let open = days.open, open.id == id { return open.date }
    return try StorageError.wrapping { () throws(CatalogError) in try catalog.date(ofPartition: id) }
  }

  /// The catalog's number of the day that is written to, which is the open one from now on.
  ///
  /// - Throws: `StorageError`.
  func number(ofWritten date: CalendarDate) throws(StorageError) -> Int64 {
    if let open = days.open, open.date == date { return open.id }
    close()
    let id = try openInCatalog(date)
    days.didOpen(date, id)
    return id
  }

  /// Marks the partition in the catalog, on disk, as one that may have records that the catalog lacks (I5).
  ///
  /// - Throws: `StorageError`.
  func openInCatalog(_ date: CalendarDate) throws(StorageError) -> Int64 {
    try StorageError.wrapping { () throws(CatalogError) in
      try catalog.durableTransaction { () throws(CatalogError) in try catalog.openPartition(date) }
    }
  }

  /// Records of a day got their names, but have no rows yet.
  func didName(_ date: CalendarDate) { days.didName(date) }

  /// Such records have their rows.
  func didEnter(_ date: CalendarDate, _ id: Int64) {
    if days.didEnter(date) { closeInCatalog(date, id) }
  }

  /// Whether all named records of a day have their rows.
  package func isEntered(_ date: CalendarDate) -> Bool { days.isEntered(date) }

  /// A day has left the tree.
  package func forget(_ date: CalendarDate) {
    tree.forget(date)
    if days.open?.date == date { _ = days.end() }
  }

  /// Marks the open day in the catalog as complete, if it is: else it is closed when the last record is entered, or
  /// compared at the next start.
  func close() {
    guard let ended = days.end(), days.isEntered(ended.date) else { return }
    closeInCatalog(ended.date, ended.id)
  }

  private func closeInCatalog(_ date: CalendarDate, _ id: Int64) {
    do {
      guard let changed = try tree.partition(date)?.status().modified else { return }
      try catalog.closePartition(id, changed: changed)
    } catch {
      logger.warning("the next start will compare the last partition with the catalog", metadata: ["error": "\(error)"])
    }
  }
}
