internal import Glibc
internal import Settings
internal import Threads

/// `retention.archive`: a command of the operator's that takes a partition before it is pruned.
///
/// It is run by the shell, with the partition's path as one more argument, its input empty, and its output ours. It gets no
/// other descriptor, no secret of ours, and of the environment what is named for it. It waits for the command on a thread
/// of its own.
actor ArchiveCommand {
  private let thread = SerialThread(name: "archive")
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
  private let command: String
  private let environment: [String]
  /// What every program may need, and what is no secret.
  private static let ownVariables = ["PATH", "HOME", "LANG", "TZ"]
  /// How often its end is looked for, in microseconds.
  private static let interval: UInt32 = 20_000
  /// How many looks it has from SIGTERM to SIGKILL: half a second.
  private static let patience = 25

  /// The command that the configuration names; nil where it names none.
  init?(_ settings: RetentionSettings) {
    guard let command = settings.archive else { return nil }
    self.command = command
    environment = Self.ownVariables + settings.archiveEnvironment
  }

  /// Runs it, and waits for its end.
  ///
  /// - Parameters:
  ///   - path: The partition's.
  ///   - isStopping: Asked all the time; the command is ended once it is so, with what it has started.
  /// - Throws: `ArchiveFailure` where it cannot be run, or ends otherwise than with 0.
  func run(on path: String, until isStopping: @Sendable () -> Bool = { false }) throws(ArchiveFailure) {
    let process = try start(on: path)
    var status: Int32 = 0
    var looks: Int?
    while true {
      let found = waitpid(process, &status, WNOHANG)
      if found == process { break }
      guard found == 0 || errno == EINTR else { throw ArchiveFailure(description: "its end was not seen") }
      if let count = looks {
        looks = count + 1
        if count == Self.patience { kill(-process, SIGKILL) }
      } else if isStopping() {
        looks = 0
        kill(-process, SIGTERM)
      }
      usleep(Self.interval)
    }
    if looks != nil {
      // What it has started and left behind.
      kill(-process, SIGKILL)
      throw ArchiveFailure(description: "it was ended, as eventdrop stops; it is run again later")
    }
    // WIFEXITED, WEXITSTATUS and WTERMSIG of wait(2), which are macros.
    guard status & 0x7F == 0 else { throw ArchiveFailure(description: "signal \(status & 0x7F) ended it") }
    guard status == 0 else { throw ArchiveFailure(description: "it ended with \((status >> 8) & 0xFF)") }
  }

  private func start(on path: String) throws(ArchiveFailure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    // What it prints must not come between the lines of our own output.
    posix_spawn_file_actions_adddup2(&actions, 2, 1)
    posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own, so that a stop reaches all that it has started; and signals as a new program expects them: what
    // is ignored here would be ignored there.
    posix_spawnattr_setpgroup(&attributes, 0)
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var words = cStrings(["/bin/sh", "-c", command + " \"$1\"", "eventdrop", path])
    var variables = cStrings(
      environment.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } })
    defer { for word in words + variables { free(word) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, "/bin/sh", &actions, &attributes, &words, &variables)
    guard code == 0 else {
      throw ArchiveFailure(description: "the shell cannot be run: \(String(cString: strerror(code)))")
    }
    return process
  }

  /// Texts as C has them, with nil at the end; to be freed.
  private func cStrings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] { texts.map { strdup($0) } + [nil] }
}

/// Why a partition was not archived.
struct ArchiveFailure: Error, CustomStringConvertible {
  var description: String
}
