/// Examines a tree at rest and reports broken promises.
struct Oracle {
  /// The findings, by promise.
  struct Verdict: Sendable {
    var events = 0
    var lost: [String] = []
    var torn: [String] = []
    var doubled: [String] = []
    var unacknowledged: [String] = []
    /// Names that should not be there, events nobody dropped, acknowledgements nobody gave.
    var strange: [String] = []

    var isClean: Bool { (lost + torn + doubled + unacknowledged + strange).isEmpty }

    static func += (total: inout Verdict, other: Verdict) {
      total.events += other.events
      total.lost += other.lost
      total.torn += other.torn
      total.doubled += other.doubled
      total.unacknowledged += other.unacknowledged
      total.strange += other.strange
    }

    /// In one line.
    var figures: String {
      "\(events) events, \(lost.count) lost, \(torn.count) torn, \(doubled.count) doubled,"
        + " \(unacknowledged.count) unacknowledged" + (strange.isEmpty ? "" : ", \(strange.count) strange")
    }

    /// The first of each, for people.
    var findings: String {
      let all = [
        ("lost", lost), ("torn", torn), ("doubled", doubled), ("unacknowledged", unacknowledged), ("strange", strange),
      ]
      return all.filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1.prefix(5).joined(separator: "; "))" }
        .joined(separator: "\n")
    }
  }

  let folders: Folders
  let ledger: Ledger

  /// What must hold at any moment: every record is complete, no name is out of place.
  func looksAtRecords() -> Verdict {
    var verdict = Verdict()
    _ = records(&verdict)
    return verdict
  }

  /// What must hold once everything is settled.
  func judges() -> Verdict {
    var verdict = Verdict()
    let known = ledger.all
    let records = records(&verdict)
    verdict.events = known.promised.count + known.contested.count + known.old.count
    let identities = identities(&verdict)
    for trash in ["\(folders.root)/state/trash", "\(folders.processed)/.trash"] {
      for name in Files.names(in: trash) { verdict.strange.append("\(name) is still in the trash") }
    }
    for (id, places) in records where places.count > 1 { verdict.doubled.append("\(id) in \(places)") }
    for id in known.promised.union(known.contested) where records[id] == nil { verdict.lost.append(id) }
    for id in known.old {
      switch (records[id]?.count ?? 0) + (identities[id] ?? 0) {
      case 0: verdict.lost.append("\(id), neither record nor identity")
      case 1: continue
      default: verdict.doubled.append("\(id): \(records[id] ?? []) and \(identities[id] ?? 0) identities")
      }
    }
    let expected = known.attempted.union(known.promised).union(known.old)
    for id in records.keys where !expected.contains(id) { verdict.strange.append("the record of \(id), never dropped") }
    judgeFailed(known, &verdict)
    judgeAcknowledgements(of: records, known, &verdict)
    return verdict
  }

  // MARK: Parts of it

  private func days() -> [String] { Files.names(in: "\(folders.processed)").filter { $0.hasPrefix("2") } }

  /// The partitions in which each eventId has a record.
  private func records(_ verdict: inout Verdict) -> [String: [String]] {
    var places: [String: [String]] = [:]
    // The trash is there if `state/` is another file system.
    for name in Files.names(in: folders.processed)
    where !name.hasPrefix("2") && ![".trash", "identities"].contains(name) {
      verdict.strange.append("processed/\(name)")
    }
    for day in days() {
      for name in Files.names(in: "\(folders.processed)/\(day)") where name != "forwards.jsonl" {
        guard name.hasSuffix(".json"), !name.hasPrefix(".") else {
          verdict.strange.append("processed/\(day)/\(name)")
          continue
        }
        guard let bytes = Files.content(of: "\(folders.processed)/\(day)/\(name)") else {
          verdict.strange.append("processed/\(day)/\(name) cannot be read")
          continue
        }
        if let flaw = Payload.flaw(of: bytes, named: name) {
          verdict.torn.append("processed/\(day)/\(name): \(flaw)")
        } else if let id = Payload.id(in: bytes) {
          places[id, default: []].append(day)
        }
      }
    }
    return places
  }

  /// The number of lines for each eventId in the identities of pruned days.
  private func identities(_ verdict: inout Verdict) -> [String: Int] {
    var counts: [String: Int] = [:]
    for name in Files.names(in: "\(folders.processed)/identities") {
      guard name.hasSuffix(".ids"), !name.hasPrefix(".") else {
        verdict.strange.append("processed/identities/\(name)")
        continue
      }
      let bytes = Files.content(of: "\(folders.processed)/identities/\(name)") ?? []
      for line in bytes.split(separator: 0x0A) {
        counts[String(decoding: line.prefix { $0 != 0x20 }, as: UTF8.self), default: 0] += 1
      }
    }
    return counts
  }

  /// Each broken file and each loser of a contest is in `failed/`, once, and nothing else is.
  private func judgeFailed(_ known: Ledger.Entries, _ verdict: inout Verdict) {
    var contents: [String: Int] = [:]
    var moved: Set<String> = []
    for name in Files.names(in: "\(folders.root)/failed") where !name.hasSuffix(".error") {
      let content = String(decoding: Files.content(of: "\(folders.root)/failed/\(name)") ?? [], as: UTF8.self)
      contents[content.filter { $0 != "\n" }, default: 0] += 1
      if known.moved.contains(name) { moved.insert(content.filter { $0 != "\n" }) }
      let isLoser = content.hasPrefix(#"{"id":"c-"#) || content.hasPrefix(#"{"eventId":"c-"#)
      let isBroken = content.contains("broken") || content.hasPrefix("no event")
      if name.hasPrefix(".") || !(isLoser || isBroken || name.hasPrefix("u-")) {
        verdict.strange.append("failed/\(name)")
      }
      if !Files.exists("\(folders.root)/failed/\(name).error") {
        verdict.strange.append("failed/\(name) has no .error")
      }
    }
    for content in known.broken {
      switch contents[content] ?? 0 {
      case 0: verdict.lost.append(content)
      case 1: continue
      case _ where content.hasPrefix("no event") && moved.contains(content): continue
      default: verdict.doubled.append("failed/ has several of \(content)")
      }
    }
    for id in known.contested {
      let both = [Payload.data(of: id), Payload.otherData(of: id)]
      let isInRecord = both.map { data in hasRecord(id, data) }
      let isInFailed = both.map { data in contents.keys.contains { $0.contains("\"\(id)\"") && $0.contains(data) } }
      for index in 0...1 where !isInRecord[index] && !isInFailed[index] {
        verdict.lost.append("\(id), one of its two contents")
      }
    }
  }

  private func hasRecord(_ id: String, _ data: String) -> Bool {
    days().contains { day in
      let bytes = Files.content(of: "\(folders.processed)/\(day)/\(Payload.recordName(of: id))")
      return bytes.map { String(decoding: $0, as: UTF8.self).contains(data) } ?? false
    }
  }

  private func judgeAcknowledgements(
    of records: [String: [String]], _ known: Ledger.Entries, _ verdict: inout Verdict
  ) {
    for id in known.sentAgain { verdict.strange.append("\(id) was acknowledged long ago and sent again") }
    let journal = days().map { day in
      String(decoding: Files.content(of: "\(folders.processed)/\(day)/forwards.jsonl") ?? [], as: UTF8.self)
    }.joined()
    var written: Set<String> = []
    for line in journal.split(separator: "\n") {
      guard let list = line.split(separator: #""eventIds":["#).last, list.hasSuffix("]}") else {
        verdict.strange.append("a line of a journal: \(line.prefix(80))")
        continue
      }
      written.formUnion(list.dropLast(2).split(separator: ",").map { String($0.dropFirst().dropLast()) })
    }
    for id in records.keys where !known.old.contains(id) {
      if !known.acknowledged.contains(id) || !written.contains(id) { verdict.unacknowledged.append(id) }
    }
    for id in written where !known.acknowledged.contains(id) && !known.old.contains(id) {
      verdict.strange.append("\(id) counts as acknowledged and never was")
    }
  }
}
