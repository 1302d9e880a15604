internal import EventStore
internal import Events
internal import ExactJSON
internal import Forwarding
internal import Glibc
internal import Intake
package import Time

/// What is valid, and hardly meant.
extension Configuration {
  /// Settings that can never match, come due, or hold beside another, as far as the file alone tells.
  ///
  /// - Parameter now: What time it is.
  /// - Returns: A warning for each, with its place, in the order of the file.
  package func warnings(at now: Timestamp) -> [Problem] {
    var found: [Problem] = []
    func warn(_ key: String, _ message: String) { found.append(problem(at: key, message)) }
    for (number, inbox) in inboxes.enumerated() { inbox.warnings { warn("inboxes[\(number)].\($0)", $1) } }
    for (key, schedule) in schedules {
      for rule in schedule.rulesThatNeverCome(after: now, in: timezone) {
        warn(key, "'\(rule)' never comes: no month has that day")
      }
    }
    forward.warnings(givenKeys, warn)
    if store.keep == nil, retention.archive != nil {
      warn("retention.archive", "nothing is archived, as retention.keep is forever and no day is ever removed")
    }
    if let keep = store.keep, (.zero..<keep).contains(store.keepIdentities), store.keepIdentities != .zero {
      warn(
        "retention.identities",
        "ids are forgotten before their records are, which retention.keep keeps for \(DurationText.text(of: keep)); an event"
          + " that is dropped again after that is taken for new")
    }
    if admin.actions == .on, admin.token == nil, !unseenKeys.contains("admin.token") {
      warn("admin.actions", "nothing can be done from the page without a token; set admin.token")
    }
    if admin.actions == .on, admin.listen == nil {
      warn("admin.actions", "there is no page to do anything from, as admin.listen is off")
    }
    return found.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
  }

  /// A sentence about a key's value, at its place in the file; where the file has no such key, at the beginning.
  package func problem(at key: String, _ message: String) -> Problem {
    let place = places[key] ?? .start
    let name = key.replacing(/\[[0-9]+\]/, with: "[]")
    return Problem(line: place.line, column: place.column, message: "\(name): \(message)")
  }

  private var schedules: [(key: String, schedule: Schedule)] {
    inboxes.enumerated().map { ("inboxes[\($0)].schedule", $1.schedule) } + [
      ("forward.schedule", forward.schedule), ("retry.schedule", retry.schedule),
      ("retention.schedule", retention.schedule),
    ]
  }
}

extension InboxSettings {
  fileprivate func warnings(_ warn: (_ key: String, _ message: String) -> Void) {
    let (marker, include, exclude, mapping) = (options.marker, options.include, options.exclude, options.mapping)
    if let marker, marker.utf8.contains(where: { "*?[]{}".utf8.contains($0) }) {
      warn(
        "marker",
        "a marker is no pattern but the ending that is put behind the whole name; write .done, for a.json.done")
    } else if let marker, ["true", "yes", "on"].contains(marker.lowercased()) {
      warn(
        "marker", "a marker is an ending, put behind the whole name; write the one that the sender has, such as .done")
    } else if let marker, let first = marker.utf8.first, first.isAlphanumeric {
      let example = Quotation.isHarmless(marker) ? marker : "…"
      warn(
        "marker",
        "the marker of a.json is a.json\(example), as this is put behind the whole name; write .\(example), if that is meant"
      )
    }
    for (key, patterns) in [("include", include), ("exclude", exclude)] {
      for pattern in patterns where GlobPattern.looksLikeSeveral(pattern) {
        warn(key, "\(quoted(pattern)) is one pattern; write a list of several, as in [\"*.json\", \"*.jsonl\"]")
      }
    }
    // Not quoted: what a variable has put there may be anything.
    if include.contains(where: { !$0.utf8.contains { "*?[".utf8.contains($0) } }) {
      warn(
        "include", "a pattern without a * matches a file of that very name alone; write *.json, if an ending is meant")
    }
    for pattern in include {
      let samples = GlobPattern.samples(of: pattern)
      // Where no name is known that it matches, nothing can be said.
      let isExcluded = samples.allSatisfy { sample in exclude.contains { GlobPattern.matches($0, sample) } }
      guard !samples.isEmpty, isExcluded else { continue }
      warn("include", "\(quoted(pattern)) never matches: 'exclude' takes all such names out")
    }
    if let marker, !marker.isEmpty {
      for pattern in include {
        let samples = GlobPattern.samples(of: pattern)
        guard !samples.isEmpty, samples.allSatisfy({ $0.lowercased().hasSuffix(marker.lowercased()) }) else { continue }
        warn(
          "include", "\(quoted(pattern)) never matches a drop: names that end in \(quoted(marker)) are those of markers"
        )
      }
    }
    // What is always there leaves nothing for those behind it.
    for (key, entries) in [("eventId", mapping.eventId), ("eventType", mapping.eventType)] {
      guard let index = entries.firstIndex(where: \.isOfFile), index < entries.count - 1 else { continue }
      warn(key, "what stands behind \(entries[index]) is never asked for, as that is always there")
    }
    if let index = mapping.data.firstIndex(where: \.isWholeEvent), index < mapping.data.count - 1 {
      warn("data", "what stands behind \"\" is never asked for, as that is the whole event")
    }
    if mapping.eventTypeDefault != nil, let source = mapping.eventType.first(where: \.isOfFile) {
      warn("eventTypeDefault", "it is never used, as \(source) in 'eventType' is always there")
    }
  }
}

extension ForwardSettings {
  fileprivate func warnings(_ given: Set<String>, _ warn: (_ key: String, _ message: String) -> Void) {
    auth.warnings(given, warn)
    guard let url else {
      if auth != .none, given.contains("forward.auth") {
        warn("forward.auth", "it is not used, as forward.url is empty and events are only stored")
      }
      if secret != nil { warn("forward.secret", "it is not used, as forward.url is empty and events are only stored") }
      return
    }
    let isLocal = ListenAddress(host: url.host, port: url.port).isLoopback
    if url.scheme == "http", !isLocal, auth != .none || url.hasUser {
      warn(
        "forward.url",
        "the token, or password, goes over the network unencrypted to another machine; use https, or a proxy that does")
    }
    if url.path.contains("/webhook-test/") {
      warn(
        "forward.url",
        "this is n8n's test URL, which works once after a click on 'Execute workflow'; use the production URL, /webhook/…"
      )
    } else if url.path.contains("/webhook-waiting/") || url.path.contains("/form-test/") {
      warn("forward.url", "this address of n8n takes no events; use the Webhook node's production URL, /webhook/…")
    } else if url.path.contains("/workflow/") || url.path.hasSuffix("/home/workflows") {
      warn(
        "forward.url",
        "this is the page on which n8n's editor shows a workflow; open the Webhook node there, and copy its production URL,"
          + " /webhook/…")
    } else if ["/", "/webhook", "/webhook/"].contains(url.path) {
      warn("forward.url", "this is a server and no webhook; use the Webhook node's production URL, such as /webhook/…")
    }
    if url.scheme == "http" {
      for (key, file) in [("ca", tls.ca), ("certificate", tls.certificate)] where file != nil {
        warn("forward.tls.\(key)", "it is not used, as forward.url is not https")
      }
    }
    if format == .single, given.contains("forward.batch.maxEvents"), batch.maxEvents > 1 {
      warn("forward.batch.maxEvents", "it is not used, as with 'format: single' each event is a request of its own")
    }
  }
}

extension ForwardAuth {
  /// What is hardly meant in the kind that is given, or makes it none.
  fileprivate func warnings(_ given: Set<String>, _ warn: (_ key: String, _ message: String) -> Void) {
    func has(_ key: String) -> Bool { given.contains("forward.auth.\(key)") }
    func lacks(_ key: String, with others: [String]) -> Bool { !has(key) && others.contains(where: has) }
    for (kind, secret, others) in [
      ("basic", "password", ["basic.user"]), ("header", "value", ["header.name"]), ("jwt", "secret", ["jwt.claims"]),
    ] where lacks("\(kind).\(secret)", with: others) {
      warn("forward.auth.\(kind)", "requests are sent without it, as it has no \(secret); set '\(secret)' as well")
    }
    func check(_ key: String, _ secret: Secret) {
      let text = secret.reveal()
      if text.hasPrefix(" ") || text.hasSuffix(" ") {
        warn(key, "it begins or ends with a space; take that away, unless n8n has it too")
      }
      if text.hasPrefix("\"") || text.hasPrefix("'") {
        warn(
          key, "it begins with a quote that is part of it; take the quotes away where the variable or the file is set")
      }
    }
    switch self {
    case .none: break
    case .bearer(let token):
      check("forward.auth.bearer", token)
      let text = token.reveal().lowercased()
      if let word = ["Bearer ", "Basic ", "Authorization:"].first(where: { text.hasPrefix($0.lowercased()) }) {
        let shown = word.filter { $0 != " " }
        warn(
          "forward.auth.bearer",
          "it begins with '\(shown)', and 'Bearer' is put before it; write the token alone"
            + (word == "Basic " ? ", or use 'header' with the name Authorization" : ""))
      }
    case .basic(_, let password): check("forward.auth.basic.password", password)
    case .header(let name, let value):
      check("forward.auth.header.value", value)
      if value.reveal().lowercased().hasPrefix(name.lowercased() + ":") {
        warn(
          "forward.auth.header.value", "it begins with the header's name, which is put before it; write the value alone"
        )
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
  /// Whether a text has several patterns in it, with a comma, a semicolon or a space between them.
  static func looksLikeSeveral(_ pattern: String) -> Bool {
    let parts = pattern.split(whereSeparator: { ",; ".contains($0) })
    return parts.count > 1 && parts.allSatisfy { $0.hasPrefix("*") || $0.hasPrefix(".") || $0.hasPrefix("~") }
  }

  /// Whether a name matches, as inboxes see it: upper and lower case alike.
  static func matches(_ pattern: String, _ name: String) -> Bool {
    // FNM_CASEFOLD of fnmatch.h, which Swift does not see.
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
          // Whatever is in it: one of its members that matches.
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
