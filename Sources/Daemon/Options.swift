package import EventStore
internal import Events
internal import ExactJSON
package import Forwarding
internal import Intake
internal import Operations
package import Settings
internal import SystemPackage
internal import Time

/// What the configuration means for each room.
extension Configuration {
  package var storeOptions: StoreOptions {
    StoreOptions(
      processed: folders.processed, retry: folders.retry, failed: folders.failed, state: folders.state,
      folderMode: folders.mode, timeZone: processed.timezone,
      durability: StoreOptions.Durability(rawValue: processed.durability.rawValue) ?? .group,
      retryAttempts: retry.attempts,
      unreadableAttempts: retry.unreadableAttempts, retryBackoffFirst: retry.backoff.first,
      retryBackoffMaximum: retry.backoff.maximum, keep: retention.keep, keepIdentities: retention.identities,
      language: messageLanguage)
  }

  var inboxOptions: [InboxOptions] {
    inboxes.map { inbox in
      InboxOptions(
        name: inbox.name, path: inbox.path, settle: inbox.settle, marker: inbox.marker, include: inbox.include,
        exclude: inbox.exclude, recursive: inbox.recursive, charset: Charset(inbox.charset),
        mapping: EventMapping(
          inbox: inbox.name, eventId: inbox.eventId.compactMap { try? MemberSource(parts: $0) },
          eventIdPrefix: inbox.eventIdPrefix ?? "", eventType: sources(inbox.eventType),
          data: sources(inbox.data), eventTypeDefault: inbox.eventTypeDefault, maxEventSize: inbox.maxEventSize),
        maxFileSize: inbox.maxFileSize, portion: processed.portion)
    }
  }

  /// Where files go that are processed again.
  package var reprocessingInboxes: [Reprocessing.Inbox] {
    inboxes.map { inbox in
      let patterns = NamePatterns(include: inbox.include, exclude: inbox.exclude)
      return Reprocessing.Inbox(name: inbox.name, path: inbox.path, marker: inbox.marker) { patterns.match($0) }
    }
  }

  /// The reading of the configuration has checked that each of these is one.
  private func sources(_ texts: [String]) -> [MemberSource] {
    texts.compactMap { try? MemberSource($0) }
  }

  /// Nil where events are only stored.
  package var forwardingOptions: ForwardingOptions? {
    guard let url = forward.url else { return nil }
    var options = ForwardingOptions(
      url: url.full.reveal(), address: forward.shownURL ?? "", schedule: forward.schedule, timeZone: timezone,
      userAgent: "eventdrop/\(Version.text)")
    options.format = ForwardingOptions.Format(rawValue: forward.format.rawValue) ?? .envelope
    options.acknowledge = ForwardingOptions.Acknowledge(rawValue: forward.acknowledge.rawValue) ?? .status
    // With `single`, each event is a request of its own.
    options.maxEvents = forward.batch.maxEvents
    options.maxBytes = forward.batch.maxBytes
    options.concurrency = forward.concurrency
    options.timeout = forward.timeout
    options.attempts = forward.attempts
    options.backoff = forward.backoff
    options.circuit = forward.circuit
    if case .above(let size) = forward.compress { options.packedAbove = size }
    options.signingSecret = forward.secret?.reveal()
    options.caFile = forward.tls.ca?.string
    options.certificateFile = forward.tls.certificate?.string
    options.keyFile = forward.tls.key?.string
    options.proxy = forward.proxy?.full.reveal()
    options.authentication =
      switch forward.auth {
      case .none: .none
      case .bearer(let token): .bearer(token.reveal())
      case .basic(let user, let password): .basic(user: user, password: password.reveal())
      case .header(let name, let value): .header(name: name, value: value.reveal())
      case .jwt(let secret, let claims): .jwt(secret: secret.reveal(), claims: claims.map { ($0.name, $0.json) })
      }
    return options
  }
}

/// The program's version.
package enum Version {
  package static let text = "0.1.0"
}
