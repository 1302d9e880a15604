internal import Logging

/// One logger's view of a log: its own metadata and perhaps its own level.
struct LineLogHandler: LogHandler {
  private let output: LogOutput
  private var ownLevel: Logger.Level?
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?

  init(output: LogOutput) {
    self.output = output
  }

  /// The output's level, until one is set here.
  var logLevel: Logger.Level {
    get { ownLevel ?? output.level }
    set { ownLevel = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
    if let given = event.metadata { all.merge(given) { _, new in new } }
    if let error = event.error, all["error"] == nil { all["error"] = .string("\(error)") }
    output.write(LogMessage(level: event.level, text: event.message.description, metadata: all))
  }
}
