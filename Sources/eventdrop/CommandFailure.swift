internal import ArgumentParser
internal import Daemon
internal import Operations

/// Why a command ends with another exit code than 0, and the lines that say so.
struct CommandFailure: Error {
  /// What a command's end means to the script that called it.
  enum Code: Int32 {
    /// Work is left, or something was found wrong.
    case unfinished = 1
    /// EX_USAGE of sysexits.h(3head).
    case usage = 64
    /// EX_TEMPFAIL: another eventdrop holds the state folder.
    case locked = 75
    /// EX_CONFIG.
    case configuration = 78
  }

  var exitCode: Code
  /// A code that one command alone has.
  var ownCode: Int32?
  /// For standard error; none where all has been said.
  var lines: [String]

  /// A failure told in one line.
  ///
  /// - Parameters:
  ///   - exitCode: The process's.
  ///   - message: What is wrong and what to do, without `eventdrop:`.
  init(_ exitCode: Code, _ message: String) {
    self.exitCode = exitCode
    lines = ["eventdrop: " + Self.onOneLine(message)]
  }

  /// A failure whose lines stand for themselves, as the mistakes in a configuration do.
  init(_ exitCode: Code, lines: [String]) {
    self.exitCode = exitCode
    self.lines = lines.map(LogText.escaped)
  }

  /// Why the daemon does not run.
  init(_ error: DaemonError) {
    switch error {
    // The mistakes of a configuration are a line each, in the form that editors jump to.
    case .configuration(let error): self.init(error)
    case .locked: self.init(.locked, "\(error)")
    case .store: self.init(.unfinished, "\(error)")
    }
  }

  /// Why there is no configuration.
  init(_ error: ConfigurationFileError) {
    self.init(.configuration, lines: error.lines)
  }

  /// A failure of which all has been said.
  static let told = CommandFailure(.unfinished, lines: [])

  /// Any error that ended a command.
  init(_ error: any Error) {
    switch error {
    case let failure as CommandFailure: self = failure
    case let error as DaemonError: self = CommandFailure(error)
    case let code as ExitCode:
      self.init(Code(rawValue: code.rawValue) ?? .unfinished, lines: [])
      ownCode = code.rawValue
    default:
      let isUsage = Eventdrop.exitCode(for: error) == .validationFailure
      let message = Eventdrop.message(for: error)
      self = isUsage ? CommandFailure(.usage, message + "; see --help") : CommandFailure(.unfinished, message)
    }
  }

  private static func onOneLine(_ message: String) -> String {
    // The argument parser's own messages have line breaks, indentation and an end as of a sentence.
    let words = message.split { $0 == " " || $0.isNewline }.joined(separator: " ")
    return LogText.escaped(words.replacing(".;", with: ";").replacing("?;", with: ";"))
  }
}
