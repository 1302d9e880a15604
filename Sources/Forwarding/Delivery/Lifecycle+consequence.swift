package import EventStore

/// What follows, and what it follows from.
extension Lifecycle {
  /// What follows from a request, beside what follows for the events that it held.
  package struct Consequence: Hashable, Sendable {
    /// The circuit has closed, since something was acknowledged or refused: why it was open.
    package var closed: Circuit.Opening?
    /// An event was acknowledged, the first one since the circuit had opened: why it had.
    package var recovered: Circuit.Opening?
    /// Whether it has opened.
    package var isOpened = false
    /// Events that fail now, since others have gone through that were sent after them.
    package var charged: [BatchDelivery.Failure] = []
    /// Events that were set aside as refused, and should not have been.
    package var givenBack: [PendingEvent] = []
    /// So many events were not answered in time, and a person could help; told once.
    package var unansweredSize: Int?

    package init() {}
  }

  /// What became of another event that was sent because some were refused alone.
  package enum Contrast: Hashable, Sendable {
    case acknowledged
    /// It did not go through either, or there was none.
    case refused
    /// It may be obeyed yet.
    case unanswered(Fault)
  }
}
