package import SystemPackage

/// A file operation that failed: which, on what, and what the system said.
package struct FileFailure: Error, Hashable, Sendable {
  /// The operation, as a person names it: "open", "move", "sync".
  package var operation: String
  /// The path of what it was done to.
  package var path: String
  package var errno: Errno

  package init(_ operation: String, _ path: String, _ errno: Errno) {
    self.operation = operation
    self.path = path
    self.errno = errno
  }
}

extension FileFailure: CustomStringConvertible {
  package var description: String { "cannot \(operation) \(path): \(errno)" }
}

extension FileFailure {
  /// Whether it is true of the whole machine or file system at this time, and not of the one file that it befell.
  package var isOfTheMachine: Bool {
    switch errno {
    case .noSpace, .diskQuotaExceeded, .readOnlyFileSystem, .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory:
      true
    default: false
    }
  }

  /// Whether the file stays because somebody writes to it, or nobody can tell that nobody does.
  package var meansStillWritten: Bool { errno == .textFileBusy }
}
