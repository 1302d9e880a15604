internal import Catalog
internal import DurableFiles
internal import Events
internal import SystemPackage
package import Time

extension Status {
  /// Whether a person is needed, according to what is known here.
  ///
  /// - Parameters:
  ///   - now: The current time.
  ///   - fleetDue: When the fleet's database is tried next, if nothing can be stored without it.
  ///   - more: What only the daemon knows.
  /// - Returns: The verdict.
  func verdict(now: Timestamp, fleetDue: Timestamp? = nil, more: [Verdict.Item] = []) -> Verdict {
    var items = notRunning + more + fleetItems(now: now, due: fleetDue) + webhookItems(now: now) + claimItems(now: now)
    for inbox in inboxes { items += Self.items(of: inbox, now: now) }
    if let missing = store?.missing, missing > 0 {
      items.append(
        Verdict.Item(
          "missing", .needsPerson, Message(StatusMessage.missing, ["count": .integer(missing)])))
    }
    if let refused = store?.refusedPrune, keep != nil {
      items.append(
        Verdict.Item(
          "retention", .needsPerson, refused.refusal.message(in: zone), since: refused.since, isObstacle: false))
    }
    if let failed, failed > 0 {
      items.append(
        Verdict.Item(
          "failed", .needsPerson, Message(StatusMessage.failed, ["count": .integer(failed)]),
          since: groups.filter { $0.status == .failed }.compactMap(\.oldest).min(), isObstacle: false))
    }
    if let retry, retry > 0 {
      items.append(
        Verdict.Item(
          "retry", .mendsItself, Message(StatusMessage.retry, ["count": .integer(retry)]),
          next: groups.filter { $0.status == .retry }.compactMap(\.nextAttemptAt).min(), isObstacle: false))
    }
    return Verdict(items)
  }

  /// Reports that no daemon is running although there is work.
  private var notRunning: [Verdict.Item] {
    guard daemon == nil else { return [] }
    // What an inbox does not take is not work. A daemon may have been given a webhook that is unknown here.
    let waiting = inboxes.reduce(0) { $0 + ($1.drops ?? 0) }
    let isForwarded = webhook != nil || isWebhookUnseen || circuit != nil
    let count = waiting + claimedAsFarAsKnown + (retry ?? 0) + (isForwarded ? store?.pending ?? 0 : 0)
    guard count > 0 else { return [] }
    return [
      Verdict.Item(
        "not-running", .needsPerson, Message(StatusMessage.notRunning, ["count": .integer(count)]))
    ]
  }

  /// Reports that a service other than an inbox's is blocked.
  static func serviceItem(_ name: String, _ trouble: ServiceHealth.Trouble, now: Timestamp) -> Verdict.Item {
    let why = Message.Value.text(trouble.reason)
    let text =
      switch name {
      case "retry": Message(StatusMessage.retryBlocked, ["why": why])
      case "retention": Message(StatusMessage.retentionBlocked, ["why": why])
      case ServiceHealth.formerInboxes: Message(StatusMessage.formerInboxBlocked, ["why": why])
      default: Message(StatusMessage.serviceBlocked, ["name": .text(name), "why": why])
      }
    return Verdict.Item(
      "service", trouble.needsPerson ? .needsPerson : Verdict.passing(since: trouble.since, now: now), text,
      since: trouble.since, advice: trouble.advice, subject: name,
      // Nothing that arrives has to wait for it.
      isObstacle: name != ServiceHealth.formerInboxes)
  }

  /// That a folder does not answer.
  static func hangingItem(_ place: String, since: Timestamp, now: Timestamp) -> Verdict.Item {
    Verdict.Item(
      "folder-hangs", Verdict.passing(since: since, now: now),
      Message(StatusMessage.folderHangs, ["path": .text(place)]), since: since, subject: place)
  }

  /// That a folder cannot be read, so that what is in it is unknown.
  static func unreadItem(_ failure: FileFailure, subject: String, now: Timestamp) -> Verdict.Item {
    guard failure.errno != .timedOut else { return hangingItem(failure.path, since: now, now: now) }
    return Verdict.Item(
      "folder", .needsPerson, Message(StatusMessage.folderFails, ["why": .text("\(failure)")]),
      advice: failure.adviceMessage, subject: subject)
  }

  /// That there is no room to store anything.
  static func fullItem(_ lack: StorageError) -> Verdict.Item {
    Verdict.Item(
      "disk-full", .needsPerson, Message(StatusMessage.diskFull, ["why": .text("\(lack)")]),
      advice: lack.adviceMessage)
  }

  /// Reports that nothing new is stored because the identities that several machines share are unavailable.
  private func fleetItems(now: Timestamp, due: Timestamp?) -> [Verdict.Item] {
    guard daemon != nil, let trouble = store?.fleetTrouble else { return [] }
    return [
      Verdict.Item(
        "fleet", trouble.needsPerson ? .needsPerson : Verdict.passing(since: trouble.since, now: now), trouble.message,
        since: trouble.since, next: due)
    ]
  }

  /// Reports claimed files, if nobody is working on them, or if it takes long.
  private func claimItems(now: Timestamp) -> [Verdict.Item] {
    claims.compactMap { group in
      guard daemon == nil || now - group.oldest >= Verdict.patience else { return nil }
      return Verdict.Item(
        "claimed", daemon == nil ? .needsPerson : .mendsItself, group.message, since: group.oldest,
        advice: daemon == nil
          ? Message(StatusMessage.startForClaims, ["end": .message(ClaimedGroup.end(isRunning: false))])
          : ClaimedGroup.end(isRunning: true),
        subject: group.inbox ?? "retry", isObstacle: false)
    }
  }

  /// The first line for people.
  package func verdictLine(in zone: TimeZoneRules) -> String {
    guard verdict.state == .well, daemon == nil else { return verdict.line(in: zone, language) }
    return Message(StatusMessage.wellAndStopped).text(in: language)
  }

  private func webhookItems(now: Timestamp) -> [Verdict.Item] {
    guard let circuit, daemon != nil || (store?.pending ?? 0) > 0 else { return [] }
    if circuit.isOpen {
      let why = circuit.reason ?? Message(StatusMessage.noReason)
      let state =
        circuit.mendsItself
        ? Verdict.passing(since: circuit.since, now: now) : Verdict.ofWebhook(why, since: circuit.since, now: now)
      // Without a daemon, nobody tries again.
      guard daemon != nil || state == .needsPerson else { return [] }
      return [
        Verdict.Item(
          "circuit", state, Message(StatusMessage.circuitOpen, ["why": .message(why)]), since: circuit.since,
          next: daemon == nil ? nil : circuit.nextProbe)
      ]
    }
    guard daemon != nil else { return [] }
    if let next = circuit.nextAttempt {
      return [
        Verdict.Item(
          "attempt", .mendsItself,
          Message(
            StatusMessage.batchNotTaken, ["why": .message(circuit.reason ?? Message(StatusMessage.noReason))]),
          next: next, isObstacle: false)
      ]
    }
    guard let end = circuit.silentUntil else { return [] }
    return [
      Verdict.Item(
        "silent-webhook", .mendsItself, Message(StatusMessage.silentWebhook), next: end, isObstacle: false)
    ]
  }

  private static func items(of inbox: InboxStatus, now: Timestamp) -> [Verdict.Item] {
    if let since = inbox.silentSince {
      return [
        Verdict.Item(
          "inbox-hangs", Verdict.passing(since: since, now: now),
          Message(StatusMessage.inboxHangs, ["inbox": .text(inbox.name), "path": .text(inbox.path)]), since: since,
          subject: inbox.name)
      ]
    }
    guard let trouble = inbox.trouble else {
      return inbox.groups.compactMap { item(of: $0, in: inbox.name, now: now) } + silence(of: inbox, now: now)
    }
    return [
      Verdict.Item(
        "inbox", trouble.needsPerson ? .needsPerson : Verdict.passing(since: trouble.since, now: now),
        Message(StatusMessage.inboxBlocked, ["inbox": .text(inbox.name), "why": .text(trouble.reason)]),
        since: trouble.since, advice: trouble.advice,
        subject: inbox.name)
    ]
  }
}

extension Status {
  /// Reports that nothing has arrived in an inbox for longer than its `silentAfter`.
  private static func silence(of inbox: InboxStatus, now: Timestamp) -> [Verdict.Item] {
    // An inbox that never had a drop is silent since it has been watched.
    guard let limit = inbox.silentAfter, let last = [inbox.lastArrival, inbox.watchedSince].compactMap({ $0 }).max(),
      now - last >= limit
    else { return [] }
    let message = inbox.lastArrival == nil ? StatusMessage.inboxNeverBrought : .inboxSilent
    return [
      Verdict.Item(
        "inbox-silent", .needsPerson, Message(message, ["inbox": .text(inbox.name)]), since: last,
        subject: inbox.name, isObstacle: false)
    ]
  }

  /// What was not taken for so long that something is wrong; this does not apply to folders left alone on purpose.
  private static func item(of group: WaitingGroup, in inbox: String, now: Timestamp) -> Verdict.Item? {
    let isOld = now - group.oldest >= Verdict.patience
    guard group.isOfInbox || isOld, group.reason != "sub-folder" else { return nil }
    let state: Verdict.State =
      group.isOfInbox ? Verdict.passing(since: group.oldest, now: now) : group.mendsItself ? .mendsItself : .needsPerson
    return Verdict.Item(
      "waiting", state,
      Message(
        StatusMessage.waiting,
        [
          "count": .integer(group.count), "inbox": .text(inbox), "reason": .text(group.reason),
          "name": .text(group.name),
        ]), since: group.oldest, advice: group.advice, subject: inbox, reason: group.reason,
      isObstacle: group.isOfInbox)
  }
}
