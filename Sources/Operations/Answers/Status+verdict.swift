internal import EventStore
package import Schedules

extension Status {
  /// Whether somebody is needed, by what is known here.
  ///
  /// - Parameters:
  ///   - now: What time it is.
  ///   - more: What only the daemon knows.
  /// - Returns: The verdict.
  func verdict(now: Timestamp, more: [Verdict.Item] = []) -> Verdict {
    var items = notRunning + more + webhookItems(now: now)
    for inbox in inboxes { items += Self.items(of: inbox, now: now) }
    if let missing = store?.missing, missing > 0 {
      items.append(
        Verdict.Item(
          "missing", .needsPerson,
          missing == 1 ? "1 pending event has no record" : "\(missing) pending events have no record",
          advice:
            "mount or move the folder of records back and restart; eventdrop list --status missing says which, and"
            + " eventdrop verify --forget-missing lets them go for good"))
    }
    if failed > 0 {
      items.append(
        Verdict.Item(
          "failed", .needsPerson, "\(CountText.text(failed, "file")) in failed/",
          since: groups.filter { $0.status == .failed }.compactMap(\.oldest).min(),
          advice: "eventdrop list --status failed says why; then eventdrop reprocess or discard", isObstacle: false))
    }
    if retry > 0 {
      items.append(
        Verdict.Item(
          "retry", .mendsItself, "\(CountText.text(retry, "file")) in retry/ will be tried again",
          next: groups.filter { $0.status == .retry }.compactMap(\.nextAttemptAt).min(), isObstacle: false))
    }
    return Verdict(items)
  }

  /// That nobody works, where there is work.
  private var notRunning: [Verdict.Item] {
    guard daemon == nil else { return [] }
    // What an inbox leaves lying is no work.
    let waiting = inboxes.reduce(0) { sum, inbox in
      let left = inbox.groups.reduce(0) { $0 + ($1.reason == "no-pattern" ? $1.count : 0) }
      return sum + max((inbox.waiting ?? 0) - left, 0)
    }
    let count = waiting + retry + (webhook == nil ? 0 : store?.pending ?? 0)
    guard count > 0 else { return [] }
    return [
      Verdict.Item(
        "not-running", .needsPerson,
        "eventdrop is not running, and \(CountText.text(count, "file or event waits", "files and events wait"))",
        advice: "start it (eventdrop run)")
    ]
  }

  /// The first line of what people are told.
  package func verdictLine(in zone: TimeZoneRules) -> String {
    let line = verdict.line(in: zone)
    return verdict.state == .well && daemon == nil ? line + ": eventdrop is not running, and nothing waits" : line
  }

  private func webhookItems(now: Timestamp) -> [Verdict.Item] {
    guard let circuit, daemon != nil || (store?.pending ?? 0) > 0 else { return [] }
    if circuit.isOpen {
      let (summary, hint) = circuit.summaryAndHint
      return [
        Verdict.Item(
          "circuit",
          circuit.mendsItself
            ? Verdict.passing(since: circuit.since, now: now)
            : Verdict.ofWebhook(summary, hint: hint, since: circuit.since, now: now),
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
    guard let trouble = inbox.trouble else {
      return inbox.groups.compactMap { item(of: $0, in: inbox.name, now: now) } + silence(of: inbox, now: now)
    }
    return [
      Verdict.Item(
        "inbox", trouble.needsPerson ? .needsPerson : Verdict.passing(since: trouble.since, now: now),
        "the inbox '\(inbox.name)' cannot go on: \(trouble.reason)", since: trouble.since, advice: trouble.advice,
        subject: inbox.name)
    ]
  }
}

extension Status {
  /// That an inbox has brought nothing for longer than its `silentAfter`.
  private static func silence(of inbox: InboxStatus, now: Timestamp) -> [Verdict.Item] {
    guard let limit = inbox.silentAfter, let last = inbox.lastArrival, now - last >= limit else { return [] }
    return [
      Verdict.Item(
        "inbox-silent", .needsPerson, "nothing comes into the inbox '\(inbox.name)' any more", since: last,
        advice: "look at its sender", subject: inbox.name, isObstacle: false)
    ]
  }

  /// What was not taken for so long that it is not as it should be; folders that are left alone by choice are not.
  private static func item(of group: WaitingGroup, in inbox: String, now: Timestamp) -> Verdict.Item? {
    let isOld = now - group.oldest >= Verdict.patience
    guard group.isOfInbox || isOld, group.reason != "sub-folder" else { return nil }
    let files = group.count == 1 ? "1 file is" : "\(group.count) files are"
    let more = group.count == 1 ? "'\(group.name)'" : "the oldest '\(group.name)'"
    let state: Verdict.State =
      group.isOfInbox ? Verdict.passing(since: group.oldest, now: now) : group.mendsItself ? .mendsItself : .needsPerson
    return Verdict.Item(
      "waiting", state, "\(files) not taken from the inbox '\(inbox)' (\(group.reason)), \(more)", since: group.oldest,
      advice: group.advice, subject: inbox, isObstacle: group.isOfInbox)
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
