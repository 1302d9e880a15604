package import Schedules

/// Whether somebody is needed: what a person wants to know first.
package struct Verdict: Sendable {
  /// From good to bad.
  package enum State: String, Sendable, Comparable {
    case well
    case mendsItself = "mends-itself"
    case needsPerson = "needs-person"

    private var rank: Int {
      switch self {
      case .well: 0
      case .mendsItself: 1
      case .needsPerson: 2
      }
    }

    package static func < (left: State, right: State) -> Bool { left.rank < right.rank }

    /// As it is told to people.
    package var text: String {
      switch self {
      case .well: "all is well"
      case .mendsItself: "mends itself"
      case .needsPerson: "needs a person"
      }
    }
  }

  /// One thing that is not as it should be.
  package struct Item: Sendable {
    /// A short fixed word for programs: `circuit`, `silent-webhook`, `store`, `inbox`, `inbox-hangs`, `folder`,
    /// `folder-hangs`, `disk-full`, `service`, `failed`, `retry`, `missing`, `not-running`, `waiting`.
    package var code: String
    package var state: State
    /// What is so, as one clause.
    package var text: String
    package var since: Timestamp?
    /// When it is tried again; nil where that is not known.
    package var next: Timestamp?
    /// What a person can do about it, or what ends it.
    package var advice: String?
    /// What it is about, such as an inbox's name.
    package var subject: String?
    /// Whether work is held up, so that `/readyz` says it.
    package var isObstacle: Bool

    /// For people, on one line.
    package var line: String {
      var line = text
      if let since { line += ", since \(since.rfc3339)" }
      if let advice { line += "; \(advice)" }
      return line
    }

    package init(
      _ code: String, _ state: State, _ text: String, since: Timestamp? = nil, next: Timestamp? = nil,
      advice: String? = nil, subject: String? = nil, isObstacle: Bool = true
    ) {
      self.code = code
      self.state = state
      self.text = text
      self.since = since
      self.next = next
      self.advice = advice
      self.subject = subject
      self.isObstacle = isObstacle
    }
  }

  /// What needs a person first.
  package private(set) var items: [Item]

  package init(_ items: [Item]) {
    self.items = items.filter { $0.state == .needsPerson } + items.filter { $0.state != .needsPerson }
  }

  package var state: State { items.map(\.state).max() ?? .well }

  /// How long something that can end by itself may last before a person is called.
  package static let patience = Duration.seconds(600)

  /// What something that can end by itself is, by how long it has lasted.
  static func passing(since: Timestamp?, now: Timestamp) -> State {
    since.map { now - $0 >= patience } ?? false ? .needsPerson : .mendsItself
  }

  /// What a webhook's trouble is, by what is told of it and by how long it has lasted.
  ///
  /// - Parameters:
  ///   - summary: What happened.
  ///   - hint: What a person can do about it; nil where it ends by itself.
  ///   - since: Since when.
  ///   - now: What time it is.
  /// - Returns: How bad it is.
  package static func ofWebhook(_ summary: String, hint: String?, since: Timestamp?, now: Timestamp) -> State {
    guard hint != nil else { return passing(since: since, now: now) }
    // An n8n that is started anew, or busy, is back before anybody could look.
    let passes = ["the webhook cannot be reached", "the webhook does not answer in time"]
    return passes.contains { summary.hasPrefix($0) } ? passing(since: since, now: now) : .needsPerson
  }

  /// The first line of `status`.
  package func line(in zone: TimeZoneRules) -> String {
    guard let first = items.first else { return State.well.text }
    var line = "\(state.text): \(first.text)"
    if let since = first.since { line += " since \(since.rfc3339(in: zone))" }
    if let next = first.next { line += ", tried again at \(next.rfc3339(in: zone))" }
    if let advice = first.advice { line += "; \(advice)" }
    if items.count > 1 { line += " (and \(items.count - 1) more)" }
    return line
  }

  package var json: JSONOutput {
    .object([
      ("state", .text(state.rawValue)),
      (
        "items",
        .array(
          items.map {
            .object([
              ("code", .text($0.code)), ("state", .text($0.state.rawValue)), ("text", .text($0.text)),
              ("subject", .text($0.subject)), ("since", .time($0.since)), ("next", .time($0.next)),
              ("advice", .text($0.advice)),
            ])
          })
      ),
    ])
  }
}
