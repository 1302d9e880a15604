internal import Catalog
internal import DurableFiles
internal import Events
internal import ExactJSON
internal import Time

/// Reads the records of a partition, and finds pending ones that the catalog does not know as such.
///
/// A person has put them there, alone or with the whole partition. The tree is the truth, for a prune too.
struct UnknownRecords {
  /// How many there are.
  private(set) var pending = 0
  /// The number of files that may be records but cannot be read.
  private(set) var unreadable = 0

  private let catalog: Catalog
  private let partition: Folder
  /// The partition's number in the catalog; nil if it is not there.
  private let number: Int64?
  private let mode: UInt32
  /// When each event was last acknowledged, according to the partition's journal; read when needed.
  private var acknowledged: [EventID: Timestamp]?

  /// Opens the catalog, on its own connection.
  ///
  /// - Throws: `CatalogError`.
  init(in partition: Folder, of date: CalendarDate, _ layout: StoreLayout) throws(CatalogError) {
    catalog = try Catalog(path: layout.catalogPath, isReadOnly: true)
    self.partition = partition
    mode = layout.fileMode
    number = try catalog.partition(date)?.id
  }

  /// Whether nothing was found that keeps the partition from being pruned.
  var isEmpty: Bool { pending == 0 && unreadable == 0 }

  /// Reads each record, and calls `body` with it, until stopped.
  ///
  /// Anything else, or invalid records, goes with the partition and stops nothing.
  ///
  /// - Throws: `StorageError`.
  mutating func forEachRecord(
    until isStopping: () -> Bool,
    _ body: (_ key: String, ProcessedEvent, _ bytes: [UInt8]) throws(FileFailure) -> Void
  ) throws(StorageError) {
    var document = JSONDocument()
    var trouble: StorageError?
    do throws(FileFailure) {
      try partition.forEachEntry { name, _ throws(FileFailure) in
        guard trouble == nil, !isStopping(), let key = name.recordKey else { return }
        let file = try partition.recordFile(name)
        if case .unreadable = file { unreadable += 1 }
        guard case .bytes(let bytes) = file, let record = try? ProcessedEvent(bytes.span, using: &document) else {
          return
        }
        do throws(StorageError) {
          if try isPending(record) { pending += 1 }
        } catch {
          trouble = error
          return
        }
        try body(key, record, bytes)
      }
    } catch {
      throw .files(error)
    }
    if let trouble { throw trouble }
  }

  /// Whether the next start would enter a record as pending, or has done so.
  private mutating func isPending(_ record: ProcessedEvent) throws(StorageError) -> Bool {
    let row = try StorageError.wrapping { () throws(CatalogError) in try catalog.event(record.eventId) }
    if let row, row.updatedAt >= record.updatedAt {
      // Known as acknowledged, or a copy of one in another partition, which counts there.
      if row.state == .forwarded || row.state == .pending && row.partition != number { return false }
    }
    guard let time = try journal()[record.eventId] else { return true }
    return time < record.updatedAt
  }

  private mutating func journal() throws(StorageError) -> [EventID: Timestamp] {
    if let acknowledged { return acknowledged }
    let read = try StorageError.wrappingFiles { () throws(FileFailure) in
      try ForwardJournal(partition: partition, mode: mode).acknowledged()
    }
    acknowledged = read.times
    return read.times
  }
}
