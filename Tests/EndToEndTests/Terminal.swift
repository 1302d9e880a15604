import Glibc
import TestSupport

/// A separate terminal for the built program: script(1).
enum Terminal {
  private static let path = "/usr/bin/script"

  static var isThere: Bool { access(path, X_OK) == 0 }

  /// Runs the program.
  ///
  /// - Parameters:
  ///   - arguments: Its arguments.
  ///   - columns: The width of the terminal.
  ///   - environment: Variables besides `TERM`.
  /// - Returns: The lines that the terminal received, standard output and standard error in the order of arrival.
  /// - Throws: If it cannot be started.
  static func run(
    _ arguments: [String], columns: Int, environment: [String: String] = [:]
  ) async throws -> [String] {
    let words = ([SpawnedProgram.path(of: "eventdrop")] + arguments).map { "'\($0)'" }.joined(separator: " ")
    let end = try await SpawnedProgram(
      ["-q", "-c", "stty cols \(columns); exec \(words)", "/dev/null"], executable: path,
      environment: ["TERM": "xterm", "SHELL": "/bin/sh"].merging(environment) { _, new in new }
    ).end()
    // Terminals get a carriage return before each line feed.
    return end.output.split(separator: "\r\n").map(String.init)
  }
}
