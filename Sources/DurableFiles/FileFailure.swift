package import SystemPackage

/// A failed file operation: which one, on what, and the system's error.
package struct FileFailure: Error, Hashable, Sendable {
  /// The operation, in plain words: "open", "move", "sync".
  package var operation: String
  /// The path it was applied to.
  package var path: String
  package var errno: Errno

  package init(_ operation: String, _ path: String, _ errno: Errno) {
    self.operation = operation
    self.path = path
    self.errno = errno
  }
}

extension FileFailure: CustomStringConvertible {
  package var description: String {
    "cannot \(operation) \(path): \(errno == .timedOut ? "it does not answer" : errno.description)"
  }
}

extension FileFailure {
  /// Whether the error concerns the whole machine or file system at this time, not just this file.
  package var isOfTheMachine: Bool {
    switch errno {
    case .noSpace, .diskQuotaExceeded, .readOnlyFileSystem, .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory:
      true
    default: false
    }
  }

  /// Whether the file stays because somebody is writing to it, or this cannot be ruled out.
  package var meansStillWritten: Bool { errno == .textFileBusy }
}
