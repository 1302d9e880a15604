internal import Events

/// Why documents were not imported: each cause is reported once, with its count.
struct RefusalCauses {
  private var causes: [String: (first: Int, count: Int)] = [:]
  private var order: [String] = []
  /// At most this many different ones are reported; a file that is not an export must not fill the screen.
  private static let limit = 20

  /// Whether a refusal is the first of its cause, and has to be reported.
  mutating func isFirst(_ line: Int, _ why: Message) -> Bool {
    // The parts that vary are quoted, or numbers.
    let cause = why.text(in: .en).replacing(/'[^']*'/, with: "''").replacing(/[0-9]+/, with: "0")
    if let known = causes[cause] {
      causes[cause] = (known.first, known.count + 1)
      return false
    }
    let isReported = causes.count < Self.limit
    causes[isReported ? cause : "", default: (line, 0)].count += 1
    if order.count <= Self.limit, causes.count > order.count { order.append(isReported ? cause : "") }
    return isReported
  }

  /// A line for each cause that was repeated.
  ///
  /// - Parameter file: The export, as named.
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
