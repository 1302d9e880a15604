internal import Time

/// The text of a progress bar: how much is done, how fast, and how long the rest will take.
///
/// Pure: it takes the time and the width, and returns a line.
package struct ProgressBar: Sendable {
  private let label: String
  private let start: Duration
  /// The smoothed rate, in units per second.
  private var rate: Double?
  private var lastTime: Duration
  private var lastDone = 0

  /// A bar that starts now.
  ///
  /// - Parameters:
  ///   - label: The activity, in a word or two.
  ///   - now: The time of a clock that never goes back.
  package init(_ label: String, at now: Duration) {
    self.label = label
    start = now
    lastTime = now
  }

  /// The bar's line.
  ///
  /// - Parameters:
  ///   - done: How many units are done.
  ///   - total: How many there are; nil if unknown.
  ///   - now: The time of the same clock.
  ///   - columns: The width of the terminal.
  /// - Returns: At most `columns - 1` characters, in ASCII except the label: terminals wrap a line that fills them.
  package mutating func line(done: Int, total: Int?, at now: Duration, columns: Int) -> String {
    measure(max(0, done), at: now)
    let width = max(1, columns) - 1
    var parts: [String] = []
    if let total, total > 0 {
      let share = min(1, Double(max(0, done)) / Double(total))
      parts = ["\(Int(share * 100))%", "\(max(0, done))/\(total)"] + rateText()
      if let remaining = remaining(to: total, from: max(0, done)) { parts.append("\(remaining) left") }
      let text = parts.joined(separator: "  ")
      // Label, bar and text, with a space, two brackets and a space between them.
      let space = width - label.count - text.count - 4
      if space >= 10 {
        let length = min(space, 40)
        let filled = Int(share * Double(length))
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: length - filled)
        return "\(label) [\(bar)] \(text)"
      }
    } else {
      parts = ["\(max(0, done))"] + rateText() + [DurationText.text(of: wholeSeconds(now - start))]
    }
    // What does not fit is dropped from the right.
    while true {
      let text = ([label] + parts).joined(separator: "  ")
      if text.count <= width { return text }
      guard parts.popLast() != nil else { return String(label.prefix(width)) }
    }
  }

  private mutating func measure(_ done: Int, at now: Duration) {
    let elapsed = now - lastTime
    // Shorter intervals say little.
    guard elapsed >= .milliseconds(200) else { return }
    let seconds: Double = elapsed / .seconds(1)
    let current = Double(max(0, done - lastDone)) / seconds
    // The old rate fades within some five seconds, however often this is called.
    let weight = min(1, seconds / 5)
    rate = rate.map { $0 + (current - $0) * weight } ?? current
    lastTime = now
    lastDone = done
  }

  private func rateText() -> [String] {
    guard let rate, rate > 0 else { return [] }
    return [rate < 10 ? "\(Double(Int(rate * 10)) / 10)/s" : "\(Int(min(rate, 1e15)))/s"]
  }

  private func remaining(to total: Int, from done: Int) -> String? {
    guard let rate, rate > 0, done < total else { return nil }
    let seconds = Double(total - done) / rate
    // Beyond a month it is at best a guess.
    guard seconds < 30 * 86_400 else { return nil }
    return DurationText.text(of: .seconds(Int(seconds.rounded(.up))))
  }

  private func wholeSeconds(_ duration: Duration) -> Duration {
    .seconds(max(0, duration.components.seconds))
  }
}
