internal import Catalog
internal import EventStore
package import Events
internal import ExactJSON
internal import Intake
package import Time

/// What is valid, but hardly intended.
extension Configuration {
  /// Settings that can never match, come due, or take effect with another, as far as the file alone shows.
  ///
  /// - Parameter now: The current time.
  /// - Returns: A warning for each, with its place, in file order.
  package func warnings(at now: Timestamp) -> [Problem] {
    var found = doubts
    func warn(_ key: String, _ message: Message) { found.append(problem(at: key, message)) }
    for (number, inbox) in inboxes.enumerated() { inbox.warnings { warn("inboxes[\(number)].\($0)", $1) } }
    warnOfTimes(at: now, warn)
    // Files get it without the execute bits.
    if store.layout.folderMode & 0o002 != 0 { warn("folders.mode", .warning(.openToAll)) }
    if store.durability == .off { warn("processed.durability", .warning(.notDurable)) }
    forward.warnings(givenKeys, warn)
    notify.warnings(warn)
    if let listen = admin.listen, forward.url?.leads(to: listen) == true { warn("forward.url", .warning(.ownPage)) }
    if store.keep == nil, retention.archive != nil { warn("retention.archive", .warning(.notArchived)) }
    if let keep = store.keep, (.zero..<keep).contains(store.keepIdentities), store.keepIdentities != .zero {
      warn("retention.identities", .warning(.forgotten, ["keep": .text(DurationText.text(of: keep))]))
    }
    if admin.actions == .on, admin.token == nil, !unseenKeys.contains("admin.token") {
      warn("admin.actions", .warning(.actionsWithoutToken))
    }
    if admin.actions == .on, admin.listen == nil { warn("admin.actions", .warning(.actionsWithoutPage)) }
    if fleet.url == nil, fleet.node != nil { warn("fleet.node", .warning(.unusedWithoutFleet)) }
    return found.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
  }

  /// A message about a key's value, at its place in the file, or at the beginning if the file lacks the key.
  package func problem(at key: String, _ message: Message) -> Problem {
    Problem(places[key] ?? .start, key: key.replacing(/\[[0-9]+\]/, with: "[]"), message)
  }
}

extension Message {
  /// A warning.
  static func warning(
    _ code: WarningMessage, _ arguments: KeyValuePairs<String, Value> = [:]
  ) -> Message { Message(code, arguments) }
}

extension InboxSettings {
  fileprivate func warnings(_ warn: (_ key: String, _ message: Message) -> Void) {
    let (marker, include, exclude, mapping) = (options.marker, options.include, options.exclude, options.mapping)
    if let marker { warnOfMarker(marker, warn) }
    for (key, patterns) in [("include", include), ("exclude", exclude)] {
      for pattern in patterns where GlobPattern.looksLikeSeveral(pattern) {
        warn(key, .warning(.severalPatterns, ["pattern": .text(shown(pattern))]))
      }
    }
    for pattern in include where GlobPattern.isOfOtherFormat(pattern) {
      warn("include", .warning(.otherFormat, ["pattern": .text(shown(pattern))]))
    }
    // Not quoted: a variable's value may be anything.
    if include.contains(where: { !$0.utf8.contains { "*?[".utf8.contains($0) } }) {
      warn("include", .warning(.wholeName))
    }
    for pattern in include {
      let samples = GlobPattern.samples(of: pattern)
      // If no name is known that it matches, nothing can be said.
      let isExcluded = samples.allSatisfy { sample in exclude.contains { GlobPattern.matches($0, sample) } }
      guard !samples.isEmpty, isExcluded else { continue }
      warn("include", .warning(.excluded, ["pattern": .text(shown(pattern))]))
    }
    if let marker, !marker.isEmpty {
      for pattern in include {
        let samples = GlobPattern.samples(of: pattern)
        guard !samples.isEmpty, samples.allSatisfy({ $0.lowercased().hasSuffix(marker.lowercased()) }) else { continue }
        warn(
          "include",
          .warning(.patternOfMarkers, ["pattern": .text(shown(pattern)), "marker": .text(shown(marker))]))
      }
    }
    // A source that always exists makes those after it useless.
    for (key, entries) in [("eventId", mapping.eventId), ("eventType", mapping.eventType)] {
      guard let index = entries.firstIndex(where: \.isOfFile), index < entries.count - 1 else { continue }
      warn(key, .warning(.behindSource, ["source": .text("\(entries[index])")]))
    }
    if let index = mapping.data.firstIndex(where: \.isWholeEvent), index < mapping.data.count - 1 {
      warn("data", .warning(.behindEvent))
    }
    warnOfPointers(warn)
    if let id = mapping.eventId.first, id == mapping.eventType.first { warn("eventId", .warning(.idIsType)) }
    if mapping.eventTypeDefault?.hasPrefix("/") == true { warn("eventTypeDefault", .warning(.typeIsPointer)) }
    if mapping.eventTypeDefault != nil, let source = mapping.eventType.first(where: \.isOfFile) {
      warn("eventTypeDefault", .warning(.unusedDefault, ["source": .text("\(source)")]))
    }
  }

  private func warnOfMarker(_ marker: String, _ warn: (_ key: String, _ message: Message) -> Void) {
    if marker.utf8.contains(where: { "*?[]{}".utf8.contains($0) }) {
      warn("marker", .warning(.markerPattern))
    } else if ["true", "yes", "on"].contains(marker.lowercased()) {
      warn("marker", .warning(.markerSwitch))
    } else if let first = marker.utf8.first, first.isAlphanumeric {
      let example = Quotation.isHarmless(marker) ? marker : "…"
      warn("marker", .warning(.markerWithoutDot, ["marker": .text(example)]))
    }
  }
}

extension MemberSource {
  /// Whether it is the whole event.
  fileprivate var isWholeEvent: Bool { if case .pointer(let pointer) = self { pointer.tokens.isEmpty } else { false } }
}
