internal import Events

/// Why documents were not taken over: one cause is told once, with how often it came.
struct RefusalCauses {
  private var causes: [String: (first: Int, count: Int)] = [:]
  private var order: [String] = []
  /// So many different ones are told; a file that is no export at all must not fill the screen.
  private static let limit = 20

  /// Whether a refusal is the first of its cause, and is to be told.
  mutating func isFirst(_ line: Int, _ why: Message) -> Bool {
    // What differs from one to the next is quoted, or a number.
    let cause = why.text(in: .en).replacing(/'[^']*'/, with: "''").replacing(/[0-9]+/, with: "0")
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
  ///
  /// - Parameter file: The export, as it was named.
  /// - Returns: The lines.
  func repeats(in file: String) -> [Message] {
    order.compactMap { cause in
      guard let (first, count) = causes[cause] else { return nil }
      let file = Message.Value.text(file)
      if cause.isEmpty { return Message(ImportMessage.others, ["file": file, "count": .integer(count)]) }
      return count > 1
        ? Message(ImportMessage.again, ["file": file, "count": .integer(count - 1), "first": .integer(first)]) : nil
    }
  }
}
