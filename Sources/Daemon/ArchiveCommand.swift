internal import Concurrency
internal import Settings

/// `retention.archive`: an operator's command that receives a partition before it is pruned.
///
/// It gets the partition's path. A separate thread waits for it.
actor ArchiveCommand {
  private let thread = SerialThread(name: "archive")
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
  private let command: String
  private let variables: [String]

  /// The command in the configuration; nil if there is none.
  init?(_ settings: RetentionSettings) {
    guard let command = settings.archive else { return nil }
    self.command = command
    variables = settings.archiveEnvironment
  }

  /// Runs it, and waits for its end.
  ///
  /// - Parameters:
  ///   - path: The partition's path.
  ///   - isStopping: Asked continually; once true, the command is ended, with everything it has started.
  /// - Throws: `ChildFailure` if it cannot be run, or does not exit with 0.
  func run(on path: String, until isStopping: @Sendable () -> Bool = { false }) throws(ChildFailure) {
    try ChildProcess(command, argument: path, variables: variables).wait(until: isStopping)
  }
}
