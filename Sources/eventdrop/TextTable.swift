internal import Operations

/// Rows and columns for people: aligned, cut to the terminal's width, in colour only on a terminal.
package struct TextTable {
  package struct Column {
    var title: String
    var isNumber: Bool
    /// Whether it shrinks before others if the terminal is too narrow.
    var isFlexible: Bool
    /// Its minimum width before all of them shrink further.
    var least: Int

    package init(title: String, isNumber: Bool = false, isFlexible: Bool = false, least: Int = 5) {
      self.title = title
      self.isNumber = isNumber
      self.isFlexible = isFlexible
      self.least = least
    }
  }

  package enum Style: Sendable {
    case plain, good, waiting, bad

    /// SGR parameters of ECMA-48, 8.3.117.
    fileprivate var code: String? {
      switch self {
      case .plain: nil
      case .good: "32"
      case .waiting: "33"
      case .bad: "31"
      }
    }
  }

  private let columns: [Column]
  private var rows: [[(text: String, style: Style)]] = []
  /// Between two columns.
  private static let gap = 2

  package init(_ columns: [Column]) {
    self.columns = columns
  }

  package mutating func add(_ cells: [(text: String, style: Style)]) {
    // Text from files may contain anything, including terminal control sequences.
    rows.append(cells.map { (LogText.escaped($0.text), $0.style) })
  }

  /// The lines, titles first.
  ///
  /// - Parameters:
  ///   - width: The width of the terminal, which no line exceeds; nil if none, and nothing is cut.
  ///   - isColoured: Whether to use colours.
  /// - Returns: One line per row, and one for the titles.
  package func lines(width: Int?, isColoured: Bool) -> [String] {
    let widths = widths(within: width)
    let titles = line(columns.map { ($0.title, .plain) }, widths, within: width, isColoured: false)
    return [titles] + rows.map { line($0, widths, within: width, isColoured: isColoured) }
  }

  private func widths(within width: Int?) -> [Int] {
    var widths = columns.indices.map { index in
      rows.reduce(TextWidth.columns(of: columns[index].title)) { max($0, TextWidth.columns(of: $1[index].text)) }
    }
    guard let width else { return widths }
    var surplus = widths.reduce(0, +) + Self.gap * (widths.count - 1) - width
    let floors: [(Column) -> Int] = [
      { $0.isFlexible ? max($0.title.count, 8) : .max }, { $0.least }, { _ in 1 },
    ]
    for floor in floors {
      while surplus > 0 {
        // The widest shrinks first.
        let giving = columns.indices.filter { widths[$0] > floor(columns[$0]) }
        guard let widest = giving.max(by: { widths[$0] < widths[$1] }) else { break }
        widths[widest] -= 1
        surplus -= 1
      }
    }
    return widths
  }

  private func line(
    _ cells: [(text: String, style: Style)], _ widths: [Int], within width: Int?, isColoured: Bool
  ) -> String {
    var line = ""
    var left = width ?? .max
    for (index, cell) in cells.enumerated() where left > 0 {
      let isLast = index == cells.count - 1
      let room = min(widths[index], left)
      var shown = TextWidth.cut(cell.text, to: room)
      let padding = String(repeating: " ", count: room - TextWidth.columns(of: shown))
      if isColoured, let code = cell.style.code { shown = "\u{1B}[\(code)m\(shown)\u{1B}[0m" }
      line += columns[index].isNumber ? padding + shown : shown + (isLast ? "" : padding)
      left -= room
      guard !isLast, left > 0 else { continue }
      line += String(repeating: " ", count: min(Self.gap, left))
      left -= min(Self.gap, left)
    }
    return line
  }

  /// Prints it to standard output.
  func print() {
    let output = LineWriter.standardOutput
    let isColoured = output.isTerminal && LogOutput.environmentAllowsColour
    output.write(lines: lines(width: output.terminalColumns, isColoured: isColoured))
  }
}

extension LineWriter {
  /// The width of the terminal; nil if none, and nothing is cut.
  var terminalColumns: Int? { isTerminal ? columns : nil }
}
