internal import ArgumentParser
internal import Daemon
internal import Logging
internal import Operations
internal import Settings
internal import Synchronization

/// The options of every command that works on a store.
struct ConfigurationOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The configuration's file; else the one that EVENTDROP_CONFIG names, config.yaml here, or \(ConfigurationFile.systemWide).",
      valueName: "file"))
  var config: String?

  /// The file.
  var file: ConfigurationFile { ConfigurationFile(config) }

  /// Reads and checks the file, as far as a command needs it.
  ///
  /// - Throws: `CommandFailure`.
  func load(_ scope: Configuration.Scope = .withoutForwarding) throws(CommandFailure) -> Configuration {
    do {
      return try file.load(scope)
    } catch {
      throw CommandFailure(error)
    }
  }
}

/// The log of the current configuration, which may change when it is reloaded.
final class ProgramLog: Sendable {
  private let current = Mutex<LogOutput?>(nil)

  /// The logger of a configuration.
  func logger(_ configuration: Configuration) -> Logger {
    let output = LogOutput(level: configuration.log.level, format: configuration.log.format)
    current.withLock { $0 }?.finish()
    current.withLock { $0 = output }
    return output.logger("eventdrop")
  }

  /// Runs `body`, and logs during and after it how often messages were repeated.
  func whileLoggingRepeats<Result>(_ body: () async throws -> Result) async throws -> Result {
    let timer = Task {
      while !Task.isCancelled {
        try await Task.sleep(for: .seconds(60))
        current.withLock { $0 }?.logRepeats()
      }
    }
    defer {
      timer.cancel()
      current.withLock { $0 }?.finish()
    }
    return try await body()
  }
}
