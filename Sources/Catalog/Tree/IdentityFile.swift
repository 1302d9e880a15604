internal import Digests
package import DurableFiles
internal import SystemPackage
package import Time

/// What remains of a pruned event.
package struct Identity: Sendable, Hashable {
  /// The key of its record.
  package var key: String
  /// The SHA-256 of its `data` without white space between tokens.
  package var digest: [UInt8]

  package init(key: String, digest: [UInt8]) {
    self.key = key
    self.digest = digest
  }
}

/// `processed/identities/YYYY-MM-DD.ids`: what remains of a pruned partition, one line per event: its key, a space, and
/// the SHA-256 of its `data` without white space between tokens.
package enum IdentityFile {
  /// The folder of these files, in `processed/`.
  package static let folderName = FileName("identities")

  /// The folder of these files; nil if there is none.
  ///
  /// - Throws: `FileFailure`.
  package static func folder(in processed: Folder) throws(FileFailure) -> Folder? {
    try processed.folderIfThere(folderName)
  }

  /// The days that have one.
  ///
  /// - Throws: `FileFailure`.
  package static func dates(in folder: Folder) throws(FileFailure) -> [CalendarDate] {
    try folder.names().compactMap { name in
      name.hasSuffix(".ids") ? CalendarDate(String(name.description.dropLast(4))) : nil
    }
  }

  /// Removes what a stop has left of files that were about to replace others; to be called while nobody writes them.
  ///
  /// - Throws: `FileFailure`.
  package static func removeUnfinished(in folder: Folder) throws(FileFailure) {
    for name in try folder.names() where UnnamedFile.isUnfinished(name) { try folder.remove(name) }
  }

  /// The name of a day's file.
  package static func name(of date: CalendarDate) -> FileName { FileName("\(date).ids") }

  /// The identity in a line; nil if it is invalid.
  package static func identity(in line: ArraySlice<UInt8>) -> Identity? {
    guard let space = line.firstIndex(of: 0x20), line.distance(from: space, to: line.endIndex) == 65,
      let digest = Digests.bytes(ofHexadecimal: String(decoding: line[(space + 1)...], as: UTF8.self))
    else { return nil }
    return Identity(key: String(decoding: line[..<space], as: UTF8.self), digest: digest)
  }

  /// Identifies a state of a day's file; nil if there is none.
  ///
  /// - Throws: `FileFailure`.
  package static func mark(_ date: CalendarDate, in folder: Folder) throws(FileFailure) -> String? {
    try folder.status(of: name(of: date)).map { "\($0.inode) \($0.size) \($0.modified) \($0.changed)" }
  }

  /// The catalog's note of the state in which it has read a day's file.
  package static func noteName(of date: CalendarDate) -> String { "identities \(date)" }

  /// Enters the identities of a day into the catalog, all or none; invalid lines are skipped.
  ///
  /// - Returns: Why the file could not be read to its end; nil if it was.
  /// - Throws: `CatalogError`.
  package static func enter(
    _ date: CalendarDate, in folder: Folder, _ catalog: Catalog
  ) throws(CatalogError) -> FileFailure? {
    try catalog.connection.transaction { () throws(CatalogError) -> FileFailure? in
      let reader: IdentityReader
      let mark: String?
      do throws(FileFailure) {
        mark = try Self.mark(date, in: folder)
        reader = try IdentityReader(date, in: folder)
      } catch {
        return error
      }
      while true {
        let identities: [Identity]
        do throws(FileFailure) {
          guard let next = try reader.next() else { break }
          identities = next
        } catch {
          return error
        }
        for identity in identities { try catalog.put(identity, of: date) }
      }
      if let mark { try catalog.setNote(noteName(of: date), mark) }
      return nil
    }
  }
}

/// Reads the identities of a day piece by piece, so that a day of any size takes little memory.
package final class IdentityReader {
  private let file: OpenFile?
  /// The beginning of a line whose end has not been read yet.
  private var rest: [UInt8] = []
  private var isAtEnd = false
  private static let pieceSize = 1 << 16

  /// Opens the file of a day; without one, there are no identities.
  ///
  /// - Throws: `FileFailure`.
  package init(_ date: CalendarDate, in folder: Folder) throws(FileFailure) {
    file = try folder.open(IdentityFile.name(of: date))
  }

  /// The next identities; nil at the end.
  ///
  /// - Throws: `FileFailure`.
  package func next() throws(FileFailure) -> [Identity]? {
    guard !isAtEnd else { return nil }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceSize, alignment: 1)
    defer { buffer.deallocate() }
    let count = try file?.read(into: buffer) ?? 0
    isAtEnd = count == 0
    rest.append(contentsOf: buffer[..<count])
    let lines = rest.split(separator: 0x0A, omittingEmptySubsequences: false)
    let whole = isAtEnd ? lines[...] : lines.dropLast()
    let identities = whole.compactMap(IdentityFile.identity)
    rest = isAtEnd ? [] : Array(lines.last ?? [])
    return identities
  }
}

/// Writes the identities of a day; readers see the previous file until it is complete.
package struct IdentityWriter {
  private let file: UnnamedFile
  private let folder: Folder
  private let date: CalendarDate
  private var buffer: [UInt8] = []

  /// Starts the file of a day, which has no name yet.
  ///
  /// - Throws: `FileFailure`.
  package init(_ date: CalendarDate, in folder: Folder, mode: UInt32) throws(FileFailure) {
    self.date = date
    self.folder = folder
    file = try UnnamedFile(in: folder, mode: mode)
  }

  /// Adds an identity.
  ///
  /// - Throws: `FileFailure`.
  package mutating func add(_ identity: Identity) throws(FileFailure) {
    buffer.append(contentsOf: identity.key.utf8)
    buffer.append(0x20)
    buffer.append(contentsOf: Digests.hexadecimal(identity.digest))
    buffer.append(0x0A)
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Brings the file to disk, with its name, replacing the previous one.
  ///
  /// - Throws: `FileFailure`.
  package mutating func finish() throws(FileFailure) {
    try flush()
    try file.sync()
    try file.publish(replacing: IdentityFile.name(of: date))
    try folder.sync()
  }

  private mutating func flush() throws(FileFailure) {
    try file.write(buffer.span)
    buffer.removeAll(keepingCapacity: true)
  }
}
