internal import EventStore
package import Events
internal import ExactJSON
internal import Forwarding
internal import Glibc
internal import Intake
package import Time

/// What is valid, but hardly intended.
extension Configuration {
  /// Settings that can never match, come due, or take effect with another, as far as the file alone shows.
  ///
  /// - Parameter now: The current time.
  /// - Returns: A warning for each, with its place, in file order.
  package func warnings(at now: Timestamp) -> [Problem] {
    var found: [Problem] = []
    func warn(_ key: String, _ message: Message) { found.append(problem(at: key, message)) }
    for (number, inbox) in inboxes.enumerated() { inbox.warnings { warn("inboxes[\(number)].\($0)", $1) } }
    for (key, schedule) in schedules {
      for rule in schedule.rulesThatNeverCome(after: now, in: timezone) {
        warn(key, .warning(.neverComes, ["rule": .text(rule)]))
      }
    }
    forward.warnings(givenKeys, warn)
    if store.keep == nil, retention.archive != nil { warn("retention.archive", .warning(.notArchived)) }
    if let keep = store.keep, (.zero..<keep).contains(store.keepIdentities), store.keepIdentities != .zero {
      warn("retention.identities", .warning(.forgotten, ["keep": .text(DurationText.text(of: keep))]))
    }
    if admin.actions == .on, admin.token == nil, !unseenKeys.contains("admin.token") {
      warn("admin.actions", .warning(.actionsWithoutToken))
    }
    if admin.actions == .on, admin.listen == nil { warn("admin.actions", .warning(.actionsWithoutPage)) }
    return found.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
  }

  /// A message about a key's value, at its place in the file, or at the beginning if the file lacks the key.
  package func problem(at key: String, _ message: Message) -> Problem {
    Problem(places[key] ?? .start, key: key.replacing(/\[[0-9]+\]/, with: "[]"), message)
  }

  private var schedules: [(key: String, schedule: Schedule)] {
    inboxes.enumerated().map { ("inboxes[\($0)].schedule", $1.schedule) } + [
      ("forward.schedule", forward.schedule), ("retry.schedule", retry.schedule),
      ("retention.schedule", retention.schedule),
    ]
  }
}

extension Message {
  /// A warning.
  fileprivate static func warning(
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

extension ForwardSettings {
  fileprivate func warnings(_ given: Set<String>, _ warn: (_ key: String, _ message: Message) -> Void) {
    auth.warnings(given, warn)
    guard let url else {
      if auth != .none, given.contains("forward.auth") { warn("forward.auth", .warning(.unusedWithoutURL)) }
      if secret != nil { warn("forward.secret", .warning(.unusedWithoutURL)) }
      return
    }
    let isLocal = ListenAddress(host: url.host, port: url.port).isLoopback
    if url.scheme == "http", !isLocal, auth != .none || url.hasUser { warn("forward.url", .warning(.unencrypted)) }
    if let code = url.warning { warn("forward.url", .warning(code)) }
    if url.scheme == "http" {
      for (key, file) in [("ca", tls.ca), ("certificate", tls.certificate)] where file != nil {
        warn("forward.tls.\(key)", .warning(.unusedWithoutTLS))
      }
    }
    if format == .single, given.contains("forward.batch.maxEvents"), batch.maxEvents > 1 {
      warn("forward.batch.maxEvents", .warning(.unusedWithSingle))
    }
  }
}

extension WebAddress {
  /// What is hardly intended in the path of an n8n webhook; nil if nothing is.
  fileprivate var warning: WarningMessage? {
    if path.contains("/webhook-test/") { return .testURL }
    if path.contains("/webhook-waiting/") || path.contains("/form-test/") { return .otherURL }
    if path.contains("/workflow/") || path.hasSuffix("/home/workflows") { return .editorURL }
    return ["/", "/webhook", "/webhook/"].contains(path) ? .serverURL : nil
  }
}

extension ForwardAuth {
  /// What is hardly intended in the given kind of authentication, or disables it.
  fileprivate func warnings(_ given: Set<String>, _ warn: (_ key: String, _ message: Message) -> Void) {
    func has(_ key: String) -> Bool { given.contains("forward.auth.\(key)") }
    func lacks(_ key: String, with others: [String]) -> Bool { !has(key) && others.contains(where: has) }
    for (kind, secret, others) in [
      ("basic", "password", ["basic.user"]), ("header", "value", ["header.name"]), ("jwt", "secret", ["jwt.claims"]),
    ] where lacks("\(kind).\(secret)", with: others) {
      warn("forward.auth.\(kind)", .warning(.noSecret, ["key": .text(secret)]))
    }
    func check(_ key: String, _ secret: Secret) {
      let text = secret.reveal()
      if text.hasPrefix(" ") || text.hasSuffix(" ") { warn(key, .warning(.secretWithSpace)) }
      if text.hasPrefix("\"") || text.hasPrefix("'") { warn(key, .warning(.secretWithQuote)) }
    }
    switch self {
    case .none: break
    case .bearer(let token):
      check("forward.auth.bearer", token)
      let text = token.reveal().lowercased()
      if text.hasPrefix("basic ") {
        warn("forward.auth.bearer", .warning(.tokenOfBasic))
      } else if let word = ["Bearer ", "Authorization:"].first(where: { text.hasPrefix($0.lowercased()) }) {
        warn("forward.auth.bearer", .warning(.tokenWithWord, ["word": .text(word.filter { $0 != " " })]))
      }
    case .basic(_, let password): check("forward.auth.basic.password", password)
    case .header(let name, let value):
      check("forward.auth.header.value", value)
      if value.reveal().lowercased().hasPrefix(name.lowercased() + ":") {
        warn("forward.auth.header.value", .warning(.valueWithName))
      }
    case .jwt(let secret, _): check("forward.auth.jwt.secret", secret)
    }
  }
}

extension MemberSource {
  /// Whether it is the whole event.
  fileprivate var isWholeEvent: Bool { if case .pointer(let pointer) = self { pointer.tokens.isEmpty } else { false } }
}

extension GlobPattern {
  /// Whether a text contains several patterns, separated by commas, semicolons or spaces.
  static func looksLikeSeveral(_ pattern: String) -> Bool {
    let parts = pattern.split(whereSeparator: { ",; ".contains($0) })
    return parts.count > 1 && parts.allSatisfy { $0.hasPrefix("*") || $0.hasPrefix(".") || $0.hasPrefix("~") }
  }

  /// Whether a name matches, as for inboxes: ignoring case.
  static func matches(_ pattern: String, _ name: String) -> Bool {
    // FNM_CASEFOLD of fnmatch.h, which Swift does not import.
    fnmatch(pattern, name, 1 << 4) == 0
  }

  /// Some names that a pattern matches.
  static func samples(of pattern: String) -> [String] {
    ["", "a", "orders-2026_11"].map { stars in
      var name = ""
      var rest = pattern.unicodeScalars[...]
      while let scalar = rest.popFirst() {
        switch scalar {
        case "*": name += stars
        case "?": name += "b"
        case "\\": rest.popFirst().map { name.unicodeScalars.append($0) }
        case "[":
          // Whatever the set contains: one of its members matches.
          let end = rest.dropFirst().firstIndex(of: "]") ?? rest.endIndex
          let set = "[" + String(rest[..<end]) + "]"
          rest = end < rest.endIndex ? rest[rest.index(after: end)...] : rest[end...]
          let member = "abcdefghijklmnopqrstuvwxyz0123456789-_.".map(String.init).first { matches(set, $0) }
          name += member ?? ""
        default: name.unicodeScalars.append(scalar)
        }
      }
      return name
    }.filter { matches(pattern, $0) }
  }
}
