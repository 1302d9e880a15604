internal import Glibc
package import Logging
package import Settings
internal import Synchronization
package import Time

/// Where the log goes: the lines of all loggers, in one format, to standard error.
package final class LogOutput: Sendable {
  private let writer: LineWriter
  private let clock: any WallClock
  private let isJSON: Bool
  private let isInColour: Bool
  private let lowestLevel: Atomic<Int>
  private let flood: Mutex<FloodGuard<LogMessage>>

  /// An output.
  ///
  /// - Parameters:
  ///   - level: Nothing below it is written; it can be changed later.
  ///   - format: The format of lines.
  ///   - writer: Where lines go.
  ///   - allowsColour: Whether a terminal may get colours; see https://no-color.org for the default.
  ///   - clock: The time of the lines.
  package init(
    level: Logger.Level = .info, format: LogSettings.Format = .auto, writer: LineWriter = .standardError,
    allowsColour: Bool = LogOutput.environmentAllowsColour, clock: any WallClock = SystemClock()
  ) {
    self.writer = writer
    self.clock = clock
    isJSON = format == .json || (format == .auto && !writer.isTerminal)
    isInColour = !isJSON && allowsColour && writer.isTerminal
    lowestLevel = Atomic(level.rank)
    flood = Mutex(FloodGuard())
  }

  /// Whether the environment leaves `NO_COLOR` unset or empty, and the terminal is not a dumb one.
  package static var environmentAllowsColour: Bool {
    let refuses = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? false
    return !refuses && !isDumb
  }

  /// Nothing below this level is written, including by existing loggers that have not set their own level.
  package var level: Logger.Level {
    get { Logger.Level.allCases[lowestLevel.load(ordering: .relaxed)] }
    set { lowestLevel.store(newValue.rank, ordering: .relaxed) }
  }

  /// A logger that writes here.
  ///
  /// - Parameter label: Its name in the program; not shown in lines.
  /// - Returns: The logger, with no metadata and the output's level.
  package func logger(_ label: String) -> Logger {
    Logger(label: label) { _ in LineLogHandler(output: self) }
  }

  /// Makes every `Logger(label:)` of the process write here; once per process.
  package func becomeSystem() {
    LoggingSystem.bootstrap { _ in LineLogHandler(output: self) }
  }

  /// Writes a message, unless it was written less than a minute ago; then it is counted.
  func write(_ message: LogMessage) {
    let uptime = clock.uptime()
    let admission = flood.withLock { $0.admit(message, at: uptime) }
    log(admission.repeats)
    if admission.isReported { put(message) }
  }

  /// Reports how often messages whose minute is over were repeated; for a timer, since a silent log would never report
  /// it.
  package func logRepeats() {
    let uptime = clock.uptime()
    log(flood.withLock { $0.takeRepeats(at: uptime) })
  }

  /// Reports how often messages were repeated, before the program ends.
  package func finish() {
    log(flood.withLock { $0.takeAllRepeats() })
  }

  private func log(_ repeats: [FloodGuard<LogMessage>.Repeat]) {
    for entry in repeats { put(entry.message.with("repeated", entry.count)) }
  }

  private func put(_ message: LogMessage) {
    let now = clock.now()
    writer.write(isJSON ? message.jsonLine(at: now) : message.textLine(at: now, inColour: isInColour))
  }
}

extension Logger.Level {
  /// Its place in `allCases`, which is in order of severity.
  fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
