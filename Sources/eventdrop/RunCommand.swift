internal import ArgumentParser
internal import Daemon
internal import Logging
internal import Operations
internal import Settings

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Watch the inboxes, store what is dropped, and forward it.")

  @OptionGroup var file: ConfigurationOption

  @Flag(help: "Work until nothing is left to do, then end: 0 where all went well, 1 where something is left.")
  var once = false

  /// Whether it runs until it is stopped.
  var isDaemon: Bool { !once }

  func run() async throws {
    let log = ProgramLog()
    try await log.whileLoggingRepeats {
      guard once else {
        let metrics = MetricsRegistry()
        metrics.becomeSystem()
        return try await Daemon(file.file, metrics: metrics) { log.logger($0) }.run()
      }
      let configuration = try file.load(.whole)
      let display = ProgressDisplay("storing and forwarding")
      defer { display.finish() }
      let isDone = try await RunOnce(configuration, logger: log.logger(configuration)).run { progress in
        display.show(done: progress.done, of: progress.done + progress.waiting)
      }
      display.finish()
      if !isDone { throw CommandFailure.reported }
    }
  }
}
