internal import Concurrency
internal import Settings

/// `retention.archive`: an operator's command that receives a partition before it is pruned.
///
/// It gets the partition's path. A separate thread waits for it.
package actor ArchiveCommand {
  private let thread = SerialThread(name: "archive")
  nonisolated package var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
  private let command: String
  private let variables: [String]
  private let patience: Duration

  /// - Parameters:
  ///   - command: For the shell.
  ///   - variables: The names of our variables that it gets besides PATH, HOME, LANG and TZ.
  ///   - patience: After how long it is reported that it has not ended.
  package init(_ command: String, variables: [String] = [], patience: Duration = .seconds(3600)) {
    self.command = command
    self.variables = variables
    self.patience = patience
  }

  /// The command in the configuration; nil if there is none.
  init?(_ settings: RetentionSettings) {
    guard let command = settings.archive else { return nil }
    self.init(command, variables: settings.archiveEnvironment)
  }

  /// Runs it, and waits for its end.
  ///
  /// - Parameters:
  ///   - path: The partition's path.
  ///   - isStopping: Asked continually; once true, the command is ended, with everything it has started.
  ///   - whenLate: Called once if the command has not ended for long; it is waited for all the same.
  /// - Throws: `ChildFailure` if it cannot be run, or does not exit with 0.
  package func run(
    on path: String, until isStopping: @Sendable () -> Bool = { false }, whenLate: @Sendable () -> Void = {}
  ) throws(ChildFailure) {
    let begun = SuspendingClock.now
    var isLate = false
    try ChildProcess(command, argument: path, variables: variables).wait {
      if !isLate, begun.duration(to: .now) > patience {
        isLate = true
        whenLate()
      }
      return isStopping()
    }
  }
}
