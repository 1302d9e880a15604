package import Logging
internal import Synchronization

/// Keeps logged messages.
package struct LogKeeper: LogHandler {
  package final class Lines: Sendable {
    private let lines = Mutex<[(level: Logger.Level, text: String)]>([])

    package init() {}

    package func append(_ level: Logger.Level, _ text: String) { lines.withLock { $0.append((level, text)) } }
    package func at(_ level: Logger.Level) -> [String] {
      lines.withLock { $0.filter { $0.level == level }.map(\.text) }
    }
    package var all: String { lines.withLock { $0.map(\.text).joined(separator: "\n") } }
  }

  package let lines: Lines
  package var metadata: Logger.Metadata = [:]
  package var logLevel: Logger.Level

  package init(lines: Lines, logLevel: Logger.Level = .trace) {
    self.lines = lines
    self.logLevel = logLevel
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    lines.append(event.level, "\(event.message) \(event.metadata ?? [:])")
  }
}
