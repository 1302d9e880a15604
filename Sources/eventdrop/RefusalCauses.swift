internal import Operations

/// Why documents were not taken over: one cause is told once, with how often it came.
struct RefusalCauses {
  private var causes: [String: (first: Int, count: Int)] = [:]
  private var order: [String] = []
  /// So many different ones are told; a file that is no export at all must not fill the screen.
  private static let limit = 20

  /// Whether a refusal is the first of its cause, and is to be told.
  mutating func isFirst(_ line: Int, _ why: String) -> Bool {
    // What differs from one to the next is quoted, or a number.
    let cause = why.replacing(/'[^']*'/, with: "''").replacing(/[0-9]+/, with: "0")
    if let known = causes[cause] {
      causes[cause] = (known.first, known.count + 1)
      return false
    }
    let isTold = causes.count < Self.limit
    causes[isTold ? cause : "", default: (line, 0)].count += 1
    if order.count <= Self.limit, causes.count > order.count { order.append(isTold ? cause : "") }
    return isTold
  }

  /// A line for each cause that came again.
  var repeats: [String] {
    order.compactMap { cause in
      guard let (first, count) = causes[cause] else { return nil }
      if cause.isEmpty { return "\(CountText.text(count, "more document")) not taken over, for other reasons" }
      return count > 1
        ? "\(CountText.text(count - 1, "more document")) not taken over, for the same reason as number \(first)" : nil
    }
  }
}
