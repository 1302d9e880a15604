internal import EventStore
internal import Schedules

/// How things are, in one line: whether all is well, mends itself, or needs a person.
package struct Verdict: Sendable, Equatable {
  package enum State: String, Sendable {
    case well, mending
    case person = "needs-person"
  }

  package var state: State
  /// Why, and what to do; empty where all is well.
  package var reasons: [String]

  /// What a script is told.
  package var exitCode: Int32 {
    switch state {
    case .well: 0
    case .mending: 1
    case .person: 2
    }
  }

  package var text: String {
    let why = reasons.joined(separator: "; ")
    switch state {
    case .well: return "all is well" + (why.isEmpty ? "" : ": \(why)")
    case .mending: return "mends itself: \(why)"
    case .person: return "needs a person: \(why)"
    }
  }
}

extension Status {
  /// What the numbers mean.
  package var verdict: Verdict {
    var person: [String] = []
    var mending: [String] = []
    if failed > 0 {
      person.append(
        "\(CountText.text(failed, "file")) in failed/ (eventdrop list --status failed; then eventdrop reprocess or discard)"
      )
    }
    if let circuit, circuit.isOpen {
      let why = circuit.reason.map { ": \($0)" } ?? ""
      if circuit.needsPerson { person.append("nothing is sent\(why)") } else { mending.append("nothing is sent\(why)") }
    } else if let end = circuit?.silentUntil {
      mending.append("n8n wants to be left alone until \(end.rfc3339)")
    }
    if retry > 0 { mending.append("\(CountText.text(retry, "file")) in retry/ will be tried again") }
    let waiting = inboxes.reduce(0) { $0 + $1.waiting }
    if daemon == nil {
      let pending = webhook != nil ? store?.pending ?? 0 : 0
      if waiting + pending + retry > 0 {
        person.insert(
          "eventdrop is not running, and \(CountText.text(waiting + pending + retry, "file or event", "files and events"))"
            + " wait; start it (eventdrop run)", at: 0)
        mending = []
      }
    }
    if !person.isEmpty { return Verdict(state: .person, reasons: person + mending) }
    if !mending.isEmpty { return Verdict(state: .mending, reasons: mending) }
    return Verdict(state: .well, reasons: daemon == nil ? ["eventdrop is not running, and nothing waits"] : [])
  }
}

extension CircuitState {
  /// Whether what n8n answered will not change by itself: it refuses what it is asked, or who asks.
  package var needsPerson: Bool {
    guard isOpen, let reason else { return false }
    let codes = [400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 413, 415, 422] + Array(300...308)
    if reason.contains("starting up") { return false }
    return codes.contains { reason.contains("(\($0))") || reason.contains("HTTP \($0)") }
      || ["certificate", "TLS", "redirects", "cannot be read", "credential"].contains { reason.contains($0) }
  }
}

/// Numbers with what they count, in one form for one and another for many.
package enum CountText {
  /// A number and its word.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - one: The word for one.
  ///   - many: The word for any other number; nil: with an `s`.
  /// - Returns: As `1 file` or `2 files`.
  package static func text(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    "\(count) \(count == 1 ? one : many ?? one + "s")"
  }
}
