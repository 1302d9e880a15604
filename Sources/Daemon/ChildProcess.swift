package import Events
internal import Glibc

/// An operator's command, run by the shell as a separate process.
///
/// It shares our output. It gets no other descriptor, none of our secrets, and of the environment only the variables
/// named for it. Calls block: they belong on a separate thread.
struct ChildProcess {
  private let process: pid_t
  /// Variables that every program may need, and that are not secret.
  static let ownVariables = ["PATH", "HOME", "LANG", "TZ"]
  /// How often to check whether it has ended, in microseconds.
  private static let interval: UInt32 = 20_000
  /// How many of these checks lie between SIGTERM and SIGKILL: half a second.
  private static let patience = 25

  /// Starts a command.
  ///
  /// - Parameters:
  ///   - command: For the shell.
  ///   - argument: Appended to it, as one more word.
  ///   - variables: The names of our variables that it gets besides PATH, HOME, LANG and TZ.
  ///   - more: Further variables for it.
  /// - Throws: `ChildFailure` if it cannot be started.
  init(_ command: String, argument: String, variables: [String], more: [(String, String)] = []) throws(ChildFailure) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    // Its output must not get between the lines of our own.
    posix_spawn_file_actions_adddup2(&actions, 2, 1)
    posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Its own group, so that a stop reaches everything it has started; and signals as a new program expects them: what
    // is ignored here would be ignored there.
    posix_spawnattr_setpgroup(&attributes, 0)
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var words = Self.cStrings(["/bin/sh", "-c", command + " \"$1\"", "eventdrop", argument])
    let own = (Self.ownVariables + variables).compactMap { name in
      getenv(name).map { "\(name)=\(String(cString: $0))" }
    }
    var environment = Self.cStrings(own + more.map { "\($0.0)=\($0.1)" })
    defer { for word in words + environment { free(word) } }
    var started: pid_t = 0
    let code = posix_spawn(&started, "/bin/sh", &actions, &attributes, &words, &environment)
    guard code == 0 else {
      throw ChildFailure(Message(ActionMessage.shellFails, ["why": .text(String(cString: strerror(code)))]))
    }
    process = started
  }

  /// Waits for its end.
  ///
  /// - Parameter isStopping: Asked continually; once true, the command is ended, with everything it has started.
  /// - Throws: `ChildFailure` if it does not exit with 0; with `isStuck` if it cannot be ended at present.
  func wait(until isStopping: () -> Bool) throws(ChildFailure) {
    var status: Int32 = 0
    var looks: Int?
    while true {
      let found = waitpid(process, &status, WNOHANG)
      if found == process { break }
      guard found == 0 || errno == EINTR else { throw ChildFailure(Message(ActionMessage.endNotSeen)) }
      if let count = looks {
        looks = count + 1
        if count == Self.patience { kill(-process, SIGKILL) }
        // It is in a call to a file system that does not answer, which not even that signal ends.
        if count == Self.patience * 2 { throw ChildFailure(Message(ActionMessage.endedEarly), isStuck: true) }
      } else if isStopping() {
        looks = 0
        kill(-process, SIGTERM)
      }
      usleep(Self.interval)
    }
    if looks != nil {
      // Processes that it started and left behind.
      kill(-process, SIGKILL)
      throw ChildFailure(Message(ActionMessage.endedEarly), wasStopped: true)
    }
    // WIFEXITED, WEXITSTATUS and WTERMSIG of wait(2), which are macros.
    let (signal, code) = (Int(status & 0x7F), Int((status >> 8) & 0xFF))
    guard signal == 0 else { throw ChildFailure(Message(ActionMessage.endedBySignal, ["signal": .integer(signal)])) }
    guard code == 0 else { throw ChildFailure(Message(ActionMessage.endedWith, ["code": .integer(code)])) }
  }

  /// Whether it has ended; to be asked until it has, and not afterwards.
  var hasEnded: Bool { waitpid(process, nil, WNOHANG) != 0 }

  /// Texts as C strings, with nil at the end; to be freed.
  private static func cStrings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] { texts.map { strdup($0) } + [nil] }
}

/// Why a command did not do what it should.
package struct ChildFailure: Error {
  package var message: Message
  /// Whether we ended it ourselves.
  var wasStopped: Bool
  /// Whether it still exists after that.
  var isStuck: Bool

  init(_ message: Message, wasStopped: Bool = false, isStuck: Bool = false) {
    self.message = message
    self.wasStopped = wasStopped || isStuck
    self.isStuck = isStuck
  }
}

extension ChildFailure: CustomStringConvertible {
  /// For the log, which is in English.
  package var description: String { message.description }
}
