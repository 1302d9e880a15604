internal import Glibc

/// What this process is to the system, and what it may do with files.
package enum ProcessLimits {
  /// Whose files this process makes.
  package static var user: UInt32 { geteuid() }

  package static var processID: Int32 { getpid() }

  /// Makes all files and folders of this process get at most these permissions, those that libraries make included.
  ///
  /// - Parameter mode: Permissions of folders.
  package static func setMask(forFolderMode mode: UInt32) {
    _ = umask(~mode & 0o777)
  }

  /// Lets the process open as many files as the system allows it at most (setrlimit(2)).
  package static func raiseOpenFiles() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    // More than this is of no use, and makes some libraries slow.
    limit.rlim_cur = min(limit.rlim_max, 65_536)
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
