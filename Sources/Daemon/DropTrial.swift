internal import DurableFiles
package import EventStore
internal import Events
internal import ExactJSON
internal import Glibc
internal import Intake
internal import Operations
package import Settings
internal import SystemPackage
internal import Time

/// `eventdrop test`: what would become of a file, without doing it.
package struct DropTrial: Sendable {
  /// One of its events.
  package struct Outcome: Sendable {
    package enum Kind: String, Sendable {
      case new, duplicate, conflict, failed
    }

    package var kind: Kind
    package var index: Int?
    package var eventId: String?
    package var eventType: String?
    /// Which entry of the inbox's `eventId`, and of its `eventType`, has given it.
    package var eventIdFrom: String?
    package var eventTypeFrom: String?
    /// What is wrong, or what is known of it.
    package var message: String?
    package var record: String?
  }

  package var file: String
  /// The inbox that it lies in, or that its name belongs to; nil where there is none.
  package var inbox: String?
  package var isInInbox = false
  /// Why the inbox does not take it, or not yet.
  package var hindrances: [String] = []
  package var charset: String?
  package var outcomes: [Outcome] = []
  /// Whether there are more events than were looked at.
  package var isMore = false
  /// Why the file as a whole cannot be read.
  package var failure: String?

  /// Whether it would be stored, now or once it has settled.
  package var isGood: Bool {
    failure == nil && inbox != nil && hindrances.isEmpty
      && outcomes.allSatisfy { [.new, .duplicate].contains($0.kind) }
  }

  /// How many events of a file are looked at.
  private static let limit = 100

  /// Looks at a file.
  ///
  /// - Parameters:
  ///   - file: Its path.
  ///   - name: The inbox that is to read it; nil: the one that it lies in, or else the first that takes its name.
  ///   - configuration: What inboxes there are.
  /// - Returns: What would become of it; nil where there is no such file, or no inbox of that name.
  /// - Throws: `StorageError`.
  package static func run(
    _ file: String, inbox name: String?, _ configuration: Configuration
  ) throws(StorageError) -> DropTrial? {
    let path = absolutePath(FilePath(file))
    guard let last = path.lastComponent.flatMap({ FileName(bytes: Array($0.string.utf8)) }) else { return nil }
    do throws(FileFailure) {
      guard let folder = try Folder.openingIfThere(path.removingLastComponent(), files: SystemFiles()),
        let status = try folder.status(of: last)
      else { return nil }
      var trial = DropTrial(file: file)
      let options = configuration.inboxOptions
      let place = try trial.place(of: folder, options)
      let index =
        name.map { name in options.firstIndex { $0.name == name } } ?? place
        ?? options.firstIndex { NamePatterns(include: $0.include, exclude: $0.exclude).match(last) }
      if name != nil, index == nil { return nil }
      guard let index else {
        trial.hindrances = options.flatMap { option in
          InboxRules(option).nameHindrances(last).map { "inbox '\(option.name)': \($0)" }
        }
        return trial
      }
      let inbox = options[index]
      trial.inbox = inbox.name
      trial.charset = inbox.charset.text
      let rules = InboxRules(inbox)
      if let what = try rules.whatItIs(last, status, in: folder) {
        trial.hindrances.append(what)
        trial.charset = nil
        return trial
      }
      trial.hindrances += rules.nameHindrances(last)
      if trial.isInInbox {
        trial.hindrances += try rules.stateHindrances(last, status, in: folder)
        trial.hindrances += InboxRules.lackOfRoom(configuration.storeOptions).map { [$0] } ?? []
      }
      let content: DropPreview.Content?
      do throws(FileFailure) {
        content = try DropPreview.read(
          last, in: folder, by: inbox, clock: SystemClock(), limit: limit, isToTheEnd: true)
      } catch {
        // In an inbox, that has been said.
        if !trial.isInInbox { trial.hindrances.append("unreadable: \(error); \(error.advice)") }
        return trial
      }
      switch content {
      case .events(let items, let isMore, let failure):
        trial.isMore = isMore
        trial.failure = failure?.message.sentence(in: configuration.messageLanguage)
        do throws(StorageError) {
          let known = try EventIndex(configuration.storeOptions)
          for item in items {
            trial.outcomes.append(
              try Self.outcome(of: item, known, configuration.timezone, in: configuration.messageLanguage))
          }
        } catch {
          trial.failure = "\(error)"
        }
        trial.nameSources(last, folder, index, configuration)
      case .failed(let failure): trial.failure = failure.message.sentence(in: configuration.messageLanguage)
      case .unsettled:
        if trial.hindrances.isEmpty {
          trial.hindrances.append(
            "open: it is changing now, or somebody has it open for writing; try again once it is closed")
        }
      case nil: return nil
      }
      return trial
    } catch {
      throw .files(error)
    }
  }

  /// Which inbox a folder belongs to.
  private mutating func place(of folder: Folder, _ options: [InboxOptions]) throws(FileFailure) -> Int? {
    let own = try folder.status()
    for (index, option) in options.enumerated() {
      guard let there = try? Folder(at: option.path, files: SystemFiles()).status() else { continue }
      if there.isSameFile(as: own) {
        isInInbox = true
        return index
      }
      let isBelow = folder.path.string.hasPrefix(option.path.string + "/")
      guard isBelow else { continue }
      isInInbox = true
      let way = folder.path.string.dropFirst(option.path.string.count + 1).split(separator: "/")
      if way.contains(where: { $0.hasPrefix(".eventdrop-") }) {
        hindrances.append("it is in eventdrop's own hands already; it is finished, or put back at the next start")
      } else if let hidden = way.first(where: { $0.hasPrefix(".") }) {
        hindrances.append("sub-folder: it lies in '\(hidden)', and hidden folders are not looked into")
      } else if !option.recursive {
        hindrances.append("sub-folder: it lies in a sub-folder of the inbox '\(option.name)', which is not recursive")
      }
      return index
    }
    return nil
  }

  private static func outcome(
    of item: DroppedItem, _ known: EventIndex, _ zone: TimeZoneRules, in language: Language
  ) throws(StorageError) -> Outcome {
    let event: Event
    switch item {
    case .failed(let failed):
      return Outcome(
        kind: .failed, index: failed.index, eventId: failed.failure.eventId?.text, eventType: failed.failure.eventType,
        message: failed.failure.message.sentence(in: language))
    case .event(let read): event = read
    }
    let account = try known.event(event.eventId)
    let now = SystemClock().now()
    let createdAt = account?.listed?.createdAt ?? event.createdAt ?? now
    let bytes = event.record(processedAt: now, createdAt: createdAt, updatedAt: now)
    var outcome = Outcome(
      kind: .new, index: event.source.index, eventId: event.eventId.text, eventType: event.eventType,
      record: String(decoding: bytes.dropLast(), as: UTF8.self))
    if let record = account?.record {
      var document = JSONDocument()
      let stored = try? ProcessedEvent(record.span, using: &document)
      let isSame = stored.map { stored in
        stored.eventType.utf8.elementsEqual(event.eventType.utf8)
          && event.withData { data in JSONText.sameTokens(0..<data.count, of: data, stored.data, of: record.span) }
      }
      outcome.kind = isSame == true ? .duplicate : .conflict
      let time = Message.Value.text(account?.listed?.updatedAt.rfc3339(in: zone) ?? "")
      let message = Message(isSame == true ? DropMessage.wouldBeDuplicate : .wouldBeConflict, ["time": time])
      outcome.message = message.sentence(in: language)
    } else if account?.wasPruned == true {
      outcome.kind = .duplicate
      outcome.message = Message(DropMessage.wouldBeKnown).sentence(in: language)
    }
    return outcome
  }

  /// Finds out which entries have given ids and types, by reading with each of them alone.
  private mutating func nameSources(
    _ name: FileName, _ folder: Folder, _ inbox: Int, _ configuration: Configuration
  ) {
    func read(_ change: (inout InboxSettings) -> Void) -> [DroppedItem] {
      var changed = configuration
      change(&changed.inboxes[inbox])
      let content = try? DropPreview.read(
        name, in: folder, by: changed.inboxOptions[inbox], clock: SystemClock(), limit: Self.limit)
      if case .events(let items, _, _)? = content { return items }
      return []
    }
    let settings = configuration.inboxes[inbox]
    for entry in settings.eventId {
      let found = read { $0.eventId = [entry] }
      for (index, item) in found.enumerated() where outcomes.indices.contains(index) {
        guard case .event(let event) = item, outcomes[index].eventIdFrom == nil,
          outcomes[index].eventId?.utf8.elementsEqual(event.eventId.text.utf8) == true
        else { continue }
        outcomes[index].eventIdFrom = entry.joined(separator: " + ")
      }
    }
    for entry in settings.eventType {
      let found = read {
        $0.eventType = [entry]
        $0.eventTypeDefault = nil
      }
      for (index, item) in found.enumerated() where outcomes.indices.contains(index) {
        guard case .event(let event) = item, outcomes[index].eventTypeFrom == nil,
          outcomes[index].eventType?.utf8.elementsEqual(event.eventType.utf8) == true
        else { continue }
        outcomes[index].eventTypeFrom = entry
      }
    }
    for index in outcomes.indices where outcomes[index].eventType != nil && outcomes[index].eventTypeFrom == nil {
      if settings.eventTypeDefault != nil { outcomes[index].eventTypeFrom = "eventTypeDefault" }
    }
  }
}
