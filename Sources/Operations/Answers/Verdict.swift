package import Events
package import Time

/// Whether a person is needed: what people want to know first.
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

    /// The wording for people.
    package var message: Message {
      switch self {
      case .well: Message(StatusMessage.well)
      case .mendsItself: Message(StatusMessage.mendsItself)
      case .needsPerson: Message(StatusMessage.needsPerson)
      }
    }
  }

  /// One thing that is not as it should be.
  package struct Item: Sendable {
    /// A short fixed word for programs: `circuit`, `attempt`, `silent-webhook`, `store`, `inbox`, `inbox-hangs`, `folder`,
    /// `folder-hangs`, `disk-full`, `service`, `failed`, `retry`, `claimed`, `missing`, `not-running`, `waiting`,
    /// `inbox-silent`, `retention`, `fleet`.
    package var code: String
    package var state: State
    /// What is wrong.
    package var text: Message
    package var since: Timestamp?
    /// When it is next tried; nil if unknown.
    package var next: Timestamp?
    /// What a person can do about it, or what ends it.
    package var advice: Message?
    /// What it is about, such as an inbox's name.
    package var subject: String?
    /// What distinguishes it from others with this code and subject, as a short fixed word; nil if nothing needs to.
    package var reason: String?
    /// Whether work is blocked, so that `/readyz` reports it.
    package var isObstacle: Bool

    /// For people, on one line.
    ///
    /// - Parameters:
    ///   - zone: The time zone for times.
    ///   - language: The language of the line.
    /// - Returns: The line.
    package func line(in zone: TimeZoneRules, _ language: Language = .en) -> String {
      Message(
        StatusMessage.item,
        [
          "text": .message(text), "since": .text(since?.rfc3339(in: zone) ?? ""),
          "advice": .text(advice?.text(in: language) ?? ""),
        ]
      ).text(in: language)
    }

    /// One item; unless given, its advice is that of its text.
    package init(
      _ code: String, _ state: State, _ text: Message, since: Timestamp? = nil, next: Timestamp? = nil,
      advice: Message? = nil, subject: String? = nil, reason: String? = nil, isObstacle: Bool = true
    ) {
      self.code = code
      self.state = state
      self.text = text
      self.since = since
      self.next = next
      self.advice = advice ?? text.advice
      self.subject = subject
      self.reason = reason
      self.isObstacle = isObstacle
    }
  }

  /// What needs a person comes first.
  package private(set) var items: [Item]

  package init(_ items: [Item]) {
    self.items = items.filter { $0.state == .needsPerson } + items.filter { $0.state != .needsPerson }
  }

  package var state: State { items.map(\.state).max() ?? .well }

  /// How long something that can end by itself may last before it needs a person.
  package static let patience = Duration.seconds(600)

  /// The state of something that can end by itself, by how long it has lasted.
  static func passing(since: Timestamp?, now: Timestamp) -> State {
    since.map { now - $0 >= patience } ?? false ? .needsPerson : .mendsItself
  }

  /// How bad a webhook's trouble is, by its message and how long it has lasted.
  ///
  /// - Parameters:
  ///   - message: What happened; without advice, it ends by itself.
  ///   - since: When it began.
  ///   - now: The current time.
  /// - Returns: The state.
  package static func ofWebhook(_ message: Message, since: Timestamp?, now: Timestamp) -> State {
    guard message.advice != nil else { return passing(since: since, now: now) }
    // An n8n that restarts, or is busy, is back before anybody could look.
    let passes: [WebhookMessage] = [.unreachable, .timeout, .noAnswer]
    return passes.contains(where: message.has) ? passing(since: since, now: now) : .needsPerson
  }

  /// The first line of `status`.
  package func line(in zone: TimeZoneRules, _ language: Language = .en) -> String {
    guard let first = items.first else { return State.well.message.text(in: language) }
    return Message(
      StatusMessage.verdict,
      [
        "state": .message(state.message), "text": .message(first.text),
        "since": .text(first.since?.rfc3339(in: zone) ?? ""), "next": .text(first.next?.rfc3339(in: zone) ?? ""),
        "advice": .text(first.advice?.text(in: language) ?? ""),
        "more": .text(items.count > 1 ? "\(items.count - 1)" : ""),
      ]
    ).text(in: language)
  }

  package func json(in language: Language) -> JSONOutput {
    .object([
      ("state", .text(state.rawValue)),
      (
        "items",
        .array(
          items.map {
            .object([
              ("code", .text($0.code)), ("state", .text($0.state.rawValue)),
              ("text", .text($0.text.text(in: language))), ("subject", .text($0.subject)), ("since", .time($0.since)),
              ("next", .time($0.next)), ("advice", .text($0.advice?.text(in: language))),
              JSONOutput.messages([("text", $0.text), ("advice", $0.advice)]),
            ])
          })
      ),
    ])
  }
}
