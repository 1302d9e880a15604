internal import CShims
internal import Glibc

/// The identity of this process in the system, and its limits on files and memory.
package enum ProcessLimits {
  /// The owner of files that this process creates.
  package static var user: UInt32 { geteuid() }

  package static var processID: Int32 { getpid() }

  /// Names this process for top(1) and pgrep(1); to be called by its first thread.
  ///
  /// The kernel names a process after the path that was executed, which is `/proc/self/exe` when a program restarts
  /// itself.
  ///
  /// - Parameter name: The name, of at most 15 bytes.
  package static func setName(_ name: String) {
    eventdrop_name_thread(name)
  }

  /// Limits the permissions of all files and folders that this process creates, including those that libraries create.
  ///
  /// - Parameter mode: Permissions of folders.
  package static func setMask(forFolderMode mode: UInt32) {
    _ = umask(~mode & 0o777)
  }

  /// Raises the limit on open files to the most that the system allows (setrlimit(2)).
  package static func raiseOpenFiles() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    // More is useless, and slows down some libraries.
    limit.rlim_cur = min(limit.rlim_max, 65_536)
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// Gives blocks of 1 MiB or more back to the system as soon as they are free (mallopt(3)).
  ///
  /// Otherwise glibc raises its threshold, and each thread's arena keeps the most that it ever had.
  package static func giveBackLargeBlocks() {
    eventdrop_give_back_blocks_of(1 << 20)
  }
}
