internal import DurableFiles
internal import SystemPackage

/// What lies at a record's name in a partition.
enum RecordFile {
  /// A regular file; whether it is a record, its bytes tell.
  case bytes([UInt8])
  case nothing
  /// A folder, a link, a pipe, a socket, a device, or a file that is too large: never a record.
  case odd(FileFailure)
  /// A regular file that may be a record and cannot be read: for its permissions, or because the disk has lost it.
  case unreadable(FileFailure)

  /// Why it cannot be read, if something lies there that cannot.
  var hindrance: FileFailure? {
    switch self {
    case .bytes, .nothing: nil
    case .odd(let failure), .unreadable(let failure): failure
    }
  }
}

/// No record is read that is larger than this: more than any inbox takes, and bounded all the same.
let recordSizeLimit = 1 << 30

extension Folder {
  /// Reads what lies at a record's name.
  ///
  /// Whatever that is, it concerns this one record: what it is goes by its kind and size, not by the words that a file
  /// system has for it.
  ///
  /// - Throws: `FileFailure` only for what is true of the whole folder or machine.
  func recordFile(_ name: FileName) throws(FileFailure) -> RecordFile {
    var failure: FileFailure?
    // A second time, so that a passing error is not taken for a damaged disk.
    for _ in 0..<2 {
      do throws(FileFailure) {
        return try read(name, limit: recordSizeLimit).map { .bytes($0) } ?? .nothing
      } catch {
        guard !isConcerned(by: error) else { throw error }
        failure = error
      }
      guard let status = try status(of: name) else { return .nothing }
      if let failure, status.kind != .regular || status.size > recordSizeLimit { return .odd(failure) }
    }
    return failure.map { .unreadable($0) } ?? .nothing
  }
}
