internal import Concurrency
internal import Settings

/// `retention.archive`: a command of the operator's that takes a partition before it is pruned.
///
/// It gets the partition's path. It is waited for on a thread of its own.
actor ArchiveCommand {
  private let thread = SerialThread(name: "archive")
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
  private let command: String
  private let variables: [String]

  /// The command that the configuration names; nil where it names none.
  init?(_ settings: RetentionSettings) {
    guard let command = settings.archive else { return nil }
    self.command = command
    variables = settings.archiveEnvironment
  }

  /// Runs it, and waits for its end.
  ///
  /// - Parameters:
  ///   - path: The partition's.
  ///   - isStopping: Asked all the time; the command is ended once it is so, with what it has started.
  /// - Throws: `ChildFailure` where it cannot be run, or ends otherwise than with 0.
  func run(on path: String, until isStopping: @Sendable () -> Bool = { false }) throws(ChildFailure) {
    try ChildProcess(command, argument: path, variables: variables).wait(until: isStopping)
  }
}
