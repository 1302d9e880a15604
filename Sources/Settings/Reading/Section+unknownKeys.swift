internal import Events

// A key that nobody reads is a mistake, and often misspelt.
extension Section {
  /// Reports the keys that nobody reads, with what may have been meant.
  func reportUnknownKeys() {
    // The rest of an unquoted secret after a comma becomes the name of a key.
    var mayBeSecret = false
    var isBehindUnknown = false
    for entry in entries {
      guard !asked.contains(entry.key) else {
        mayBeSecret = entry.endsWithSecret
        isBehindUnknown = false
        continue
      }
      // Searching for what was meant takes time, which is not spent on what will not be shown.
      guard !reading.log.isFull else { return }
      let mayGoOn = entry.isInBraces && (isBehindUnknown || entry.value.isNull)
      let isShown = !isSecret && !mayBeSecret && !mayGoOn && Quotation.isHarmless(key: entry.key)
      let message =
        isShown
        ? Message(ConfigurationMessage.unknownKey, ["key": .text(shown(entry.key))])
        : Message(ConfigurationMessage.unknownKeyHere)
      reading.log.report(message, hint: hint(for: entry.key), at: entry.keyPlace)
      mayBeSecret = mayBeSecret || entry.endsWithSecret
      isBehindUnknown = true
    }
  }

  /// Other names that people use for keys.
  private static let otherNames = [
    "forward.auth.token": "bearer", "forward.auth.apiKey": "header", "forward.auth.basic.username": "user",
    "forward.auth.basic.pass": "password", "forward.retries": "attempts", "forward.batchSize": "batch.maxEvents",
    "forward.interval": "schedule", "forward.webhook": "url", "forward.headers": "auth", "inboxes[].folder": "path",
    "inboxes[].directory": "path", "inboxes[].patterns": "include", "inboxes[].pattern": "include",
    "inboxes[].encoding": "charset", "inboxes[].interval": "schedule", "inboxes[].poll": "schedule",
    "inboxes[].id": "eventId", "inboxes[].type": "eventType", "retention.days": "keep", "retry.retries": "attempts",
    "admin.port": "listen", "admin.host": "listen", "admin.address": "listen", "admin.password": "token",
    "webhook": "forward.url", "logging": "log", "logLevel": "log.level", "loglevel": "log.level", "output": "forward",
  ]

  private func hint(for key: String) -> Message {
    if let first = key.unicodeScalars.first, first.properties.isWhitespace { return Message(HintMessage.plainSpaces) }
    if let hint = UnseenCharacter.hint(for: key) { return hint }
    if let colon = key.firstIndex(of: ":"), asked.contains(String(key[..<colon])) {
      return Message(HintMessage.spaceBehindColon)
    }
    // As a last resort, a key of that name in another section.
    let meant =
      Self.otherNames[path(of: key)] ?? nearestWord(to: key, among: asked) ?? Configuration.knownKey(named: key)
    guard let meant else {
      return Message(HintMessage.choice, ["keys": .text(asked.joined(separator: ", "))])
    }
    return Message(HintMessage.misspelt, ["text": .text(meant)])
  }
}

extension YAMLEntry {
  /// Whether the last of its values, in file order, may be a secret.
  fileprivate var endsWithSecret: Bool { SecretPlaces.contains(key) || SecretPlaces.mayBe(key) || value.endsWithSecret }
}

extension YAMLNode {
  /// What to do about a single value that should be a mapping: it looks like a key and its value, without a plain space
  /// after the ':'.
  var spaceHint: Message? {
    guard case .scalar(let scalar) = content, scalar.isPlain else { return nil }
    if let hint = UnseenCharacter.hint(for: scalar.text) { return hint }
    let key = scalar.text.prefix { $0 != ":" }
    let missesSpace = key.utf8.count < scalar.text.utf8.count && Configuration.knownKey(named: String(key)) != nil
    return missesSpace ? Message(HintMessage.spaceBehindColon) : nil
  }

  fileprivate var endsWithSecret: Bool {
    switch content {
    case .mapping(let entries): entries.last?.endsWithSecret ?? false
    case .list(let items): items.last?.endsWithSecret ?? false
    case .scalar, .refused: false
    }
  }
}
