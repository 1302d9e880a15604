internal import CShims
internal import Concurrency
internal import Glibc

/// Restarts this program within the same process, even while a share does not answer.
///
/// execv(2) closes all open files, and closing one can wait for its server, for example to release a lock on NFS. So it
/// is called by a thread that has no open files. Those of the other threads are closed when execv kills these threads,
/// and then only a FUSE server is still waited for.
actor Restart {
  private let thread = SerialThread(name: "restart")
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  /// Gives its thread a descriptor table of its own; to be called before any file on a share is opened.
  func prepare() {
    // Where the system cannot do that, a restart may have to wait.
    _ = eventdrop_leave_descriptors()
  }

  /// Restarts the program; if that fails, exits, so that a service manager starts it again.
  func perform() -> Never {
    // Signals that come meanwhile wait for the new program, which unblocks them once it takes them.
    var taken = sigset_t()
    sigemptyset(&taken)
    for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&taken, number) }
    pthread_sigmask(SIG_BLOCK, &taken, nil)
    // As they were given: an argument that names a file need not be UTF-8.
    let given = UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
    var words = given.map { $0.flatMap { strdup($0) } } + [nil]
    execv("/proc/self/exe", &words)
    _exit(75)
  }
}
