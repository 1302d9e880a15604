internal import Digests
internal import DurableFiles
internal import Events
internal import Schedules
internal import SystemPackage

/// `processed/identities/YYYY-MM-DD.ids`: what is left of a pruned partition, a line an event: its key, a space, and the
/// SHA-256 of its `data` without white space between tokens.
enum IdentityFile {
  static let folderName = FileName("identities")

  static func folder(in processed: Folder) throws(FileFailure) -> Folder? {
    do {
      return try processed.folder(folderName)
    } catch  where error.errno == .noSuchFileOrDirectory {
      return nil
    }
  }

  /// The days that there is one of.
  static func dates(in folder: Folder) throws(FileFailure) -> [CalendarDate] {
    try folder.names().compactMap { name in
      name.hasSuffix(".ids") ? CalendarDate(String(name.description.dropLast(4))) : nil
    }
  }

  static func name(of date: CalendarDate) -> FileName { FileName("\(date).ids") }

  /// Writes the file of a day; it is on disk, name included, when this returns.
  static func write(
    _ identities: [(key: String, digest: [UInt8])], of date: CalendarDate, in folder: Folder, mode: UInt32
  ) throws(FileFailure) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(identities.count * 100)
    for identity in identities {
      bytes.append(contentsOf: identity.key.utf8)
      bytes.append(0x20)
      bytes.append(contentsOf: Digests.hexadecimal(identity.digest))
      bytes.append(0x0A)
    }
    let file = try UnnamedFile(in: folder, mode: mode)
    try file.write(bytes.span)
    try file.sync()
    try file.publish(replacing: name(of: date))
    try folder.sync()
  }

  /// Reads the file of a day; lines that are none are passed over.
  static func read(_ date: CalendarDate, in folder: Folder) throws(FileFailure) -> [(key: String, digest: [UInt8])] {
    guard let bytes = try folder.read(name(of: date), limit: .max - 1) else { return [] }
    return bytes.split(separator: 0x0A).compactMap(identity)
  }

  /// What a line says; nil where it is none.
  static func identity(in line: ArraySlice<UInt8>) -> (key: String, digest: [UInt8])? {
    guard let space = line.firstIndex(of: 0x20), line.distance(from: space, to: line.endIndex) == 65 else {
      return nil
    }
    let digits = String(decoding: line[(space + 1)...], as: UTF8.self)
    guard let digest = Digests.bytes(ofHexadecimal: digits) else { return nil }
    return (String(decoding: line[..<space], as: UTF8.self), digest)
  }
}
