internal import DurableFiles
internal import Glibc
internal import SystemPackage

/// What is known about a shell command without running it.
enum ShellCommand {
  /// Words that the shell itself knows (POSIX.1-2024, Shell and Utilities, sections 2.4 and 2.15, and dash(1)).
  private static let ownWords: Set<String> = [
    ".", ":", "[", "alias", "bg", "break", "case", "cd", "command", "continue", "do", "echo", "eval", "exec", "exit",
    "export", "false", "fg", "for", "getopts", "hash", "if", "jobs", "kill", "local", "printf", "pwd", "read",
    "readonly", "return", "set", "shift", "test", "times", "trap", "true", "type", "ulimit", "umask", "unalias",
    "unset",
    "until", "wait", "while", "!", "{",
  ]

  /// The program that a command begins with and that cannot be run; nil if it can, or if only the shell knows.
  ///
  /// - Parameters:
  ///   - command: The command.
  ///   - files: Asks the program's folder whether it answers.
  /// - Returns: The program as it is written.
  /// - Throws: `FileFailure` if it does not.
  static func program(of command: String, _ files: PatientFiles) throws(FileFailure) -> String? {
    guard let word = command.split(whereSeparator: { $0 == " " || $0 == "\t" }).first.map(String.init) else {
      return nil
    }
    // Quotes, variables, assignments, groups, redirections: only the shell can interpret them.
    guard !word.contains(where: { "\"'`$\\=(){}<>;&|*?[]~#!".contains($0) }), !ownWords.contains(word) else {
      return nil
    }
    guard !word.contains("/") else {
      try files.expectAnswer(of: absolutePath(FilePath(word)).removingLastComponent())
      return access(word, X_OK) == 0 ? nil : word
    }
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
    let isThere = path.split(separator: ":").contains { access("\($0)/\(word)", X_OK) == 0 }
    return isThere ? nil : word
  }
}
