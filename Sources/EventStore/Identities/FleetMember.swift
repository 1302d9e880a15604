internal import Catalog
internal import Concurrency
internal import Events
internal import Logging
internal import Time

/// This machine as a member of a fleet: what it has claimed is stored, what its tree contains is put back if the ledger
/// has forgotten it, and what may be another machine's is held back.
///
/// The steps, and what goes wrong without each, are those of the model in `Tests/FleetTests/Model`.
final class FleetMember: Identities {
  /// The machines seen in the ledger, one per line.
  private static let nodesNote = "fleet:nodes"

  let ledger: any IdentityLedger
  let catalog: Catalog
  let records: SharedRecords
  private let presence: FleetPresence
  /// The last trouble noted with the ledger, and since when.
  private var trouble: (failure: LedgerFailure, since: Timestamp)?
  let clock: any WallClock
  let logger: Logger

  private var isJoined = false
  /// Whether it is joining, putting back or claiming again: one after the other.
  private var isBusy = false
  /// How many portions are confirmed but not entered yet.
  private var entering = 0
  private let changed = Condition()
  /// When what is unconfirmed was last claimed.
  var resolvedAt: Duration?
  private var hasSentNewest = false
  /// When old identities were last forgotten.
  private var forgotAt: Duration?
  /// How long identities are kept; nil: forever.
  private let keepIdentities: Duration?
  static let slice = 500
  private static let forgetPause = Duration.seconds(3600)
  static let resolvePause = Duration.seconds(1)

  init(
    _ ledger: any IdentityLedger, _ catalog: Catalog, _ records: SharedRecords, _ presence: FleetPresence,
    keepIdentities: Duration?, clock: any WallClock, logger: Logger
  ) throws(StorageError) {
    self.keepIdentities = keepIdentities
    self.ledger = ledger
    self.catalog = catalog
    self.records = records
    self.presence = presence
    self.clock = clock
    self.logger = logger
    try StorageError.wrapping { () throws(CatalogError) in try catalog.noteChanges() }
    // Nothing is stored until it has joined.
    report(.mustJoin)
  }

  // MARK: Joining

  func prepare() async throws(StorageError) {
    while isBusy { await changed.wait() }
    guard !isJoined || isToResolve else { return }
    isBusy = true
    defer {
      isBusy = false
      changed.wakeAll()
    }
    try await asking { () async throws(StorageError) in
      if !isJoined { try await join() }
      try await resolve()
    }
  }

  private func join() async throws(StorageError) {
    // What is confirmed but has no row yet would not be put back.
    while entering > 0 { await changed.wait() }
    let (known, noted) = try StorageError.wrapping { () throws(CatalogError) in
      (try catalog.fleetCounter(), try catalog.note(Self.nodesNote))
    }
    let tree = try treeName()
    let nodes = (noted ?? "").split(separator: "\n").map(String.init)
    let ledger = ledger
    let standing = try await StorageError.wrappingLedger { () throws(LedgerFailure) in
      try await ledger.join(counter: known, tree: tree, nodes: nodes)
    }
    var newest = standing.counter
    if standing.mustPutBack || known == nil {
      newest = try await putBack()
    }
    let counter = newest
    try StorageError.wrapping { () throws(CatalogError) in try catalog.setFleetCounter(counter) }
    isJoined = true
    logger.notice("this machine has joined the fleet", metadata: ["counter": "\(newest)"])
  }

  private func treeName() throws(StorageError) -> String {
    try StorageError.wrapping { () throws(CatalogError) in
      if let name = try catalog.fleetTree() { return name }
      let name =
        String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
      try catalog.setFleetTree(name)
      return name
    }
  }

  // MARK: Portions

  func claim(
    _ events: inout ArraySlice<AdmittedEvent>
  ) async throws(StorageError) -> (others: [(index: Int, outcome: CommitOutcome)], grant: ClaimGrant?) {
    for index in events.indices where events[index].claim == nil {
      events[index].claim = IdentityClaim(of: events[index].submission.event)
    }
    let end = clock.uptime() + ledger.takeover * 0.9
    let (ledger, claims) = (ledger, events.compactMap(\.claim))
    let (verdicts, epoch) = try await asking { () async throws(StorageError) in
      try await StorageError.wrappingLedger { () throws(LedgerFailure) in try await ledger.claim(claims) }
    }
    var others: [(index: Int, outcome: CommitOutcome)] = []
    var ours: [AdmittedEvent] = []
    for (admitted, verdict) in zip(events, verdicts) {
      let outcome: CommitOutcome
      switch verdict {
      case .ours:
        ours.append(admitted)
        continue
      case .held: outcome = .held
      case .duplicate: outcome = .duplicate
      case .conflict(let node, _):
        let event = admitted.submission.event
        outcome = .conflict(of: event, .conflict(event.eventId, node: node))
      }
      others.append((admitted.index, outcome))
    }
    events = ours[...]
    return (others, ClaimGrant(epoch: epoch, end: end))
  }

  func check(_ grant: ClaimGrant?) throws(StorageError) {
    guard let grant, clock.uptime() < grant.end else { throw .fleet(.late) }
  }

  func confirm(
    _ events: [AdmittedEvent], under grant: ClaimGrant?
  ) async throws(StorageError) -> ConfirmedRecords {
    guard let grant else { throw .fleet(.mustJoin) }
    while isBusy { await changed.wait() }
    entering += 1
    let (ledger, claims) = (ledger, events.compactMap(\.claim))
    do {
      let (ours, counter) = try await asking { () async throws(StorageError) in
        try await StorageError.wrappingLedger { () throws(LedgerFailure) in
          try await ledger.store(claims, under: grant.epoch)
        }
      }
      return ConfirmedRecords(
        ours: events.filter { ours.contains($0.submission.event.eventId) },
        others: events.filter { !ours.contains($0.submission.event.eventId) }, counter: counter)
    } catch {
      didEnter()
      throw error
    }
  }

  func didEnter() {
    entering -= 1
    changed.wakeAll()
  }

  // MARK: Beside them

  /// Keeps up with the ledger: joins if necessary, reports that this machine is alive, and the states of its events.
  ///
  /// - Throws: `StorageError`.
  func keepUp() async throws(StorageError) {
    try await prepare()
    let ledger = ledger
    try await asking { () async throws(StorageError) in
      let holding = try StorageError.wrapping { () throws(CatalogError) in try catalog.holding() }
      let (machines, awaited) = try await StorageError.wrappingLedger { () throws(LedgerFailure) in
        try await ledger.look(holding)
      }
      presence.set(FleetPresence.View(machines: machines, at: clock.now()))
      guard awaited.isEmpty else { throw .fleet(.awaits(awaited)) }
      let members = machines.filter { $0.state == .joined || $0.state == .awaited }
      let text = members.map(\.node).joined(separator: "\n")
      try StorageError.wrapping { () throws(CatalogError) in
        if try catalog.note(Self.nodesNote) != text { try catalog.setNote(Self.nodesNote, text) }
      }
      if !hasSentNewest {
        let newest = try StorageError.wrapping { () throws(CatalogError) in try catalog.newest(limit: 10_000) }
        try await sendStates(newest)
        hasSentNewest = true
      }
      try await forgetOld()
      while true {
        let (states, last) = try StorageError.wrapping { () throws(CatalogError) in try catalog.changes(limit: 2000) }
        guard let last else { return }
        try await sendStates(states)
        try StorageError.wrapping { () throws(CatalogError) in try catalog.forgetChanges(through: last) }
      }
    }
  }

  /// Forgets identities older than the retention period, from time to time, in slices.
  private func forgetOld() async throws(StorageError) {
    guard let keepIdentities, forgotAt.map({ clock.uptime() - $0 >= Self.forgetPause }) ?? true else { return }
    let ledger = ledger
    let count = try await StorageError.wrappingLedger { () throws(LedgerFailure) in
      try await ledger.forget(olderThan: keepIdentities)
    }
    // The rest of a full slice is left to the next look.
    if count < 5000 { forgotAt = clock.uptime() }
  }

  func sendStates(_ states: [EventID: EventState]) async throws(StorageError) {
    let ledger = ledger
    let shared = states.compactMap { id, state in state.shared.map { (eventId: id, state: $0) } }
    guard !shared.isEmpty else { return }
    try await StorageError.wrappingLedger { () throws(LedgerFailure) in try await ledger.follow(shared) }
  }

  /// Reports the ledger's state to other processes.
  private func report(_ failure: LedgerFailure?) {
    guard failure != trouble?.failure else { return }
    trouble = failure.map { ($0, trouble?.since ?? clock.now()) }
    // Only reports to people depend on it.
    do throws(CatalogError) {
      try catalog.noteFleetTrouble(trouble.map { FleetTrouble($0.failure, since: $0.since) })
    } catch {
      logger.debug("how the fleet's database does was not noted", metadata: ["error": "\(error)"])
    }
  }

  /// Notes the ledger's state, for those who are about to claim drops, and for other processes.
  private func asking<Answer>(
    _ ask: () async throws(StorageError) -> Answer
  ) async throws(StorageError) -> Answer {
    do {
      let answer = try await ask()
      presence.set(nil)
      report(nil)
      return answer
    } catch {
      if case .fleet(let failure) = error {
        switch failure {
        case .mustJoin, .away: isJoined = false
        case .awaits, .unusable, .late: break
        }
        if failure != .late {
          presence.set(failure)
          report(failure)
        }
      }
      throw error
    }
  }
}
