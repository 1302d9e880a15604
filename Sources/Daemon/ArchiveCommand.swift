internal import Glibc
internal import Threads

/// `retention.archive`: a command of the operator's that takes a partition before it is pruned.
///
/// It is run by the shell, with the partition's path as one more argument, its input empty, and its output ours. It waits
/// for the command on a thread of its own.
actor ArchiveCommand {
  private let thread = SerialThread(name: "archive")
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
  private let command: String

  init(_ command: String) {
    self.command = command
  }

  /// Runs it, and waits for its end.
  ///
  /// - Parameter path: The partition's.
  /// - Throws: `ArchiveFailure` where it cannot be run, or ends otherwise than with 0.
  func run(on path: String) throws(ArchiveFailure) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    // What it prints must not come between the lines of our own output.
    posix_spawn_file_actions_adddup2(&actions, 2, 1)
    let arguments: [String] = ["/bin/sh", "-c", command + " \"$1\"", "eventdrop", path]
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, "/bin/sh", &actions, nil, words, environ)
    guard code == 0 else {
      throw ArchiveFailure(description: "the shell cannot be run: \(String(cString: strerror(code)))")
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { throw ArchiveFailure(description: "its end was not seen") }
    }
    // WIFEXITED, WEXITSTATUS and WTERMSIG of wait(2), which are macros.
    guard status & 0x7F == 0 else { throw ArchiveFailure(description: "signal \(status & 0x7F) ended it") }
    guard status == 0 else { throw ArchiveFailure(description: "it ended with \((status >> 8) & 0xFF)") }
  }
}

/// Why a partition was not archived.
struct ArchiveFailure: Error, CustomStringConvertible {
  var description: String
}
