package import Events

/// A mistake in the configuration, or a warning, and where it stands.
package struct Problem: Hashable, Sendable {
  /// Counted from 1.
  package var line: Int
  /// Characters, counted from 1.
  package var column: Int
  /// The key that it is about, as `forward.batch.maxEvents`; nil if it is about no value of a key.
  package var key: String?
  /// What is wrong; it never holds text that came from a variable, from a file, or from a secret's place.
  package var message: Message
  /// What is probably meant; nil if nobody can tell.
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
  /// The configuration's own language, as far as it could be read.
  package var language: Language

  package init(path: String, problems: [Problem], language: Language) {
    self.path = path
    self.problems = problems
    self.language = language
  }

  /// One mistake a line, as `config.yaml:LINE:COLUMN: message`.
  package func lines(in language: Language) -> [String] {
    problems.map { "\(path):\($0.line):\($0.column): \($0.text(in: language))" }
  }
}

extension ConfigurationProblems: CustomStringConvertible {
  /// For the log, which is in English.
  package var description: String { lines(in: .en).joined(separator: "\n") }
}
