package import Catalog
internal import Concurrency
internal import DurableFiles
internal import EventStore
package import Settings
internal import SystemPackage
package import Time

extension Status {
  /// Looks from outside: the daemon need not be running.
  ///
  /// Each folder is looked at on its own thread, and none is waited for longer than a few seconds: what hangs is
  /// reported as unknown.
  ///
  /// - Parameters:
  ///   - configuration: Where to look.
  ///   - store: The folders behind the inboxes.
  ///   - clock: The time.
  ///   - claims: Counts claims.
  ///   - lastLook: What a daemon has left about an inbox; nil if none has.
  /// - Returns: What was seen.
  /// - Throws: `StatusError` if something that exists cannot be read.
  package static func look(
    _ configuration: Configuration, _ store: StoreLayout, by clock: any WallClock, claims: any ClaimLook,
    lastLook: @escaping @Sendable (_ inbox: String) -> (lookedAt: Timestamp, groups: [WaitingGroup])?
  ) async throws(StatusError) -> Status {
    let probes = configuration.inboxes.map { inbox in
      let probe = InboxProbe(by: clock) { () throws(FileFailure) in try claims.entries(inInbox: inbox.name) }
      return (
        inbox,
        Observation<Result<((waiting: Int, drops: Int), ClaimedGroup?), FileFailure>>(
          by: clock, atLeast: .zero, patience: patience
        ) {
          do throws(FileFailure) {
            let count = try await probe.count()
            return .success(
              (count, try await probe.look { () throws(FileFailure) in try claims.inInbox(inbox.name) }))
          } catch {
            return .failure(error)
          }
        }
      )
    }
    // A desk each: a failures' folder that hangs keeps nobody from knowing the rest.
    let patient = PatientFiles()
    patient.begin([configuration.store.layout.retry, configuration.store.layout.failed])
    let (index, files, claimDesk, folders) = (
      IndexDesk(store, files: patient), IndexDesk(store, files: patient), IndexDesk(store, files: patient),
      IndexDesk(store)
    )
    let state = configuration.store.layout.state
    // Each of these two folders is waited for on its own: the other may answer.
    let failures = Observation<Result<FailureOverview, StorageError>>(
      by: clock, atLeast: .zero, patience: patience * 10
    ) {
      await files.ask { index throws(StorageError) in try FailureOverview(of: index) }
    }
    let claimed = Observation<Result<KnownClaims, StorageError>>(by: clock, atLeast: .zero, patience: patience * 10) {
      await claimDesk.ask { _ throws(StorageError) in
        try StorageError.wrappingFiles { () throws(FileFailure) in try claims.inState() }
      }
    }
    let room = Observation<Result<StorageError?, StorageError>>(by: clock, atLeast: .zero, patience: patience) {
      await folders.ask { _ throws(StorageError) in
        try StorageError.wrappingFiles { () throws(FileFailure) in try Room.lack(in: store) }
      }
    }
    let names = configuration.inboxes.map(\.name)
    let stored = Observation<Result<(StoredState, Int32?, [LastLook], Troubles), StorageError>>(
      by: clock, atLeast: .zero, patience: patience * 10
    ) {
      await index.ask { index throws(StorageError) in
        (
          try StoredState(of: index), try lockHolder(state, patient),
          names.compactMap { name in
            lastLook(name).map { LastLook(inbox: name, lookedAt: $0.lookedAt, groups: $0.groups) }
          },
          (try? Folder(at: state, files: patient)).map { Troubles(in: $0) } ?? Troubles()
        )
      }
    }
    // However many hang, they are waited for together.
    stored.begin()
    failures.begin()
    claimed.begin()
    room.begin()
    for (_, probe) in probes { probe.begin() }
    var inboxes: [InboxStatus] = []
    var areInboxClaimsUnknown = false
    let now = clock.now()
    for (inbox, probe) in probes {
      var status = InboxStatus(name: inbox.name, path: inbox.path.string)
      switch await probe.current()?.value {
      case .success(let (count, claimed)):
        (status.waiting, status.drops, status.claimed) = (count.waiting, count.drops, claimed)
      // It is created when the daemon starts.
      case .failure(let failure) where failure.errno == .noSuchFileOrDirectory: status.waiting = 0
      case .failure(let failure):
        areInboxClaimsUnknown = true
        status.trouble = ServiceHealth.Trouble(
          reason: "\(failure)", advice: failure.adviceMessage, needsPerson: true, since: now)
      case nil:
        areInboxClaimsUnknown = true
        status.silentSince = now
      }
      inboxes.append(status)
    }
    switch await stored.current()?.value {
    case .success(let (known, daemon, looks, troubles)):
      var stored = known
      var more: [Verdict.Item] = []
      switch await failures.current()?.value {
      case .success(let overview):
        stored.take(overview)
        more += overview.unreadItems(now: now)
      case .failure(.files(let failure)): more.append(unreadItem(failure, subject: "failures", now: now))
      case .failure(let error): throw .store(error)
      case nil:
        let place = "\(configuration.store.layout.retry), \(configuration.store.layout.failed)"
        more.append(hangingItem(place, since: now, now: now))
      }
      switch await claimed.current()?.value {
      case .success(let known): stored.take(known)
      case .failure(let error): throw .store(error)
      case nil: stored.isEveryClaimKnown = false
      }
      // An inbox may have its claims within itself.
      if areInboxClaimsUnknown { stored.isEveryClaimKnown = false }
      switch await room.current()?.value {
      case .success(let lack?): more.append(fullItem(lack))
      // What else is wrong with these folders, those who read them report.
      case .success(nil), .failure: break
      case nil: more.append(hangingItem("\(configuration.store.layout.processed)", since: now, now: now))
      }
      for look in looks {
        guard let index = inboxes.firstIndex(where: { $0.name == look.inbox }) else { continue }
        inboxes[index].lookedAt = look.lookedAt
        // What was there at that time matters only while it may still be there.
        if inboxes[index].waiting != 0 || daemon != nil { inboxes[index].groups = look.groups }
      }
      // Those of a daemon that has ended are over.
      for (name, trouble) in troubles.services.sorted(by: { $0.key < $1.key }) where daemon != nil {
        if let index = inboxes.firstIndex(where: { "inbox \($0.name)" == name }) {
          inboxes[index].trouble = inboxes[index].trouble ?? trouble
        } else if name != "fleet" || stored.snapshot?.fleetTrouble == nil {
          more.append(serviceItem(name, trouble, now: now))
        }
      }
      return Status(of: configuration, now: now, inboxes: inboxes, daemon: daemon, stored: stored, more: more)
    case .failure(let error): throw .store(error)
    case nil: throw .unknown
    }
  }

  private struct LastLook: Sendable {
    var inbox: String
    var lookedAt: Timestamp
    var groups: [WaitingGroup]
  }

  private static let patience = PatientFiles.patience

  /// The process that holds the lock of the state folder; nil if none does.
  private static func lockHolder(_ path: FilePath, _ files: PatientFiles) throws(StorageError) -> Int32? {
    do throws(FileFailure) {
      guard let state = try Folder.openingIfThere(path, files: files) else { return nil }
      return FileLock.holder(FileName("lock"), in: state)
    } catch {
      throw .files(error)
    }
  }
}

extension StoredState {
  /// Looks up what the catalog knows.
  fileprivate init(of index: EventIndex) throws(StorageError) {
    self.init()
    guard index.hasCatalog else { return }
    var snapshot = try index.backlog()
    snapshot.partitions = try index.partitions()
    self.snapshot = snapshot
    latest = try index.latest()
  }
}
