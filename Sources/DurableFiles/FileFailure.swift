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

  /// What a person can do about it.
  package var advice: String {
    switch errno {
    case .noSpace: "make room on the disk, or free inodes (df -h, df -i)"
    case .diskQuotaExceeded: "raise the quota, or make room"
    case .readOnlyFileSystem: "mount the file system for writing; the kernel's log says why it is read-only (dmesg)"
    case .tooManyOpenFiles, .tooManyOpenFilesInSystem: "raise the limit of open files (ulimit -n, LimitNOFILE=)"
    case .permissionDenied, .notPermitted: "give this process's user the right to read and write there"
    case .ioError: "look at the disk's health; the kernel's log has the details (dmesg)"
    default: "look at the path"
    }
  }
}
