package import Catalog

/// Consequences, and what they follow from.
extension Lifecycle {
  /// What follows from a request, besides the consequences for its events.
  package struct Consequence: Hashable, Sendable {
    /// The circuit has closed, because something was acknowledged or refused: why it was open.
    package var closed: Circuit.Opening?
    /// An event was acknowledged, the first since the circuit opened: why it had opened.
    package var recovered: Circuit.Opening?
    /// Whether it has opened.
    package var isOpened = false
    /// Events that fail now, because others that were sent after them have gone through.
    package var charged: [BatchDelivery.Failure] = []
    /// Events that were set aside as refused, and should not have been.
    package var givenBack: [PendingEvent] = []
    /// This many events were not answered in time, and a person could help; reported once.
    package var unansweredSize: Int?

    package init() {}
  }

  /// The outcome of another event that was sent because some were refused alone.
  package enum Contrast: Hashable, Sendable {
    case acknowledged
    /// It did not go through either, or there was none.
    case refused
    /// It may still be processed.
    case unanswered(Fault)
  }
}
