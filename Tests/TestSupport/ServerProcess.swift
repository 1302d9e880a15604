internal import Glibc
internal import Synchronization

/// The process of a server that a test has started, and may end and start again.
final class ServerProcess: Sendable {
  private let program = Mutex<SpawnedProgram?>(nil)

  var isRunning: Bool {
    program.withLock { program in
      guard let started = program else { return false }
      // It is left for whoever reaps it (waitid(2), WNOWAIT).
      var info = siginfo_t()
      let isOver =
        waitid(P_PID, id_t(started.processID), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo == SIGCHLD
      if isOver { program = nil }
      return !isOver
    }
  }

  func set(_ started: SpawnedProgram) { program.withLock { $0 = started } }

  func signal(_ number: Int32) { program.withLock { $0?.signal(number) } }

  /// Ends it at once.
  ///
  /// Its children notice that, and end.
  func kill() { program.withLock { $0 = nil } }

  /// Ends it in an orderly way: an immediate shutdown, which takes its children along.
  func end() {
    guard isRunning else { return }
    signal(SIGQUIT)
    while isRunning { usleep(10_000) }
  }
}
