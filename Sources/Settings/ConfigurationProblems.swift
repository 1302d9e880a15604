package import Events

/// A mistake in the configuration, or a warning, and its place.
package struct Problem: Hashable, Sendable {
  /// Counted from 1.
  package var line: Int
  /// Characters, counted from 1.
  package var column: Int
  /// The key concerned, such as `forward.batch.maxEvents`; nil if it concerns no key's value.
  package var key: String?
  /// What is wrong; it never contains text from a variable, from a file, or from a place for secrets.
  package var message: Message
  /// What was probably meant; nil if unknown.
  package var hint: Message?

  package init(line: Int, column: Int, key: String? = nil, _ message: Message, hint: Message? = nil) {
    self.line = line
    self.column = column
    self.key = key
    self.message = message
    self.hint = hint
  }

  /// The key, what is wrong, and what to do, on one line.
  package func text(in language: Language) -> String {
    let clauses = [message.sentence(in: language)] + (hint.map { [$0.sentence(in: language)] } ?? [])
    let sentence = (key.map { $0 + ": " } ?? "") + clauses.joined(separator: language.betweenClauses)
    return String(sentence.unicodeScalars.flatMap(Self.inOneLine))
  }

  /// Escapes in a text from the file whatever would break its line, so that each mistake is one line.
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
  /// The configuration's own language, as far as it could be read.
  package var language: Language

  package init(path: String, problems: [Problem], language: Language) {
    self.path = path
    self.problems = problems
    self.language = language
  }

  /// One mistake per line, in the form `config.yaml:LINE:COLUMN: message`.
  package func lines(in language: Language) -> [String] {
    problems.map { "\(path):\($0.line):\($0.column): \($0.text(in: language))" }
  }
}

extension ConfigurationProblems: CustomStringConvertible {
  /// For the log, which is in English.
  package var description: String { lines(in: .en).joined(separator: "\n") }
}
