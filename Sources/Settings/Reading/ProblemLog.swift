internal import Events

/// Collects the mistakes that are found while a configuration is read.
final class ProblemLog {
  /// More than a person would mend before trying again; a file that is no configuration at all must not fill the memory.
  private static let limit = 1000

  private var problems: [Problem] = []
  private(set) var isFull = false

  var isEmpty: Bool { problems.isEmpty }

  /// Takes up a mistake.
  ///
  /// - Parameters:
  ///   - message: What is wrong.
  ///   - hint: What is probably meant.
  ///   - key: The key whose value it is about.
  ///   - place: Where it stands.
  func report(_ message: Message, hint: Message? = nil, key: String? = nil, at place: Place) {
    guard problems.count < Self.limit else {
      if !isFull { problems.append(Problem(place, Message(ConfigurationMessage.moreMistakes))) }
      isFull = true
      return
    }
    problems.append(Problem(place, key: key, message, hint: hint))
  }

  /// The mistakes in the order of their places; what was found first at a place comes first.
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
