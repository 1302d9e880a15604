package import Catalog

/// The outcome of an attempt.
extension BatchDelivery {
  /// What has to be done after an attempt, in this order.
  package struct Outcome: Hashable, Sendable {
    package var acknowledged: [PendingEvent] = []
    package var failed: [Failure] = []
    /// The events that this attempt sent alone and that were refused; that does not mean that they fail.
    package var refusedAlone: [PendingEvent] = []
    package var signal = EndpointSignal.none
    /// How long to wait before the next attempt.
    package var wait = Duration.zero

    package init(
      acknowledged: [PendingEvent] = [], failed: [Failure] = [], refusedAlone: [PendingEvent] = [],
      signal: EndpointSignal = .none, wait: Duration = .zero
    ) {
      self.acknowledged = acknowledged
      self.failed = failed
      self.refusedAlone = refusedAlone
      self.signal = signal
      self.wait = wait
    }
  }

  /// What an attempt shows about the webhook.
  package enum EndpointSignal: Hashable, Sendable {
    case none
    /// It accepts events.
    case works
    /// It cannot accept any.
    case fails(Fault)
    /// It asked not to be called for a while.
    case wantsSilence(Duration)
  }

  /// An event that did not get through.
  package struct Failure: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
      /// The event is refused: this counts against it.
      case refused
      /// It has had its attempts, and nothing is known to be wrong with it.
      case undelivered
    }

    package var event: PendingEvent
    package var kind: Kind
    package var trouble: Trouble

    package init(event: PendingEvent, kind: Kind, trouble: Trouble) {
      self.event = event
      self.kind = kind
      self.trouble = trouble
    }
  }
}
