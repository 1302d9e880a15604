internal import CShims
internal import Concurrency
internal import Glibc

/// Starts this program anew, as the same process, whatever hangs.
///
/// execv(2) closes all files, and that can wait for a share that does not answer, such as NFS to give a lock back. So it
/// is called by a thread that has no files: those of the other threads are closed as these are killed, which waits for no
/// server but FUSE's.
actor Restart {
  private let thread = SerialThread(name: "restart")
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  /// Gives its thread a table of files of its own; to be called before files are open that may hang.
  func prepare() {
    // Where the system cannot do that, a restart may have to wait.
    _ = eventdrop_leave_descriptors()
  }

  /// Starts the program anew; if that fails, ends it, and a service manager starts it again.
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
