internal import Logging
internal import Settings

extension Logger {
  /// The logger of one part of the daemon: with its level from the configuration, and its name in each line.
  func of(_ part: LogSettings.Part, _ settings: LogSettings) -> Logger {
    var logger = self
    logger[metadataKey: "part"] = "\(part.rawValue)"
    if let level = settings.levels[part] { logger.logLevel = level }
    return logger
  }
}
