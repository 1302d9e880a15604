internal import EventStore
internal import Schedules

extension Status {
  /// Whether somebody is needed, by what is known here.
  ///
  /// - Parameters:
  ///   - now: What time it is.
  ///   - more: What only the daemon knows.
  func verdict(now: Timestamp, more: [Verdict.Item] = []) -> Verdict {
    var items = more + webhookItems(now: now)
    for inbox in inboxes { items += Self.items(of: inbox, now: now) }
    if let missing = store?.missing, missing > 0 {
      items.append(
        Verdict.Item(
          "missing", .needsPerson,
          missing == 1 ? "1 pending event has no record" : "\(missing) pending events have no record",
          advice: "mount or move the folder of records back and restart; eventdrop list --status missing says which, and"
            + " eventdrop verify --forget-missing lets them go for good"))
    }
    if failed > 0 {
      items.append(
        Verdict.Item(
          "failed", .needsPerson, failed == 1 ? "1 file has failed for good" : "\(failed) files have failed for good",
          since: groups.filter { $0.status == .failed }.compactMap(\.oldest).min(),
          advice: "see why, below, mend them, and let them be processed again by eventdrop reprocess",
          isObstacle: false))
    }
    if retry > 0 {
      items.append(
        Verdict.Item(
          "retry", .mendsItself,
          retry == 1 ? "1 failed file comes back by itself" : "\(retry) failed files come back by themselves",
          next: groups.filter { $0.status == .retry }.compactMap(\.nextAttemptAt).min(), isObstacle: false))
    }
    let waiting = inboxes.reduce(0) { $0 + ($1.waiting ?? 0) }
    if daemon == nil, waiting + retry + (webhook == nil ? 0 : store?.pending ?? 0) > 0 {
      items.append(
        Verdict.Item("not-running", .needsPerson, "eventdrop is not running, and there is work", advice: "start it"))
    }
    return Verdict(items)
  }

  private func webhookItems(now: Timestamp) -> [Verdict.Item] {
    guard let circuit, daemon != nil || (store?.pending ?? 0) > 0 else { return [] }
    if circuit.isOpen {
      let (summary, hint) = circuit.summaryAndHint
      return [
        Verdict.Item(
          "circuit", Verdict.ofWebhook(summary, hint: hint, since: circuit.since, now: now),
          "the circuit is open, nothing is forwarded: \(summary)", since: circuit.since, next: circuit.nextProbe,
          advice: hint)
      ]
    }
    guard let end = circuit.silentUntil else { return [] }
    return [
      Verdict.Item(
        "silent-webhook", .mendsItself, "the webhook wants to be left alone", next: end, isObstacle: false)
    ]
  }

  private static func items(of inbox: InboxStatus, now: Timestamp) -> [Verdict.Item] {
    if let since = inbox.silentSince {
      return [
        Verdict.Item(
          "inbox-hangs", Verdict.passing(since: since, now: now),
          "the inbox '\(inbox.name)' does not answer (\(inbox.path))", since: since,
          advice: "look at the file system of its folder; the others go on", subject: inbox.name)
      ]
    }
    guard let trouble = inbox.trouble else { return [] }
    return [
      Verdict.Item(
        "inbox", trouble.needsPerson ? .needsPerson : Verdict.passing(since: trouble.since, now: now),
        "the inbox '\(inbox.name)' cannot go on: \(trouble.reason)", since: trouble.since, advice: trouble.advice,
        subject: inbox.name)
    ]
  }
}

extension CircuitState {
  /// What happened, and what a person can do about it.
  fileprivate var summaryAndHint: (String, String?) {
    if let summary { return (summary, hint) }
    // As the catalog has it: both in one text.
    guard let reason, let end = reason.firstRange(of: "; ") else { return (reason ?? "nobody has said why", nil) }
    return (String(reason[..<end.lowerBound]), String(reason[end.upperBound...]))
  }
}
