/// Collects the mistakes that are found while a configuration is read.
final class ProblemLog {
  /// More than a person would mend before trying again; a file that is no configuration at all must not fill the memory.
  private static let limit = 1000

  private var problems: [Problem] = []
  private(set) var isFull = false

  var isEmpty: Bool { problems.isEmpty }

  func report(_ message: String, at place: Place) {
    guard problems.count < Self.limit else {
      if !isFull { problems.append(Problem(place, "there are more mistakes than can be listed; mend these first")) }
      isFull = true
      return
    }
    problems.append(Problem(place, message))
  }

  /// The mistakes in the order of their places; what was found first at a place comes first.
  var sorted: [Problem] {
    problems.enumerated().sorted { left, right in
      (left.element.line, left.element.column, left.offset) < (right.element.line, right.element.column, right.offset)
    }.map(\.element)
  }
}

extension Problem {
  fileprivate init(_ place: Place, _ message: String) {
    self.init(line: place.line, column: place.column, message: message)
  }
}

/// Words that one can be chosen of: `a, b or c`.
func alternatives(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " or " + last
}
