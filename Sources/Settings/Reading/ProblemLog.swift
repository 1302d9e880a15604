internal import Events

/// Collects the mistakes, or the doubts, that arise while a configuration is read.
final class ProblemLog {
  /// More than a person would correct before trying again; a file that is not a configuration at all must not fill the
  /// memory.
  private static let limit = 1000

  private var problems: [Problem] = []
  private(set) var isFull = false

  var isEmpty: Bool { problems.isEmpty }

  /// Adds a mistake.
  ///
  /// - Parameters:
  ///   - message: What is wrong.
  ///   - hint: What was probably meant.
  ///   - key: The key whose value is concerned.
  ///   - place: Its place.
  func report(_ message: Message, hint: Message? = nil, key: String? = nil, at place: Place) {
    guard problems.count < Self.limit else {
      if !isFull { problems.append(Problem(place, Message(ConfigurationMessage.moreMistakes))) }
      isFull = true
      return
    }
    problems.append(Problem(place, key: key, message, hint: hint))
  }

  /// The mistakes in the order of their places; at the same place, in the order found.
  var sorted: [Problem] {
    problems.enumerated().sorted { left, right in
      (left.element.line, left.element.column, left.offset) < (right.element.line, right.element.column, right.offset)
    }.map(\.element)
  }
}

extension Problem {
  init(_ place: Place, key: String? = nil, _ message: Message, hint: Message? = nil) {
    self.init(line: place.line, column: place.column, key: key, message, hint: hint)
  }
}
