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
