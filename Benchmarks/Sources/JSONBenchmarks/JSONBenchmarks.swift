import ExactJSON

/// Prints how fast JSON is scanned; the README in this package's folder explains each line.
@main
struct JSONBenchmarks {
  static func main() throws {
    let rounds = max(1, CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 9)
    print(row("size", "operation", "median", "slowest", "fastest", "an event"))
    for size in [200, 1024, 16 * 1024, 256 * 1024] {
      var generator = PaymentEvents(seed: 7)
      let compact = (0..<(2 << 20) / size).map { _ in generator.next(size: size) }
      try Measurement(size: size, rounds: rounds, compact: compact).run()
    }
  }

  /// One line of the table.
  static func row(_ columns: String...) -> String {
    zip(columns, [8, 19, 9, 9, 9, 12]).map { column, width in
      let padding = String(repeating: " ", count: max(1, width - column.count))
      return width == 19 ? "  " + column + padding : padding + column
    }.joined()
  }
}

/// All operations on the events of one size.
struct Measurement {
  let size: Int
  let rounds: Int
  let compact: [[UInt8]]

  func run() throws {
    let indented = compact.map(indentedEvent)
    var document = JSONDocument()
    var output: [UInt8] = []
    try measure("scan", compact) { event, _ throws(JSONError) in
      try document.scan(event.span)
      return document.members.count
    }
    try measure("scan, indented", indented) { event, _ throws(JSONError) in
      try document.scan(event.span)
      return document.members.count
    }
    try measure("isCompact", compact) { event, _ throws(JSONError) in
      JSONText.isCompact(0..<event.count, of: event.span) ? 1 : 0
    }
    try measure("compact, indented", indented) { event, _ throws(JSONError) in
      output.removeAll(keepingCapacity: true)
      JSONText.appendCompact(0..<event.count, of: event.span, to: &output)
      return output.count
    }
    try measure("sameTokens", compact) { event, index throws(JSONError) in
      let other = indented[index]
      return JSONText.sameTokens(0..<event.count, of: event.span, 0..<other.count, of: other.span) ? 1 : 0
    }
    try measure("place", indented) { event, _ throws(JSONError) in
      TextPlace(offset: event.count, in: event.span).line
    }
  }

  /// Times `body` over all events, and prints the line.
  private func measure(
    _ name: String, _ events: [[UInt8]], _ body: ([UInt8], Int) throws(JSONError) -> Int
  ) throws {
    let bytes = events.reduce(0) { $0 + $1.count }
    let repeats = 24
    var speeds: [Double] = []
    var sum = 0
    for round in 0...rounds {
      let time = try ContinuousClock().measure {
        for _ in 0..<repeats {
          for index in events.indices { sum &+= try body(events[index], index) }
        }
      }
      // The first round warms up.
      if round > 0 { speeds.append(Double(bytes * repeats) / (time / .nanoseconds(1))) }
    }
    // If the results were not used, the work could be optimised away.
    precondition(sum > 0, "\(name) did nothing")
    speeds.sort()
    let median = speeds[speeds.count / 2]
    let event = Double(bytes) / Double(events.count) / median
    print(
      JSONBenchmarks.row(
        "\(bytes / events.count) B", name, gigabytes(median), gigabytes(speeds[0]), gigabytes(speeds[speeds.count - 1]),
        event < 10_000 ? "\(Int(event)) ns" : "\(Int(event / 1000)) µs"))
  }

  /// Two decimals.
  private func gigabytes(_ speed: Double) -> String {
    let hundredths = Int(speed * 100 + 0.5)
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }
}
