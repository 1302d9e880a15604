/// A mistake in the configuration.
package struct Problem: Error, Hashable, Sendable {
  package var place: YAMLPlace
  /// What is wrong, and what would be right.
  ///
  /// Never the value of a variable: it may be secret.
  package var message: String

  init(_ place: YAMLPlace, _ message: String) {
    self.place = place
    self.message = message
  }
}

/// All mistakes of a configuration, in the order of their places.
package struct ConfigurationProblems: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file, as the user named it.
  package var file: String
  package var problems: [Problem]

  init(file: String, _ problems: [Problem]) {
    self.file = file
    self.problems = problems.sorted { ($0.place, $0.message) < ($1.place, $1.message) }
  }

  /// A line for each: `config.yaml:LINE:COLUMN: message`.
  package var description: String {
    problems.map { "\(file):\($0.place.line):\($0.place.column): \($0.message)" }.joined(separator: "\n")
  }
}
