package import Catalog
internal import DurableFiles
package import EventStore
package import Events
package import Forwarding
internal import Glibc
package import Settings
internal import SystemPackage
package import Time

/// Looks at the folders and the catalog of a running daemon for monitoring, at a pace that leaves the daemon its
/// processor.
///
/// No question waits for a file system for longer than a moment: what cannot be looked up is reported as it last was,
/// and as old. About inboxes it reports what their services have reported; it touches none of them.
package final class StatusBoard: Sendable {
  private let configuration: Configuration
  private let store: RecordStore
  let forwarder: Forwarder?
  /// The language of texts for people.
  let language: Language
  let clock: any WallClock
  private let dueTimes: DueTimes
  private let health: ServiceHealth
  private let desk: FolderDesk
  let index: IndexDesk
  private let folders: Observation<FolderDesk.View>
  private let backlog: Observation<Result<StoreSnapshot, StorageError>>
  private let partitions: Observation<Result<[StoreSnapshot.Partition], StorageError>>
  private let minutes: Observation<Result<[StoredMinute], StorageError>>
  private let failures: Observation<Result<FailureOverview, StorageError>>
  private let latest: Observation<Result<LatestEvents, StorageError>>
  private let claims: Observation<Result<KnownClaims, StorageError>>
  /// The length of the plots by minute.
  private static let history = Duration.seconds(3600)

  /// - Parameters:
  ///   - configuration: The daemon's configuration.
  ///   - store: Its store.
  ///   - forwarder: Nil if events are only stored.
  ///   - clock: The time.
  ///   - dueTimes: When its services are next due.
  ///   - health: The state of its services.
  ///   - claims: Counts claims.
  package init(
    _ configuration: Configuration, store: RecordStore, forwarder: Forwarder?, clock: any WallClock,
    dueTimes: DueTimes, health: ServiceHealth, claims: any ClaimLook
  ) {
    self.configuration = configuration
    language = configuration.language
    self.store = store
    self.forwarder = forwarder
    self.clock = clock
    self.dueTimes = dueTimes
    self.health = health
    let desk = FolderDesk(configuration.store.layout, store)
    self.desk = desk
    folders = Observation(by: clock, atLeast: .seconds(2)) { await desk.look() }
    // One desk each for the catalog and for failed files: a question that hangs at one does not block those at the
    // other.
    let (catalog, index) = (IndexDesk(store.options.layout), IndexDesk(store.options.layout))
    self.index = index
    backlog = Observation(by: clock, atLeast: .milliseconds(500)) {
      await catalog.ask { index throws(StorageError) in try index.backlog() }
    }
    partitions = Observation(by: clock, atLeast: .seconds(2)) {
      await catalog.ask { index throws(StorageError) in try index.partitions() }
    }
    minutes = Observation(by: clock, atLeast: .seconds(2)) {
      await catalog.ask { index throws(StorageError) in
        let since = Timestamp(milliseconds: (clock.now() - Self.history).milliseconds / 60_000 * 60_000)
        return try index.minutes(since: since)
      }
    }
    self.claims = Observation(by: clock, atLeast: .milliseconds(500)) {
      await index.ask { _ throws(StorageError) in
        try StorageError.wrappingFiles { () throws(FileFailure) in try claims.inState() }
      }
    }
    failures = Observation(by: clock, atLeast: .milliseconds(500)) {
      await index.ask { index throws(StorageError) in try FailureOverview(of: index) }
    }
    // It goes through all events, and is only asked for what happened before this process.
    latest = Observation(by: clock, atLeast: .seconds(60)) {
      await catalog.ask { index throws(StorageError) in try index.latest() }
    }
  }

  /// The same as the output of `eventdrop status`.
  ///
  /// - Throws: `StatusError`.
  package func status() async throws(StatusError) -> Status {
    beginLooks()
    let forwarding = await forwarder?.status()
    var stored = StoredState()
    let overview = try await known(failures)
    stored.take(overview)
    var snapshot = try await known(backlog)
    snapshot.partitions = try await known(partitions)
    stored.snapshot = snapshot
    stored.take(try await known(claims))
    if case .success(let latest)? = await latest.current()?.value { stored.latest = latest }
    if let success = forwarding?.lastSuccess {
      stored.latest.acknowledgedAt = max(success, stored.latest.acknowledgedAt ?? success)
    }
    var due = dueTimes.all
    due["forward"] = forwarding?.nextTick
    let now = clock.now()
    var items = await ownItems(forwarding)
    // That it cannot be written is known of a folder before it is read.
    items += overview.unreadItems(now: now).filter { item in !items.contains { $0.subject == item.subject } }
    return Status(
      of: configuration, now: now, inboxes: inboxes, daemon: getpid(), stored: stored,
      circuit: forwarding.map(CircuitState.init), due: due, more: items)
  }

  /// Starts every look that a status needs: those that hang are then waited for once, not one after the other.
  private func beginLooks() {
    failures.begin()
    backlog.begin()
    partitions.begin()
    claims.begin()
    latest.begin()
    folders.begin()
  }

  /// Looks at everything once, so that the first request need not wait.
  func warmUp() async {
    _ = try? await status()
    _ = try? await lastHour()
  }

  /// What was stored in each minute of the last hour.
  ///
  /// - Throws: `StatusError`.
  package func lastHour() async throws(StatusError) -> [StoredMinute] { try await known(minutes) }

  /// The time zone in which people read times.
  var zone: TimeZoneRules { configuration.timezone }

  /// Whether the identities that several machines share are available; nil for a single machine.
  var isFleetThere: Bool? { configuration.store.isInFleet ? store.fleetPresence.trouble == nil : nil }

  /// What the fleet's database last said about the machines, and why nothing new is stored; nil for a single machine.
  ///
  /// Nobody asks the database for it: it comes with this machine's own looks.
  var fleet: (view: FleetPresence.View?, trouble: LedgerFailure?)? {
    configuration.store.isInFleet ? (store.fleetPresence.view, store.fleetPresence.trouble) : nil
  }

  /// The free space of the file systems, by folder, as of the last look.
  func space() async -> [(folder: String, space: FreeSpace)] { await folders.current()?.value.space ?? [] }

  /// Why the daemon does not do all that it should; empty if it does.
  package func obstacles() async -> [Verdict.Item] {
    backlog.begin()
    folders.begin()
    let forwarding = await forwarder?.status()
    // The services know whether work is blocked; the catalog is asked for events whose records are missing.
    var stored = StoredState()
    stored.snapshot = try? await known(backlog)
    let status = Status(
      of: configuration, now: clock.now(), inboxes: inboxes, daemon: getpid(), stored: stored,
      circuit: forwarding.map(CircuitState.init), more: await ownItems(forwarding))
    return status.verdict.items.filter(\.isObstacle)
  }

  /// The inboxes as their own services report them.
  private var inboxes: [Status.InboxStatus] {
    configuration.inboxes.map { inbox in
      let report = health.report(of: "inbox \(inbox.name)", by: clock)
      var status = Status.InboxStatus(name: inbox.name, path: inbox.path.string, waiting: report.waiting)
      status.groups = report.groups
      status.claimed = report.claimed
      status.lookedAt = report.lookedAt
      status.lastArrival = report.lastArrival
      status.trouble = report.trouble
      status.silentSince = report.silentSince
      return status
    }
  }

  private func ownItems(_ forwarding: ForwardingStatus?) async -> [Verdict.Item] {
    var items = await folders.current()?.value.obstacles ?? []
    let now = clock.now()
    if let since = folders.lateSince {
      items.append(Status.hangingItem(desk.place, since: since, now: now))
    }
    let places = [
      (backlog.lateSince, "\(configuration.store.layout.state)"),
      (failures.lateSince, "\(configuration.store.layout.retry), \(configuration.store.layout.failed)"),
    ]
    for case (let since?, let place) in places { items.append(Status.hangingItem(place, since: since, now: now)) }
    for name in health.names where !name.hasPrefix("inbox ") {
      // The state of its database has its own item.
      if name == "fleet", store.fleetPresence.trouble != nil { continue }
      guard let trouble = health.report(of: name, by: clock).trouble else { continue }
      items.append(Status.serviceItem(name, trouble, now: now))
    }
    if forwarding?.isStoreFailing ?? false {
      items.append(
        Verdict.Item(
          "store", .needsPerson, Message(StatusMessage.storeFails)))
    }
    return items
  }

  private func known<Value>(_ observation: Observation<Result<Value, StorageError>>) async throws(StatusError) -> Value
  {
    switch await observation.current()?.value {
    case .success(let value): return value
    case .failure(let error): throw .store(error)
    case nil: throw .unknown
    }
  }
}

/// Why there is no status.
package enum StatusError: Error, Sendable {
  case store(StorageError)
  /// The folders have not answered yet.
  case unknown
}

extension StatusError: CustomStringConvertible {
  package var description: String { text(in: .en) }

  /// What went wrong and what a person can do about it.
  package func text(in language: Language) -> String {
    switch self {
    case .store(let error): "\(error); \(error.adviceMessage.text(in: language))"
    case .unknown: Message(StatusMessage.nothingKnown).sentence(in: language)
    }
  }
}
