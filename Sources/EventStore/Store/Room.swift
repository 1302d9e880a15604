package import Catalog
package import DurableFiles
package import Events
internal import SystemPackage

/// How much more may be written, so that a disk that fills up stops the intake before it stops a write half-way.
package struct Room: Hashable, Sendable {
  private var bytes: Int
  private var files: Int

  /// The room left on two file systems, which may be the same.
  ///
  /// A part is reserved for work that goes on when nothing is claimed any more: acknowledgements, sidecars, the
  /// catalog.
  ///
  /// - Parameters:
  ///   - records: Where the records are written.
  ///   - state: Where the catalog is.
  package init(records: FreeSpace, state: FreeSpace) {
    func isShort(_ space: FreeSpace) -> Bool {
      space.bytes <= space.reservedBytes || space.inodes.map { $0 <= FreeSpace.reservedInodes } ?? false
    }
    bytes = isShort(state) ? 0 : records.bytes - records.reservedBytes
    files = records.inodes.map { $0 - FreeSpace.reservedInodes } ?? .max
  }

  /// Whether no room is left in the folders of a store, as others than its daemon see it.
  ///
  /// - Parameter layout: Where the folders are.
  /// - Returns: Why not; nil if there is room, or if the folders do not exist.
  /// - Throws: `FileFailure`.
  package static func lack(in layout: StoreLayout) throws(FileFailure) -> StorageError? {
    guard let processed = try Folder.openingIfThere(layout.processed, files: SystemFiles()),
      let state = try Folder.openingIfThere(layout.state, files: SystemFiles()),
      try Room(records: processed.space(), state: state.space()).isUsedUp
    else { return nil }
    return lack(at: processed.path)
  }

  /// The error if there is no room even for one more record.
  ///
  /// - Parameter processed: Where the records are written.
  /// - Returns: The error.
  static func lack(at processed: FilePath) -> StorageError {
    .files(FileFailure("store more in", processed.string, .noSpace))
  }

  /// Whether none is left, even for the smallest record.
  package var isUsedUp: Bool {
    var rest = self
    return !rest.take(forRecordOf: 0)
  }

  /// Takes the room for an event's record.
  ///
  /// - Returns: Whether there was enough.
  package mutating func take(forRecordOf event: Event) -> Bool { take(forRecordOf: event.recordSize) }

  /// Takes the room for a record.
  ///
  /// - Parameter size: The record's size in bytes.
  /// - Returns: Whether there was enough.
  package mutating func take(forRecordOf size: Int) -> Bool {
    // File systems allocate whole blocks.
    let (needed, isTooMuch) = (size / 4096 + 1).multipliedReportingOverflow(by: 4096)
    guard !isTooMuch, bytes >= needed, files >= 1 else { return false }
    bytes -= needed
    files -= 1
    return true
  }
}
