package import DurableFiles
internal import SystemPackage

/// What is found at a record's name in a partition.
package enum RecordFile: Sendable {
  /// A regular file; its bytes show whether it is a record.
  case bytes([UInt8])
  case nothing
  /// A folder, a link, a pipe, a socket, a device, or a file that is too large: never a record.
  case odd(FileFailure)
  /// A regular file that may be a record but cannot be read: because of its permissions, or because the disk has lost
  /// it.
  case unreadable(FileFailure)

  /// Why it cannot be read, if it exists but cannot.
  package var hindrance: FileFailure? {
    switch self {
    case .bytes, .nothing: nil
    case .odd(let failure), .unreadable(let failure): failure
    }
  }
}

/// No larger record is read: more than any inbox takes, but bounded.
package let recordSizeLimit = 1 << 30

extension Folder {
  /// Reads what is at a record's name.
  ///
  /// Whatever it is, it concerns this one record: it is judged by its kind and size, not by the file system's error
  /// codes.
  ///
  /// - Throws: `FileFailure` only if it concerns the whole folder or machine.
  package func recordFile(_ name: FileName) throws(FileFailure) -> RecordFile {
    var failure: FileFailure?
    // Twice, so that a passing error is not taken for a damaged disk.
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
