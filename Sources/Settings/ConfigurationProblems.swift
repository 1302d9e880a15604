/// A mistake in the configuration, and where it stands.
package struct Problem: Hashable, Sendable {
  /// Counted from 1.
  package var line: Int
  /// Characters, counted from 1.
  package var column: Int
  /// A sentence that says what to do; it never holds text that came from a variable, from a file, or from a secret's place.
  package var message: String

  package init(line: Int, column: Int, message: String) {
    self.line = line
    self.column = column
    self.message = String(message.unicodeScalars.flatMap(Self.inOneLine))
  }

  /// What a text from the file may bring along, so that each mistake stays one line.
  private static func inOneLine(_ scalar: Unicode.Scalar) -> [Character] {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: Array("\\u{\(String(scalar.value, radix: 16))}")
    default: [Character(scalar)]
    }
  }
}

/// All mistakes in a configuration file, in the order of their places.
package struct ConfigurationProblems: Error, Hashable, Sendable {
  /// The file, as the user named it.
  package var path: String
  /// Never empty.
  package var problems: [Problem]

  package init(path: String, problems: [Problem]) {
    self.path = path
    self.problems = problems
  }
}

extension ConfigurationProblems: CustomStringConvertible {
  /// One mistake a line, as `config.yaml:LINE:COLUMN: message`.
  package var description: String {
    problems.map { "\(path):\($0.line):\($0.column): \($0.message)" }.joined(separator: "\n")
  }
}
