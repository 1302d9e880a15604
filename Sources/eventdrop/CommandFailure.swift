internal import ArgumentParser
internal import Daemon
internal import Operations
internal import SystemPackage

/// Why a command exits with a code other than 0, and the lines that explain it.
struct CommandFailure: Error {
  /// What an exit code means to the script that called the command.
  enum Code: Int32 {
    /// Some work is left, or a problem was found.
    case unfinished = 1
    /// EX_USAGE of sysexits.h(3head).
    case usage = 64
    /// EX_TEMPFAIL: another eventdrop holds the state folder.
    case locked = 75
    /// EX_CONFIG.
    case configuration = 78
  }

  var exitCode: Code
  /// An exit code used by one command only.
  var ownCode: Int32?
  /// For standard error; empty if everything has been reported.
  var lines: [String]

  /// A failure reported in one line.
  ///
  /// - Parameters:
  ///   - exitCode: The process's exit code.
  ///   - message: What is wrong and what to do, without `eventdrop:`.
  init(_ exitCode: Code, _ message: String) {
    self.exitCode = exitCode
    lines = ["eventdrop: " + Self.onOneLine(message)]
  }

  /// A failure with complete lines, such as the mistakes in a configuration.
  init(_ exitCode: Code, lines: [String]) {
    self.exitCode = exitCode
    self.lines = lines.map(LogText.escaped)
  }

  /// Why the daemon does not run.
  init(_ error: DaemonError) {
    switch error {
    // A configuration's mistakes are one line each, in the form that editors can jump to.
    case .configuration(let error): self.init(error)
    case .locked: self.init(.locked, "\(error)")
    case .store: self.init(.unfinished, "\(error)")
    }
  }

  /// Why there is no configuration.
  init(_ error: ConfigurationFileError) {
    self.init(.configuration, lines: error.lines)
  }

  /// What a command printed is not whole; nil if it is, or if its reader wants no more of it.
  static var ofOutput: CommandFailure? {
    guard let why = LineWriter.standardOutput.failure, why != .brokenPipe else { return nil }
    return CommandFailure(.unfinished, "standard output is not whole: \(why)")
  }

  /// A failure that has been reported completely.
  static let reported = CommandFailure(.unfinished, lines: [])

  /// Any error that ends a command.
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
    // The argument parser's own messages have line breaks, indentation and sentence punctuation.
    let words = message.split { $0 == " " || $0.isNewline }.joined(separator: " ")
    return LogText.escaped(words.replacing(".;", with: ";").replacing("?;", with: ";"))
  }
}
