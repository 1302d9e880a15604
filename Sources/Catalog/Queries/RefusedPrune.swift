package import Events
package import Time

/// Why a prune needs a person's confirmation.
package enum PruneRefusal: Hashable, Sendable {
  case moreThanHalf(partitions: Int, of: Int)
  case clockAhead(now: Timestamp, newestSeen: Timestamp)
}

extension PruneRefusal {
  /// Why, and what a person can do about it.
  ///
  /// - Parameter zone: The time zone in which times are shown.
  /// - Returns: The message, which does not say that nothing was pruned.
  package func cause(in zone: TimeZoneRules) -> Message {
    switch self {
    case .moreThanHalf(let partitions, let all):
      Message(ActionMessage.moreThanHalf, ["partitions": .integer(partitions), "all": .integer(all)])
    case .clockAhead(let now, let newest):
      Message(
        ActionMessage.clockAhead,
        ["now": .text(now.rfc3339(in: zone)), "newest": .text(newest.rfc3339(in: zone))])
    }
  }
}

extension PruneRefusal: CustomStringConvertible {
  package var description: String { cause(in: .utc).description }
}

/// A refusal of the last prune, as kept in the catalog for `status`.
package struct RefusedPrune: Sendable, Hashable {
  package var refusal: PruneRefusal
  /// When it was first refused for this reason.
  package var since: Timestamp

  static let noteName = "refusedPrune"

  init(_ refusal: PruneRefusal, since: Timestamp) {
    self.refusal = refusal
    self.since = since
  }

  /// Parsed from `note`; nil if nothing was refused.
  init?(note: String?) {
    let words = (note ?? "").split(separator: " ").map(String.init)
    guard words.count == 4, let since = Timestamp(rfc3339: words[0]) else { return nil }
    self.since = since
    switch words[1] {
    case "half":
      guard let partitions = Int(words[2]), let all = Int(words[3]) else { return nil }
      refusal = .moreThanHalf(partitions: partitions, of: all)
    case "clock":
      guard let now = Timestamp(rfc3339: words[2]), let newest = Timestamp(rfc3339: words[3]) else { return nil }
      refusal = .clockAhead(now: now, newestSeen: newest)
    default: return nil
    }
  }

  var note: String {
    switch refusal {
    case .moreThanHalf(let partitions, let all): "\(since.rfc3339) half \(partitions) \(all)"
    case .clockAhead(let now, let newest): "\(since.rfc3339) clock \(now.rfc3339) \(newest.rfc3339)"
    }
  }
}

extension Catalog {
  /// Records the outcome of a prune.
  ///
  /// - Parameters:
  ///   - refusal: Why it was refused; nil if it was not.
  ///   - now: The current time.
  /// - Throws: `CatalogError`.
  package func notePruneRefusal(_ refusal: PruneRefusal?, at now: Timestamp) throws(CatalogError) {
    let earlier = RefusedPrune(note: try note(RefusedPrune.noteName))
    guard let refusal else {
      if earlier != nil { try removeNote(RefusedPrune.noteName) }
      return
    }
    var since = now
    switch (earlier?.refusal, refusal) {
    case (.moreThanHalf, .moreThanHalf), (.clockAhead, .clockAhead): since = earlier?.since ?? now
    default: break
    }
    try setNote(RefusedPrune.noteName, RefusedPrune(refusal, since: since).note)
  }
}
