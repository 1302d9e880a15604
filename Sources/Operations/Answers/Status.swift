package import Catalog
internal import EventStore
package import Events
internal import Settings
internal import SystemPackage
package import Time

/// What is where: the output of `eventdrop status`.
package struct Status: Sendable {
  package struct InboxStatus: Sendable {
    package var name: String
    package var path: String
    /// How many files were in it at its last look; nil if unknown.
    package var waiting: Int?
    /// How many of them it takes by their names; nil if unknown.
    package var drops: Int?
    /// What was not taken at its last look, by reason.
    package var groups: [WaitingGroup] = []
    /// What is claimed inside its own folder; nil if nothing is.
    package var claimed: ClaimedGroup?
    /// When it was last looked at; nil if only a running daemon knows, or if it never was.
    package var lookedAt: Timestamp?
    /// When one of its events was last stored; nil if unknown.
    package var lastArrival: Timestamp?
    /// Since when eventdrop has watched it; nil if unknown.
    package var watchedSince: Timestamp?
    /// How long without a drop is unusual; nil: never.
    package var silentAfter: Duration?
    /// Why it is blocked; nil if it is not.
    package var trouble: ServiceHealth.Trouble?
    /// Since when a look at it has not ended; nil if none hangs.
    package var silentSince: Timestamp?

    package init(name: String, path: String, waiting: Int? = nil) {
      self.name = name
      self.path = path
      self.waiting = waiting
    }
  }

  /// A failed file, according to its sidecar.
  package struct Failure: Sendable {
    package var folder: String
    package var file: String
    /// The name of the inbox that it came from.
    package var inbox: String
    package var reason: String
    package var message: Message
    package var lastFailedAt: Timestamp
    package var nextAttemptAt: Timestamp?
  }

  /// Something that is done repeatedly.
  package struct NextRun: Sendable {
    package var name: String
    /// As written in the configuration.
    package var schedule: String
    /// When it is next due; nil if only a running daemon knows, or if it never is.
    package var time: Timestamp?
    /// Whether there is no such time, such as 30 February.
    package var isNever: Bool
  }

  package var inboxes: [InboxStatus]
  /// How many files are in `retry/` and `failed/`; nil if unknown.
  package var retry: Int?
  package var failed: Int?
  /// What is claimed: taken out of an inbox, and neither stored nor put back.
  package var claims: [ClaimedGroup]
  private let isEveryClaimKnown: Bool
  /// Nil if nothing has been stored yet.
  package var store: StoreSnapshot?
  package var webhook: String?
  /// Whether the webhook's address is unknown here, because a variable or a file is missing that the daemon may have.
  package var isWebhookUnseen: Bool
  /// Nil if nothing has been forwarded yet.
  package var circuit: CircuitState?
  /// The next runs under this configuration.
  package var nextRuns: [NextRun]
  /// The newest failures, newest first.
  package var failures: [Failure]
  /// All of them, by folder, inbox and reason.
  package var groups: [FailureGroup]
  /// When the webhook last accepted something; nil if unknown.
  package var lastAcknowledged: Timestamp?
  /// Whether a person is needed.
  package private(set) var verdict = Verdict([])
  package var daemon: Int32?
  /// The folders behind the inboxes, by their names in the configuration.
  package var folders: [(name: String, path: String)]
  let keep: Duration?
  /// The time zone in which people read times.
  let zone: TimeZoneRules
  /// The time zone whose midnight divides partitions.
  private let dayZone: TimeZoneRules
  /// The language of texts for people.
  package let language: Language

  /// Combines the results of looks.
  ///
  /// - Parameters:
  ///   - configuration: The configuration.
  ///   - now: The current time.
  ///   - inboxes: The inboxes as last seen.
  ///   - daemon: The process that works on the folders; nil if none does.
  ///   - stored: The state of the catalog and the folders.
  ///   - circuit: The state of forwarding, if more is known than the catalog has.
  ///   - due: When services are next due, as they report it themselves.
  ///   - more: What else is not as it should be.
  init(
    of configuration: Configuration, now: Timestamp, inboxes: [InboxStatus], daemon: Int32?, stored: StoredState,
    circuit: CircuitState? = nil, due: [String: Timestamp] = [:], more: [Verdict.Item] = []
  ) {
    self.inboxes = inboxes
    self.daemon = daemon
    retry = stored.retry
    failed = stored.failed
    failures = stored.newest.map(Failure.init)
    groups = stored.groups
    claims = stored.claims
    isEveryClaimKnown = stored.isEveryClaimKnown
    claims.add(inboxes.compactMap(\.claimed))
    lastAcknowledged = stored.latest.acknowledgedAt
    store = stored.snapshot
    for index in self.inboxes.indices {
      let stored = stored.latest.storedAt[self.inboxes[index].name]
      let known = self.inboxes[index].lastArrival
      self.inboxes[index].lastArrival = [stored, known].compactMap { $0 }.max()
      self.inboxes[index].watchedSince = store?.watchedSince[self.inboxes[index].name]
      self.inboxes[index].silentAfter = configuration.inboxes.first { $0.name == inboxes[index].name }?.silentAfter
    }
    let paths = configuration.store.layout
    self.folders = [
      ("processed", paths.processed.string), ("retry", paths.retry.string), ("failed", paths.failed.string),
      ("state", paths.state.string),
    ]
    keep = configuration.store.keep
    zone = configuration.timezone
    dayZone = paths.timeZone
    language = configuration.language
    isWebhookUnseen = configuration.unseenKeys.contains("forward.url")
    webhook = configuration.forward.shownURL
    self.circuit = circuit ?? store?.circuit.flatMap { CircuitState(note: $0, now: now) }
    nextRuns = configuration.schedules.map { name, schedule in
      let byTheClock = schedule.isByTheClock ? schedule.next(after: now, in: configuration.timezone) : nil
      let time = due[name] ?? byTheClock
      return NextRun(
        name: name, schedule: schedule.description, time: time, isNever: schedule.isByTheClock && time == nil)
    }
    verdict = verdict(now: now, fleetDue: due["fleet"], more: more)
  }

  /// How many files are claimed; nil if there may be more than `claims` contains.
  package var claimed: Int? { isEveryClaimKnown ? claimedAsFarAsKnown : nil }
  var claimedAsFarAsKnown: Int { claims.reduce(0) { $0 + $1.count } }

  /// When a partition may be pruned; nil if partitions are kept forever.
  package func keptUntil(_ date: CalendarDate) -> Timestamp? {
    keep.map { dayZone.startOfDay(date.adding(days: 1)) + $0 }
  }
}

extension Configuration {
  /// What runs on a schedule, by the names of the services.
  fileprivate var schedules: [(name: String, schedule: Schedule)] {
    var schedules = inboxes.map { ("inbox \($0.name)", $0.schedule) }
    // Nothing is said about what cannot be seen from here.
    func add(_ name: String, _ schedule: Schedule, if isRun: Bool = true) {
      if isRun, !unseenKeys.contains("\(name).schedule") { schedules.append((name, schedule)) }
    }
    add("retry", retry.schedule)
    add("forward", forward.schedule, if: forward.url != nil)
    add("retention", retention.schedule, if: store.keep != nil && !unseenKeys.contains("retention.keep"))
    return schedules
  }
}

extension Status.Failure {
  init(_ event: ListedEvent) {
    self.init(
      folder: event.status.rawValue, file: event.fileText, inbox: event.inbox, reason: event.reason ?? "",
      message: event.message ?? Message(said: ""), lastFailedAt: event.updatedAt, nextAttemptAt: event.nextAttemptAt)
  }
}
