internal import Glibc
internal import Operations

/// Rows and columns for people: aligned, cut to the terminal's width, in colour only on a terminal.
struct TextTable {
  struct Column {
    var title: String
    var isNumber = false
    /// Whether it gives way where the terminal is too narrow for all.
    var isFlexible = false
  }

  enum Style {
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

  init(_ columns: [Column]) {
    self.columns = columns
  }

  mutating func add(_ cells: [(text: String, style: Style)]) {
    // What comes from files may hold anything, also what terminals obey.
    rows.append(cells.map { (LogText.escaped($0.text), $0.style) })
  }

  /// The lines, titles first.
  ///
  /// - Parameters:
  ///   - width: How many columns the terminal has; nil where it is none, and nothing is cut.
  ///   - isColoured: Whether colours are shown.
  /// - Returns: One for each row, and one for the titles.
  func lines(width: Int?, isColoured: Bool) -> [String] {
    var widths = columns.indices.map { index in
      max(columns[index].title.count, rows.map { $0[index].text.count }.max() ?? 0)
    }
    if let width {
      let surplus = widths.reduce(0, +) + 2 * (widths.count - 1) - width
      var left = max(0, surplus)
      for index in columns.indices.reversed() where columns[index].isFlexible && left > 0 {
        let taken = min(left, max(0, widths[index] - max(columns[index].title.count, 8)))
        widths[index] -= taken
        left -= taken
      }
    }
    let titles = line(columns.map { ($0.title, .plain) }, widths, isColoured: false)
    return [titles] + rows.map { line($0, widths, isColoured: isColoured) }
  }

  private func line(_ cells: [(text: String, style: Style)], _ widths: [Int], isColoured: Bool) -> String {
    var line = ""
    for (index, cell) in cells.enumerated() {
      let isCut = cell.text.count > widths[index]
      let text = isCut ? cell.text.prefix(max(0, widths[index] - 1)) + "…" : cell.text
      let padding = String(repeating: " ", count: widths[index] - text.count)
      let isLast = index == cells.count - 1
      var shown = String(text)
      if isColoured, let code = cell.style.code { shown = "\u{1B}[\(code)m\(shown)\u{1B}[0m" }
      line += columns[index].isNumber ? padding + shown : shown + (isLast ? "" : padding)
      if !isLast { line += "  " }
    }
    return line
  }

  /// Prints it to standard output.
  func print() {
    let output = LineWriter.standardOutput
    // https://no-color.org: set and not empty.
    let isPlain = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let width = output.isTerminal ? output.columns : nil
    output.write(lines: lines(width: width, isColoured: output.isTerminal && !isPlain))
  }
}
